/* SPDX-License-Identifier: MIT */
#include "guestmemory.h"

#include <string.h>

void guestmemory_forget(struct guestmemory *m)
{
	m->n = 0;
}

/* The piece at `start`, a multiple of its size; -1 if the stub fails. */
static int piece(struct guestmemory *m, uint64_t start)
{
	size_t i = 0;
	int status;

	while (i < m->n && m->v[i].address != start)
		i++;
	if (i < m->n)
		return (int)i;
	if (i == GUESTMEMORY_PIECES)
		m->n = i = 0;
	status = gdbstub_read(m->stub, start, m->v[i].bytes, GDBSTUB_READ_BYTES);
	if (status < 0)
		return -1;
	m->v[i].address = start;
	m->v[i].missing = status > 0;
	m->n++;
	return (int)i;
}

int guestmemory_read(void *memory, uint64_t address, void *to, size_t bytes)
{
	struct guestmemory *m = memory;
	unsigned char *out = to;

	while (bytes) {
		uint64_t offset = address % GDBSTUB_READ_BYTES;
		size_t here =
			GDBSTUB_READ_BYTES - offset < bytes ? GDBSTUB_READ_BYTES - offset : bytes;
		int i = piece(m, address - offset);

		if (i < 0 || m->v[i].missing)
			return -1;
		memcpy(out, m->v[i].bytes + offset, here);
		out += here;
		address += here;
		bytes -= here;
	}
	return 0;
}
