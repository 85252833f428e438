/* SPDX-License-Identifier: MIT */
#include "exchange.h"

enum { MOST_REPLIES = 1 << 24 };

/* How much of the beginning is also what `until` has before each of its places. */
static void prepare_until(struct exchange_answer *a)
{
	const struct exchange_rule *r = a->rule;
	uint32_t length = 0;

	a->back[0] = 0;
	for (uint32_t i = 1; i < r->until_bytes; i++) {
		while (length && r->until[i] != r->until[length])
			length = a->back[length - 1];
		length += r->until[i] == r->until[length];
		a->back[i] = (uint8_t)length;
	}
}

void exchange_begin(struct exchange_answer *a, const struct exchange_rule *rule)
{
	a->rule = rule;
	a->whole = false;
	a->bad = NULL;
	a->bytes = 0;
	a->fits = (1U << rule->expected) - 1;
	a->left = rule->count;
	a->matched = 0;
	a->replies = 1;
	a->type = 0;
	a->skip = 0;
	if (rule->end == EXCHANGE_UNTIL)
		prepare_until(a);
}

/* Compare `bytes` more of the answer with the beginnings that are still possible. */
static void compare(struct exchange_answer *a, const char *data, size_t bytes)
{
	const struct exchange_rule *r = a->rule;

	for (uint32_t e = 0; e < r->expected; e++) {
		uint64_t left = r->expect[e].bytes > a->bytes ? r->expect[e].bytes - a->bytes : 0;
		const char *text = r->expect[e].text + a->bytes;

		for (size_t i = 0; a->fits & 1U << e && i < bytes && i < left; i++)
			if (text[i] != data[i])
				a->fits &= ~(1U << e);
	}
	a->bytes += bytes;
}

static size_t feed_until(struct exchange_answer *a, const char *data, size_t bytes)
{
	const struct exchange_rule *r = a->rule;

	for (size_t i = 0; i < bytes; i++) {
		while (a->matched && data[i] != r->until[a->matched])
			a->matched = a->back[a->matched - 1];
		a->matched += data[i] == r->until[a->matched];
		if (a->matched == r->until_bytes) {
			a->whole = true;
			return i + 1;
		}
	}
	return bytes;
}

static size_t feed_lines(struct exchange_answer *a, const char *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (data[i] == '\n' && !--a->left) {
			a->whole = true;
			return i + 1;
		}
	return bytes;
}

static size_t feed_bytes(struct exchange_answer *a, size_t bytes)
{
	size_t taken = bytes < a->left ? bytes : (size_t)a->left;

	a->left -= taken;
	a->whole = !a->left;
	return taken;
}

/* What a line of RESP says of what is to come. */
static void end_resp_line(struct exchange_answer *a)
{
	uint64_t number = a->minus ? 0 : a->number;

	switch (a->type) {
	case '$': /* strings; with -1 there is none */
	case '=':
	case '!': a->skip = a->minus ? 0 : number + 2; break;
	case '*': /* lists */
	case '~':
	case '>': a->replies += number; break;
	case '%': a->replies += 2 * number; break;
	case '|': a->replies += 2 * number + 1; break; /* attributes, before the reply itself */
	default: break;
	}
	if (a->replies > MOST_REPLIES)
		a->bad = "a reply of RESP with too many parts";
	a->type = 0;
	a->replies--;
	a->whole = !a->replies && !a->skip;
}

static void take_resp_byte(struct exchange_answer *a, char c)
{
	static const char types[] = "+-:$*_#,(!=%~>|";
	static const char counted[] = "$=!*~>%|";
	const char *t = a->type ? counted : types;

	if (c == '\n' && a->type) {
		end_resp_line(a);
		return;
	}
	if (!a->type) {
		while (*t && *t != c)
			t++;
		if (!*t)
			a->bad = "no reply of RESP";
		a->type = c;
		a->number = 0;
		a->minus = a->digit = false;
		return;
	}
	while (*t && *t != a->type)
		t++;
	if (!*t || c == '\r')
		return;
	if (c == '-' && !a->digit && !a->minus)
		a->minus = true;
	else if (c >= '0' && c <= '9' && a->number < UINT32_MAX)
		a->number = a->number * 10 + (uint64_t)(c - '0'), a->digit = true;
	else
		a->bad = "a reply of RESP with a length that is none";
}

static size_t feed_resp(struct exchange_answer *a, const char *data, size_t bytes)
{
	size_t taken = 0;

	while (taken < bytes && !a->whole && !a->bad) {
		size_t skipped = bytes - taken < a->skip ? bytes - taken : (size_t)a->skip;

		if (!skipped) {
			take_resp_byte(a, data[taken++]);
			continue;
		}
		taken += skipped;
		a->skip -= skipped;
		a->whole = !a->skip && !a->replies;
	}
	return taken;
}

size_t exchange_feed(struct exchange_answer *a, const char *data, size_t bytes)
{
	size_t taken = bytes;

	switch (a->rule->end) {
	case EXCHANGE_UNTIL: taken = feed_until(a, data, bytes); break;
	case EXCHANGE_LINES: taken = feed_lines(a, data, bytes); break;
	case EXCHANGE_BYTES: taken = feed_bytes(a, bytes); break;
	case EXCHANGE_RESP: taken = feed_resp(a, data, bytes); break;
	case EXCHANGE_CLOSE: break;
	}
	compare(a, data, taken);
	return taken;
}

void exchange_close(struct exchange_answer *a)
{
	if (a->rule->end == EXCHANGE_CLOSE)
		a->whole = true;
	else if (!a->whole)
		a->bad = "the connection was closed in the middle of the answer";
}

const char *exchange_fault(const struct exchange_answer *a)
{
	const struct exchange_rule *r = a->rule;

	for (uint32_t e = 0; e < r->expected; e++)
		if (a->fits & 1U << e && a->bytes >= r->expect[e].bytes)
			return NULL;
	return r->expected ? "it does not begin as expected" : NULL;
}
