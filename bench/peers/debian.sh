#!/bin/sh
# Debian's cloud kernel and Debian's nginx, as their packages have them, in an initramfs.
#
# peer apps nginx
# peer packages linux-image-cloud-amd64:linux-image-*-cloud-amd64
# peer packages nginx nginx-common libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g
# peer inputs recipes/nginx/rootfs bench/peers/debian.sh
# peer programs clang-19
set -eu
. bench/peer.sh

# debian-unmitigated is this with one word more.
: "${MITIGATIONS:=}" "${TITLE:=Debian}"

peer_inits
install -D "$PACKAGES/usr/sbin/nginx" "$ROOT/bin/nginx"
# Where Debian's nginx expects to write; access.log is opened before it is known to be off.
mkdir -p "$ROOT/var/lib/nginx" "$ROOT/var/log/nginx"
"$PEER" libraries --from "$PACKAGES" --root "$ROOT" /bin/nginx >"$SCRATCH/libraries"
# The drivers are modules; what they need is loaded before them.
"$PEER" modules --from "$PACKAGES/lib/modules" --root "$ROOT" virtio_mmio virtio_net >"$SCRATCH/modules"

cp "$PACKAGES"/boot/vmlinuz-* "$OUT/image"
cp "$ROOT/bin/nginx" "$OUT/nginx.elf"
cp "$ROOT/lib/x86_64-linux-gnu/libc.so.6" "$OUT/libc.elf"
"$PEER" initramfs --spec "$SPEC" --root "$ROOT" "$OUT/initrd"
# ACPI: without it this kernel does not find virtio-mmio devices. The kernel unpacks itself and an
# initramfs of 12 MB: with 80M it has no memory left, with 96M it boots.
peer_spec microvm-acpi 128M "rdinit=/preinit nokaslr norandmaps${MITIGATIONS:+ $MITIGATIONS}"
"$PEER" survey --elf app=nginx.elf --elf libc=libc.elf "$OUT"

release=$(basename "$PACKAGES"/boot/vmlinuz-* | sed 's/^vmlinuz-//')
"$PEER" describe --title "$TITLE" \
	--describe "Debian's kernel $release and nginx package, modules and libraries as shipped, \
started by our small init without systemd, on microvm with ACPI; with nokaslr norandmaps, so that code \
can be told apart${MITIGATIONS:+, and $MITIGATIONS}" \
	--shipped "kernel=$OUT/image" --shipped "modules=$(peer_words "$SCRATCH/modules")" \
	--shipped "app=$ROOT/bin/nginx" --shipped "libraries=$(peer_words "$SCRATCH/libraries")" \
	--source "linux=$(peer_version 'linux-image-[0-9]*')" --source "nginx=$(peer_version nginx)" \
	--source "glibc=$(peer_version libc6)" --source "pcre2=$(peer_version libpcre2-8-0)" \
	--source "zlib=$(peer_version zlib1g)" --source "openssl=$(peer_version libssl3)" "$OUT"
