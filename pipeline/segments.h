/* SPDX-License-Identifier: MIT */
/*
 * segments.h - an ELF file reduced to what a loader reads
 *
 * The kernel's linker script aligns parts to 2 MiB and fills the gaps. Here each
 * PT_LOAD segment is cut where whole pages are nothing but filler (0x00, or in
 * code 0xcc); a piece's p_memsz reaches up to the next one, so the
 * loader still gives that memory, zeroed. There are no section headers, no
 * symbols and no file alignment: a VMM reads segments, it does not map them.
 * PT_NOTE, where the PVH entry point is found, is kept.
 */
#ifndef PIPELINE_SEGMENTS_H
#define PIPELINE_SEGMENTS_H

#include <stdint.h>

/* Write `elf` to `image` in that form. Dies if it is not a 64-bit ELF file. */
void xsegments_write(const char *elf, const char *image);

struct elf_sizes {
	uint64_t text_bytes;	/* executable sections, without whole pages of filler */
	uint64_t functions;	/* symbols of type FUNC that have a size */
	uint64_t section_bytes; /* of the section asked for; 0 if there is none */
};

/* `section` may be NULL. */
void xsegments_measure(const char *elf, const char *section, struct elf_sizes *sizes);

struct elf_function {
	const char *name;
	const unsigned char *code; /* NULL if the file does not hold it */
	uint64_t code_bytes;
};

/* Call `visit` with each defined function; what it points to lives for the call. */
void xsegments_functions(const char *elf,
			 void (*visit)(const struct elf_function *function, void *context),
			 void *context);

#endif
