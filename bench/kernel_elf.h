/* SPDX-License-Identifier: MIT */
/*
 * kernel_elf.h - an ELF file for a kernel that came without: where its code is, and its symbols
 *
 * Sections without contents (SHT_NOBITS): .text, .init.text, at
 * the addresses that they have in the guest, and .text.modules, the area where modules are put, with one
 * symbol, "[modules]"; a symbol table of functions of size 0, which reach to the next one. Enough for record (profiles/elfmap.h), not to look at instructions.
 */
#ifndef BENCH_KERNEL_ELF_H
#define BENCH_KERNEL_ELF_H

#include "survey.h"

/* Dies if the survey has no symbols of a kernel's text, or the file cannot be written. */
void xkernel_elf_write(const struct survey *s, const char *path);

#endif
