/* SPDX-License-Identifier: MIT */
/*
 * collector - samples the guest that it runs in, for whoever asks for it
 *
 * init starts it beside the app in images made with COLLECT=1. It waits until somebody listens,
 * says HELLO until it is told START, counts samples of the whole guest in tables of fixed size
 * and sends them, until it is told STOP, the time is over, or nobody is there any more. Then it
 * waits again. It has no files but /proc and its port, prints one line when a collection begins and
 * when it ends, and takes no memory but what is in this program and the kernel's rings.
 */
#include <cpuid.h>
#include <poll.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "outbox.h"
#include "sampler.h"
#include "text.h"

enum {
	SECONDS_MAX = 24 * 3600,
	HELLO_S_FIRST = 1,
	HELLO_S_LAST = 64,
	/* a table is sent after this long, or when it is half full */
	PERIOD_MS = 4000,
	STATUS_MS = 1000,
	/* what is sent at most: a second's worth may go at once */
	BYTES_A_SECOND = 256 << 10,
	/* after STOP: so long for what there is */
	LAST_WORDS_MS = 5000,
	/* whatever arrives, or cannot be sent, costs no more than looking this often */
	PAUSE_MS = 20,
	FRAMES_A_TURN = 8,
};

static struct units units;
static struct channel channel;
static struct sampler sampler;
static struct outbox outbox;
static struct table tables[2];

struct session {
	struct status status;
	uint64_t begun_ms, heard_ms, status_ms, period_ms, budget_ms, ends_ms;
	size_t budget;
	unsigned filling; /* which of the tables; the other one is sent or empty */
	uint64_t refused;
	uint32_t hz, own_process;
	bool told_to_stop;
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	/* not the vDSO: finding it takes more code than it is worth for some calls a second */
	syscall(SYS_clock_gettime, id, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

static void say(const char *line)
{
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return; /* no console: nobody to tell */
}

static void sleep_ms(int ms)
{
	poll(NULL, 0, ms);
}

static void describe_self(struct hello *h)
{
	unsigned a, b, c, d;
	const uint8_t *random = (const uint8_t *)getauxval(AT_RANDOM);

	memset(h, 0, sizeof(*h));
	/* the first 8 of these 16 bytes are the C library's, against overflows of the stack */
	memcpy(&h->boot, random + 8, sizeof(h->boot));
	memcpy(h->build_ids, units.build_ids, sizeof(h->build_ids));
	h->event = (uint8_t)sampler.event;
	h->processors = (uint8_t)sampler.processors;
	__cpuid(0, a, b, c, d);
	memcpy(h->cpu_vendor, &b, 4);
	memcpy(h->cpu_vendor + 4, &d, 4);
	memcpy(h->cpu_vendor + 8, &c, 4);
}

/* What arrives until `until_ms` is looked at for START. CHANNEL_BUSY: it did not come. */
static enum channel_result await_start(struct start *s, uint64_t until_ms)
{
	enum channel_result result;
	struct frame f;
	uint64_t now;

	while ((now = now_ms()) < until_ms) {
		channel_wait(&channel, (int)(until_ms - now));
		for (unsigned i = 0; i < FRAMES_A_TURN; i++) {
			result = channel_receive(&channel, &f);
			if (result == CHANNEL_GONE)
				return result;
			if (result == CHANNEL_DONE && start_read(s, &f))
				return CHANNEL_DONE;
			if (result == CHANNEL_BUSY)
				break;
		}
		sleep_ms(PAUSE_MS);
	}
	return CHANNEL_BUSY;
}

/* HELLO, more and more rarely, until somebody says START. */
static void await_listener(const struct hello *h, struct start *s)
{
	unsigned wait_s = HELLO_S_FIRST;

	for (;;) {
		uint64_t next_ms = now_ms() + wait_s * 1000;
		enum channel_result result = CHANNEL_GONE;

		if (channel_connect(&channel)) {
			result = channel_hello(&channel, h);
			/* a port's host may have come only now */
			if (channel.kind == CHANNEL_PORT)
				next_ms = now_ms() + wait_s * 1000;
			if (result != CHANNEL_GONE)
				result = await_start(s, next_ms);
			if (result == CHANNEL_DONE)
				return;
			if (result == CHANNEL_GONE)
				channel_drop(&channel);
		}
		if (result == CHANNEL_GONE && channel.kind == CHANNEL_PORT && channel.fd >= 0) {
			/* the next HELLO waits by itself, and whoever comes next need not */
			wait_s = HELLO_S_FIRST;
			next_ms = now_ms() + wait_s * 1000;
		} else if (wait_s < HELLO_S_LAST) {
			wait_s *= 2;
		}
		if (now_ms() < next_ms && result == CHANNEL_GONE)
			sleep_ms((int)(next_ms - now_ms()));
	}
}

static void take_sample(void *user, const struct sample *sample)
{
	struct session *s = user;
	unsigned taken;

	s->status.samples++;
	if (sample->process == s->own_process)
		s->status.excluded++;
	else
		s->refused += sample_count(sample, &units, &tables[s->filling], &taken);
}

/* The full table to the outbox, if that is empty, and the empty one is filled. */
static void turn_tables(struct session *s, uint64_t now)
{
	if (outbox.table || !tables[s->filling].used)
		return;
	outbox_begin(&outbox, &tables[s->filling]);
	s->filling = !s->filling;
	s->period_ms = now;
}

static enum channel_result send_status(struct session *s, enum frame_type type)
{
	uint8_t payload[FRAME_PAYLOAD_MAX];

	s->status.lost = s->refused + sampler.lost;
	s->status.sent = outbox.sent;
	s->status.own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	return channel_send(&channel, type, payload, status_write(payload, &s->status));
}

static enum channel_result send_some(struct session *s, uint64_t now)
{
	enum channel_result result;

	s->budget += (size_t)((now - s->budget_ms) * BYTES_A_SECOND / 1000);
	s->budget_ms = now;
	if (s->budget > BYTES_A_SECOND)
		s->budget = BYTES_A_SECOND;
	if (now - s->status_ms >= STATUS_MS) {
		result = send_status(s, FRAME_STATUS);
		if (result == CHANNEL_GONE)
			return result;
		s->status_ms = now; /* if there was no room: the next one says it, too */
	}
	result = outbox_pump(&outbox, &units, &channel, &s->budget);
	return result == CHANNEL_DONE ? channel_flush(&channel) : result;
}

/* False: the peer is gone, or another one came: `*next` is what that wants. */
static bool hear(struct session *s, uint64_t now, struct start *next)
{
	enum channel_result result;
	struct start other;
	struct frame f;

	for (unsigned i = 0; i < FRAMES_A_TURN; i++) {
		result = channel_receive(&channel, &f);
		if (result != CHANNEL_DONE)
			return result != CHANNEL_GONE;
		if (f.type == FRAME_ALIVE)
			s->heard_ms = now;
		if (f.type == FRAME_STOP)
			s->told_to_stop = true;
		/* somebody else, or the same one after a restart: this session is over. The same START
		 * again answers a HELLO that was sent twice. */
		if (start_read(&other, &f) && other.session != s->status.session) {
			*next = other;
			return false;
		}
	}
	return true;
}

static void begin(struct session *s, const struct start *start)
{
	uint64_t now = now_ms();
	uint32_t seconds = start->seconds;

	if (!seconds || seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	memset(s, 0, sizeof(*s));
	s->status.session = start->session;
	s->hz = start->frequency_hz;
	s->own_process = (uint32_t)getpid();
	s->begun_ms = s->heard_ms = s->status_ms = s->period_ms = s->budget_ms = now;
	s->ends_ms = now + seconds * UINT64_C(1000);
	table_clear(&tables[0]);
	table_clear(&tables[1]);
	outbox.table = NULL;
	outbox.sent = 0;
}

/* After the last sample: what is in both tables, and END. */
static void send_the_rest(struct session *s)
{
	uint64_t until_ms = now_ms() + LAST_WORDS_MS, now;
	enum channel_result result = CHANNEL_BUSY;

	while (result != CHANNEL_GONE && (now = now_ms()) < until_ms) {
		turn_tables(s, now);
		result = send_some(s, now);
		if (result == CHANNEL_DONE && !outbox.table && !tables[s->filling].used) {
			send_status(s, FRAME_END);
			while (channel_flush(&channel) == CHANNEL_BUSY && now_ms() < until_ms)
				channel_wait(&channel, PAUSE_MS);
			return;
		}
		sleep_ms(PAUSE_MS);
	}
}

/* Until a ring is half full, or it is time for STATUS. */
static int wait_of(const struct session *s)
{
	uint64_t due_ms = s->status_ms + STATUS_MS, now = now_ms();
	uint64_t ms = due_ms > now ? due_ms - now : 1;

	return (int)(ms < sampler.wait_ms ? ms : sampler.wait_ms);
}

/*
 * One collection. True if the peer is still there, or another one: `*next` is what it wants if
 * its frequency is not 0.
 */
static bool collect(const struct start *start, struct start *next)
{
	static struct session s;
	bool there = true, woken;
	uint64_t now;

	*next = (struct start){ 0 };
	begin(&s, start);
	if (!sampler_open(&sampler, s.hz))
		return send_status(&s, FRAME_END) != CHANNEL_GONE;
	say("anneal: a profile is being collected\n");
	do {
		woken = channel_wait(&channel, wait_of(&s));
		sampler_drain(&sampler, take_sample, &s);
		now = now_ms();
		if (now - s.period_ms >= PERIOD_MS || tables[s.filling].used > TABLE_MOST / 2)
			turn_tables(&s, now);
		there = hear(&s, now, next) && send_some(&s, now) != CHANNEL_GONE;
		if (woken)
			sleep_ms(PAUSE_MS);
	} while (there && !s.told_to_stop && now < s.ends_ms &&
		 now - s.heard_ms < ALIVE_TIMEOUT_S * 1000);
	sampler_drain(&sampler, take_sample, &s);
	sampler_close(&sampler);
	if (there)
		send_the_rest(&s);
	say("anneal: no profile is being collected any more\n");
	return there || next->frequency_hz;
}

int main(void)
{
	struct start start, next = { 0 };
	static char text[512];
	struct hello h;

	if (!units_parse(&units, text, text_read("/etc/anneal/units", text, sizeof(text)))) {
		say("anneal: no profile can be collected: /etc/anneal/units is not right\n");
		return 1;
	}
	if (!channel_find(&channel))
		return 0; /* there is no port, and nobody asked for another way */
	if (!sampler_probe(&sampler)) {
		say("anneal: no profile can be collected: this kernel has no event for it\n");
		return 1;
	}
	setpriority(PRIO_PROCESS, 0, 19);
	describe_self(&h);
	for (;;) {
		if (!next.frequency_hz)
			await_listener(&h, &start);
		else
			start = next;
		if (!collect(&start, &next))
			channel_drop(&channel);
	}
}
