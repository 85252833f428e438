/* SPDX-License-Identifier: MIT */
/*
 * collect - receive what the collectors in guests count, and make recordings of it
 *
 *   collect --out out --app nginx --output DIR                  of the guest that "make run" runs
 *   collect ... --from /run/guest.sock --from 10.0.0.7:4040     of these
 *   collect ... --listen udp:127.0.0.1:4040                     of those that come
 *
 * Tells the guests to start, adds up what they send for --seconds, tells them to stop, and writes a
 * recording for each generation (and event) into DIR, whose paths go to standard output, one a line;
 * with --keep one for each guest, too. A guest is heard only if its build ids are those of a
 * generation. Nothing that guests do makes this use more memory or time than the options allow.
 * ctrl-C ends early, and keeps what came. Exit status 2, and nothing written, if no counts came.
 */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "../pipeline/lib/clock.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/number.h"
#include "../pipeline/lib/term.h"
#include "../pipeline/lib/util.h"
#include "../pipeline/running.h"
#include "outcome.h"
#include "receiver.h"
#include "wire.h"

enum {
	DAY_S = 86400,
	PROGRESS_S = 10,   /* between lines that are not rewritten */
	WAIT_FROM_S = 15,  /* for a guest that is connected to */
	WAIT_LISTEN_S = 75 /* one that has waited long says HELLO every 64 s */
};

struct options {
	const char *out, *app, *output, *keep;
	struct strlist from, listen;
	uint64_t seconds, rate_hz, guests, memory_mib, wait_s;
	bool waits; /* wait_s was given */
};

static const struct argp_option options[] = {
	{ "out", 'o', "DIR", 0, "where generations are kept", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "output", 'O', "DIR", 0, "recordings, one for each generation and event", 0 },
	{ "keep", 'k', "DIR", 0, "one for each guest, too", 0 },
	{ "from", 'f', "WHERE", 0, "connect to HOST:PORT or a socket; may be repeated", 0 },
	{ "listen", 'l', "WHERE", 0, "udp:HOST:PORT or tcp:HOST:PORT; may be repeated", 0 },
	{ "seconds", 's', "N", 0, "from the first guest on; 60. 0: until ctrl-C", 0 },
	{ "rate", 'r', "HZ", 0, "samples a second and processor, 1000", 0 },
	{ "wait", 'w', "N", 0, "seconds for the first guest; 15, or 75 if guests have to come", 0 },
	{ "guests", 'g', "N", 0, "not more of them than this, 1024", 0 },
	{ "memory", 'm', "MIB", 0, "for what is added up, 64", 0 },
	{ 0 }
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o': o->out = arg; return 0;
	case 'a': o->app = arg; return 0;
	case 'O': o->output = arg; return 0;
	case 'k': o->keep = arg; return 0;
	case 'f': strlist_push(&o->from, arg); return 0;
	case 'l': strlist_push(&o->listen, arg); return 0;
	case 's': o->seconds = number_option("--seconds", arg, 0, 30 * DAY_S); return 0;
	case 'r': o->rate_hz = number_option("--rate", arg, 1, 100000); return 0;
	case 'w':
		o->wait_s = number_option("--wait", arg, 1, DAY_S);
		o->waits = true;
		return 0;
	case 'g': o->guests = number_option("--guests", arg, 1, 100000); return 0;
	case 'm': o->memory_mib = number_option("--memory", arg, 1, 1 << 20); return 0;
	case ARGP_KEY_END:
		if (!o->out || !o->app || !o->output || !*o->app || strchr(o->app, '/'))
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* The collector's socket of the guest that "make run" runs. */
static void find_running(struct options *o)
{
	char *state = xasprintf("%s/%s/run.json", o->out, o->app);
	char *start =
		xasprintf("make run APP=%s with GEN= of an image that was made with COLLECT=1, "
			  "or say FROM= or LISTEN=",
			  o->app);
	const char *socket;
	struct running r;

	if (!running_find(&r, state))
		die_hint(start, "no guest of %s runs here", o->app);
	socket = json_string_value(json_object_get(xjson_read(state), "collect"));
	if (!socket)
		die_hint(start, "generation %s, which runs, has no collector in it", r.generation);
	strlist_push(&o->from, socket);
	free(state);
	free(start);
}

static struct endpoint xparse(const char *text)
{
	struct endpoint e;
	char *error = endpoint_parse(&e, text);

	if (error)
		die_hint("docs/collect.md has all forms", "%s", error);
	return e;
}

static void open_all(struct wire *w, const struct options *o)
{
	char *error;

	for (size_t i = 0; i < o->listen.n; i++) {
		struct endpoint e = xparse(o->listen.v[i]);

		error = wire_listen(w, &e);
		if (error)
			die("%s", error);
		if (!endpoint_is_local(&e))
			warn("whoever reaches '%s' can send counts, and who is on the way can read "
			     "them: there is neither authentication nor encryption. Use a private "
			     "network or a tunnel; docs/collect.md",
			     e.text);
	}
	for (size_t i = 0; i < o->from.n; i++) {
		struct endpoint e = xparse(o->from.v[i]);

		error = wire_connect(w, &e);
		/* one of several may come up later */
		if (error && (e.kind == ENDPOINT_UDP || o->from.n + o->listen.n == 1))
			die("%s", error);
		if (error)
			warn("%s; trying again", error);
		free(error);
	}
}

/* One line, once a second where it can be rewritten. */
static void progress(const struct receiver *r, bool all, double *last_s, uint64_t *last_samples)
{
	double passed_s = r->now_s - *last_s, left_s = r->o.seconds - (r->now_s - r->began_s);
	unsigned counting = receiver_counting(r);
	char *left;

	if (!r->began_s || r->stopped_s || (!all && !term_is_live() && passed_s < PROGRESS_S))
		return;
	left = r->o.seconds ? xasprintf("%.0f s left", left_s > 0 ? left_s : 0)
			    : xstrdup("until ctrl-C");
	fprintf(stderr, "%s%s: %u guest%s, ", term_is_live() ? "\r" : "", r->builds->app, counting,
		counting == 1 ? "" : "s");
	if (*last_s > 0 && passed_s > 0)
		fprintf(stderr, "%.0f samples/s, ",
			(double)(r->samples - *last_samples) / passed_s);
	fprintf(stderr, "%llu samples, %s%s", (unsigned long long)r->samples, left,
		term_is_live() ? "\033[K" : "\n");
	free(left);
	*last_s = r->now_s;
	*last_samples = r->samples;
}

/* Until all is received, or nothing can be. */
static void collect(struct receiver *r, struct wire *w, double wait_s)
{
	double begin_s = clock_s(), tick_s = begin_s, last_s = 0;
	uint64_t last_samples = 0;

	while (!receiver_is_done(r)) {
		wire_round(w, interrupted ? 0.01 : tick_s - clock_s());
		if (interrupted && !r->stopped_s)
			receiver_stop(r);
		if (r->now_s < tick_s)
			continue;
		receiver_tick(r);
		wire_tick(w);
		progress(r, !last_s, &last_s, &last_samples);
		tick_s = r->now_s + 1;
		if (!r->began_s && r->now_s - begin_s > wait_s) {
			receiver_stop(r);
			break;
		}
		if (!wire_is_open(w))
			receiver_stop(r);
	}
	if (term_is_live())
		fprintf(stderr, "\r\033[K");
}

_Noreturn static void nothing_came(const struct receiver *r, const struct wire *w, double wait_s)
{
	char *from = w->last_error ? xasprintf(": %s", w->last_error) : xstrdup("");

	if (r->arrived)
		die_hint("docs/collect.md says what each line above means",
			 "no counts came of the code of %s, of %u guest%s told to start",
			 r->builds->app, r->arrived, r->arrived == 1 ? "" : "s");
	if (interrupted)
		die("interrupted before a guest said HELLO");
	die_hint("was its image made with COLLECT=1? does another receiver have the socket? is the "
		 "address that of anneal.collect= on its command line?",
		 "no guest of a known build said HELLO in %.0f s%s", wait_s, from);
}

/* Dies, saying what to do, if no generation can be known again. */
static void xread_builds(struct builds *b, const struct options *o)
{
	uint8_t id[BUILD_ID_BYTES];
	size_t good = 0;

	builds_read(b, o->out, o->app);
	for (size_t i = 0; i < b->n; i++)
		if (build_id_parse(id, b->v[i].units[UNIT_KERNEL].build_id) &&
		    build_id_parse(id, b->v[i].units[UNIT_APP].build_id))
			good++;
		else
			warn("generation %u of %s has no ELF files with build ids: its guests "
			     "are not known",
			     b->v[i].number, o->app);
	if (!good)
		die_hint(xasprintf("make image APP=%s COLLECT=1", o->app),
			 "there is no generation of '%s' in '%s'", o->app, o->out);
}

static void receive(const struct options *o)
{
	struct receiver_options limits = {
		.frequency_hz = (uint32_t)o->rate_hz,
		.seconds = (uint32_t)o->seconds,
		.most_guests = (unsigned)o->guests,
		.most_lines = (o->memory_mib << 20) / TALLY_BYTES_A_LINE,
		.keep_each = o->keep != NULL,
	};
	double wait_s = (double)o->wait_s;
	struct receiver receiver;
	struct builds builds;
	struct wire wire;
	uint64_t session;
	size_t kept;

	xread_builds(&builds, o);
	if (getrandom(&session, sizeof(session), 0) != sizeof(session))
		die("the kernel gives no random numbers");
	receiver_init(&receiver, &limits, &builds, session);
	wire_init(&wire, &receiver);
	open_all(&wire, o);
	if (!o->waits)
		wait_s = o->listen.n ? WAIT_LISTEN_S : WAIT_FROM_S;
	collect(&receiver, &wire, wait_s);
	receiver_settle(&receiver);
	notices_end(&receiver.notices);
	outcome_print(&receiver);
	kept = o->keep ? xoutcome_write_each(&receiver, o->keep) : 0;
	if (kept)
		fprintf(stderr, "kept: '%s', %zu recordings, one of each guest\n", o->keep, kept);
	if (!xoutcome_write(&receiver, o->output))
		nothing_came(&receiver, &wire, wait_s);
	wire_release(&wire);
	receiver_release(&receiver);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Receive what the collectors in guests count.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { .seconds = 60, .rate_hz = 1000, .guests = 1024, .memory_mib = 64 };
	struct sigaction action = { .sa_handler = on_signal };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!o.from.n && !o.listen.n)
		find_running(&o);
	receive(&o);
	return EXIT_YES;
}
