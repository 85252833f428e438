/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bench/script_write.h"
#include "../../profiles/load_sequence.h"

static struct loadfile load_of(const char *text)
{
	struct loadfile l;
	char *error = NULL;

	if (!loadfile_parse(&l, "f", text, &error))
		fail_msg("%s", error);
	return l;
}

static void assert_text(const char *request, bool closes, const char *expected)
{
	char *text = xasprintf("requests 1\nrequest 1 %s\n", request), *sent;
	struct loadfile l = load_of(text);

	sent = script_request_text(&l.v[0], closes);
	assert_string_equal(sent, expected);
	free(sent);
	loadfile_release(&l);
	free(text);
}

/* What load sends through libcurl 7.88, as a capture of it shows. */
static void texts(void **state)
{
	(void)state;
	assert_text("GET /1k.txt 200", false,
		    "GET /1k.txt HTTP/1.1\r\nHost: anneal\r\nUser-Agent: anneal-load\r\n"
		    "Accept: */*\r\n\r\n");
	assert_text("GET / 200 header \"Connection: close\" header \"Range: bytes=1-\"", true,
		    "GET / HTTP/1.1\r\nHost: anneal\r\nUser-Agent: anneal-load\r\n"
		    "Accept: */*\r\nConnection: close\r\nRange: bytes=1-\r\n\r\n");
	assert_text("POST /a 405 header \"Content-Type: application/json\" "
		    "header \"User-Agent: uuu\" header \"Accept: text/plain\" "
		    "header \"Accept-Encoding: gzip\" header \"X-A: b\" body \"{a}\"",
		    false,
		    "POST /a HTTP/1.1\r\nHost: anneal\r\nAccept-Encoding: gzip\r\n"
		    "Content-Type: application/json\r\nUser-Agent: uuu\r\nAccept: text/plain\r\n"
		    "X-A: b\r\nContent-Length: 3\r\n\r\n{a}");
	assert_text("POST / 405 header \"Host: h\"", false,
		    "POST / HTTP/1.1\r\nHost: h\r\nUser-Agent: anneal-load\r\nAccept: */*\r\n"
		    "Content-Length: 0\r\n"
		    "Content-Type: application/x-www-form-urlencoded\r\n\r\n");
}

static const char mixed[] = "requests 50\nwarmup 7\nconnections 3\nkeep-alive 9\nseed 4\n"
			    "request 3 GET / 200 bytes 5\n"
			    "request 1 HEAD /x 404 header \"Connection: close\"\n"
			    "request 1 GET /z 200 header \"Accept-Encoding: gzip\"\n"
			    "request 1 GET /r 206 header \"Range: bytes=3-8\"\n"
			    "request 1 GET /r 206 header \"Range: bytes=3-\"\n"
			    "request 1 GET /r 206 header \"Range: bytes=-8\"\n"
			    "request 1 GET /r 206 header \"Range: bytes=1-2,4-5\"\n";

static char *script_of(const struct loadfile *l, uint64_t counted, size_t *bytes)
{
	struct strlist arguments = STRLIST_INIT;
	struct script_options o = { 80, &arguments, 3, counted };
	char *script, *reason;

	strlist_push(&arguments, "/bin/app");
	strlist_push(&arguments, "daemon off;");
	script = script_write(l, &o, bytes, &reason);
	if (!script)
		fail_msg("%s", reason);
	strlist_release(&arguments);
	return script;
}

static void a_script_has_the_sequence_and_all_that_is_expected(void **state)
{
	static const struct {
		uint32_t flags;
		uint64_t first, last;
	} expected[] = { { SCRIPT_HAS_BYTES, 0, 0 },
			 { SCRIPT_HEAD | SCRIPT_CLOSES, 0, 0 },
			 { SCRIPT_GZIP, 0, 0 },
			 { SCRIPT_RANGE, 3, 8 },
			 { SCRIPT_RANGE, 3, UINT64_MAX },
			 { SCRIPT_RANGE_SUFFIX, 0, 8 },
			 { 0, 0, 0 } };
	struct loadfile l = load_of(mixed);
	struct load_sequence s;
	size_t bytes;
	char *script = script_of(&l, 50, &bytes), *text;
	const struct script_header *h = (const void *)script;
	const struct script_request *requests = (const void *)(h + 1);
	const uint32_t *sequence = (const void *)(requests + l.n);

	(void)state;
	assert_string_equal(h->magic, SCRIPT_MAGIC);
	assert_int_equal(h->total_bytes, bytes);
	assert_int_equal(h->requests, ARRAY_SIZE(expected));
	assert_int_equal(h->sequence, 50);
	assert_int_equal(h->connections, 3);
	assert_int_equal(h->keep_alive, 9);
	assert_string_equal(script + h->arguments_offset, "/bin/app");
	assert_string_equal(script + h->arguments_offset + 9, "daemon off;");
	load_sequence_begin(&s, &l);
	for (size_t i = 0; i < 50; i++)
		assert_int_equal(sequence[i], load_sequence_next(&s));
	for (size_t i = 0; i < l.n; i++) {
		assert_int_equal(requests[i].flags, expected[i].flags);
		assert_int_equal(requests[i].status, l.v[i].status);
		assert_true(requests[i].first == expected[i].first);
		assert_true(requests[i].last == expected[i].last);
		for (int closes = 0; closes < 2; closes++) {
			text = script_request_text(&l.v[i], closes);
			assert_int_equal(requests[i].text_bytes[closes], strlen(text));
			assert_memory_equal(script + requests[i].text_offset[closes], text,
					    strlen(text));
			free(text);
		}
	}
	assert_string_equal(script + requests[1].name_offset, "HEAD /x, line 7 of the load");
	free(script);
	loadfile_release(&l);
}

static const char plain[] =
	"protocol tcp\nrequests 20\nwarmup 5\nconnections 2\npipeline 3\n"
	"exchange 2 \"SET {key 10} {value 5}\\n\" until \"\\n\" expect \"OK\" expect \"{value 5}\"\n"
	"exchange 1 \"BYE\\n\" close\n";

/* Every request by itself, as the sequence has it, one behind the other. */
static void exchanges_are_in_a_script_as_they_are_sent(void **state)
{
	struct loadfile l = load_of(plain);
	struct load_sequence s;
	size_t bytes;
	char *script = script_of(&l, 20, &bytes);
	const struct script_header *h = (const void *)script;
	const struct script_request *r = (const void *)(h + 1);
	const uint32_t *sequence = (const void *)(r + h->requests);

	(void)state;
	assert_int_equal(h->protocol, SCRIPT_TCP);
	assert_int_equal(h->requests, 20);
	assert_int_equal(h->pipeline, 3);
	load_sequence_begin(&s, &l);
	for (uint32_t i = 0; i < 20; i++, r++) {
		const struct load_exchange *x = l.v[load_sequence_next(&s)].exchange;
		const struct script_text *expect = (const void *)(script + r->expect_offset);
		struct load_message m;

		load_message_make(&m, x, s.drawn);
		assert_int_equal(sequence[i], i);
		assert_int_equal(r->end, x->end);
		assert_int_equal(r->flags, x->end == EXCHANGE_CLOSE ? SCRIPT_CLOSES : 0);
		assert_int_equal(r->text_bytes[0], m.sent.bytes);
		assert_memory_equal(script + r->text_offset[0], m.sent.data, m.sent.bytes);
		if (i + 1 < 20)
			assert_int_equal(r[1].text_offset[0], r->text_offset[0] + r->text_bytes[0]);
		assert_int_equal(r->until.bytes, m.rule.until_bytes);
		assert_int_equal(r->expected, m.rule.expected);
		for (uint32_t e = 0; e < r->expected; e++) {
			assert_int_equal(expect[e].bytes, m.rule.expect[e].bytes);
			assert_memory_equal(script + expect[e].offset, m.rule.expect[e].text,
					    expect[e].bytes);
		}
		load_message_release(&m);
	}
	free(script);
	loadfile_release(&l);
}

/* The difference of two runs counts nothing but requests only if this holds. */
static void two_counts_differ_in_one_number_alone(void **state)
{
	struct loadfile l = load_of(mixed);
	size_t bytes, others;
	char *none = script_of(&l, 0, &bytes), *all = script_of(&l, 50, &others);

	(void)state;
	assert_int_equal(bytes, others);
	assert_memory_not_equal(none, all, bytes);
	((struct script_header *)(void *)none)->counted = 50;
	assert_memory_equal(none, all, bytes);
	free(none);
	free(all);
	loadfile_release(&l);
}

static void a_load_that_is_too_large_is_refused(void **state)
{
	struct loadfile l = load_of("requests 200000\nrequest 1 GET / 200\n");
	struct strlist arguments = STRLIST_INIT;
	struct script_options o = { 80, &arguments, 3, 0 };
	char *reason;
	size_t bytes;

	(void)state;
	assert_null(script_write(&l, &o, &bytes, &reason));
	assert_string_equal(reason, "the load has 200000 requests, and the client in the guest "
				    "plays at most 100000");
	free(reason);
	l = load_of("protocol tls\nrequests 2\nexchange 1 \"a\" resp\n");
	assert_null(script_write(&l, &o, &bytes, &reason));
	assert_string_equal(reason,
			    "the client in the guest speaks HTTP/1.1 and plain TCP, not TLS");
	free(reason);
	l = load_of("protocol tcp\nrequests 100\nexchange 1 \"{value 1000000}\" resp\n");
	assert_null(script_write(&l, &o, &bytes, &reason));
	assert_non_null(strstr(reason, "the load is too large for the client in the guest"));
	free(reason);
	l = load_of("requests 200000\nrequest 1 GET / 200\n");
	l.requests = 5;
	for (int i = 0; i < 65; i++)
		strlist_push(&arguments, "x");
	assert_null(script_write(&l, &o, &bytes, &reason));
	assert_string_equal(reason, "the app has 65 arguments, and the client in the guest passes "
				    "at most 64");
	free(reason);
	strlist_release(&arguments);
	loadfile_release(&l);
}

UNIT_MAIN(cmocka_unit_test(texts),
	  cmocka_unit_test(a_script_has_the_sequence_and_all_that_is_expected),
	  cmocka_unit_test(exchanges_are_in_a_script_as_they_are_sent),
	  cmocka_unit_test(two_counts_differ_in_one_number_alone),
	  cmocka_unit_test(a_load_that_is_too_large_is_refused))
