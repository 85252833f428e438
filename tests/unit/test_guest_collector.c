/* SPDX-License-Identifier: MIT */
/* The collector's program, with samples that are made here and a host at the other end of a socket. */
#include "unit.h"

#include <string.h>
#include <sys/socket.h>

/* names of the program's that others have here, too */
#define say collector_say
#define main collector_main
int collector_main(void);
#include "../../collector/guest/collector.c"
#undef main
#undef say

enum { SESSION = 5, OTHER_SESSION = 6, CODE = 0x20000000, OWN_SAMPLES = 100 };

static unsigned drains, samples_to_come;

bool sampler_probe(struct sampler *s)
{
	s->event = EVENT_CPU_CLOCK;
	s->processors = 1;
	return true;
}

bool sampler_open(struct sampler *s, uint32_t hz)
{
	s->lost = 0;
	s->wait_ms = 1000;
	return hz != 0;
}

/* All at once, each at an address of its own; and some of the collector's. */
void sampler_drain(struct sampler *s, void (*take)(void *user, const struct sample *sample),
		   void *user)
{
	(void)s;
	drains++;
	for (unsigned i = 0; i < samples_to_come; i++)
		take(user, &(struct sample){ .address = CODE + 4 * i });
	for (unsigned i = 0; samples_to_come && i < OWN_SAMPLES; i++)
		take(user, &(struct sample){ .address = CODE, .process = (uint32_t)getpid() });
	samples_to_come = 0;
}

void sampler_close(struct sampler *s)
{
	(void)s;
}

/* What the host has said before the collection begins; returns its end of the connection. */
static int host_says(const uint8_t *bytes, size_t n)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	channel = (struct channel){ .kind = CHANNEL_TCP, .fd = fds[0] };
	units = (struct units){ .v = { [UNIT_KERNEL] = { 1, 0 },
				       [UNIT_APP] = { CODE, CODE + 0xfffff },
				       [UNIT_INIT] = { 1, 0 } } };
	assert_int_equal(write(fds[1], bytes, n), n);
	drains = 0;
	return fds[1];
}

static size_t say_start(uint8_t *to, uint64_t session)
{
	uint8_t payload[FRAME_PAYLOAD_MAX];
	struct start s = { session, 1000, 60 };

	return frame_write(to, FRAME_START, 0, payload, start_write(payload, &s));
}

static void finish(int host)
{
	channel_drop(&channel);
	close(host);
}

/* A HELLO that was said twice is answered twice: that is no wish for a second collection. */
static void the_same_start_again(void **state)
{
	static const struct start start = { SESSION, 1000, 60 };
	uint8_t bytes[2 * FRAME_BYTES_MAX];
	size_t n = say_start(bytes, SESSION);
	struct start next;
	int host;

	(void)state;
	n += frame_write(bytes + n, FRAME_STOP, 0, NULL, 0);
	host = host_says(bytes, n);
	assert_true(collect(&start, &next));
	assert_int_equal(next.frequency_hz, 0);
	finish(host);
}

static void another_session(void **state)
{
	static const struct start start = { SESSION, 1000, 60 };
	uint8_t bytes[FRAME_BYTES_MAX];
	struct start next;
	int host = host_says(bytes, say_start(bytes, OTHER_SESSION));

	(void)state;
	assert_true(collect(&start, &next));
	assert_int_equal(next.session, OTHER_SESSION);
	assert_int_equal(next.frequency_hz, 1000);
	finish(host);
}

/* Bytes that are no frame keep the program from sleeping no more than frames do. */
static void noise_is_looked_at_rarely(void **state)
{
	enum { NOISE_BYTES = 60000 };
	static const struct start start = { SESSION, 1000, 60 };
	static uint8_t bytes[NOISE_BYTES + FRAME_BYTES_MAX];
	uint64_t begin_ms = now_ms();
	struct start next;
	int host;

	(void)state;
	memset(bytes, 'x', NOISE_BYTES);
	host = host_says(bytes,
			 NOISE_BYTES + frame_write(bytes + NOISE_BYTES, FRAME_STOP, 0, NULL, 0));
	assert_true(collect(&start, &next));
	assert_true(drains > NOISE_BYTES / sizeof(channel.in));
	assert_true(now_ms() - begin_ms >= (drains - 2) * (uint64_t)PAUSE_MS);
	finish(host);
}

/* What came to the host; the last status in `*status`. */
static uint64_t received(int host, struct status *status)
{
	static uint8_t bytes[1 << 20];
	ssize_t n = read(host, bytes, sizeof(bytes));
	uint64_t sum = 0;
	struct frame f;
	size_t used;

	assert_true(n > 0);
	for (size_t at = 0; frame_read(&f, bytes + at, (size_t)n - at, &used) == 1; at += used) {
		enum unit unit;
		enum count_kind kind;
		size_t entries;
		struct count_entry e;

		status_read(status, &f);
		if (!counts_frame_read(&unit, &kind, &entries, &f))
			continue;
		for (size_t i = 0; i < entries; i++) {
			counts_frame_entry(&e, &f, i);
			sum += e.count;
		}
	}
	return sum;
}

static void each_sample_is_sent_or_said_to_be_lost(void **state)
{
	enum { SAMPLES = TABLE_MOST + 1000 };
	static const struct start start = { SESSION, 1000, 60 };
	uint8_t bytes[FRAME_BYTES_MAX];
	struct status status = { 0 };
	struct start next;
	int host = host_says(bytes, frame_write(bytes, FRAME_STOP, 0, NULL, 0));

	(void)state;
	samples_to_come = SAMPLES;
	assert_true(collect(&start, &next));
	assert_int_equal(received(host, &status), TABLE_MOST);
	assert_int_equal(status.session, SESSION);
	assert_int_equal(status.samples, SAMPLES + OWN_SAMPLES);
	assert_int_equal(status.excluded, OWN_SAMPLES);
	assert_int_equal(status.lost, SAMPLES - TABLE_MOST);
	assert_int_equal(status.sent, TABLE_MOST);
	finish(host);
}

UNIT_MAIN(cmocka_unit_test(the_same_start_again), cmocka_unit_test(another_session),
	  cmocka_unit_test(noise_is_looked_at_rarely),
	  cmocka_unit_test(each_sample_is_sent_or_said_to_be_lost))
