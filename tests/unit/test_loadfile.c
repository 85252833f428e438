/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../profiles/loadfile.h"

static void all_directives(void **state)
{
	static const char text[] =
		"# a comment\n"
		"\n"
		"requests 20000 # as is this\n"
		"\twarmup 0\n"
		"connections 8\n"
		"in-flight 4\n"
		"keep-alive 0\n"
		"seed 18446744073709551615\n"
		"request 40 GET /1k.txt 200 bytes 1024\n"
		"request 1 POST /a?b=c 405 header \"A: x # \\\"y\\\"\" header \"B: \\\\\" body \"1\\n2\"";
	struct loadfile l;
	char *error;

	(void)state;
	assert_true(loadfile_parse(&l, "f", text, &error));
	assert_null(error);
	assert_int_equal(l.requests, 20000);
	assert_int_equal(l.warmup, 0);
	assert_int_equal(l.connections, 8);
	assert_int_equal(l.in_flight, 4);
	assert_int_equal(l.keep_alive, 0);
	assert_true(l.seed == UINT64_MAX);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[0].line, 9);
	assert_int_equal(l.v[0].weight, 40);
	assert_string_equal(l.v[0].method, "GET");
	assert_string_equal(l.v[0].path, "/1k.txt");
	assert_int_equal(l.v[0].status, 200);
	assert_true(l.v[0].has_bytes);
	assert_int_equal(l.v[0].bytes, 1024);
	assert_null(l.v[0].body);
	assert_false(l.v[1].has_bytes);
	assert_int_equal(l.v[1].headers.n, 2);
	assert_string_equal(l.v[1].headers.v[0], "A: x # \"y\"");
	assert_string_equal(load_request_header(&l.v[1], "b"), "\\");
	assert_null(load_request_header(&l.v[1], "C"));
	assert_string_equal(l.v[1].body, "1\n2");
	loadfile_release(&l);
}

static void exchanges(void **state)
{
	static const char text[] =
		"protocol tls\ntls 1.3\nresume yes\nport tcp:6379\nrequests 3\npipeline 4\n"
		"exchange 2 \"GET {key 9}\\r\\n\" until \"\\x00\\n\" expect \"a\" expect \"{value 3}\"\n"
		"exchange 1 \"x\" close # the end\n";
	struct load_exchange *x;
	struct loadfile l;
	char *error;

	(void)state;
	if (!loadfile_parse(&l, "f", text, &error))
		fail_msg("%s", error);
	assert_int_equal(l.protocol, LOAD_TLS);
	assert_string_equal(loadfile_scheme(&l), "tls");
	assert_int_equal(l.tls_version, 2);
	assert_int_equal(l.resume, 1);
	assert_int_equal(l.port, 6379);
	assert_int_equal(l.pipeline, 4);
	assert_int_equal(l.keep_alive, LOADFILE_MOST_REQUESTS);
	x = l.v[0].exchange;
	assert_string_equal(l.v[0].path, "\"GET {key 9}\\r\\n\"");
	assert_int_equal(x->end, EXCHANGE_UNTIL);
	assert_int_equal(x->until.v[0].length, 2);
	assert_int_equal(x->expected, 2);
	assert_int_equal(x->variables.n, 2);
	assert_int_equal(l.v[1].exchange->end, EXCHANGE_CLOSE);
	loadfile_release(&l);
}

static void what_is_left_out(void **state)
{
	struct loadfile l;
	char *error;

	(void)state;
	assert_true(loadfile_parse(&l, "f", "request 1 GET / 200\nrequests 1\n", &error));
	assert_int_equal(l.warmup, 0);
	assert_int_equal(l.connections, 1);
	assert_int_equal(l.in_flight, 1);
	assert_int_equal(l.keep_alive, 100);
	assert_int_equal(l.seed, 1);
	loadfile_release(&l);
}

/* A load whose second line is wrong, and what is said of it behind "f:2: ". */
static const struct {
	const char *line, *said;
} mistakes[] = {
	{ "requext 1 GET / 200", "'requext' is not a directive; did you mean 'request'?" },
	{ "users 8", "'users' is not a directive; there are: request requests warmup" },
	{ "warmup", "the number behind warmup is missing" },
	{ "warmup x", "the number behind warmup is a number, not 'x'" },
	{ "warmup -1", "is a number, not '-1'" },
	{ "warmup 1k", "is a number, not '1k'" },
	{ "warmup 99999999999999999999999", "is from 0 to 10000000, not 99999" },
	{ "connections 0", "the number behind connections is from 1 to 250, not 0" },
	{ "warmup 1 2", "'2' is too much: warmup takes one number" },
	{ "requests 7", "requests is given a second time" },
	{ "request", "the weight is missing" },
	{ "request GET / 200", "the weight is a number, not 'GET'" },
	{ "request 0 GET / 200", "the weight is from 1 to 1000000, not 0" },
	{ "request 1", "the method is missing" },
	{ "request 1 get / 200", "'get' is not a method; there are: GET HEAD" },
	{ "request 1 POTS / 200", "'POTS' is not a method; did you mean 'POST'?" },
	{ "request 1 GET", "the path is missing" },
	{ "request 1 GET 1k.txt 200", "a path begins with a slash, unlike '1k.txt'" },
	{ "request 1 GET /a#b 200", "write %23 in '/a#b'" },
	{ "request 1 GET \"/a b\" 200", "write %20 in '/a b'" },
	{ "request 1 GET /", "the expected status is missing" },
	{ "request 1 GET / ok", "the expected status is a number, not 'ok'" },
	{ "request 1 GET / 100", "the expected status is from 200 to 599, not 100" },
	{ "request 1 GET / 200 size 5", "'size' is not a part of a request; there are: bytes" },
	{ "request 1 GET / 200 byte 5", "did you mean 'bytes'?" },
	{ "request 1 GET / 200 bytes", "the number behind bytes is missing" },
	{ "request 1 GET / 200 bytes 5 bytes 5", "a second bytes" },
	{ "request 1 GET / 200 header", "the header, as in header \"Name: value\", is missing" },
	{ "request 1 GET / 200 header \"A\"", "a header is \"Name: value\", not \"A\"" },
	{ "request 1 GET / 200 header \"A:b\"", "a header is \"Name: value\", not \"A:b\"" },
	{ "request 1 GET / 200 header \"A b: c\"", "a header is \"Name: value\"" },
	{ "request 1 GET / 200 header \": c\"", "a header is \"Name: value\"" },
	{ "request 1 GET / 200 header \"A: \"", "a header is \"Name: value\"" },
	{ "request 1 GET / 200 header \"A: b\\r\\nC: d\"", "a header is \"Name: value\"" },
	{ "request 1 GET / 200 header \"A: b\" header \"a: c\"", "a second header a" },
	{ "request 1 POST / 200 header \"Content-Length: 1\"", "is set by the client itself" },
	{ "request 1 GET / 200 header \"A: b", "the closing \" is missing" },
	{ "request 1 GET / 200 header \"A: b\"x", "a blank is missing behind the closing \"" },
	{ "request 1 GET / 200 header \"A: \\q\"", "after a \\ comes one of" },
	{ "request 1 GET / 200 header \"A: \\", "after a \\ comes one of" },
	{ "request 1 GET / 200 header A:\"b\"", "a \" in the middle of a word" },
	{ "request 1 GET / 200 body \"x\"", "GET has no body" },
	{ "request 1 POST / 200 body", "the body, as in body \"text\", is missing" },
	{ "request 1 POST / 200 body \"x\" body \"y\"", "a second body" },
	{ "warmup 1\r", "a control character (0x0d): lines end with a newline alone" },
	{ "warmup\v1", "a control character (0x0b)" },
	{ "protocol http2", "'http2' is not a protocol; did you mean 'http'?" },
	{ "protocol", "the protocol is missing" },
	{ "protocol http tcp", "'tcp' is too much: protocol takes one word" },
	{ "http 3", "'3' is not a version of HTTP" },
	{ "tls 1.1", "'1.1' is not a version of TLS" },
	{ "resume maybe", "'maybe' is not a choice; there are: no yes" },
	{ "port 80", "a port is one of the guest's, as in tcp:6379, not '80'" },
	{ "port udp:53", "not 'udp:53'" },
	{ "port tcp:70000", "not 'tcp:70000'" },
	{ "port tcp:1x", "not 'tcp:1x'" },
	{ "exchange", "the weight is missing" },
	{ "exchange 1", "what is sent is missing" },
	{ "exchange 1 PING", "what is sent stands in quotes" },
	{ "exchange 1 \"\" resp", "nothing is sent" },
	{ "exchange 1 \"a\"", "the way to end an answer is missing" },
	{ "exchange 1 \"a\" line 1",
	  "'line' is not a way to end an answer; did you mean 'lines'?" },
	{ "exchange 1 \"a\" lines 0", "the number behind lines is from 1 to 1073741824, not 0" },
	{ "exchange 1 \"a\" bytes x", "the number behind bytes is a number, not 'x'" },
	{ "exchange 1 \"a\" until", "the text behind until is missing" },
	{ "exchange 1 \"a\" until \"\"", "until takes 1 to 64 bytes" },
	{ "exchange 1 \"a\" until \"{key 5}\"", "an answer cannot end with a variable" },
	{ "exchange 1 \"a\" resp expects \"x\"",
	  "'expects' is not a part of an exchange; did you mean" },
	{ "exchange 1 \"a\" resp expect", "the text behind expect is missing" },
	{ "exchange 1 \"a\"x resp", "a blank is missing behind the closing" },
	{ "exchange 1 \"a\" resp", "protocol http is made of 'request' lines, not of 'exchange'" },
};

static void one_line_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		char *text = xasprintf("requests 5\n%s\nrequest 1 GET / 200\n", mistakes[i].line);
		struct loadfile l;
		char *error;

		if (loadfile_parse(&l, "f", text, &error))
			fail_msg("'%s' was accepted", mistakes[i].line);
		if (strncmp(error, "f:2: ", 5) || !strstr(error, mistakes[i].said))
			fail_msg("of '%s' is said: %s", mistakes[i].line, error);
		free(error);
		free(text);
		loadfile_release(&l);
	}
}

static void the_whole_is_wrong(void **state)
{
	static const struct {
		const char *text, *said;
	} wholes[] = {
		{ "", "'requests N' is missing" },
		{ "request 1 GET / 200", "'requests N' is missing" },
		{ "requests 5", "there is no request" },
		{ "requests 5\nrequest 1 GET / 200\nconnections 2\nin-flight 3",
		  "3 requests in flight need as many connections, not 2" },
		{ "port tcp:80\nport tcp:81\nrequests 1", "f:2: port is given a second time" },
		{ "requests 5\nprotocol tcp\nrequest 1 GET / 200",
		  "f:3: protocol tcp is made of 'exchange' lines, not of 'request'" },
		{ "requests 5\npipeline 2\nrequest 1 GET / 200",
		  "'pipeline' is for protocol tcp and tls, not http" },
		{ "requests 5\nprotocol tcp\nhttp 2\nexchange 1 \"a\" resp",
		  "'http' is for protocol http and https, not tcp" },
		{ "requests 5\nprotocol tcp\nresume yes\nexchange 1 \"a\" resp",
		  "'tls' and 'resume' are for protocol https and tls, not tcp" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wholes); i++) {
		struct loadfile l;
		char *error;

		assert_false(loadfile_parse(&l, "f", wholes[i].text, &error));
		assert_non_null(strstr(error, wholes[i].said));
		free(error);
		loadfile_release(&l);
	}
}

UNIT_MAIN(cmocka_unit_test(all_directives), cmocka_unit_test(exchanges),
	  cmocka_unit_test(what_is_left_out), cmocka_unit_test(one_line_is_wrong),
	  cmocka_unit_test(the_whole_is_wrong))
