/* SPDX-License-Identifier: MIT */
#include "load_answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../pipeline/lib/util.h"

static char *length_fault(const struct load_request *r, const struct load_answer *a)
{
	bool head = !strcmp(r->method, "HEAD");

	if (head && r->has_bytes && a->content_length < 0)
		return xasprintf("no Content-Length instead of %" PRIu64, r->bytes);
	if (head && r->has_bytes && (uint64_t)a->content_length != r->bytes)
		return xasprintf("Content-Length %" PRId64 " instead of %" PRIu64,
				 a->content_length, r->bytes);
	if (!head && r->has_bytes && a->body_bytes != r->bytes)
		return xasprintf("%" PRIu64 " bytes instead of %" PRIu64, a->body_bytes, r->bytes);
	return NULL;
}

static char *gzip_fault(const struct load_request *r, const struct load_answer *a)
{
	const char *asked = load_request_header(r, "Accept-Encoding");

	if (!asked || !strcasestr(asked, "gzip") || !strcmp(r->method, "HEAD") ||
	    a->status == 304 || a->status == 204)
		return NULL;
	if (a->encoding && !strcasecmp(a->encoding, "gzip"))
		return NULL;
	return xasprintf("%s instead of gzip", a->encoding ? a->encoding : "not compressed");
}

/*
 * "bytes=FIRST-LAST", "bytes=FIRST-" or "bytes=-COUNT" asked for, in a file of `whole` bytes. False
 * if it is none of these: a list of ranges, say.
 */
static bool asked_range(const char *asked, uint64_t whole, uint64_t *first, uint64_t *last)
{
	int end = -1;

	*last = whole - 1;
	if (sscanf(asked, "bytes=-%" SCNu64 "%n", first, &end) == 1 && end > 0 && !asked[end]) {
		*first = *first < whole ? whole - *first : 0;
		return true;
	}
	end = -1;
	if (sscanf(asked, "bytes=%" SCNu64 "-%n", first, &end) != 1 || end < 0)
		return false;
	if (!asked[end])
		return true;
	asked += end;
	end = -1;
	if (sscanf(asked, "%" SCNu64 "%n", last, &end) != 1 || end < 0 || asked[end])
		return false;
	if (*last >= whole)
		*last = whole - 1;
	return true;
}

static char *range_fault(const struct load_request *r, const struct load_answer *a)
{
	const char *asked = load_request_header(r, "Range");
	uint64_t first, last, whole, want_first, want_last;

	if (!asked || a->status != 206 || strchr(asked, ','))
		return NULL;
	if (!a->range)
		return xstrdup("no Content-Range");
	if (sscanf(a->range, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &first, &last, &whole) != 3)
		return xasprintf("Content-Range '%s' cannot be read", a->range);
	if (asked_range(asked, whole, &want_first, &want_last) &&
	    (first != want_first || last != want_last))
		return xasprintf("Content-Range '%s' where %s was asked for", a->range, asked);
	if (strcmp(r->method, "HEAD") && a->body_bytes != last - first + 1)
		return xasprintf("%" PRIu64 " bytes where Content-Range says '%s'", a->body_bytes,
				 a->range);
	return NULL;
}

char *load_answer_fault(const struct load_request *r, const struct load_answer *a)
{
	char *fault;

	if (a->status != r->status)
		return xasprintf("status %u instead of %u", a->status, r->status);
	if ((fault = length_fault(r, a)) || (fault = gzip_fault(r, a)) ||
	    (fault = range_fault(r, a)))
		return fault;
	if (a->reopened_after)
		return xasprintf("the server had closed the connection, unasked, after %" PRIu64
				 " requests",
				 a->reopened_after);
	return NULL;
}
