/* SPDX-License-Identifier: MIT */
#include "http.h"

#include "protocol.h"

static void bad(struct answer *a, const char *what)
{
	a->is = ANSWER_BAD;
	a->bad = what;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Behind `prefix`, in any case, or NULL. */
static const char *behind(const char *text, const char *prefix)
{
	for (; *prefix; text++, prefix++)
		if (lower(*text) != *prefix)
			return NULL;
	return text;
}

static const char *skip_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

/* Whether `word` is one of a list with commas. */
static bool lists(const char *list, const char *word)
{
	while (*list) {
		const char *end;

		list = skip_blanks(list);
		end = behind(list, word);
		if (end && (!*skip_blanks(end) || *skip_blanks(end) == ','))
			return true;
		while (*list && *list != ',')
			list++;
		list += *list == ',';
	}
	return false;
}

/* Digits of `base`; behind them, or NULL if there is none or if they are too many. */
static const char *number(const char *text, unsigned base, uint64_t *value)
{
	const char *at = text;

	for (*value = 0;; at++) {
		char c = lower(*at);
		unsigned digit = c >= '0' && c <= '9'	? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
							: base;

		if (digit >= base)
			return at > text ? at : NULL;
		if (*value >> 58)
			return NULL;
		*value = *value * base + digit;
	}
}

static void take_status_line(struct answer *a)
{
	struct http_answer *h = &a->http;
	const char *at = behind(h->line, "http/1.");
	uint64_t status;

	h->old = at && *at == '0';
	if (!at || (*at != '0' && *at != '1') || at[1] != ' ' ||
	    !(at = number(at + 2, 10, &status)) || (*at && *at != ' ') || status < 100 ||
	    status > 599) {
		bad(a, "a status line that is none");
		return;
	}
	h->status = (unsigned)status;
	h->at = HTTP_HEADER;
}

static void take_length(struct answer *a, const char *value)
{
	struct http_answer *h = &a->http;
	uint64_t length;
	const char *end = number(value, 10, &length);

	if (!end || *skip_blanks(end) || (h->has_length && length != h->length)) {
		bad(a, "a Content-Length that is none");
		return;
	}
	h->has_length = true;
	h->length = length;
}

/* "bytes 0-99/1000"; anything else, as with 416, is no range. */
static void take_range(struct http_answer *h, const char *value)
{
	const char *at = behind(value, "bytes ");

	at = at ? number(at, 10, &h->range[0]) : NULL;
	at = at && *at == '-' ? number(at + 1, 10, &h->range[1]) : NULL;
	at = at && *at == '/' ? number(at + 1, 10, &h->range[2]) : NULL;
	h->has_range = at && !*skip_blanks(at);
}

static void take_header(struct answer *a)
{
	struct http_answer *h = &a->http;
	const char *value;

	if ((value = behind(h->line, "content-length:")))
		take_length(a, skip_blanks(value));
	else if ((value = behind(h->line, "transfer-encoding:")))
		h->chunked = lists(value, "chunked");
	else if ((value = behind(h->line, "content-encoding:")))
		h->gzip = lists(value, "gzip");
	else if ((value = behind(h->line, "connection:")))
		h->closes = h->closes || lists(value, "close");
	else if ((value = behind(h->line, "content-range:")))
		take_range(h, skip_blanks(value));
}

/* The head is over: how does its body end? RFC 9112, 6.3. */
static void begin_body(struct answer *a)
{
	struct http_answer *h = &a->http;

	if (h->status < 200 && h->status != 101) {
		bool no_body = h->no_body;

		*h = (struct http_answer){
			.no_body = no_body
		}; /* "100 Continue": the answer follows */
		return;
	}
	h->closes = h->closes || h->old;
	if (h->no_body || h->status == 204 || h->status == 304) {
		a->is = ANSWER_WHOLE;
	} else if (h->chunked) {
		h->at = HTTP_CHUNK_SIZE;
	} else if (h->has_length) {
		h->at = HTTP_BODY;
		h->left = h->length;
		if (!h->left)
			a->is = ANSWER_WHOLE;
	} else {
		h->at = HTTP_BODY_TO_END;
		h->closes = true;
	}
}

static void take_chunk_size(struct answer *a)
{
	struct http_answer *h = &a->http;
	const char *end = number(h->line, 16, &h->left);

	if (!end || (*skip_blanks(end) && *skip_blanks(end) != ';'))
		bad(a, "a chunk's size that is none");
	else
		h->at = h->left ? HTTP_CHUNK : HTTP_TRAILER;
}

static void take_line(struct answer *a)
{
	struct http_answer *h = &a->http;
	unsigned bytes = h->line_bytes;

	if (bytes && h->line[bytes - 1] == '\r')
		bytes--;
	h->line[bytes] = '\0';
	h->line_bytes = 0;
	switch (h->at) {
	case HTTP_STATUS_LINE: take_status_line(a); break;
	case HTTP_HEADER:
		if (bytes)
			take_header(a);
		else
			begin_body(a);
		break;
	case HTTP_CHUNK_SIZE: take_chunk_size(a); break;
	case HTTP_CHUNK_END:
		h->at = HTTP_CHUNK_SIZE;
		if (bytes)
			bad(a, "a chunk longer than its size");
		break;
	case HTTP_TRAILER:
		if (!bytes)
			a->is = ANSWER_WHOLE;
		break;
	default: break;
	}
}

/* What all but bodies consist of: up to the end of a line, or of what came. */
static size_t take_text(struct answer *a, const char *data, size_t bytes)
{
	struct http_answer *h = &a->http;
	unsigned at = h->line_bytes;
	size_t taken = 0;

	for (; taken < bytes && data[taken] != '\n'; taken++)
		if (at < HTTP_LINE_BYTES - 1)
			h->line[at++] = data[taken];
	h->line_bytes = at;
	if (taken < bytes) {
		taken++;
		take_line(a);
	}
	h->head_bytes += (unsigned)taken;
	if (a->is == ANSWER_PART && h->head_bytes > HTTP_MOST_HEAD_BYTES)
		bad(a, "a head without an end");
	return taken;
}

static void keep_tail(struct http_answer *h, const char *data, size_t bytes)
{
	size_t from = bytes > sizeof(h->tail) ? bytes - sizeof(h->tail) : 0;

	for (; from < bytes; from++) {
		for (size_t i = 1; i < sizeof(h->tail); i++)
			h->tail[i - 1] = h->tail[i];
		h->tail[sizeof(h->tail) - 1] = (uint8_t)data[from];
	}
}

static size_t take_body(struct answer *a, const char *data, size_t bytes)
{
	struct http_answer *h = &a->http;

	if (h->at != HTTP_BODY_TO_END && bytes > h->left)
		bytes = h->left;
	keep_tail(h, data, bytes);
	h->body_bytes += bytes;
	if (h->at == HTTP_BODY_TO_END)
		return bytes;
	h->left -= bytes;
	if (!h->left && h->at == HTTP_CHUNK) {
		h->at = HTTP_CHUNK_END;
		h->head_bytes = 0;
	} else if (!h->left) {
		a->is = ANSWER_WHOLE;
	}
	return bytes;
}

static void begin(struct answer *a, const struct script_header *script,
		  const struct script_request *r)
{
	(void)script;
	a->is = ANSWER_PART;
	a->http.at = HTTP_STATUS_LINE;
	a->http = (struct http_answer){ .no_body = r->flags & SCRIPT_HEAD };
}

static size_t feed(struct answer *a, const char *data, size_t bytes)
{
	size_t taken = 0;

	while (taken < bytes && a->is == ANSWER_PART) {
		bool body = a->http.at == HTTP_BODY || a->http.at == HTTP_BODY_TO_END ||
			    a->http.at == HTTP_CHUNK;

		if (body)
			taken += take_body(a, data + taken, bytes - taken);
		else
			taken += take_text(a, data + taken, bytes - taken);
	}
	return taken;
}

static void end(struct answer *a)
{
	if (a->is != ANSWER_PART)
		return;
	if (a->http.at == HTTP_BODY_TO_END)
		a->is = ANSWER_WHOLE;
	else
		bad(a, "the server closed the connection before the answer was whole");
}

static uint64_t decoded_bytes(const struct http_answer *h)
{
	uint64_t bytes = 0;

	if (!h->gzip)
		return h->body_bytes;
	for (size_t i = sizeof(h->tail); i-- > 0;)
		bytes = bytes << 8 | h->tail[i];
	return bytes;
}

static bool is_range_asked(const struct http_answer *h, const struct script_request *r)
{
	uint64_t whole = h->range[2], first = r->first, last = r->last;

	if (r->flags & SCRIPT_RANGE_SUFFIX) {
		first = r->last < whole ? whole - r->last : 0;
		last = whole - 1;
	} else if (last >= whole) {
		last = whole - 1;
	}
	return h->range[0] == first && h->range[1] == last;
}

static const char *fault(const struct answer *a, const struct script_request *r)
{
	const struct http_answer *h = &a->http;
	bool ranged = h->status == 206 && r->flags & (SCRIPT_RANGE | SCRIPT_RANGE_SUFFIX);

	if (h->status != r->status)
		return "another status";
	if (r->flags & SCRIPT_GZIP && !h->gzip && h->status != 204 && h->status != 304)
		return "not compressed with gzip";
	if (r->flags & SCRIPT_HAS_BYTES && r->flags & SCRIPT_HEAD &&
	    (!h->has_length || h->length != r->bytes))
		return "another Content-Length";
	if (r->flags & SCRIPT_HAS_BYTES && !(r->flags & SCRIPT_HEAD) &&
	    decoded_bytes(h) != r->bytes)
		return "another length";
	if (ranged && (!h->has_range || !is_range_asked(h, r)))
		return "another Content-Range";
	if (ranged && !(r->flags & SCRIPT_HEAD) && h->body_bytes != h->range[1] - h->range[0] + 1)
		return "not as long as Content-Range says";
	return NULL;
}

static bool closes(const struct answer *a)
{
	return a->http.closes;
}

static unsigned status(const struct answer *a)
{
	return a->http.status;
}

static uint64_t body_bytes(const struct answer *a)
{
	return a->http.body_bytes;
}

const struct protocol http_protocol = { begin, feed, end, fault, closes, status, body_bytes };
