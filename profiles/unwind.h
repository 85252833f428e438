/* SPDX-License-Identifier: MIT */
/*
 * unwind.h - who called whom in a guest that is stopped
 *
 * Frames come from the call frame information (.debug_frame) of the generation's ELF files by
 * elfutils' libdwfl, and memory from the guest. Assembly has no such information; it is left
 *
 *   - at the kernel's entries, by the registers that are saved there (struct pt_regs), into the
 *     program or the kernel code that was interrupted;
 *   - where it is a leaf, by the return address on top of the stack, if a call stands before it;
 *   - from the stack of interrupts to the one before, by the pointer on its top.
 *
 * Programs are told apart by their code: the guest's bytes are compared with the ELF file's.
 */
#ifndef PROFILES_UNWIND_H
#define PROFILES_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elfmap.h"
#include "gdbstub.h"

enum { UNWIND_FRAMES_MAX = 256 };

/* Reads the guest's memory; not 0 if it cannot. */
typedef int unwind_read(void *arg, uint64_t address, void *to, size_t bytes);

struct unwind_frame {
	uint64_t address;	  /* in the instruction: of a return address, the byte before */
	const struct elfmap *map; /* whose code that is; NULL: of the vDSO */
};

struct unwound {
	struct unwind_frame v[UNWIND_FRAMES_MAX]; /* the innermost first */
	size_t n;
	const char
		*program; /* name of the one that runs, or that the kernel works for; else NULL */
	bool complete;	  /* up to the first frame of the program, or of the kernel's thread */
};

struct unwinder;

/* The kernel's ELF file. Dies if it cannot be used. The reader must not fail for lack of a guest. */
struct unwinder *xunwinder_new(const struct elfmap *kernel, unwind_read *read, void *arg);

/* A program that may run in the guest; earlier ones are tried first. */
void xunwinder_add_program(struct unwinder *u, const char *name, const struct elfmap *map);

void unwind(struct unwinder *u, const struct guest_registers *registers, struct unwound *out);

/* Are the kernel's notes, with its build id, in the guest's memory? */
enum unwinder_kernel {
	UNWINDER_SAME,
	UNWINDER_OTHER,
	UNWINDER_UNREADABLE, /* not mapped: it boots, or is in a program without the kernel's pages */
};

enum unwinder_kernel unwinder_compare_kernel(struct unwinder *u);

#endif
