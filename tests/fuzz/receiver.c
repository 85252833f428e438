/* SPDX-License-Identifier: MIT */
/*
 * The whole receiver: the input is a sequence of steps of several peers, each a byte that says what
 * happens and to whom, and what it needs. Frames get a right CRC, or nothing would get far.
 */
#include <stdlib.h>
#include <string.h>

#include "../../collector/receiver.h"
#include "../../pipeline/lib/util.h"
#include "fuzz.h"

enum { PEERS = 4, GUESTS = 3, LINES = 64, UNIT_CODE_BYTES = 256 };

enum step {
	STEP_FRAME,  /* type, bytes of payload, payload */
	STEP_HELLO,  /* a good one: boot, generation, event */
	STEP_COUNTS, /* good ones: unit, kind, entries of three bytes each */
	STEP_STATUS, /* type, a number */
	STEP_RAW,    /* bytes as they are */
	STEP_GONE,   /* the connection ends */
	STEP_TIME,   /* so many tenths of a second */
	STEP_STOP,
};

struct input {
	const uint8_t *at;
	size_t n;
};

static struct receiver receiver;
static struct peer peers[PEERS];
static uint32_t sequences[PEERS];

static uint8_t take(struct input *in)
{
	if (!in->n)
		return 0;
	in->n--;
	return *in->at++;
}

static void frame_to_peer(void *user, struct peer *p, const uint8_t *bytes, size_t n)
{
	struct frame f;
	size_t used;

	(void)user;
	fuzz_expect(p >= peers && p < peers + PEERS);
	fuzz_expect(frame_read(&f, bytes, n, &used) == 1 && used == n && f.type >= FRAME_START);
}

static bool doomed[PEERS];

static void close_peer(void *user, struct peer *p)
{
	(void)user;
	doomed[p - peers] = true;
}

static void end_peer(size_t i)
{
	receiver_gone(&receiver, &peers[i]);
	peer_init(&peers[i], i & 1, "peer");
	sequences[i] = 0;
	doomed[i] = false;
}

static void give(size_t i, const uint8_t *bytes, size_t n)
{
	if (peers[i].datagrams)
		receiver_datagram(&receiver, &peers[i], bytes, n);
	else if (!receiver_bytes(&receiver, &peers[i], bytes, n))
		doomed[i] = true;
}

static void give_frame(size_t i, enum frame_type type, const void *payload, size_t n)
{
	uint8_t bytes[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];

	give(i, bytes, frame_write(bytes, type, sequences[i]++, payload, n));
}

static void step_hello(struct input *in, size_t i)
{
	struct hello h = { .boot = take(in) & 7, .processors = 1 };
	uint8_t what = take(in), payload[sizeof(h)];

	for (unsigned u = 0; u < UNITS; u++)
		h.build_ids[u][0] = (uint8_t)(1 + (what & 3) * UNITS + u);
	h.event = (what >> 2 & 3) % 3;
	give_frame(i, FRAME_HELLO, payload, hello_write(payload, &h));
}

static void step_counts(struct input *in, size_t i)
{
	struct counts_writer w;
	uint8_t what = take(in), n = take(in);

	counts_writer_begin(&w, (what & 3) % 3, (what >> 2 & 3) % 3);
	while (n--) {
		struct count_entry e = { 0x1000 + take(in), 0x1000 + take(in), take(in) };

		if (what & 0x80)
			e.count *= 0x1010101;
		if (!counts_writer_add(&w, &e))
			break;
	}
	give_frame(i, FRAME_COUNTS, w.payload, w.bytes);
}

static void step_status(struct input *in, size_t i)
{
	uint8_t type = take(in), payload[sizeof(struct status)];
	struct status s = { receiver.session, 0, 0, 0, 0, 0 };

	s.samples = s.sent = (uint64_t)take(in) << (type & 56);
	s.lost = s.excluded = take(in);
	if (type & 2)
		s.session++;
	give_frame(i, type & 1 ? FRAME_END : FRAME_STATUS, payload, status_write(payload, &s));
}

static void step(struct input *in)
{
	uint8_t what = take(in);
	size_t i = what >> 4 & 3, n;

	switch ((enum step)(what & 7)) {
	case STEP_FRAME:
		what = take(in);
		n = take(in);
		n = n < in->n ? n : in->n;
		give_frame(i, what, in->at, n);
		in->at += n;
		in->n -= n;
		break;
	case STEP_HELLO: step_hello(in, i); break;
	case STEP_COUNTS: step_counts(in, i); break;
	case STEP_STATUS: step_status(in, i); break;
	case STEP_RAW:
		n = take(in) * 16u;
		n = n < in->n ? n : in->n;
		give(i, in->at, n);
		in->at += n;
		in->n -= n;
		break;
	case STEP_GONE: end_peer(i); break;
	case STEP_TIME:
		receiver_now(&receiver, receiver.now_s + take(in) / 10.0);
		receiver_tick(&receiver);
		break;
	case STEP_STOP: receiver_stop(&receiver); break;
	}
}

/* What must hold whatever peers do. */
static void check(void)
{
	unsigned guests = 0;

	fuzz_expect(receiver.budget.lines <= LINES);
	for (size_t i = 0; i < GUESTS; i++) {
		const struct sender *g = &receiver.guests[i];

		guests += g->number != 0;
		fuzz_expect(!g->peer || (g->number && g->peer->guest == g));
		fuzz_expect(g->inside + g->outside + g->impossible <= g->received);
	}
	fuzz_expect(guests == receiver.guest_count && guests <= GUESTS);
	for (size_t i = 0; i < PEERS; i++)
		fuzz_expect(!peers[i].guest || peers[i].guest->peer == &peers[i]);
}

static struct build generations[2];
static struct range code[] = { { 0x1000, 0x1000 + UNIT_CODE_BYTES / 2, NULL },
			       { 0x1000 + UNIT_CODE_BYTES * 3 / 4, 0x1000 + UNIT_CODE_BYTES,
				 NULL } };
static struct builds builds = { .app = "app", .v = generations, .n = ARRAY_SIZE(generations) };

static void begin(void)
{
	const struct receiver_options o = { .frequency_hz = 10,
					    .seconds = 30,
					    .most_guests = GUESTS,
					    .most_lines = LINES,
					    .keep_each = true };

	for (size_t g = 0; g < ARRAY_SIZE(generations); g++)
		for (unsigned u = 0; u < UNITS; u++) {
			const uint8_t id[BUILD_ID_BYTES] = { (uint8_t)(1 + g * UNITS + u) };

			generations[g].units[u] = (struct build_unit){
				.code = { code, ARRAY_SIZE(code) },
				.has_code = true,
			};
			build_id_print(generations[g].units[u].build_id, id);
		}
	receiver_init(&receiver, &o, &builds, 77);
	receiver.send = frame_to_peer;
	receiver.close = close_peer;
	receiver.notices.quiet = true;
	receiver_now(&receiver, 1);
	for (size_t i = 0; i < PEERS; i++)
		end_peer(i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	begin();
	while (in.n) {
		step(&in);
		check();
		for (size_t i = 0; i < PEERS; i++)
			if (doomed[i])
				end_peer(i);
	}
	receiver_settle(&receiver);
	receiver_release(&receiver);
	memset(peers, 0, sizeof(peers));
	return 0;
}
