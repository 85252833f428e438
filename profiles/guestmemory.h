/* SPDX-License-Identifier: MIT */
/*
 * guestmemory.h - memory of a guest that is stopped, read once
 */
#ifndef PROFILES_GUESTMEMORY_H
#define PROFILES_GUESTMEMORY_H

#include "gdbstub.h"

enum { GUESTMEMORY_PIECES = 128 };

struct guestmemory {
	struct gdbstub *stub;
	struct {
		uint64_t address;
		bool missing;
		unsigned char bytes[GDBSTUB_READ_BYTES];
	} v[GUESTMEMORY_PIECES];
	size_t n;
};

/* Forget what was read: the guest has run, or another processor is looked at. */
void guestmemory_forget(struct guestmemory *m);

/* `m` is a struct guestmemory. Not 0 if there is no memory, or the stub fails (stub->error). */
int guestmemory_read(void *m, uint64_t address, void *to, size_t bytes);

#endif
