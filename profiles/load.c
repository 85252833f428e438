/* SPDX-License-Identifier: MIT */
/*
 * load - send a server the requests of a load file, the same ones each time
 *
 *   load --file recipes/nginx/loads/train.load --base http://127.0.0.1:8080 --result result.json
 *   load --file F --base URL --rate 800	an open loop: a request each 1.25 ms, whatever the answers do
 *   load --file F --ports "tcp:80=8080 tcp:443=8443"	of a guest: the load says which port it is for
 *   load --file F --dry-run	what would be sent, a request a line, the warm-up's first
 *
 * Drives a guest that is traced or measured: the sequence depends on the file alone, nothing on
 * time, and every answer is checked. docs/loads.md has the grammar of load files.
 *
 * Exit status: 0 all answers are as the file expects, 1 some are not (the first are said), or the
 * rate was not held, 2 the server is gone or silent (then no result is written), 64 usage.
 */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/number.h"
#include "../pipeline/lib/util.h"
#include "load_client.h"
#include "load_result.h"
#include "load_sequence.h"
#include "loadfile.h"

enum {
	TIMEOUT_S = 20,
	MOST_TIMEOUT_S = 3600,
	MOST_SECONDS = 3600,
	MOST_RATE = 1000000,
};

static const double LEAST_RATE = 0.01;

struct options {
	const char *file, *base, *ports, *result;
	const char *requests, *warmup, *connections, *in_flight;
	uint64_t timeout_s, seconds;
	double rate_rps;
	bool dry_run;
};

static const struct argp_option options[] = {
	{ "file", 'f', "FILE", 0, "the load", 0 },
	{ "base", 'b', "URL", 0, "the server: http://127.0.0.1:8080", 0 },
	{ "ports", 'p', "LIST", 0, "the same for a guest: GUEST=HOST of each port, tcp:80=8080",
	  0 },
	{ "requests", 'n', "N", 0, "send so many, whatever the file says", 0 },
	{ "warmup", 'w', "N", 0, "and so many uncounted ones before them", 0 },
	{ "connections", 'c', "N", 0, "over so many connections", 0 },
	{ "in-flight", 'i', "N", 0, "so many under way at once", 0 },
	{ "seconds", 's', "N", 0, "send nothing new after so long, as often as it takes before",
	  0 },
	{ "rate", 'R', "N", 0, "so many a second, at settled times: an open loop", 0 },
	{ "result", 'r', "FILE", 0, "write what it came to, as JSON", 0 },
	{ "timeout-s", 't', "N", 0, "give up if an answer takes longer; 20 if left out", 0 },
	{ "dry-run", 'd', NULL, 0, "print the requests instead of sending them", 0 },
	{ 0 }
};

static double rate_of(const char *text)
{
	char *end;
	double rate = strtod(text, &end);

	if (!strchr("0123456789", *text) || !*text || *end || !(rate >= LEAST_RATE) ||
	    rate > MOST_RATE) {
		fprintf(stderr, "error: --rate takes requests a second, from %g to %d, not '%s'\n",
			LEAST_RATE, MOST_RATE, text);
		exit(EXIT_USAGE);
	}
	return rate;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'f': o->file = arg; return 0;
	case 'b': o->base = arg; return 0;
	case 'p': o->ports = arg; return 0;
	case 'i': o->in_flight = arg; return 0;
	case 's': o->seconds = number_option("--seconds", arg, 1, MOST_SECONDS); return 0;
	case 'n': o->requests = arg; return 0;
	case 'w': o->warmup = arg; return 0;
	case 'c': o->connections = arg; return 0;
	case 'R': o->rate_rps = rate_of(arg); return 0;
	case 'r': o->result = arg; return 0;
	case 't': o->timeout_s = number_option("--timeout-s", arg, 1, MOST_TIMEOUT_S); return 0;
	case 'd': o->dry_run = true; return 0;
	case ARGP_KEY_END:
		if (!o->file || !!o->base + !!o->ports + o->dry_run != 1)
			argp_usage(state);
		if (o->seconds && o->rate_rps > 0)
			argp_error(state, "--seconds is for the closed loop, without --rate");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* What the command line says goes before what the file says. */
static void override(struct loadfile *l, const struct options *o)
{
	char *conflict;

	if (o->requests)
		l->requests = number_option("--requests", o->requests, 1, LOADFILE_MOST_REQUESTS);
	if (o->warmup)
		l->warmup = number_option("--warmup", o->warmup, 0, LOADFILE_MOST_REQUESTS);
	if (o->connections)
		l->connections = number_option("--connections", o->connections, 1,
					       LOADFILE_MOST_CONNECTIONS);
	if (o->in_flight)
		l->in_flight =
			number_option("--in-flight", o->in_flight, 1, LOADFILE_MOST_CONNECTIONS);
	if (o->seconds && !o->requests)
		l->requests = LOADFILE_MOST_REQUESTS;
	conflict = loadfile_conflict(l);
	if (conflict)
		die_hint(
			"--connections must not be less than --in-flight, or in-flight in the file",
			"%s", conflict);
}

/* What is sent, on one line, as a load file has it. */
static void print_exchange(const struct load_exchange *x, const uint64_t *drawn, unsigned line)
{
	struct load_message m;

	load_message_make(&m, x, drawn);
	printf("exchange \"");
	for (size_t i = 0; i < m.sent.bytes; i++) {
		unsigned char c = (unsigned char)m.sent.data[i];
		const char *known = c ? strchr("\nn\rr\tt\"\"\\\\{{", c) : NULL;

		if (known)
			printf("\\%c", known[1]);
		else
			printf(c >= 0x20 && c < 0x7f ? "%c" : "\\x%02x", c);
	}
	printf("\" %u\n", line);
	load_message_release(&m);
}

static void print_some(const struct loadfile *l, uint64_t count)
{
	struct load_sequence s;

	load_sequence_begin(&s, l);
	while (count--) {
		const struct load_request *r = &l->v[load_sequence_next(&s)];

		if (r->exchange)
			print_exchange(r->exchange, s.drawn, r->line);
		else
			printf("%s %s %u\n", r->method, r->path, r->line);
	}
}

/* The address of the guest's port that the load is for: of the first of TCP if it says none. */
static const char *xbase_of(const struct loadfile *l, const char *ports)
{
	for (const char *at = ports; *(at += strspn(at, " ")); at += strcspn(at, " ")) {
		unsigned guest, host;
		int end = -1;

		if (!strncmp(at, "udp:", 4))
			continue;
		if (sscanf(at, "tcp:%5u=%5u%n", &guest, &host, &end) != 2 || end < 0 ||
		    (at[end] && at[end] != ' '))
			die_hint("as in --ports 'tcp:80=8080 tcp:443=8443'",
				 "'%s' is no list of ports", ports);
		if (!l->port || l->port == guest)
			return xasprintf("%s://127.0.0.1:%u", loadfile_scheme(l), host);
	}
	if (!l->port)
		die("the guest has no port of TCP, so there is nothing that the load could be sent to");
	die_hint("the load has 'port'; the recipe has the app's PORTS",
		 "the load is for port tcp:%u, and there is only '%s'", l->port, ports);
}

static int print_sequence(const struct loadfile *l)
{
	print_some(l, l->warmup);
	print_some(l, l->requests);
	if (fflush(stdout))
		die("cannot write to standard output: %s", strerror(errno));
	return EXIT_YES;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Send a server the requests of a load file.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { .timeout_s = TIMEOUT_S };
	struct load_result result;
	struct loadfile l;
	bool good;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	xloadfile_read(&l, o.file);
	override(&l, &o);
	if (o.dry_run)
		return print_sequence(&l);
	if (o.ports)
		o.base = xbase_of(&l, o.ports);
	xload_client_check_base(&l, o.base);
	/* a run that fails must not leave the result of the last one */
	if (o.result && unlink(o.result) && errno != ENOENT)
		die("cannot write '%s': %s", o.result, strerror(errno));
	load_result_init(&result, &l);
	result.rate_rps = o.rate_rps;
	result.seconds = (unsigned)o.seconds;
	xload_client_run(&l, o.base, (unsigned)o.timeout_s, &result);
	if (o.result)
		xload_result_write(&result, o.file, o.result);
	load_result_print(&result);
	good = !result.failed && !result.warmup_failed && (!result.rate_rps || result.held);
	load_result_release(&result);
	loadfile_release(&l);
	return good ? EXIT_YES : EXIT_NO;
}
