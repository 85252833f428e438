/* SPDX-License-Identifier: MIT */
/*
 * units.h - the file by which a collector in an image knows what the image is made of
 *
 * collector/guest/units.h has its format. The kernel's build id exists only once the image, with
 * this file in it, is linked: its line is written as zeroes, and completed in the finished image.
 */
#ifndef PIPELINE_UNITS_H
#define PIPELINE_UNITS_H

/* The file's text, without the kernel's line completed; the caller frees it. */
char *xunits_text(const char *app_elf, const char *init_elf);

/* Complete it in `image`, which was made of the ELF file `vmlinux`. */
void xunits_complete(const char *image, const char *vmlinux);

#endif
