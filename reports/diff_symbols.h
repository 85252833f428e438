/* SPDX-License-Identifier: MIT */
/*
 * diff_symbols.h - which functions and variables came, went, grew and shrank
 *
 * Symbols of one name (reports/symbol_name.h) in one unit are added up: parts that were
 * split off count with what they are of, and static variables of one name with each other.
 * Counted as scripts/bloat-o-meter of the kernel does: an alias has the size of what it is an alias of.
 */
#ifndef REPORTS_DIFF_SYMBOLS_H
#define REPORTS_DIFF_SYMBOLS_H

#include <stdint.h>

#include "diff_side.h"

/* Sizes of one unit's symbols on both sides. */
struct symbol_sizes;

struct symbol_sizes *symbol_sizes_new(void);

/* Count `bytes` for `symbol`, on the side `from` (0) or `to` (1). */
void symbol_sizes_add(struct symbol_sizes *s, const char *symbol, uint64_t bytes, int side);

/*
 * { name, added, removed, grew, shrank, up_bytes, down_bytes, delta_bytes, from_bytes,
 * to_bytes }, and all that changed appended to `symbols`: { unit, name, from, to, delta,
 * from_count, to_count }; from or to is null, and its count 0, where there is none.
 */
json_t *symbol_sizes_describe(const struct symbol_sizes *s, const char *unit, json_t *symbols);

void symbol_sizes_free(struct symbol_sizes *s);

/*
 * Set units[] and symbols[], largest change first, of the record's "size", from the debug ELFs
 * of kernel, app and init. A unit that cannot be read on a side is in not_compared[].
 */
void diff_symbols(json_t *record, const struct diff_sides *sides);

#endif
