/* SPDX-License-Identifier: MIT */
/*
 * report_tree.h - sizes in a tree: unit, component, directories, file, symbol
 *
 * As JSON, nested arrays: a directory is [name, [children]], a symbol [name, bytes] or
 * [name, bytes, 0, reason], and what is smaller than a threshold ["", bytes, count]: how many symbols
 * it is. Largest first, then by name.
 */
#ifndef REPORTS_REPORT_TREE_H
#define REPORTS_REPORT_TREE_H

#include <jansson.h>
#include <stdint.h>
#include <uthash.h>

struct report_tree {
	char *name;
	uint64_t bytes;	 /* of all that is below, too */
	size_t symbols;	 /* below, or 1 */
	unsigned reason; /* of a dropped symbol: a number that the reader of the JSON knows, or 0 */
	struct report_tree *children; /* a hash table by name; NULL: a symbol */
	UT_hash_handle hh;
};

struct report_tree *report_tree_new(const char *name);

/* `directory` is "net/ipv4/tcp.c", each part a step; NULL or "": none. */
void report_tree_add(struct report_tree *t, const char *component, const char *directory,
		     const char *symbol, uint64_t bytes, unsigned reason);

/* A step with one step in it becomes one, "net/ipv4"; a unit with one component loses that step. */
void report_tree_collapse(struct report_tree *t);

/* How many arrays report_tree_json() makes with this threshold. */
size_t report_tree_arrays(const struct report_tree *t, uint64_t threshold_bytes);

/* Names are cut to `name_bytes`. A new reference. */
json_t *report_tree_json(struct report_tree *t, uint64_t threshold_bytes, size_t name_bytes);

#endif
