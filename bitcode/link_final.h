/* SPDX-License-Identifier: MIT */
/*
 * link_final.h - from the kernel's object to vmlinux, as kbuild's
 * link-vmlinux.sh does it
 */
#ifndef BITCODE_LINK_FINAL_H
#define BITCODE_LINK_FINAL_H

#include <jansson.h>

/*
 * The link of the kernel's object with the initramfs object, and the tables sorted:
 * `output` is vmlinux with its debug information. Takes seconds.
 */
void xlink_final(const json_t *unit, const char *kernel_object, const char *initramfs_object,
		 const char *output);

#endif
