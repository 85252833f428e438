/* SPDX-License-Identifier: MIT */
#include "countlines.h"

#include <string.h>

#include "../pipeline/lib/util.h"

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

bool countlines_next(struct countlines *r)
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

bool countlines_number(struct countlines *r, int base, uint64_t *value)
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

bool countlines_word(struct countlines *r, const char *expected, const char *otherwise)
{
	size_t length = strlen(expected);

	if ((size_t)(r->line_end - r->at) < length || memcmp(r->at, expected, length)) {
		r->wrong = otherwise;
		return false;
	}
	r->at += length;
	return true;
}

bool countlines_end(struct countlines *r)
{
	if (r->at != r->line_end)
		r->wrong = "there is more on the line than expected";
	else
		r->at++;
	return !r->wrong;
}

bool countlines_add(struct countlines *r, uint64_t *sum, uint64_t count)
{
	if (__builtin_add_overflow(*sum, count, sum) || *sum > INT64_MAX)
		r->wrong = "with this one, the counts add up to more than 63 bits";
	return !r->wrong;
}

bool countlines_finish(struct countlines *r)
{
	if (r->at == r->end)
		return true;
	r->line++;
	r->wrong = "there are more lines than were announced";
	return false;
}

char *countlines_error(const struct countlines *r)
{
	return xasprintf("%s:%zu: %s", r->name, r->line,
			 r->wrong ? r->wrong
				  : "the file ends before all announced lines have come");
}
