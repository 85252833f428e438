/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bench/client/exchange.h"

struct example {
	struct exchange_rule rule;
	const char *sent;
	size_t whole; /* bytes of it that are the answer; 0: it is not whole */
	const char *bad, *fault;
};

#define UNTIL(text) .end = EXCHANGE_UNTIL, .until = text, .until_bytes = sizeof(text) - 1
#define EXPECT(text) .expected = 1, .expect = { { text, sizeof(text) - 1 } }

static const struct example examples[] = {
	{ { UNTIL("\r\n") }, "+OK\r\n+OK\r\n", 5, NULL, NULL },
	{ { UNTIL("aab") }, "aaab", 4, NULL, NULL },
	{ { UNTIL("abab") }, "abaabababx", 7, NULL, NULL },
	{ { UNTIL("END\r\n") }, "EEND\rEND\r\n", 10, NULL, NULL },
	{ { UNTIL("END") }, "EN", 0, NULL, NULL },
	{ { .end = EXCHANGE_LINES, .count = 2 }, "a\nb\nc\n", 4, NULL, NULL },
	{ { .end = EXCHANGE_LINES, .count = 2 }, "a\nb", 0, NULL, NULL },
	{ { .end = EXCHANGE_BYTES, .count = 3 }, "abcd", 3, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "+OK\r\n+", 5, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "-ERR no\r\n", 9, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, ":-12\r\n", 6, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "$-1\r\n$", 5, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "*-1\r\n$", 5, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "*0\r\n$", 4, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "$0\r\n\r\nx", 6, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "$4\r\na\r\nb\r\nx", 10, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "*2\r\n$1\r\na\r\n*2\r\n:1\r\n+b\r\nx", 23, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "%1\r\n+a\r\n:1\r\nx", 12, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "|1\r\n+a\r\n:1\r\n$1\r\nz\r\nx", 19, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "_\r\n#t\r\n", 3, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "*2\r\n+a\r\n", 0, NULL, NULL },
	{ { .end = EXCHANGE_RESP }, "HTTP/1.1", 0, "no reply of RESP", NULL },
	{ { .end = EXCHANGE_RESP },
	  "$x\r\n",
	  0,
	  "a reply of RESP with a length that is none",
	  NULL },
	{ { .end = EXCHANGE_RESP },
	  "$99999999999999999999\r\n",
	  0,
	  "a reply of RESP with a length that is none",
	  NULL },
	{ { .end = EXCHANGE_RESP },
	  "*99999999\r\n",
	  0,
	  "a reply of RESP with too many parts",
	  NULL },
	{ { UNTIL("\n"), EXPECT("+OK") }, "+OK\n", 4, NULL, NULL },
	{ { UNTIL("\n"), EXPECT("+OK") }, "+NO\n", 4, NULL, "it does not begin as expected" },
	{ { UNTIL("\n"), EXPECT("+OK!") }, "+O\n", 3, NULL, "it does not begin as expected" },
	{ { UNTIL("\n"), .expected = 2, .expect = { { "a", 1 }, { "bc", 2 } } },
	  "bcd\n",
	  4,
	  NULL,
	  NULL },
	{ { UNTIL("\n"), .expected = 2, .expect = { { "a", 1 }, { "bc", 2 } } },
	  "bd\n",
	  3,
	  NULL,
	  "it does not begin as expected" },
};

/* In pieces of `piece` bytes. */
static void try(const struct example *e, size_t piece)
{
	size_t bytes = strlen(e->sent), taken = 0;
	struct exchange_answer a;

	exchange_begin(&a, &e->rule);
	while (taken < bytes && !a.whole && !a.bad) {
		size_t left = bytes - taken;

		taken += exchange_feed(&a, e->sent + taken, left < piece ? left : piece);
	}
	if (a.whole != !!e->whole || (a.whole && (taken != e->whole || a.bytes != taken)))
		fail_msg("'%s' by %zu: whole %d, %zu bytes taken", e->sent, piece, a.whole, taken);
	if (!e->bad != !a.bad || (a.bad && strcmp(a.bad, e->bad)))
		fail_msg("'%s' by %zu: %s", e->sent, piece, a.bad ? a.bad : "not bad");
	if (a.whole && e->fault)
		assert_string_equal(exchange_fault(&a), e->fault);
	else if (a.whole)
		assert_null(exchange_fault(&a));
}

static void where_answers_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		for (size_t piece = 1; piece <= 30; piece++)
			try(&examples[i], piece);
}

static void a_connection_that_closes(void **state)
{
	static const struct exchange_rule close = { .end = EXCHANGE_CLOSE, EXPECT("by") },
					  lines = { .end = EXCHANGE_LINES, .count = 1 };
	struct exchange_answer a;

	(void)state;
	exchange_begin(&a, &close);
	assert_int_equal(exchange_feed(&a, "bye\n", 4), 4);
	assert_false(a.whole);
	exchange_close(&a);
	assert_true(a.whole);
	assert_null(exchange_fault(&a));
	exchange_begin(&a, &lines);
	exchange_feed(&a, "bye", 3);
	exchange_close(&a);
	assert_false(a.whole);
	assert_string_equal(a.bad, "the connection was closed in the middle of the answer");
}

UNIT_MAIN(cmocka_unit_test(where_answers_end), cmocka_unit_test(a_connection_that_closes))
