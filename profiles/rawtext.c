/* SPDX-License-Identifier: MIT */
#include "rawtext.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

struct reader {
	const char *name;
	const char *at, *end; /* of what is not read yet */
	const char *line_end; /* of the line that is being read */
	size_t line;	      /* its number, from 1 */
	const char *wrong;    /* what is wrong in it, or NULL */
};

void raw_push(struct raw_counts *c, uint64_t from, uint64_t to, uint64_t count)
{
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 256;
		c->v = xrealloc(c->v, c->room * sizeof(*c->v));
	}
	c->v[c->n++] = (struct raw_count){ from, to, count };
}

void raw_release(struct raw_profile *p)
{
	free(p->ranges.v);
	free(p->branches.v);
	*p = (struct raw_profile){ 0 };
}

/* The characters that users meet, and what they mean. */
static const char *look_for_strangers(const char *at, const char *end)
{
	if (at == end)
		return "the line is blank";
	if (*at == '#')
		return "comments are not part of this format";
	if (*at == '[')
		return "profiles with calling contexts are not taken";
	for (; at < end; at++) {
		if (!*at)
			return "there is a NUL byte";
		if (*at == '\r')
			return "the line ends with CR LF; lines end with LF alone";
		if (*at == ' ' || *at == '\t')
			return "there is a blank";
	}
	return NULL;
}

/* Go to the next line. False at the end of the text, and when something is wrong. */
static bool next_line(struct reader *r)
{
	r->line++;
	if (r->at == r->end)
		return false;
	r->line_end = memchr(r->at, '\n', (size_t)(r->end - r->at));
	if (!r->line_end) {
		r->wrong = "the line is cut off: it has no end";
		return false;
	}
	r->wrong = look_for_strangers(r->at, r->line_end);
	return !r->wrong;
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static bool number(struct reader *r, int base, uint64_t *value)
{
	const char *start = r->at;

	if (base == 16 && r->line_end - r->at > 1 && r->at[1] == 'x') {
		r->wrong = "addresses are written without 0x";
		return false;
	}
	for (*value = 0; r->at < r->line_end && digit_of(*r->at) < base; r->at++)
		if (__builtin_mul_overflow(*value, (uint64_t)base, value) ||
		    __builtin_add_overflow(*value, (uint64_t)digit_of(*r->at), value)) {
			r->wrong = "a number does not fit in 64 bits";
			return false;
		}
	if (r->at == start)
		r->wrong = base == 16 ? "an address in lower-case hexadecimal is expected"
				      : "a decimal number is expected";
	return !r->wrong;
}

static bool word(struct reader *r, const char *expected)
{
	size_t length = strlen(expected);

	if ((size_t)(r->line_end - r->at) < length || memcmp(r->at, expected, length)) {
		r->wrong = !strcmp(expected, ":") ? "':' is expected behind the addresses"
			   : !strcmp(expected, "-")
				   ? "'-' is expected between the addresses of a range"
				   : "'->' is expected between the addresses of a branch";
		return false;
	}
	r->at += length;
	return true;
}

static bool end_of_line(struct reader *r)
{
	if (r->at != r->line_end)
		r->wrong = "there is more on the line than expected";
	else
		r->at++;
	return !r->wrong;
}

static bool read_entry(struct reader *r, const char *between, struct raw_counts *to, uint64_t *sum)
{
	struct raw_count e;

	if (!next_line(r) || !number(r, 16, &e.from) || !word(r, between) ||
	    !number(r, 16, &e.to) || !word(r, ":") || !number(r, 10, &e.count) || !end_of_line(r))
		return false;
	if (__builtin_add_overflow(*sum, e.count, sum) || *sum > INT64_MAX) {
		r->wrong = "with this one, the counts add up to more than 63 bits";
		return false;
	}
	raw_push(to, e.from, e.to, e.count);
	return true;
}

/* A number of lines, and that many lines. */
static bool read_block(struct reader *r, const char *between, struct raw_counts *to)
{
	uint64_t lines, sum = 0;

	if (!next_line(r) || !number(r, 10, &lines) || !end_of_line(r))
		return false;
	for (uint64_t i = 0; i < lines; i++)
		if (!read_entry(r, between, to, &sum))
			return false;
	return true;
}

char *raw_parse(struct raw_profile *p, const char *name, const char *text, size_t bytes)
{
	struct reader r = { .name = name, .at = text, .end = text + bytes };

	*p = (struct raw_profile){ 0 };
	if (!bytes)
		return xasprintf("%s:1: the file is empty", name);
	if (read_block(&r, "-", &p->ranges) && read_block(&r, "->", &p->branches)) {
		if (r.at == r.end)
			return NULL;
		r.line++;
		r.wrong = "there are more lines than were announced";
	}
	raw_release(p);
	return xasprintf("%s:%zu: %s", name, r.line,
			 r.wrong ? r.wrong : "the file ends before all announced lines have come");
}

static int compare(const void *a, const void *b)
{
	const struct raw_count *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

void raw_sort(struct raw_counts *c)
{
	size_t kept = 0;

	if (!c->n)
		return;
	qsort(c->v, c->n, sizeof(*c->v), compare);
	for (size_t i = 1; i < c->n; i++)
		if (compare(&c->v[kept], &c->v[i]))
			c->v[++kept] = c->v[i];
		else
			c->v[kept].count += c->v[i].count;
	c->n = kept + 1;
}

static void print_block(FILE *out, const struct raw_counts *c, const char *between)
{
	fprintf(out, "%zu\n", c->n);
	for (size_t i = 0; i < c->n; i++)
		fprintf(out, "%" PRIx64 "%s%" PRIx64 ":%" PRIu64 "\n", c->v[i].from, between,
			c->v[i].to, c->v[i].count);
}

char *raw_format(const struct raw_profile *p, size_t *bytes)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, bytes);

	if (!out)
		die("out of memory");
	print_block(out, &p->ranges, "-");
	print_block(out, &p->branches, "->");
	if (fclose(out))
		die("out of memory");
	return text;
}
