#!/bin/sh
# Debian's kernel and nginx with the guards against Spectre and its like off, as they are in our image.
#
# peer apps nginx
# peer packages linux-image-cloud-amd64:linux-image-*-cloud-amd64
# peer packages nginx nginx-common libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g
# peer inputs recipes/nginx/rootfs bench/peers/debian.sh
# peer programs clang-19
MITIGATIONS=mitigations=off TITLE='Debian, mitigations=off'
. bench/peers/debian.sh
