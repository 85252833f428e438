/* SPDX-License-Identifier: MIT */
#include "script_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../pipeline/lib/util.h"
#include "../profiles/load_sequence.h"

/* What is written so far. */
struct buffer {
	char *data;
	size_t bytes;
};

static uint32_t put(struct buffer *b, const void *data, size_t bytes)
{
	uint32_t at = (uint32_t)b->bytes;

	b->data = xrealloc(b->data, b->bytes + bytes + 1);
	memcpy(b->data + b->bytes, data, bytes);
	b->bytes += bytes;
	return at;
}

static bool is_header(const char *header, const char *name)
{
	size_t length = strlen(name);

	return !strncasecmp(header, name, length) && header[length] == ':';
}

/* Headers that come at a place of their own, not where the load file has them. */
static bool has_its_place(const char *header, bool closes)
{
	return is_header(header, "Host") || is_header(header, "Accept-Encoding") ||
	       (closes && is_header(header, "Connection"));
}

static const char *header_or(const struct load_request *r, const char *name, const char *otherwise)
{
	const char *value = load_request_header(r, name);

	return value ? value : otherwise;
}

static char *plus_header(char *text, const char *name, const char *value)
{
	char *longer = xasprintf("%s%s: %s\r\n", text, name, value);

	free(text);
	return longer;
}

char *script_request_text(const struct load_request *r, bool closes)
{
	bool body = strcmp(r->method, "HEAD") && (r->body || !strcmp(r->method, "POST"));
	const char *encoding = load_request_header(r, "Accept-Encoding");
	char *text = xasprintf("%s %s HTTP/1.1\r\nHost: %s\r\n", r->method, r->path,
			       header_or(r, "Host", "anneal")),
	     *longer;

	if (!load_request_header(r, "User-Agent"))
		text = plus_header(text, "User-Agent", "anneal-load");
	if (!load_request_header(r, "Accept"))
		text = plus_header(text, "Accept", "*/*");
	if (encoding)
		text = plus_header(text, "Accept-Encoding", encoding);
	if (closes)
		text = plus_header(text, "Connection", "close");
	for (size_t i = 0; i < r->headers.n; i++) {
		if (has_its_place(r->headers.v[i], closes))
			continue;
		longer = xasprintf("%s%s\r\n", text, r->headers.v[i]);
		free(text);
		text = longer;
	}
	if (body) {
		char *length = xasprintf("%zu", r->body ? strlen(r->body) : 0);

		text = plus_header(text, "Content-Length", length);
		if (!load_request_header(r, "Content-Type"))
			text = plus_header(text, "Content-Type",
					   "application/x-www-form-urlencoded");
		free(length);
	}
	longer = xasprintf("%s\r\n%s", text, body && r->body ? r->body : "");
	free(text);
	return longer;
}

/* One range that is asked for; a list of ranges is not looked at. */
static void expect_range(struct script_request *to, const char *asked)
{
	int end = -1;

	if (!asked || strchr(asked, ','))
		return;
	if (sscanf(asked, "bytes=-%" SCNu64 "%n", &to->last, &end) == 1 && end > 0 && !asked[end]) {
		to->flags |= SCRIPT_RANGE_SUFFIX;
		return;
	}
	end = -1;
	to->last = UINT64_MAX;
	if (sscanf(asked, "bytes=%" SCNu64 "-%n", &to->first, &end) != 1 || end < 0)
		return;
	asked += end;
	end = -1;
	if (!*asked ||
	    (sscanf(asked, "%" SCNu64 "%n", &to->last, &end) == 1 && end > 0 && !asked[end]))
		to->flags |= SCRIPT_RANGE;
}

static void expect(struct script_request *to, const struct load_request *r)
{
	const char *encoding = load_request_header(r, "Accept-Encoding");
	const char *connection = load_request_header(r, "Connection");
	bool head = !strcmp(r->method, "HEAD");

	*to = (struct script_request){ .status = r->status, .bytes = r->bytes };
	if (r->has_bytes)
		to->flags |= SCRIPT_HAS_BYTES;
	if (head)
		to->flags |= SCRIPT_HEAD;
	if (encoding && strcasestr(encoding, "gzip") && !head)
		to->flags |= SCRIPT_GZIP;
	if (connection && !strcasecmp(connection, "close"))
		to->flags |= SCRIPT_CLOSES;
	expect_range(to, load_request_header(r, "Range"));
}

static uint32_t put_name(struct buffer *b, const struct load_request *r)
{
	char *name = xasprintf("%s %s, line %u of the load", r->method, r->path, r->line);
	uint32_t at = put(b, name, strlen(name) + 1);

	free(name);
	return at;
}

static void put_request(struct buffer *b, struct script_request *to, const struct load_request *r)
{
	expect(to, r);
	to->name_offset = put_name(b, r);
	for (int closes = 0; closes < 2; closes++) {
		char *text = script_request_text(r, closes);

		to->text_bytes[closes] = (uint32_t)strlen(text);
		to->text_offset[closes] = put(b, text, to->text_bytes[closes]);
		free(text);
	}
}

static void put_requests(struct buffer *b, struct script_request *to, const struct loadfile *l)
{
	for (size_t i = 0; i < l->n; i++)
		put_request(b, &to[i], &l->v[i]);
}

static void pad(struct buffer *b)
{
	static const char zeros[8];

	put(b, zeros, -b->bytes % sizeof(zeros));
}

/* Where its end is, and how it begins. */
static void put_rule(struct buffer *b, struct script_request *to, const struct exchange_rule *rule)
{
	struct script_text expect_texts[EXCHANGE_MOST_EXPECTED];

	to->end = rule->end;
	to->bytes = rule->count;
	to->expected = rule->expected;
	to->flags = rule->end == EXCHANGE_CLOSE ? SCRIPT_CLOSES : 0;
	to->until.bytes = rule->until_bytes;
	to->until.offset = put(b, rule->until, rule->until_bytes);
	for (uint32_t i = 0; i < rule->expected; i++) {
		expect_texts[i].bytes = rule->expect[i].bytes;
		expect_texts[i].offset = put(b, rule->expect[i].text, rule->expect[i].bytes);
	}
	pad(b);
	to->expect_offset = put(b, expect_texts, rule->expected * sizeof(*expect_texts));
}

/* All that are sent, one behind the other; then what they expect. */
static void put_exchanges(struct buffer *b, struct script_request *to, const struct loadfile *l,
			  uint32_t count)
{
	struct load_message *messages = xcalloc(count, sizeof(*messages));
	uint32_t *names = xcalloc(l->n, sizeof(*names));
	struct load_sequence s;

	for (size_t i = 0; i < l->n; i++)
		names[i] = put_name(b, &l->v[i]);
	load_sequence_begin(&s, l);
	for (uint32_t i = 0; i < count && b->bytes <= SCRIPT_MOST_BYTES; i++) {
		size_t line = load_sequence_next(&s);
		struct load_message *m = &messages[i];

		load_message_make(m, l->v[line].exchange, s.drawn);
		to[i].name_offset = names[line];
		to[i].text_offset[0] = put(b, m->sent.data, m->sent.bytes);
		to[i].text_bytes[0] = (uint32_t)m->sent.bytes;
		to[i].text_offset[1] = to[i].text_offset[0];
		to[i].text_bytes[1] = to[i].text_bytes[0];
	}
	for (uint32_t i = 0; i < count; i++) {
		if (b->bytes <= SCRIPT_MOST_BYTES)
			put_rule(b, &to[i], &messages[i].rule);
		load_message_release(&messages[i]);
	}
	free(messages);
	free(names);
}

static char *reason_against(const struct loadfile *l, const struct script_options *o)
{
	uint64_t most = l->warmup > l->requests ? l->warmup : l->requests;

	if (l->protocol != LOAD_TCP && (l->protocol != LOAD_HTTP || l->http_version))
		return xasprintf("the client in the guest speaks HTTP/1.1 and plain TCP, not %s",
				 loadfile_is_encrypted(l) ? "TLS" : "HTTP/2");
	if (most > SCRIPT_MOST_REQUESTS)
		return xasprintf("the load has %" PRIu64 " requests, and the client in the guest "
				 "plays at most %d",
				 most, SCRIPT_MOST_REQUESTS);
	if (o->arguments->n > SCRIPT_MOST_ARGUMENTS)
		return xasprintf("the app has %zu arguments, and the client in the guest passes "
				 "at most %d",
				 o->arguments->n, SCRIPT_MOST_ARGUMENTS);
	return NULL;
}

static void put_sequence(struct buffer *b, const struct loadfile *l, uint32_t count)
{
	struct load_sequence s;

	load_sequence_begin(&s, l);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t next = (uint32_t)load_sequence_next(&s);

		if (l->protocol == LOAD_TCP)
			next = i;

		put(b, &next, sizeof(next));
	}
}

char *script_write(const struct loadfile *l, const struct script_options *o, size_t *bytes,
		   char **reason)
{
	struct script_request *requests;
	struct buffer b = { NULL, 0 };
	struct script_header h = {
		.magic = SCRIPT_MAGIC,
		.protocol = l->protocol == LOAD_TCP ? SCRIPT_TCP : SCRIPT_HTTP,
		.port = o->port,
		.connections = (uint32_t)l->connections,
		.in_flight = (uint32_t)l->in_flight,
		.keep_alive = (uint32_t)l->keep_alive,
		.pipeline = (uint32_t)l->pipeline,
		.warmup = (uint32_t)l->warmup,
		.counted = (uint32_t)o->counted,
		.sequence = (uint32_t)(l->warmup > l->requests ? l->warmup : l->requests),
		.arguments = (uint32_t)o->arguments->n,
		.stop_signal = (uint32_t)o->stop_signal,
	};

	*reason = reason_against(l, o);
	if (*reason)
		return NULL;
	h.requests = l->protocol == LOAD_TCP ? h.sequence : (uint32_t)l->n;
	requests = xcalloc(h.requests, sizeof(*requests));
	put(&b, &h, sizeof(h));
	put(&b, requests, h.requests * sizeof(*requests)); /* known when the texts are */
	put_sequence(&b, l, h.sequence);
	h.arguments_offset = (uint32_t)b.bytes;
	for (size_t i = 0; i < o->arguments->n; i++)
		put(&b, o->arguments->v[i], strlen(o->arguments->v[i]) + 1);
	if (l->protocol == LOAD_TCP)
		put_exchanges(&b, requests, l, h.sequence);
	else
		put_requests(&b, requests, l);
	h.total_bytes = (uint32_t)b.bytes;
	memcpy(b.data, &h, sizeof(h));
	memcpy(b.data + sizeof(h), requests, h.requests * sizeof(*requests));
	free(requests);
	*bytes = b.bytes;
	if (b.bytes <= SCRIPT_MOST_BYTES)
		return b.data;
	free(b.data);
	*reason = xasprintf("the load is too large for the client in the guest: more than %d bytes",
			    SCRIPT_MOST_BYTES);
	return NULL;
}
