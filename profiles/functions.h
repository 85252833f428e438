/* SPDX-License-Identifier: MIT */
/*
 * functions.h - which function an address belongs to, by number
 *
 * A file, one piece of code a line, sorted by address, each up to the next one's start:
 *
 *   START NUMBER [ROLE]	START hexadecimal, NUMBER decimal; 0: no function is known
 *
 * Pieces of one number are one function, wherever they are. A ROLE says what it means that
 * code goes on at START:
 *
 *   switch	the processor changes to another task's kernel stack (__switch_to_asm)
 *   fork	the task makes another one (kernel_clone)
 *   child	a new task begins (ret_from_fork_asm)
 *   program	a program begins, if it comes from the kernel (_start)
 */
#ifndef PROFILES_FUNCTIONS_H
#define PROFILES_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

enum role { ROLE_NONE, ROLE_SWITCH, ROLE_FORK, ROLE_CHILD, ROLE_PROGRAM, ROLES };
extern const char *const role_names[ROLES]; /* the first one is empty */

struct piece {
	uint64_t start;
	uint32_t function;
	enum role role;
};

struct functions {
	struct piece *v; /* by start */
	size_t n;
};

/* NULL, or a sentence that says what is wrong, which the caller frees. */
char *functions_read(struct functions *f, const char *path);

/* The piece that holds `address`, or NULL in front of the first one. */
const struct piece *functions_find(const struct functions *f, uint64_t address);

#endif
