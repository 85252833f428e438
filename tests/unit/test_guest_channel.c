/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../collector/guest/channel.h"

static void words(void **state)
{
	struct channel c;
	bool found;

	(void)state;
	assert_true(channel_parse(&c, "quiet anneal.collect=udp:10.0.2.2:4040 ip=x\n", &found));
	assert_true(found);
	assert_int_equal(c.kind, CHANNEL_UDP);
	assert_int_equal(ntohl(c.peer.sin_addr.s_addr), 0x0a000202);
	assert_int_equal(ntohs(c.peer.sin_port), 4040);
	assert_true(channel_parse(&c, "anneal.collect=tcp:255.1.2.3:65535", &found));
	assert_int_equal(c.kind, CHANNEL_TCP);
	assert_true(channel_parse(&c, "console=ttyS0 not.anneal.collect=x\n", &found));
	assert_false(found);
	/* the app's arguments */
	assert_true(channel_parse(&c, "a=b -- anneal.collect=udp:1.2.3.4:5\n", &found));
	assert_false(found);
	assert_true(channel_parse(&c, "", &found));
	assert_false(found);
}

static void wrong_words(void **state)
{
	static const char *const wrong[] = {
		"anneal.collect=",
		"anneal.collect=udp:",
		"anneal.collect=sctp:1.2.3.4:5",
		"anneal.collect=udp:1.2.3:4",
		"anneal.collect=udp:1.2.3.256:4",
		"anneal.collect=udp:1.2.3.4",
		"anneal.collect=udp:1.2.3.4:0",
		"anneal.collect=udp:1.2.3.4:65536",
		"anneal.collect=udp:1.2.3.4:5x",
		"anneal.collect=udp:1.2.3.4.5:6",
		"anneal.collect=udp:host:4040",
		"anneal.collect=udp:-1.2.3.4:5",
		"anneal.collect=udp:1.2.3.4:9999999999",
	};
	struct channel c;
	bool found;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(channel_parse(&c, wrong[i], &found));
}

/* A stream socket stands for TCP; the other end does what it likes. */
static void pair(struct channel *c, int *other)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	*c = (struct channel){ .kind = CHANNEL_TCP, .fd = fds[0] };
	*other = fds[1];
}

static void frames_in_pieces(void **state)
{
	uint8_t bytes[FRAME_BYTES_MAX];
	struct channel c;
	struct frame f;
	size_t n = frame_write(bytes, FRAME_ALIVE, 3, NULL, 0);
	int other;

	(void)state;
	pair(&c, &other);
	assert_int_equal(write(other, "noise", 5), 5);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(channel_receive(&c, &f), CHANNEL_BUSY);
		assert_int_equal(write(other, bytes + i, 1), 1);
	}
	assert_int_equal(channel_receive(&c, &f), CHANNEL_DONE);
	assert_int_equal(f.type, FRAME_ALIVE);
	assert_int_equal(f.sequence, 3);
	assert_int_equal(channel_receive(&c, &f), CHANNEL_BUSY);
	close(other);
	assert_int_equal(channel_receive(&c, &f), CHANNEL_GONE);
	channel_drop(&c);
	assert_int_equal(c.fd, -1);
}

/* Whatever comes, the buffer never fills up for good. */
static void noise(void **state)
{
	uint8_t bytes[4096];
	struct channel c;
	struct frame f;
	int other;

	(void)state;
	pair(&c, &other);
	srand(1);
	for (unsigned round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)(rand() >> 7);
		/* what looks like the largest frame, but for its sum */
		if (round % 2)
			memcpy(bytes, "NAPF\1\22\260\4", 8);
		assert_true(write(other, bytes, sizeof(bytes)) > 0);
		for (unsigned i = 0; i < 8; i++)
			assert_int_equal(channel_receive(&c, &f), CHANNEL_BUSY);
		assert_true(c.in_bytes - c.in_used < FRAME_BYTES_MAX);
	}
	frame_write(bytes, FRAME_STOP, 0, NULL, 0);
	memset(bytes + FRAME_HEADER_BYTES, 0, FRAME_BYTES_MAX);
	assert_true(write(other, bytes, FRAME_HEADER_BYTES) > 0);
	close(other);
}

/* A peer that does not read: one frame waits, the next is not taken. */
static void stalled(void **state)
{
	static uint8_t payload[FRAME_PAYLOAD_MAX];
	struct channel c;
	enum channel_result result;
	unsigned sent = 0;
	int other;

	(void)state;
	pair(&c, &other);
	while ((result = channel_send(&c, FRAME_COUNTS, payload, sizeof(payload))) == CHANNEL_DONE)
		assert_true(++sent < 100000);
	assert_int_equal(result, CHANNEL_BUSY);
	close(other);
	assert_int_equal(channel_send(&c, FRAME_COUNTS, payload, sizeof(payload)), CHANNEL_GONE);
	channel_drop(&c);
}

UNIT_MAIN(cmocka_unit_test(words), cmocka_unit_test(wrong_words),
	  cmocka_unit_test(frames_in_pieces), cmocka_unit_test(noise), cmocka_unit_test(stalled))
