# An image is made from capsules alone

load ../helpers

setup_file() {
	mk image APP=nginx O="$OUT" TOOLS="$TOOLS" >&2
}
setup() { scratch; }
teardown() { discard_scratch; }

@test "relinked with no source, no front end and no network: the same bytes" {
	mkdir -p "$SCRATCH/cache" "$SCRATCH/bin"
	cp -r "$(cache)/capsules" "$SCRATCH/cache/"
	[ ! -e "$SCRATCH/cache/sources" ] && [ ! -e "$SCRATCH/cache/objects" ] && [ ! -e "$SCRATCH/cache/links" ]
	# the front end is gone: a compiler that refuses C
	cat >"$SCRATCH/bin/clang-19" <<'END'
#!/bin/sh
for word; do
	case $word in *.c) echo "front end used: $*" >&2; exit 99 ;; esac
done
exec /usr/bin/clang-19 "$@"
END
	for program in apt-get apt-cache dpkg-source dpkg-deb tar patch flex bison perl bc; do
		printf '#!/bin/sh\necho "%s used" >&2\nexit 99\n' $program >"$SCRATCH/bin/$program"
	done
	chmod +x "$SCRATCH"/bin/*
	isolate=
	[ "$(id -u)" != 0 ] || ! unshare -n true 2>/dev/null || isolate='unshare -n sh -c "ip link set lo up 2>/dev/null; exec \"\$@\"" sh'
	start=$(date +%s)
	run eval "$isolate" env 'PATH="$SCRATCH/bin:$PATH"' 'ANNEAL_CACHE="$SCRATCH/cache"' \
		make --no-print-directory image APP=nginx 'O="$SCRATCH/out"' 'TOOLS="$TOOLS"'
	took=$(($(date +%s) - start))
	echo "$output"
	echo "took $took s"
	[ "$status" -eq 0 ]
	cmp "$SCRATCH/out/nginx/0/image" "$OUT/nginx/latest/image"
	echo "# relink with warm capsules and an empty link cache: $took s" >&3
}
