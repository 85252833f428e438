/* SPDX-License-Identifier: MIT */
#include "diff_symbols.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "field.h"
#include "symbol_name.h"
#include "symbol_table.h"

struct symbol {
	char *name;
	uint64_t bytes[2], count[2]; /* from, to */
	UT_hash_handle hh;
};

struct symbol_sizes {
	struct symbol *symbols;
};

struct symbol_sizes *symbol_sizes_new(void)
{
	return xcalloc(1, sizeof(struct symbol_sizes));
}

void symbol_sizes_add(struct symbol_sizes *s, const char *symbol, uint64_t bytes, int side)
{
	char *name = symbol_name(symbol);
	struct symbol *found;

	HASH_FIND_STR(s->symbols, name, found);
	if (!found) {
		found = xcalloc(1, sizeof(*found));
		found->name = name;
		HASH_ADD_KEYPTR(hh, s->symbols, found->name, strlen(found->name), found);
	} else {
		free(name);
	}
	found->bytes[side] += bytes;
	found->count[side]++;
}

void symbol_sizes_free(struct symbol_sizes *s)
{
	struct symbol *symbol, *next;

	HASH_ITER(hh, s->symbols, symbol, next)
	{
		HASH_DEL(s->symbols, symbol);
		free(symbol->name);
		free(symbol);
	}
	free(s);
}

/* Sums of a unit. */
struct sums {
	json_int_t added, removed, grew, shrank, up, down, from, to;
};

static json_int_t count(struct sums *sums, const struct symbol *s)
{
	json_int_t delta = (json_int_t)(s->bytes[1] - s->bytes[0]);

	sums->added += !s->count[0];
	sums->removed += !s->count[1];
	sums->grew += s->count[0] && s->count[1] && delta > 0;
	sums->shrank += s->count[0] && s->count[1] && delta < 0;
	sums->up += delta > 0 ? delta : 0;
	sums->down += delta < 0 ? -delta : 0;
	sums->from += (json_int_t)s->bytes[0];
	sums->to += (json_int_t)s->bytes[1];
	return delta;
}

static json_t *bytes_or_null(const struct symbol *s, int side)
{
	return s->count[side] ? json_integer((json_int_t)s->bytes[side]) : json_null();
}

json_t *symbol_sizes_describe(const struct symbol_sizes *s, const char *unit, json_t *symbols)
{
	struct sums sums = { 0 };

	for (const struct symbol *i = s->symbols; i; i = i->hh.next) {
		json_int_t delta = count(&sums, i);

		if (delta)
			json_array_append_new(symbols,
					      json_pack("{s:s, s:o, s:o, s:o, s:I, s:I, s:I}",
							"unit", unit, "name", json_text(i->name),
							"from", bytes_or_null(i, 0), "to",
							bytes_or_null(i, 1), "delta", delta,
							"from_count", (json_int_t)i->count[0],
							"to_count", (json_int_t)i->count[1]));
	}
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "name", unit,
			 "added", sums.added, "removed", sums.removed, "grew", sums.grew, "shrank",
			 sums.shrank, "up_bytes", sums.up, "down_bytes", sums.down, "delta_bytes",
			 sums.to - sums.from, "from_bytes", sums.from, "to_bytes", sums.to);
}

struct reading {
	struct symbol_sizes *sizes;
	int side;
};

static void read_symbol(const char *name, uint64_t bytes, void *context)
{
	struct reading *r = context;

	symbol_sizes_add(r->sizes, name, bytes, r->side);
}

/* Larger changes first, then by unit and name: sorted copies of borrowed elements. */
static int larger_first(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	json_int_t by = llabs(field_integer(y, "delta")) - llabs(field_integer(x, "delta"));
	int order;

	if (by)
		return by < 0 ? -1 : 1;
	order = strcmp(field_text(x, "unit"), field_text(y, "unit"));
	return order ? order : strcmp(field_text(x, "name"), field_text(y, "name"));
}

static json_t *sorted(const json_t *symbols)
{
	json_t **list = xcalloc(json_array_size(symbols), sizeof(json_t *)), *symbol;
	json_t *result = json_array();
	size_t i;

	json_array_foreach(symbols, i, symbol)
		list[i] = symbol;
	qsort(list, json_array_size(symbols), sizeof(json_t *), larger_first);
	for (i = 0; i < json_array_size(symbols); i++)
		json_array_append(result, list[i]);
	free(list);
	return result;
}

static void add_unit(json_t *record, const struct diff_sides *sides, const char *unit,
		     json_t *units, json_t *symbols)
{
	const struct diff_side *both[] = { &sides->from, &sides->to };
	struct reading reading = { .sizes = symbol_sizes_new() };
	char *why = NULL;

	for (; reading.side < 2 && !why; reading.side++) {
		char *path = xasprintf("%s/%s.debug", both[reading.side]->directory, unit);

		why = symbol_table_visit(path, read_symbol, &reading);
		if (why)
			diff_not_compared(
				record, xasprintf("symbols of %s", unit),
				xasprintf("generation %u: %s", both[reading.side]->number, why));
		free(path);
	}
	if (!why)
		json_array_append_new(units, symbol_sizes_describe(reading.sizes, unit, symbols));
	symbol_sizes_free(reading.sizes);
}

void diff_symbols(json_t *record, const struct diff_sides *sides)
{
	const char *names[] = { "vmlinux", sides->from.app, "init" };
	json_t *units = json_array(), *symbols = json_array();
	json_t *size = json_object_get(record, "size");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		add_unit(record, sides, names[i], units, symbols);
	json_object_set_new(size, "units", units);
	json_object_set_new(size, "symbols", sorted(symbols));
	json_decref(symbols);
}
