/* SPDX-License-Identifier: MIT */
/*
 * foreign.h - what an upstream build made with something other than bitcc
 *
 * Compilers leave their name in the section .comment of an object, assemblers do not; a program
 * that is linked dynamically names its interpreter (PT_INTERP). ELF: the System V ABI.
 */
#ifndef BITCODE_FOREIGN_H
#define BITCODE_FOREIGN_H

#include <stddef.h>

/*
 * The compiler that an ELF object names, "GCC: (Debian 12.2.0-14) 12.2.0"; NULL if it names none, or is no
 * object. The caller frees.
 */
char *foreign_compiler(const void *data, size_t bytes);

/* The dynamic linker that an ELF file asks for; NULL if it is static or no ELF file. The caller frees. */
char *foreign_interpreter(const void *data, size_t bytes);

#endif
