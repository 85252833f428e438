/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../profiles/load_answer.h"

/* A request as a load file has it behind its weight, an answer, and what is said of it. */
static const struct {
	const char *request;
	struct load_answer answer;
	const char *said; /* NULL: it is good */
} cases[] = {
	{ "GET / 200", { 200, 5, -1, NULL, NULL, 0 }, NULL },
	{ "GET / 200", { 404, 5, -1, NULL, NULL, 0 }, "status 404 instead of 200" },
	{ "GET / 404", { 404, 5, -1, NULL, NULL, 0 }, NULL },
	{ "GET / 200 bytes 5", { 200, 5, -1, NULL, NULL, 0 }, NULL },
	{ "GET / 200 bytes 5", { 200, 4, 5, NULL, NULL, 0 }, "4 bytes instead of 5" },
	{ "GET / 200 bytes 0", { 200, 1, 1, NULL, NULL, 0 }, "1 bytes instead of 0" },
	{ "HEAD / 200 bytes 5", { 200, 0, 5, NULL, NULL, 0 }, NULL },
	{ "HEAD / 200 bytes 5", { 200, 0, 6, NULL, NULL, 0 }, "Content-Length 6 instead of 5" },
	{ "HEAD / 200 bytes 5", { 200, 0, -1, NULL, NULL, 0 }, "no Content-Length instead of 5" },
	{ "GET / 200 header \"Accept-Encoding: gzip\"", { 200, 5, 5, "gzip", NULL, 0 }, NULL },
	{ "GET / 200 header \"accept-encoding: br, gzip\"",
	  { 200, 5, 5, NULL, NULL, 0 },
	  "not compressed instead of gzip" },
	{ "GET / 200 header \"Accept-Encoding: gzip\"",
	  { 200, 5, 5, "br", NULL, 0 },
	  "br instead of gzip" },
	{ "GET / 200 header \"Accept-Encoding: br\"", { 200, 5, 5, NULL, NULL, 0 }, NULL },
	{ "HEAD / 200 header \"Accept-Encoding: gzip\"", { 200, 0, 5, NULL, NULL, 0 }, NULL },
	{ "GET / 304 header \"Accept-Encoding: gzip\"", { 304, 0, -1, NULL, NULL, 0 }, NULL },
	{ "GET / 206 header \"Range: bytes=10-19\"",
	  { 206, 10, 10, NULL, "bytes 10-19/100", 0 },
	  NULL },
	{ "GET / 206 header \"Range: bytes=10-19\"",
	  { 206, 10, 10, NULL, NULL, 0 },
	  "no Content-Range" },
	{ "GET / 206 header \"Range: bytes=10-19\"",
	  { 206, 10, 10, NULL, "bytes x", 0 },
	  "Content-Range 'bytes x' cannot be read" },
	{ "GET / 206 header \"Range: bytes=10-19\"",
	  { 206, 9, 9, NULL, "bytes 10-19/100", 0 },
	  "9 bytes where Content-Range says 'bytes 10-19/100'" },
	{ "GET / 206 header \"Range: bytes=10-19\"",
	  { 206, 10, 10, NULL, "bytes 11-20/100", 0 },
	  "Content-Range 'bytes 11-20/100' where bytes=10-19 was asked for" },
	{ "GET / 206 header \"Range: bytes=90-200\"",
	  { 206, 10, 10, NULL, "bytes 90-99/100", 0 },
	  NULL },
	{ "GET / 206 header \"Range: bytes=90-\"",
	  { 206, 10, 10, NULL, "bytes 90-99/100", 0 },
	  NULL },
	{ "GET / 206 header \"Range: bytes=90-\"",
	  { 206, 9, 9, NULL, "bytes 90-98/100", 0 },
	  "Content-Range 'bytes 90-98/100' where bytes=90- was asked for" },
	{ "GET / 206 header \"Range: bytes=-7\"", { 206, 7, 7, NULL, "bytes 93-99/100", 0 }, NULL },
	{ "GET / 206 header \"Range: bytes=-7\"",
	  { 206, 7, 7, NULL, "bytes 0-6/100", 0 },
	  "Content-Range 'bytes 0-6/100' where bytes=-7 was asked for" },
	{ "GET / 206 header \"Range: bytes=-700\"",
	  { 206, 100, 100, NULL, "bytes 0-99/100", 0 },
	  NULL },
	{ "GET / 206 header \"Range: bytes=0-1,5-6\"", { 206, 300, -1, NULL, NULL, 0 }, NULL },
	{ "GET / 200",
	  { 200, 5, 5, NULL, NULL, 17 },
	  "the server had closed the connection, unasked, after 17 requests" },
};

static void answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = xasprintf("requests 1\nrequest 1 %s\n", cases[i].request), *error;
		struct loadfile l;
		char *fault;

		assert_true(loadfile_parse(&l, "f", text, &error));
		fault = load_answer_fault(&l.v[0], &cases[i].answer);
		if (!fault != !cases[i].said || (fault && strcmp(fault, cases[i].said)))
			fail_msg("case %zu, %s: %s", i, cases[i].request, fault ? fault : "good");
		free(fault);
		free(text);
		loadfile_release(&l);
	}
}

UNIT_MAIN(cmocka_unit_test(answers))
