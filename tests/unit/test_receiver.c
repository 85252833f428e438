/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../collector/receiver.h"

enum { SESSION = 77 };

static struct range code[] = { { 0x1000, 0x2000, NULL }, { 0x3000, 0x3100, NULL } };
static struct build generations[2];
static struct builds builds = { .app = "app", .v = generations, .n = ARRAY_SIZE(generations) };
static struct receiver receiver;
static struct peer peers[4];
static struct frame sent[64]; /* what was said to anybody; payloads in `bytes` */
static uint8_t bytes[ARRAY_SIZE(sent)][64];
static struct peer *sent_to[ARRAY_SIZE(sent)], *closed;
static size_t sent_count;

static void keep(void *user, struct peer *p, const uint8_t *frame, size_t n)
{
	size_t used;

	(void)user;
	assert_in_range(sent_count, 0, ARRAY_SIZE(sent) - 1);
	memcpy(bytes[sent_count], frame, n);
	assert_int_equal(frame_read(&sent[sent_count], bytes[sent_count], n, &used), 1);
	sent_to[sent_count++] = p;
}

static void note_closed(void *user, struct peer *p)
{
	(void)user;
	closed = p;
}

static void begin_with(struct receiver_options o)
{
	for (size_t g = 0; g < ARRAY_SIZE(generations); g++)
		for (unsigned u = 0; u < UNITS; u++) {
			const uint8_t id[BUILD_ID_BYTES] = { (uint8_t)(1 + 10 * g + u) };

			generations[g].units[u] = (struct build_unit){
				.code = { code, ARRAY_SIZE(code) },
				.has_code = true,
			};
			build_id_print(generations[g].units[u].build_id, id);
		}
	o.frequency_hz = 100;
	o.seconds = 60;
	receiver_init(&receiver, &o, &builds, SESSION);
	receiver.send = keep;
	receiver.close = note_closed;
	receiver.notices.quiet = true;
	receiver_now(&receiver, 1000);
	for (size_t i = 0; i < ARRAY_SIZE(peers); i++)
		peer_init(&peers[i], i >= 2, "peer");
	sent_count = 0;
	closed = NULL;
}

static void begin(void)
{
	begin_with((struct receiver_options){ .most_guests = 2, .most_lines = 100 });
}

static void give(struct peer *p, const uint8_t *frame, size_t n)
{
	if (p->datagrams)
		receiver_datagram(&receiver, p, frame, n);
	else
		assert_true(receiver_bytes(&receiver, p, frame, n));
}

static uint32_t sequence;

static void give_frame(struct peer *p, enum frame_type type, const void *payload, size_t n)
{
	uint8_t frame[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];

	give(p, frame, frame_write(frame, type, sequence++, payload, n));
}

static void hello(struct peer *p, uint64_t boot, uint8_t first_id)
{
	struct hello h = { .boot = boot, .processors = 1, .event = EVENT_CPU_CLOCK };
	uint8_t payload[sizeof(h)];

	for (unsigned u = 0; u < UNITS; u++)
		h.build_ids[u][0] = (uint8_t)(first_id + u);
	give_frame(p, FRAME_HELLO, payload, hello_write(payload, &h));
}

static void count_at(struct peer *p, uint64_t address, uint32_t count)
{
	struct count_entry e = { address, 0, count };
	struct counts_writer w;

	counts_writer_begin(&w, UNIT_APP, COUNT_ADDRESS);
	counts_writer_add(&w, &e);
	give_frame(p, FRAME_COUNTS, w.payload, w.bytes);
}

static void status(struct peer *p, enum frame_type type, uint64_t samples, uint64_t count)
{
	struct status s = { SESSION, samples, 1, 2, count, 3 };
	uint8_t payload[sizeof(s)];

	give_frame(p, type, payload, status_write(payload, &s));
}

static const struct frame *last_sent(void)
{
	return sent_count ? &sent[sent_count - 1] : NULL;
}

static void whole_collection(void **state)
{
	struct tally *t;
	struct start s;

	(void)state;
	begin();
	hello(&peers[0], 5, 11);
	assert_true(start_read(&s, last_sent()));
	assert_int_equal(s.session, SESSION);
	assert_int_equal(s.frequency_hz, 100);
	assert_int_equal(s.seconds, 60 + RECEIVER_STOP_TIMEOUT_S);
	count_at(&peers[0], 0x1004, 3);
	count_at(&peers[0], 0x2000, 1); /* just behind the code */
	status(&peers[0], FRAME_STATUS, 5, 5);
	receiver_now(&receiver, 1001);
	receiver_tick(&receiver);
	assert_int_equal(last_sent()->type, FRAME_ALIVE);
	receiver_now(&receiver, 1061);
	receiver_tick(&receiver);
	assert_int_equal(last_sent()->type, FRAME_STOP);
	assert_false(receiver_is_done(&receiver));
	status(&peers[0], FRAME_END, 6, 6);
	assert_true(receiver_is_done(&receiver));
	receiver_settle(&receiver);
	assert_int_equal(receiver.sum_count, 1);
	t = receiver.sums[0];
	assert_ptr_equal(t->generation, &generations[1]);
	assert_int_equal(t->inside[UNIT_APP], 3);
	assert_int_equal(t->outside, 1);
	assert_int_equal(t->samples, 6);
	assert_int_equal(t->missing, 2);
	assert_int_equal(t->lost, 2);
	assert_int_equal(t->unfinished, 0);
	receiver_release(&receiver);
}

static void nobody_knows_it(void **state)
{
	(void)state;
	begin();
	count_at(&peers[0], 0x1000, 1);
	hello(&peers[0], 5, 99);
	count_at(&peers[0], 0x1000, 1);
	status(&peers[0], FRAME_STATUS, 5, 5);
	assert_int_equal(sent_count, 0);
	assert_int_equal(receiver.guest_count, 0);
	assert_int_equal(receiver.notices.kinds[NOTICE_UNKNOWN].all, 1);
	assert_int_equal(receiver.notices.kinds[NOTICE_STRANGER].all, 3);
	receiver_release(&receiver);
}

/* Other build ids: after a boot it is another guest, without one it is a lie. */
static void other_builds(void **state)
{
	(void)state;
	begin();
	hello(&peers[0], 5, 1);
	count_at(&peers[0], 0x1000, 1);
	hello(&peers[0], 6, 99);
	count_at(&peers[0], 0x1000, 50); /* of the build that nobody knows */
	assert_int_equal(receiver.guests[0].received, 1);
	hello(&peers[1], 7, 1);
	count_at(&peers[1], 0x1000, 1);
	hello(&peers[1], 7, 11);
	count_at(&peers[1], 0x1000, 50);
	assert_true(receiver.guests[1].barred);
	assert_int_equal(receiver.guests[1].received, 1);
	receiver_release(&receiver);
}

static void comes_back(void **state)
{
	(void)state;
	begin();
	hello(&peers[0], 5, 1);
	status(&peers[0], FRAME_STATUS, 10, 10);
	hello(&peers[2], 5, 1);
	assert_ptr_equal(closed, &peers[0]);
	assert_ptr_equal(receiver.guests[0].peer, &peers[2]);
	receiver_gone(&receiver, &peers[0]);
	assert_ptr_equal(receiver.guests[0].peer, &peers[2]);
	/* its sums begin anew, ours do not */
	status(&peers[2], FRAME_STATUS, 4, 4);
	status(&peers[2], FRAME_STATUS, 6, 6);
	assert_int_equal(receiver.guests[0].samples, 16);
	assert_int_equal(receiver.guest_count, 1);
	receiver_release(&receiver);
}

static void datagram_twice(void **state)
{
	uint32_t before;

	(void)state;
	begin();
	hello(&peers[2], 5, 1);
	before = sequence;
	count_at(&peers[2], 0x1000, 1);
	sequence = before;
	count_at(&peers[2], 0x1000, 1);
	assert_int_equal(receiver.guests[0].received, 1);
	sequence = before + 2;
	count_at(&peers[2], 0x1000, 1);
	assert_int_equal(receiver.guests[0].frames_missing, 1);
	sequence = before + 1; /* late */
	count_at(&peers[2], 0x1000, 1);
	assert_int_equal(receiver.guests[0].frames_missing, 0);
	assert_int_equal(receiver.guests[0].received, 3);
	receiver_release(&receiver);
}

static void limits(void **state)
{
	(void)state;
	begin_with((struct receiver_options){ .most_guests = 2, .most_lines = 8 });
	hello(&peers[0], 5, 1);
	hello(&peers[1], 6, 1);
	hello(&peers[2], 7, 1);
	assert_int_equal(receiver.guest_count, 2);
	assert_null(peers[2].guest);
	/* more at once than two processors' worth of four seconds */
	count_at(&peers[0], 0x1000, UINT32_MAX);
	assert_int_equal(receiver.guests[0].impossible, UINT32_MAX);
	for (uint64_t a = 0; a < 20; a++)
		count_at(&peers[0], 0x1000 + a, 1);
	/* half of the lines, not all: another guest finds room */
	assert_int_equal(receiver.guests[0].inside, 4);
	assert_int_equal(receiver.guests[0].no_room, 16);
	count_at(&peers[1], 0x1f00, 1);
	assert_int_equal(receiver.guests[1].inside, 1);
	count_at(&peers[0], 0x1000, 5); /* a line that is there goes on */
	assert_int_equal(receiver.guests[0].inside, 9);
	receiver_release(&receiver);
}

/* With its own counts kept besides, too. What these lack is said of these. */
static void limits_of_kept_counts(void **state)
{
	(void)state;
	begin_with(
		(struct receiver_options){ .most_guests = 2, .most_lines = 10, .keep_each = true });
	hello(&peers[0], 5, 1);
	hello(&peers[1], 6, 1);
	for (uint64_t a = 0; a < 20; a++)
		count_at(&peers[0], 0x1000 + a, 1);
	assert_int_equal(receiver.budget.lines, 5);
	assert_int_equal(receiver.guests[0].inside, 3);
	count_at(&peers[1], 0x1f00, 1);
	assert_int_equal(receiver.guests[1].inside, 1);
	assert_int_equal(tally_inside(&receiver.guests[1].own), 1);
	receiver_settle(&receiver);
	assert_int_equal(tally_inside(&receiver.guests[0].own), 2);
	assert_int_equal(receiver.guests[0].own.no_room, 18);
	assert_int_equal(receiver.guests[0].sum->no_room, 17);
	receiver_release(&receiver);
}

/* Whoever names another's address does not have it flooded, nor keeps a place for long. */
static void unproven_addresses(void **state)
{
	size_t before;

	(void)state;
	begin();
	hello(&peers[2], 5, 1);
	before = sent_count;
	for (unsigned i = 1; i < 30; i++) {
		receiver_now(&receiver, 1000 + i);
		receiver_tick(&receiver);
		if (closed)
			receiver_gone(&receiver, closed);
		closed = NULL;
	}
	assert_int_equal(sent_count, before);
	assert_int_equal(receiver.guest_count, 0);
	assert_null(peers[2].guest);
	receiver_release(&receiver);
}

static void garbage_ends(void **state)
{
	uint8_t noise[4096];
	bool goes_on = true;
	unsigned n = 0;

	(void)state;
	begin();
	memset(noise, 'N', sizeof(noise));
	while (goes_on && n++ < 100)
		goes_on = receiver_bytes(&receiver, &peers[0], noise, sizeof(noise));
	assert_in_range(n, 1, PEER_GARBAGE_MAX / sizeof(noise) + 2);
	receiver_release(&receiver);
}

UNIT_MAIN(cmocka_unit_test(whole_collection), cmocka_unit_test(nobody_knows_it),
	  cmocka_unit_test(other_builds), cmocka_unit_test(comes_back),
	  cmocka_unit_test(datagram_twice), cmocka_unit_test(limits),
	  cmocka_unit_test(limits_of_kept_counts), cmocka_unit_test(unproven_addresses),
	  cmocka_unit_test(garbage_ends))
