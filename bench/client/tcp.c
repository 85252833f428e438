/* SPDX-License-Identifier: MIT */
#include "tcp.h"

#include "protocol.h"

static void begin(struct answer *a, const struct script_header *script,
		  const struct script_request *r)
{
	const char *texts = (const char *)script;
	const struct script_text *expect = (const void *)(texts + r->expect_offset);
	struct exchange_rule *rule = &a->tcp.rule;

	a->is = ANSWER_PART;
	rule->end = (enum exchange_end)r->end;
	rule->count = r->bytes;
	rule->until = texts + r->until.offset;
	rule->until_bytes = r->until.bytes;
	rule->expected = r->expected;
	for (uint32_t i = 0; i < r->expected; i++) {
		rule->expect[i].text = texts + expect[i].offset;
		rule->expect[i].bytes = expect[i].bytes;
	}
	exchange_begin(&a->tcp.exchange, rule);
}

static void look(struct answer *a)
{
	a->bad = a->tcp.exchange.bad;
	a->is = a->bad ? ANSWER_BAD : a->tcp.exchange.whole ? ANSWER_WHOLE : ANSWER_PART;
}

static size_t feed(struct answer *a, const char *data, size_t bytes)
{
	size_t taken = exchange_feed(&a->tcp.exchange, data, bytes);

	look(a);
	return taken;
}

static void end(struct answer *a)
{
	exchange_close(&a->tcp.exchange);
	look(a);
}

static const char *fault(const struct answer *a, const struct script_request *r)
{
	(void)r;
	return exchange_fault(&a->tcp.exchange);
}

/* Nothing in an answer says so, and where the connection is its end, the script knows. */
static bool closes(const struct answer *a)
{
	(void)a;
	return false;
}

static unsigned status(const struct answer *a)
{
	(void)a;
	return 0;
}

static uint64_t body_bytes(const struct answer *a)
{
	return a->tcp.exchange.bytes;
}

const struct protocol tcp_protocol = { begin, feed, end, fault, closes, status, body_bytes };
