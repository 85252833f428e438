/* SPDX-License-Identifier: MIT */
/*
 * script.h - what a linker script refers to, and the tables it builds
 *
 * A table is an array that grows at link time: every module puts entries into one
 * section, and the script gives the whole a start and an end symbol. Whoever walks
 * it names these. (GNU ld manual, "Linker Scripts".) Taken is the preprocessed
 * vmlinux.lds of a kernel.
 */
#ifndef SHAKER_SCRIPT_H
#define SHAKER_SCRIPT_H

#include <stddef.h>

#include "../pipeline/lib/strlist.h"

struct script_table {
	char *section;	   /* a pattern without * and ?: the name itself */
	char *start, *end; /* nearest symbols around it */
};

struct script {
	struct strlist words; /* names in expressions, sorted, unique */
	struct script_table *tables;
	size_t table_count;
};

void script_parse(struct script *s, const char *text, size_t bytes);

/*
 * The table that takes in input section `section`, or NULL. What `ld -r` with a
 * script of initcalls sorts, ".initcall6.init..NAME", belongs to ".initcall6.init".
 */
const struct script_table *script_find(const struct script *s, const char *section);

void script_release(struct script *s);

#endif
