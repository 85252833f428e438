/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "../../bench/client/protocol.h"

#define GZIP_OF_1024 "gzip's bytes\x00\x04\x00\x00"

/* An answer as it comes, what was expected, and what is said of it. */
static const struct {
	const char *text;
	size_t bytes; /* 0: a string */
	struct script_request request;
	const char *said; /* NULL: it is good */
	bool ends;	  /* the connection, behind it */
	bool closes;
} cases[] = {
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	  0,
	  { .status = 200, .flags = SCRIPT_HAS_BYTES, .bytes = 5 },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 200 OK\ncontent-length:5 \n\nhello",
	  0,
	  { .status = 200, .flags = SCRIPT_HAS_BYTES, .bytes = 5 },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 0, { .status = 200 }, NULL, false, false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x, Close\r\n\r\nhello",
	  0,
	  { .status = 200 },
	  NULL,
	  false,
	  true },
	{ "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno!",
	  0,
	  { .status = 200 },
	  "another status",
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhell",
	  0,
	  { .status = 200, .flags = SCRIPT_HAS_BYTES, .bytes = 5 },
	  "another length",
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
	  0,
	  { .status = 200 },
	  "the server closed the connection before the answer was whole",
	  true,
	  false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n",
	  0,
	  { .status = 200 },
	  "the server closed the connection before the answer was whole",
	  true,
	  false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhello",
	  0,
	  { .status = 200 },
	  "a Content-Length that is none",
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
	  0,
	  { .status = 200 },
	  "a Content-Length that is none",
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	  0,
	  { .status = 200 },
	  "a Content-Length that is none",
	  false,
	  false },
	{ "SSH-2.0-x\r\n", 0, { .status = 200 }, "a status line that is none", false, false },
	{ "HTTP/1.1 20\r\n", 0, { .status = 200 }, "a status line that is none", false, false },
	{ "HTTP/1.1 200OK\r\n", 0, { .status = 200 }, "a status line that is none", false, false },
	{ "HTTP/2 200 OK\r\n", 0, { .status = 200 }, "a status line that is none", false, false },
	{ "\r\n", 0, { .status = 200 }, "a status line that is none", false, false },
	/* without a body */
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
	  0,
	  { .status = 200, .flags = SCRIPT_HAS_BYTES | SCRIPT_HEAD, .bytes = 5 },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\n\r\n",
	  0,
	  { .status = 200, .flags = SCRIPT_HAS_BYTES | SCRIPT_HEAD, .bytes = 5 },
	  "another Content-Length",
	  false,
	  false },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
	  0,
	  { .status = 304, .flags = SCRIPT_GZIP },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 204 No Content\r\n\r\n", 0, { .status = 204 }, NULL, false, false },
	{ "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
	  0,
	  { .status = 204 },
	  NULL,
	  false,
	  false },
	/* chunks */
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "5\r\nhello\r\nA;x=y\r\n, world!!!\r\n0\r\n\r\n",
	  0,
	  { .status = 200, .flags = SCRIPT_HAS_BYTES, .bytes = 15 },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: x\r\n\r\n",
	  0,
	  { .status = 200, .flags = SCRIPT_HAS_BYTES, .bytes = 5 },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n",
	  0,
	  { .status = 200 },
	  "a chunk's size that is none",
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
	  0,
	  { .status = 200 },
	  "a chunk longer than its size",
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	  0,
	  { .status = 200 },
	  "the server closed the connection before the answer was whole",
	  true,
	  false },
	/* up to the end of the connection */
	{ "HTTP/1.0 200 OK\r\n\r\nhello",
	  0,
	  { .status = 200, .flags = SCRIPT_HAS_BYTES, .bytes = 5 },
	  NULL,
	  true,
	  true },
	/* compressed */
	{ "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 16\r\n\r\n" GZIP_OF_1024,
	  sizeof("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 16\r\n"
		 "\r\n" GZIP_OF_1024) -
		  1,
	  { .status = 200, .flags = SCRIPT_HAS_BYTES | SCRIPT_GZIP, .bytes = 1024 },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	  0,
	  { .status = 200, .flags = SCRIPT_GZIP },
	  "not compressed with gzip",
	  false,
	  false },
	/* parts */
	{ "HTTP/1.1 206 x\r\nContent-Range: bytes 2-4/9\r\nContent-Length: 3\r\n\r\nabc",
	  0,
	  { .status = 206, .flags = SCRIPT_RANGE, .first = 2, .last = 4 },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 206 x\r\nContent-Range: bytes 2-4/9\r\nContent-Length: 3\r\n\r\nabc",
	  0,
	  { .status = 206, .flags = SCRIPT_RANGE, .first = 2, .last = 5 },
	  "another Content-Range",
	  false,
	  false },
	{ "HTTP/1.1 206 x\r\nContent-Range: bytes 6-8/9\r\nContent-Length: 3\r\n\r\nabc",
	  0,
	  { .status = 206, .flags = SCRIPT_RANGE, .first = 6, .last = UINT64_MAX },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 206 x\r\nContent-Range: bytes 6-8/9\r\nContent-Length: 3\r\n\r\nabc",
	  0,
	  { .status = 206, .flags = SCRIPT_RANGE_SUFFIX, .last = 3 },
	  NULL,
	  false,
	  false },
	{ "HTTP/1.1 206 x\r\nContent-Range: bytes 6-8/9\r\nContent-Length: 2\r\n\r\nab",
	  0,
	  { .status = 206, .flags = SCRIPT_RANGE_SUFFIX, .last = 3 },
	  "not as long as Content-Range says",
	  false,
	  false },
	{ "HTTP/1.1 206 x\r\nContent-Length: 3\r\n\r\nabc",
	  0,
	  { .status = 206, .flags = SCRIPT_RANGE_SUFFIX, .last = 3 },
	  "another Content-Range",
	  false,
	  false },
};

/* Feed it in pieces of `piece` bytes, each from memory of its own, so that sanitizers see its end. */
static void feed_in_pieces(struct answer *a, const char *text, size_t bytes, size_t piece)
{
	for (size_t at = 0; at < bytes && a->is == ANSWER_PART; at += piece) {
		size_t now = bytes - at < piece ? bytes - at : piece;
		char *copy = xmalloc(now);

		memcpy(copy, text + at, now);
		assert_true(http_protocol.feed(a, copy, now) <= now);
		free(copy);
	}
}

static void answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t bytes = cases[i].bytes ? cases[i].bytes : strlen(cases[i].text);

		for (size_t piece = 1; piece <= bytes; piece++) {
			struct answer a;
			const char *said;

			http_protocol.begin(&a, NULL, &cases[i].request);
			feed_in_pieces(&a, cases[i].text, bytes, piece);
			if (cases[i].ends)
				http_protocol.end(&a);
			assert_int_not_equal(a.is, ANSWER_PART);
			said = a.is == ANSWER_BAD ? a.bad
						  : http_protocol.fault(&a, &cases[i].request);
			if (!said != !cases[i].said || (said && strcmp(said, cases[i].said)))
				fail_msg("case %zu in pieces of %zu: %s", i, piece,
					 said ? said : "good");
			if (!said)
				assert_int_equal(http_protocol.closes(&a), cases[i].closes);
		}
	}
}

static void what_follows_is_not_taken(void **state)
{
	static const char first[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	char *text = xasprintf("%s%s", first, "HTTP/1.1 200 OK\r\n");
	const struct script_request request = { .status = 200 };
	struct answer a;

	(void)state;
	http_protocol.begin(&a, NULL, &request);
	assert_int_equal(http_protocol.feed(&a, text, strlen(text)), strlen(first));
	assert_int_equal(a.is, ANSWER_WHOLE);
	assert_int_equal(http_protocol.status(&a), 200);
	assert_int_equal(http_protocol.body_bytes(&a), 2);
	free(text);
}

static void long_lines_are_cut_and_long_heads_refused(void **state)
{
	const struct script_request request = { .status = 200, .flags = SCRIPT_HAS_BYTES };
	char cookie[2000], *text;
	struct answer a;

	(void)state;
	memset(cookie, 'x', sizeof(cookie));
	cookie[sizeof(cookie) - 1] = '\0';
	text = xasprintf("HTTP/1.1 200 OK\r\nCookie: %s\r\nContent-Length: 0\r\n\r\n", cookie);
	http_protocol.begin(&a, NULL, &request);
	http_protocol.feed(&a, text, strlen(text));
	assert_int_equal(a.is, ANSWER_WHOLE);
	assert_null(http_protocol.fault(&a, &request));
	free(text);
	http_protocol.begin(&a, NULL, &request);
	text = xasprintf("HTTP/1.1 200 OK\r\n");
	http_protocol.feed(&a, text, strlen(text));
	for (int i = 0; i < 100 && a.is == ANSWER_PART; i++)
		http_protocol.feed(&a, cookie, sizeof(cookie) - 1);
	assert_int_equal(a.is, ANSWER_BAD);
	assert_string_equal(a.bad, "a head without an end");
	free(text);
}

UNIT_MAIN(cmocka_unit_test(answers), cmocka_unit_test(what_follows_is_not_taken),
	  cmocka_unit_test(long_lines_are_cut_and_long_heads_refused))
