/* SPDX-License-Identifier: MIT */
/*
 * guest-peer - the other side of collect, for tests: guests that speak the collector's protocol,
 * well or badly
 *
 *   guest-peer --out OUT --app APP --generation N --to WHERE [--guests N] [--seconds N] [--sent DIR]
 *
 * WHERE is a path (listens there, as QEMU does), tcp:HOST:PORT, listen:HOST:PORT or udp:HOST:PORT.
 * Samples are drawn from the code of the generation by a generator of fixed seed. --sent writes
 * what was sent, added up, as a recorder would: after the end of the time, or after an END.
 */
#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "../collector/endpoint.h"
#include "../collector/buildid.h"
#include "../imports/counts.h"
#include "../pipeline/lib/clock.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/number.h"
#include "../pipeline/lib/util.h"

enum behaviour {
	GOOD,
	STALL,	   /* after START nothing is said any more */
	DEAF,	   /* sends, and never reads */
	MUTE,	   /* connects, and says nothing at all */
	DIE,	   /* is gone after two seconds, in the middle of a frame */
	RECONNECT, /* comes back every second, cut off in the middle of a frame */
	CHANGE,	   /* says other build ids after a second, without having booted */
	REBOOT,	   /* comes back as another guest after a second */
	UNKNOWN,   /* of a build that nobody knows */
	GARBAGE,   /* sends bytes that are no frame, among frames */
	NOISE,	   /* sends nothing else */
	DAMAGE,	   /* flips a bit of every other frame */
	OVERFLOW,  /* counts as high as they can be */
	OUTSIDE,   /* addresses of no code */
	STRANGE,   /* counts without a HELLO */
	TWICE,	   /* every frame twice, and in another order */
	BEHAVIOURS,
};

static const char *const behaviour_names[] = {
	"good",	   "stall",   "deaf",  "mute",	 "die",	     "reconnect", "change",  "reboot",
	"unknown", "garbage", "noise", "damage", "overflow", "outside",	  "strange", "twice",
};

static const uint64_t rebooted = (uint64_t)1 << 63;

enum { TURN_MS = 50, SAMPLES_A_TURN = 50, FLOOD_BATCH = 64 };

struct options {
	const char *out, *app, *to, *sent, *flood, *raw;
	uint64_t generation, guests, seconds, event;
	enum behaviour behaviour;
};

struct sim {
	int fd; /* -1: not connected */
	uint64_t boot, session, random;
	uint32_t sequence;
	bool started, ended;
	double began_s, hello_s, status_s, again_s;
	uint64_t sent;
	size_t bytes;
	uint8_t in[4096];
	uint8_t held[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];
	size_t held_bytes; /* a frame that is sent after the next one */
};

static struct options o = { .guests = 1, .seconds = 600, .event = EVENT_CPU_CLOCK };
static struct builds builds;
static struct build *generation;
static struct counts sent[UNITS];
static struct raw_profile recorded[UNITS];
static struct endpoint where;
static int listener = -1;

static const struct argp_option argp_options[] = {
	{ "out", 'o', "DIR", 0, "where generations are kept", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "generation", 'g', "N", 0, "the one that guests are of", 0 },
	{ "to", 't', "WHERE", 0, "path, tcp:HOST:PORT, listen:HOST:PORT, udp:HOST:PORT", 0 },
	{ "guests", 'n', "N", 0, "how many", 0 },
	{ "seconds", 's', "N", 0, "end after this", 0 },
	{ "event", 'e', "N", 0, "0 branch stacks, 1 cycles, 2 cpu-clock", 0 },
	{ "behave", 'b', "NAME", 0, "good, or a fault", 0 },
	{ "flood", 'f', "KIND", 0,
	  "only datagrams, as fast as can be: noise, counts, hello or guests", 0 },
	{ "raw", 'r', "DIR", 0, "branch stacks of these UNIT.raw, again and again", 0 },
	{ "sent", 'S', "DIR", 0, "what was sent, added up", 0 },
	{ 0 }
};

static enum behaviour behaviour_of(const char *name)
{
	for (size_t i = 0; i < BEHAVIOURS; i++)
		if (!strcmp(name, behaviour_names[i]))
			return (enum behaviour)i;
	die("'%s' is no behaviour", name);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'o': o.out = arg; return 0;
	case 'a': o.app = arg; return 0;
	case 'g': o.generation = number_option("--generation", arg, 0, 99999999); return 0;
	case 't': o.to = arg; return 0;
	case 'n': o.guests = number_option("--guests", arg, 1, 4096); return 0;
	case 's': o.seconds = number_option("--seconds", arg, 1, 3600); return 0;
	case 'e': o.event = number_option("--event", arg, 0, 2); return 0;
	case 'b': o.behaviour = behaviour_of(arg); return 0;
	case 'f': o.flood = arg; return 0;
	case 'S': o.sent = arg; return 0;
	case 'r': o.raw = arg; return 0;
	case ARGP_KEY_END:
		if (!o.out || !o.app || !o.to)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* xorshift64*, Marsaglia and Vigna */
static uint64_t draw(struct sim *s)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return s->random * 0x2545f4914f6cdd1d;
}

static void send_bytes(struct sim *s, const uint8_t *bytes, size_t n)
{
	if (s->fd >= 0 && send(s->fd, bytes, n, MSG_NOSIGNAL) < 0 && errno != ECONNREFUSED &&
	    errno != EAGAIN) {
		close(s->fd);
		s->fd = -1;
	}
}

static void send_faulty(struct sim *s, uint8_t *bytes, size_t n)
{
	switch (o.behaviour) {
	case GARBAGE: send_bytes(s, (const uint8_t *)"NAPF\1\3 this is no frame NAPF", 28); break;
	case DAMAGE:
		if (s->sequence & 1)
			bytes[draw(s) % n] ^= 1;
		break;
	case TWICE:
		send_bytes(s, bytes, n);
		send_bytes(s, bytes, n);
		send_bytes(s, s->held, s->held_bytes);
		memcpy(s->held, bytes, n);
		s->held_bytes = n;
		return;
	default: break;
	}
	send_bytes(s, bytes, n);
}

static void send_frame(struct sim *s, enum frame_type type, const void *payload, size_t bytes)
{
	uint8_t frame[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];

	send_faulty(s, frame, frame_write(frame, type, s->sequence++, payload, bytes));
}

static void send_hello(struct sim *s, bool other)
{
	struct hello h = { .boot = s->boot,
			   .event = (uint8_t)o.event,
			   .processors = 1,
			   .cpu_vendor = "GenuineTest" };
	uint8_t payload[sizeof(h)];

	for (unsigned u = 0; u < UNITS; u++)
		build_id_parse(h.build_ids[u], generation->units[u].build_id);
	if (other || o.behaviour == UNKNOWN)
		h.build_ids[UNIT_APP][0] ^= 0xff;
	send_frame(s, FRAME_HELLO, payload, hello_write(payload, &h));
	s->hello_s = clock_s();
}

static void send_status(struct sim *s, enum frame_type type)
{
	struct status t = { s->session, s->sent, 7, 0, s->sent, 1000 };
	uint8_t payload[sizeof(t)];

	send_frame(s, type, payload, status_write(payload, &t));
	s->status_s = clock_s();
}

/* One of the recording's lines, once. */
static struct count_entry draw_line(struct sim *s, const struct raw_counts *c)
{
	const struct raw_count *line = &c->v[draw(s) % c->n];

	return (struct count_entry){ line->from, line->to, 1 };
}

/* Somewhere in the unit's first piece of code, and a little behind it. */
static struct count_entry draw_entry(struct sim *s, enum unit unit)
{
	const struct range *code = build_code(generation, unit)->v;
	struct count_entry e = { .count = 1 + (uint32_t)(draw(s) % 3) };

	e.from = code->start + draw(s) % (code->end - code->start);
	e.to = o.event == EVENT_BRANCH_STACKS ? e.from + draw(s) % (code->end - e.from) : 0;
	if (o.behaviour == OVERFLOW)
		e.count = UINT32_MAX;
	if (o.behaviour == OUTSIDE)
		e.from = draw(s) >> 20;
	return e;
}

static void note_sent(enum unit unit, enum count_kind kind, const struct count_entry *e)
{
	if (kind == COUNT_ADDRESS)
		counts_address(&sent[unit], e->from, e->count);
	else if (kind == COUNT_BRANCH)
		counts_branch(&sent[unit], e->from, e->to, e->count);
	else
		counts_range(&sent[unit], e->from, e->to, e->count);
}

static void send_counts(struct sim *s, enum unit unit, enum count_kind kind)
{
	struct counts_writer w;

	counts_writer_begin(&w, unit, kind);
	for (unsigned i = 0; i < SAMPLES_A_TURN / 4; i++) {
		const struct raw_profile *r = &recorded[unit];
		const struct raw_counts *lines = kind == COUNT_RANGE ? &r->ranges : &r->branches;
		struct count_entry e = lines->n ? draw_line(s, lines) : draw_entry(s, unit);

		if (!counts_writer_add(&w, &e))
			break;
		note_sent(unit, kind, &e);
		s->sent += e.count;
	}
	send_frame(s, FRAME_COUNTS, w.payload, w.bytes);
}

static void send_some(struct sim *s)
{
	for (unsigned u = UNIT_KERNEL; u <= UNIT_APP; u++) {
		if (o.event == EVENT_BRANCH_STACKS) {
			send_counts(s, u, COUNT_RANGE);
			send_counts(s, u, COUNT_BRANCH);
		} else {
			send_counts(s, u, COUNT_ADDRESS);
		}
	}
}

static void on_frame(struct sim *s, const struct frame *f)
{
	struct start start;

	if (start_read(&start, f)) {
		if (!s->started || s->session != start.session)
			s->began_s = clock_s();
		s->session = start.session;
		s->started = true;
	} else if (f->type == FRAME_STOP && s->started) {
		send_status(s, FRAME_END);
		if (o.behaviour == TWICE)
			send_bytes(s, s->held, s->held_bytes);
		s->ended = true;
	}
}

static void read_some(struct sim *s)
{
	ssize_t n = recv(s->fd, s->in + s->bytes, sizeof(s->in) - s->bytes, MSG_DONTWAIT);
	struct frame f;
	size_t used;
	int found;

	if (n < 0 && (errno == EAGAIN || errno == ECONNREFUSED))
		return;
	if (n <= 0) {
		close(s->fd);
		s->fd = -1;
		s->again_s = clock_s() + 0.5;
		return;
	}
	s->bytes += (size_t)n;
	while ((found = frame_read(&f, s->in, s->bytes, &used))) {
		if (found > 0)
			on_frame(s, &f);
		s->bytes -= used;
		memmove(s->in, s->in + used, s->bytes);
	}
}

/* Half a frame, then nothing. */
static void cut_off(struct sim *s, double again_after_s)
{
	send_bytes(s, (const uint8_t *)"NAPF\1\2\40\0half", 12);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->again_s = clock_s() + again_after_s;
	s->started = false;
	s->began_s = 0;
}

/* What goes wrong once it has begun; true: nothing else is to be done now. */
static bool misbehave(struct sim *s, double now_s)
{
	uint8_t noise[1024];
	bool late = s->began_s > 0 && now_s - s->began_s > 1;

	switch (o.behaviour) {
	case MUTE: return true;
	case STALL: return s->started;
	case NOISE:
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (uint8_t)draw(s);
		send_bytes(s, noise, sizeof(noise));
		return true;
	case STRANGE: send_some(s); return true;
	case DIE:
		if (late)
			cut_off(s, 3600);
		return late;
	case RECONNECT:
		if (late)
			cut_off(s, 0.2);
		return late;
	case CHANGE:
		if (late && s->again_s != 1) {
			s->again_s = 1;
			send_hello(s, true);
		}
		return false;
	case REBOOT:
		if (late && !(s->boot & rebooted)) {
			s->boot |= rebooted;
			s->sent = 0;
			s->sequence = 0;
			s->started = false;
			send_hello(s, false);
		}
		return false;
	default: return false;
	}
}

static void connect_again(struct sim *s)
{
	if (listener >= 0) {
		s->fd = accept(listener, NULL, NULL);
	} else {
		int type = where.kind == ENDPOINT_UDP ? SOCK_DGRAM : SOCK_STREAM;

		s->fd = socket(where.address.ss_family, type, 0);
		if (connect(s->fd, (struct sockaddr *)&where.address, where.address_bytes)) {
			close(s->fd);
			s->fd = -1;
			s->again_s = clock_s() + 0.2;
			return;
		}
	}
	s->bytes = 0;
	s->hello_s = 0;
	s->started = false;
}

static void turn(struct sim *s)
{
	double now_s = clock_s();

	if (s->fd < 0) {
		if (now_s >= s->again_s && !s->ended)
			connect_again(s);
		return;
	}
	if (o.behaviour != DEAF)
		read_some(s);
	else if (!s->started)
		read_some(s);
	if (s->fd < 0 || s->ended || misbehave(s, now_s) || s->fd < 0)
		return;
	if (!s->started) {
		if (now_s - s->hello_s > 1)
			send_hello(s, false);
		return;
	}
	send_some(s);
	if (now_s - s->status_s > 1)
		send_status(s, FRAME_STATUS);
}

/* Datagrams, and nothing else, from ever new addresses. */
static void flood(double until_s)
{
	struct sim s = { .fd = -1, .random = 42 };
	uint64_t all = 0;

	while (clock_s() < until_s) {
		if (s.fd >= 0 && (all % 4096 == 0 || !strcmp(o.flood, "guests"))) {
			close(s.fd);
			s.fd = -1;
		}
		if (s.fd < 0)
			connect_again(&s);
		for (unsigned i = 0; i < FLOOD_BATCH; i++, all++) {
			uint8_t noise[512];

			s.boot = draw(&s);
			memset(noise, (int)all, sizeof(noise));
			if (!strcmp(o.flood, "hello"))
				send_hello(&s, true);
			else if (!strcmp(o.flood, "guests"))
				send_hello(&s, false);
			else if (!strcmp(o.flood, "counts"))
				send_counts(&s, UNIT_APP, COUNT_ADDRESS);
			else
				send_bytes(&s, noise, sizeof(noise));
		}
	}
	printf("%llu datagrams\n", (unsigned long long)all);
}

static void xopen(void)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	bool listens = !strncmp(o.to, "listen:", 7);
	char *text = listens ? xasprintf("tcp:%s", o.to + 7) : xstrdup(o.to), *error;

	error = endpoint_parse(&where, text);
	if (error)
		die("%s", error);
	if (listens) {
		listener = endpoint_listen(&where);
	} else if (where.kind == ENDPOINT_UNIX) {
		snprintf(path.sun_path, sizeof(path.sun_path), "%s", where.path);
		listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (bind(listener, (struct sockaddr *)&path, sizeof(path)) || listen(listener, 1))
			die("cannot listen at '%s': %s", where.path, strerror(errno));
	} else {
		return;
	}
	if (listener < 0)
		die("cannot listen at '%s'", o.to);
}

static void find_generation(void)
{
	builds_read(&builds, o.out, o.app);
	for (size_t i = 0; i < builds.n; i++)
		if (builds.v[i].number == o.generation)
			generation = &builds.v[i];
	if (!generation)
		die("there is no generation %u", (unsigned)o.generation);
}

static void read_raw(void)
{
	for (unsigned u = UNIT_KERNEL; o.raw && u <= UNIT_APP; u++) {
		char *path = xasprintf("%s/%s.raw", o.raw, builds_unit_name(&builds, u)), *text,
		     *error;
		size_t bytes;

		text = xfs_read(path, &bytes);
		error = raw_parse(&recorded[u], path, text, bytes);
		if (error)
			die("%s", error);
	}
}

static bool all_ended(const struct sim *sims)
{
	for (size_t i = 0; i < o.guests; i++)
		if (!sims[i].ended)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		argp_options, parse_option, NULL, NULL, NULL, NULL, NULL
	};
	struct sim *sims;
	double until_s;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	find_generation();
	read_raw();
	xopen();
	until_s = clock_s() + (double)o.seconds;
	for (unsigned u = 0; u < UNITS; u++)
		counts_init(&sent[u], 0);
	if (o.flood) {
		flood(until_s);
		return EXIT_YES;
	}
	sims = xcalloc(o.guests, sizeof(*sims));
	for (size_t i = 0; i < o.guests; i++)
		sims[i] = (struct sim){ .fd = -1,
					.boot = (uint64_t)getpid() << 16 | i,
					.random = 1000 + i };
	while (clock_s() < until_s && !all_ended(sims)) {
		for (size_t i = 0; i < o.guests; i++)
			turn(&sims[i]);
		poll(NULL, 0, TURN_MS);
	}
	for (unsigned u = 0; o.sent && u < UNITS; u++) {
		xfs_mkdirs(o.sent);
		xcounts_write(&sent[u], o.sent, builds_unit_name(&builds, u));
	}
	return EXIT_YES;
}
