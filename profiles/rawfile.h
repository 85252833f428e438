/* SPDX-License-Identifier: MIT */
/*
 * rawfile.h - the text that `llvm-profgen --unsymbolized-profile=F --use-offset=false` takes
 *
 *   number of ranges		decimal
 *   FIRST-LAST:COUNT		LAST: address of the last instruction
 *   ...
 *   number of branches
 *   FROM->TO:COUNT		FROM: address of the branch
 *   ...
 *
 * Addresses are in lower-case hexadecimal without 0x; lines are sorted by address; no blank line,
 * no comment. Two such files, one behind the other, are a valid file and their sum.
 */
#ifndef PROFILES_RAWFILE_H
#define PROFILES_RAWFILE_H

#include <stddef.h>
#include <stdint.h>

struct raw_line {
	uint64_t from, to, count;
};

struct raw {
	struct raw_line *ranges, *branches;
	size_t range_count, branch_count;
	size_t range_room, branch_room;
};

void raw_add_range(struct raw *r, uint64_t first, uint64_t last, uint64_t count);
void raw_add_branch(struct raw *r, uint64_t from, uint64_t to, uint64_t count);

/* Sorted, equal lines added up; the caller frees. `*bytes` without the NUL behind. */
char *raw_text(struct raw *r, size_t *bytes);
void raw_release(struct raw *r);

#endif
