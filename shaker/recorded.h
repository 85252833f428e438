/* SPDX-License-Identifier: MIT */
/*
 * recorded.h - a generation's shake.json, syscalls.json and linked kernel, read again
 */
#ifndef SHAKER_RECORDED_H
#define SHAKER_RECORDED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "dominate.h"

struct recorded_node {
	const char *kind, *name, *section, *file;
	bool live;
	long parent;	       /* how it was reached, live or not; -1 */
	unsigned cut;	       /* of a dropped one: the first cut on the way, or 0 */
	uint64_t bytes;	       /* of its symbol in the linked kernel; 0 if it has none there */
	bool in_kernel;	       /* it has a symbol there */
	uint64_t instructions; /* in bitcode, before the whole kernel was optimized */
};

struct recorded {
	const char *directory; /* of the generation */
	json_t *shake, *syscalls;
	struct recorded_node *nodes;
	struct rows rows;	     /* without cuts, from live nodes only */
	unsigned *first, *to, *cuts; /* all edges, as recorded */
	unsigned *roots;
	size_t root_count;
};

/* Dies, saying what to do, if the generation was made with SHAKE=0. */
void xrecorded_read(struct recorded *r, const char *directory);

/* The node of that name, the live one if there are several; -1 if there is none. */
long recorded_find(const struct recorded *r, const char *name);

/* Class, name and evidence of cut `number` (from 1). */
const json_t *recorded_cut(const struct recorded *r, unsigned number);

/* The system call whose handler `node` is: an entry of kept[] or dropped[], or NULL. */
const json_t *recorded_syscall_of(const struct recorded *r, long node, bool *kept);

/* "virtio_net_driver_init" if the node makes an initcall, else NULL; caller frees. */
char *recorded_initcall(const struct recorded_node *node);

#endif
