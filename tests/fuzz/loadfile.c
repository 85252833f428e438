/* SPDX-License-Identifier: MIT */
/*
 * loadfile.c - any text as a load file: an error with its line, or a load whose exchanges can be sent
 */
#include <stdlib.h>
#include <string.h>

#include "../../profiles/load_sequence.h"
#include "fuzz.h"

enum { DRAWS = 4, MOST_BYTES = 1 << 22 };

/* What an exchange sends is an answer that its own rule can read, in any pieces. */
static void try(const struct load_exchange *x, const uint64_t *drawn)
{
	struct exchange_answer whole, pieces;
	struct load_message m;
	size_t at = 0;

	load_message_make(&m, x, drawn);
	fuzz_expect(m.rule.expected <= EXCHANGE_MOST_EXPECTED && m.sent.bytes);
	exchange_begin(&whole, &m.rule);
	exchange_begin(&pieces, &m.rule);
	fuzz_expect(exchange_feed(&whole, m.sent.data, m.sent.bytes) <= m.sent.bytes);
	while (at < m.sent.bytes && !pieces.whole && !pieces.bad)
		at += exchange_feed(&pieces, m.sent.data + at, 1);
	fuzz_expect(whole.whole == pieces.whole && !whole.bad == !pieces.bad);
	fuzz_expect(!whole.whole || whole.bytes == pieces.bytes);
	load_message_release(&m);
}

/* Of all values of a line: rendering them takes memory, which is no mistake. */
static uint64_t values(const struct load_exchange *x)
{
	uint64_t bytes = 0;

	for (size_t i = 0; x && i < x->sent.n; i++)
		if (!x->sent.v[i].bytes)
			bytes += x->variables.v[x->sent.v[i].variable].size;
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *text = malloc(bytes + 1), *error = NULL;
	struct load_sequence s;
	struct loadfile l;

	memcpy(text, data, bytes);
	text[bytes] = '\0';
	if (loadfile_parse(&l, "F", text, &error)) {
		fuzz_expect(!error && l.n && l.requests && l.in_flight <= l.connections);
		load_sequence_begin(&s, &l);
		for (int i = 0; i < DRAWS; i++) {
			const struct load_request *r = &l.v[load_sequence_next(&s)];

			if (r->exchange && values(r->exchange) < MOST_BYTES)
				try(r->exchange, s.drawn);
		}
	} else {
		fuzz_expect(error && !strncmp(error, "F:", 2));
	}
	free(error);
	loadfile_release(&l);
	free(text);
	return 0;
}
