/* SPDX-License-Identifier: MIT */
/*
 * patched.h - where a Linux kernel rewrites its own code while it runs
 *
 * At these places the bytes that ran are not those of the ELF, so nothing about
 * instructions can be checked there. The kernel's own tables name them:
 *
 *   alternatives     .altinstructions: features of the processor choose the code
 *   jump labels      __jump_table: a nop or a jump, whose target the table has
 *   static calls     .static_call_sites, and the trampolines __SCT__NAME
 *   thunks           .retpoline_sites, .return_sites, .call_sites
 *   endbr            .ibt_endbr_seal: a nop where it is not wanted
 *
 * .smp_locks only turns a prefix into another one, which changes no boundary.
 */
#ifndef PROFILES_PATCHED_H
#define PROFILES_PATCHED_H

#include "code.h"

enum patch_kind { PATCH_ALTERNATIVE, PATCH_JUMP_LABEL, PATCH_CALL };

struct patch_site {
	uint64_t start, end;
	enum patch_kind kind;
	uint64_t target; /* of a jump label */
};

struct patched {
	struct patch_site *v; /* ascending by start */
	size_t n, room;
};

/* Nothing for a program that has no such tables. */
void patched_read(struct patched *p, struct code *c);

/* The site that holds `address`, or NULL. */
const struct patch_site *patched_find(const struct patched *p, uint64_t address);

void patched_release(struct patched *p);

#endif
