/* SPDX-License-Identifier: MIT */
#include "diff_render_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "field.h"
#include "quantity.h"

typedef long long number;

static void render_unit(struct page *p, const json_t *u)
{
	char *label = xasprintf("  %-8s ", field_text(u, "name"));

	page_paragraph(
		p, label, "add/remove: %lld/%lld grow/shrink: %lld/%lld up/down: %lld/%lld (%lld)",
		(number)field_integer(u, "added"), (number)field_integer(u, "removed"),
		(number)field_integer(u, "grew"), (number)field_integer(u, "shrank"),
		(number)field_integer(u, "up_bytes"), -(number)field_integer(u, "down_bytes"),
		(number)field_integer(u, "delta_bytes"));
	free(label);
}

/* A name, and how many symbols have it if it is not one: " (3)", " (3 -> 4)". */
static char *name_of(const json_t *s, size_t columns)
{
	number from = field_integer(s, "from_count"), to = field_integer(s, "to_count");
	char *count = from > 1 && (to == from || !to) ? xasprintf(" (%lld)", from)
		      : to > 1 && !from		      ? xasprintf(" (%lld)", to)
		      : from > 1 || to > 1	      ? xasprintf(" (%lld -> %lld)", from, to)
						      : xstrdup("");
	char *name = page_shortened(field_text(s, "name"), columns - strlen(count)), *text;

	text = xasprintf("%s%s", name, count);
	free(name);
	free(count);
	return text;
}

static char *bytes_or(const json_t *s, const char *side, const char *absent)
{
	const json_t *bytes = json_object_get(s, side);

	return json_is_integer(bytes) ? quantity_integer(json_integer_value(bytes))
				      : xstrdup(absent);
}

static char *with_sign(json_int_t n)
{
	char *digits = quantity_integer(n), *text = xasprintf("%s%s", n > 0 ? "+" : "", digits);

	free(digits);
	return text;
}

static void render_symbol(struct page *p, const json_t *s, size_t name_columns)
{
	char *name = name_of(s, name_columns), *delta = with_sign(field_integer(s, "delta"));
	char *from = bytes_or(s, "from", "NEW"), *to = bytes_or(s, "to", "DEL");
	const char *const cells[] = { name, field_text(s, "unit"), from, to, delta };

	page_row(p, cells);
	free(name);
	free(from);
	free(to);
	free(delta);
}

static void render_totals(struct page *p, const json_t *units)
{
	json_int_t from = 0, to = 0;
	json_t *u;
	size_t i;

	json_array_foreach(units, i, u) {
		from += field_integer(u, "from_bytes");
		to += field_integer(u, "to_bytes");
	}
	page_paragraph(p, "  ", "Total: Before=%lld, After=%lld, chg %s", (number)from, (number)to,
		       quantity_percent_of(from, to));
}

static void render_others(struct page *p, size_t others, json_int_t delta)
{
	char *text = xasprintf("[%zu others]", others), *sum = with_sign(delta);
	const char *const cells[] = { text, "", "", "", sum };

	if (others)
		page_row(p, cells);
	free(text);
	free(sum);
}

void diff_render_symbols(struct page *p, const json_t *record, const struct diff_view *view)
{
	static const struct page_column columns[] = { { "function or variable", -38 },
						      { "unit", -9 },
						      { "old", 9 },
						      { "new", 9 },
						      { "delta", 10 } };
	json_t *units = field_at(record, "size.units"), *u;
	json_t *symbols = field_at(record, "size.symbols"), *s;
	json_int_t others_delta = 0;
	size_t i, shown = 0, others = 0;

	if (!json_array_size(units))
		return;
	page_heading(p, "size by symbol, bytes");
	json_array_foreach(units, i, u)
		render_unit(p, u);
	if (json_array_size(symbols))
		page_table(p, columns, ARRAY_SIZE(columns));
	json_array_foreach(symbols, i, s) {
		json_int_t delta = field_integer(s, "delta");

		if ((view->lines && shown == view->lines) || llabs(delta) < view->threshold_bytes) {
			others++;
			others_delta += delta;
			continue;
		}
		render_symbol(p, s, 38);
		shown++;
	}
	render_others(p, others, others_delta);
	render_totals(p, units);
}
