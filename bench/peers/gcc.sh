#!/bin/sh
# The source and configuration of our kernel and nginx, compiled as everybody does: gcc -O2, no LTO,
# no profile, nothing shaken; nginx on glibc with shared libraries.
#
# peer apps nginx
# peer packages libc6 libcrypt1 libpcre2-8-0 libpcre2-dev zlib1g zlib1g-dev
# peer components linux nginx
# peer inputs recipes/nginx/rootfs kernel/base.config kernel/machines kernel/features
# peer programs gcc-12 clang-19
set -eu
. bench/peer.sh

# kernel: the capsule's configuration. What Kconfig makes otherwise of it for gcc goes into the log.
build_kernel() {
	cd "$SOURCES/linux"
	make -s CC=gcc-12 HOSTCC=gcc-12 KCONFIG_ALLCONFIG=wishes allnoconfig
	echo "options asked for that gcc's configuration does not have:"
	grep -E '^CONFIG_' wishes | while read -r line; do
		grep -qxF "$line" .config || echo "  $line"
	done
	nice make -s -j"$JOBS" CC=gcc-12 HOSTCC=gcc-12 KBUILD_BUILD_TIMESTAMP=1970-01-01 KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_USER=anneal KBUILD_BUILD_HOST=anneal vmlinux
}
# What the app's recipe asks for on top stands in the spec, as configure's printf has it.
wishes=$(sed -n "s/^ *configure printf '\([^']*\)' \(.*\) > wishes.app .*/\2/p" "$SPECS/linux.spec")
cat kernel/base.config "kernel/machines/$MACHINE.config" >"$SOURCES/linux/wishes"
sed -n 's/^ *feature //p' "$SPEC" | while read -r feature; do
	cat "kernel/features/$feature.config" >>"$SOURCES/linux/wishes"
done
for wish in $wishes; do
	echo "CONFIG_$wish" >>"$SOURCES/linux/wishes"
done
(build_kernel)

# nginx: the recipe's own commands with another compiler, whose headers and libraries are those of the
# packages. The last -O counts.
mkdir -p "$SCRATCH/bin"
libraries=$PACKAGES/usr/lib/x86_64-linux-gnu
ln -sf "$(readlink -f "$PACKAGES/lib/x86_64-linux-gnu/libz.so.1")" "$libraries/libz.so"
cat >"$SCRATCH/bin/cc" <<END
#!/bin/sh
exec gcc-12 "-I$PACKAGES/usr/include" "-L$libraries" "\$@" -O2
END
chmod +x "$SCRATCH/bin/cc"
configure=$(sed -n 's/^ *configure //p' "$SPECS/nginx.spec")
build=$(sed -n 's/^ *build //p' "$SPECS/nginx.spec")
(cd "$SOURCES/nginx" && CC="$SCRATCH/bin/cc" && export CC && eval "$configure" && eval "$build")

peer_inits
install -D "$SOURCES/nginx/objs/nginx" "$ROOT/bin/nginx"
strip "$ROOT/bin/nginx"
"$PEER" libraries --from "$PACKAGES" --root "$ROOT" /bin/nginx >"$SCRATCH/libraries"

cp "$SOURCES/linux/vmlinux" "$OUT/kernel.elf"
strip -o "$OUT/image" "$OUT/kernel.elf"
cp "$SOURCES/nginx/objs/nginx" "$OUT/nginx.elf"
cp "$ROOT/lib/x86_64-linux-gnu/libc.so.6" "$OUT/libc.elf"
"$PEER" initramfs --spec "$SPEC" --root "$ROOT" "$OUT/initrd"
peer_spec "$MACHINE" "$(sed -n 's/^ *memory //p' "$SPEC")" norandmaps
"$PEER" survey --elf kernel=kernel.elf --elf app=nginx.elf --elf libc=libc.elf "$OUT"

"$PEER" describe --title "gcc -O2, glibc" \
	--describe "Our kernel's source and configuration and our nginx compiled by \
$(gcc-12 -dumpfullversion | sed 's/^/gcc /') -O2 without LTO or profile, nginx with shared glibc, pcre2 \
and zlib; same init; norandmaps, so that code can be told apart" \
	--shipped "kernel=$OUT/image" --shipped "app=$ROOT/bin/nginx" \
	--shipped "libraries=$(peer_words "$SCRATCH/libraries")" \
	--source "linux=$(peer_version linux)" --source "nginx=$(peer_version nginx)" \
	--source "glibc=$(peer_version libc6)" --source "pcre2=$(peer_version libpcre2-8-0)" \
	--source "zlib=$(peer_version zlib1g)" --source "gcc=$(gcc-12 -dumpfullversion)" "$OUT"
