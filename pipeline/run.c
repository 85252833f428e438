/* SPDX-License-Identifier: MIT */
/*
 * run - boot an image and stay with it
 *
 *   run --image DIR/image --spec image.spec --port 8080	console on the terminal, ctrl-C ends it
 *   run --prove ... --result boot.json			until it answers once, then a clean end
 *
 * What is typed goes to the guest's console (kernel/init/init.c says what it
 * understands). Exit status: the app's; 2 if the machine ended without one.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "imagespec.h"
#include "launch.h"
#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/report.h"
#include "lib/util.h"
#include "probe.h"
#include "running.h"

enum {
	PROBE_PERIOD_MS = 20,
	PROBE_TIMEOUT_MS = 500,
	READY_TIMEOUT_S = 60,
	STOP_TIMEOUT_S = 20,
};

struct options {
	struct guest_options guest;
	const char *spec, *log, *result, *state;
	bool prove;
};

static volatile sig_atomic_t interrupts;

static const struct argp_option options[] = {
	{ "image", 'i', "FILE", 0, "the image", 0 },
	{ "spec", 's', "FILE", 0, "what the recipe says about it", 0 },
	{ "port", 'p', "PORT", 0, "of 127.0.0.1, forwarded to the app's", 0 },
	{ "memory", 'm', "SIZE", 0, "as QEMU takes it: 64M", 0 },
	{ "append", 'a', "WORDS", 0, "more for the kernel's command line", 0 },
	{ "arguments", 'g', "WORDS", 0, "more arguments for the app", 0 },
	{ "qemu", 'q', "WORD", 0, "one more word for QEMU", 0 },
	{ "log", 'l', "FILE", 0, "write the console there, too", 0 },
	{ "prove", 'P', NULL, 0, "stop once it has answered", 0 },
	{ "state", 'S', "FILE", 0, "say there where the guest is, for make flamegraph", 0 },
	{ "result", 'r', "FILE", 0, "write the times there, as JSON", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'i': o->guest.image = arg; return 0;
	case 's': o->spec = arg; return 0;
	case 'p': o->guest.port = xlaunch_port(arg); return 0;
	case 'm': o->guest.memory = arg; return 0;
	case 'a': o->guest.append = *arg ? arg : NULL; return 0;
	case 'g': o->guest.arguments = *arg ? arg : NULL; return 0;
	case 'q': strlist_push(&o->guest.qemu, arg); return 0;
	case 'l': o->log = arg; return 0;
	case 'P': o->prove = true; return 0;
	case 'r': o->result = arg; return 0;
	case 'S': o->state = arg; return 0;
	case ARGP_KEY_END:
		if (!o->guest.image || !o->spec)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void count_interrupt(int number)
{
	(void)number;
	interrupts++;
}

/* The state of one run: when what happened, in seconds of the monotonic clock; 0: not yet. */
struct run {
	const struct options *o;
	struct probe probe;
	struct accelerator accelerator;
	struct guest guest;
	int log_fd, stop_signal;
	double started, ready, stopping;
	bool ended; /* by itself: the console is closed */
};

static void announce(const struct run *r)
{
	fprintf(stderr, "ready after %.2f s (%s: %s)\n", r->ready - r->started,
		r->accelerator.kvm ? "KVM" : "emulated, TCG", r->accelerator.reason);
	if (!r->o->prove)
		fprintf(stderr, "%s://127.0.0.1:%u%s   ctrl-C ends it\n", probe_scheme(&r->probe),
			r->o->guest.port, r->probe.path ? "/" : "");
}

static void stop(struct run *r)
{
	if (r->stopping)
		return;
	r->stopping = clock_s();
	guest_stop(&r->guest);
}

/* One turn: a probe if it is due, the console, the keyboard. False at the end. */
static bool turn(struct run *r, struct pollfd fds[2])
{
	char typed[1024];
	ssize_t got;

	if (interrupts)
		stop(r);
	if (interrupts > 1 || (r->stopping && clock_s() - r->stopping > STOP_TIMEOUT_S))
		return false;
	if (!r->ready && !r->stopping &&
	    probe_try(&r->probe, r->o->guest.port, r->guest.monitor_fd, PROBE_TIMEOUT_MS)) {
		r->ready = clock_s();
		announce(r);
		if (r->o->state)
			xrunning_write(&r->guest, &r->o->guest);
		if (r->o->prove)
			stop(r);
	}
	if (r->o->prove && !r->ready && clock_s() - r->started > READY_TIMEOUT_S)
		return false;
	if (poll(fds, 2, r->ready ? 500 : PROBE_PERIOD_MS) <= 0)
		return true;
	if (fds[1].revents) {
		got = read(STDIN_FILENO, typed, sizeof(typed));
		if (got <= 0)
			fds[1].fd = -1;
		else if (write(r->guest.input_fd, typed, (size_t)got) < 0)
			fds[1].fd = -1;
	}
	r->ended =
		fds[0].revents &&
		!guest_read(&r->guest, r->o->prove && !verbosity() ? -1 : STDOUT_FILENO, r->log_fd);
	return !r->ended;
}

static void write_result(const struct run *r)
{
	json_t *result = json_pack(
		"{s:s, s:b, s:s, s:s, s:I, s:i}", "accelerator", r->accelerator.kvm ? "kvm" : "tcg",
		"emulated", !r->accelerator.kvm, "accelerator_reason", r->accelerator.reason,
		"memory", r->o->guest.memory, "ready_ms",
		(json_int_t)((r->ready - r->started) * 1000), "exit_status", r->guest.exit_status);

	xjson_write(r->o->result, result);
	json_decref(result);
}

/* What to make of the end: the app's status, or a sentence. */
static int judge(const struct run *r, int qemu_status)
{
	const char *console = r->o->log ? r->o->log : "above";

	if (r->o->prove && !r->ready)
		die_hint(xasprintf("the console is %s; V=1 shows the kernel's messages, too",
				   console),
			 "the image %s (waited for %s)",
			 !r->ended ? "did not answer in time" : "ended before it answered",
			 r->probe.awaited);
	if (r->guest.exit_status < 0 && interrupts > 1)
		die("the machine was ended by force");
	if (r->guest.exit_status < 0)
		die_hint(xasprintf("the console is %s", console),
			 "the machine ended without the app's exit status (QEMU: %d)%s",
			 qemu_status, !r->ended ? ": it did not stop when asked" : "");
	/* It was asked to stop by this signal and took it as it comes. */
	if (r->stopping && r->guest.exit_status == 128 + r->stop_signal)
		return EXIT_YES;
	if (r->o->prove && r->guest.exit_status)
		die_hint(xasprintf("the console is %s", console),
			 "the app answered, but ended with status %d when it was stopped",
			 r->guest.exit_status);
	return r->guest.exit_status;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option, NULL, "Boot an image and stay with it.", NULL, NULL, NULL
	};
	struct sigaction action = { .sa_handler = count_interrupt };
	struct options o = { 0 };
	struct run r = { .o = &o, .log_fd = -1 };
	struct pollfd fds[2];
	struct imagespec spec;
	int qemu_status;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	xlaunch_prepare(&o.guest, o.spec, &spec, &r.probe);
	r.stop_signal = spec.stop_signal;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (o.log && (r.log_fd = open(o.log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0)
		die("cannot write '%s': %s", o.log, strerror(errno));

	/* make was killed: stop, too, and with this process QEMU ends */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	accelerator_choose(&r.accelerator);
	if (!r.accelerator.kvm)
		o.guest.tsc_khz = accelerator_tsc_khz();
	if (o.state)
		xrunning_prepare(o.state, &o.guest, spec.collect);
	r.started = clock_s();
	xguest_start(&r.guest, &o.guest, &r.accelerator);
	fds[0] = (struct pollfd){ r.guest.console_fd, POLLIN, 0 };
	fds[1] = (struct pollfd){ o.prove ? -1 : STDIN_FILENO, POLLIN, 0 };
	while (turn(&r, fds))
		;
	qemu_status = guest_wait(&r.guest, !r.ended);
	running_end();
	if (o.result)
		write_result(&r);
	if (o.prove && r.ready)
		report_note("answers after %.2f s, %s", r.ready - r.started,
			    r.accelerator.kvm ? "KVM" : "emulated");
	return judge(&r, qemu_status);
}
