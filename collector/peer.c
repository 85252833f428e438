/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <stdio.h>

enum { WINDOW = 64 };

void peer_init(struct peer *p, bool datagrams, const char *name)
{
	p->datagrams = datagrams;
	p->guest = NULL;
	p->sequence = 0;
	p->garbage_bytes = 0;
	p->cut = false;
	p->bytes = 0;
	snprintf(p->name, sizeof(p->name), "%s", name);
	peer_forget_sequence(p);
}

void peer_forget_sequence(struct peer *p)
{
	p->has_newest = false;
	p->newest = 0;
	p->seen = 0;
}

bool peer_restarts(const struct peer *p, uint32_t sequence)
{
	uint32_t behind = p->newest - sequence;

	return p->has_newest && behind >= WINDOW && behind <= INT32_MAX;
}

/* As IPsec keeps replays out (RFC 4303, 3.4.3), with numbers that wrap around. */
bool peer_is_new(struct peer *p, uint32_t sequence, int64_t *missing)
{
	uint32_t ahead = sequence - p->newest, behind = p->newest - sequence;

	*missing = 0;
	if (!p->has_newest) {
		p->has_newest = true;
		p->newest = sequence;
		p->seen = 1;
		return true;
	}
	if (ahead && ahead <= INT32_MAX) {
		*missing = (int64_t)ahead - 1;
		p->seen = ahead < WINDOW ? p->seen << ahead | 1 : 1;
		p->newest = sequence;
		return true;
	}
	if (behind >= WINDOW || p->seen >> behind & 1)
		return false;
	p->seen |= (uint64_t)1 << behind;
	*missing = -1;
	return true;
}
