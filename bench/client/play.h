/* SPDX-License-Identifier: MIT */
/*
 * play.h - the load: which request goes out when, over which connection
 *
 * As profiles/load_client.c does it (docs/loads.md): request i over connection i modulo their
 * number, as soon as that is free and fewer than in_flight are under way.
 */
#ifndef CLIENT_PLAY_H
#define CLIENT_PLAY_H

#include "../script.h"

struct play {
	uint64_t failed;      /* answers that are not what the script expects */
	uint64_t *latency_ns; /* of each answer in the order of their ends, or NULL: not kept */
};

/*
 * `count` requests from the beginning of the sequence, over connections of their own. The first
 * failures are said on the console; fatal if there is no server any more.
 */
void play(const struct script_header *script, uint32_t count, struct play *p);

#endif
