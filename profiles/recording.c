/* SPDX-License-Identifier: MIT */
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "pipeline/lib/clock.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/process.h"
#include "pipeline/lib/util.h"
#include "pipeline/ports.h"

enum {
	TURN_MS = 20,
	PROBE_TIMEOUT_MS = 500,
	CONNECT_TIMEOUT_S = 10,
	ANSWER_TIMEOUT_S = 120,
	STOP_TIMEOUT_S = 30,
	TAIL_LINES = 15,
	LAST_WORDS_TURNS = 25,
};

static volatile sig_atomic_t interrupts;

static void count_interrupt(int number)
{
	(void)number;
	interrupts++;
}

static void show_console(const struct recording *r)
{
	char *text = fs_read(r->console_path, NULL), *at;
	unsigned lines = 0;

	if (!text || !*text)
		return;
	for (at = text + strlen(text) - 1; at > text && lines < TAIL_LINES; at--)
		lines += at[-1] == '\n';
	fprintf(stderr, "the console's last lines:\n%s\n", at);
	free(text);
}

#define fail(r, ...) (show_console(r), die(__VA_ARGS__))

/* Let the guest's console run for up to `ms`. False once QEMU has ended. */
static bool turn(struct recording *r, int ms)
{
	struct pollfd p = { r->guest.console_fd, POLLIN, 0 };

	if (r->ended)
		return false;
	if (poll(&p, 1, ms) > 0)
		r->ended = !guest_read(&r->guest, -1, r->console_fd);
	return !r->ended;
}

static void die_if_over(struct recording *r, const char *meanwhile)
{
	if (interrupts)
		die("interrupted; nothing was recorded");
	if (!r->ended)
		return;
	fail(r, "QEMU ended %s (exit status %d); nothing was recorded", meanwhile,
	     guest_wait(&r->guest, false));
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = count_interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void connect_tracer(struct recording *r)
{
	double start = clock_s();
	struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };

	while ((r->control_fd = control_connect(r->socket_path)) < 0) {
		turn(r, TURN_MS);
		die_if_over(r, "before the tracer ran");
		if (clock_s() - start > CONNECT_TIMEOUT_S)
			fail(r, "the tracer does not listen at '%s': %s", r->socket_path,
			     strerror(errno));
	}
	setsockopt(r->control_fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
}

void xrecording_start(struct recording *r)
{
	static const struct accelerator emulator = { false, "the tracer is part of the emulator" };

	catch_signals();
	r->console_fd = open(r->console_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (r->console_fd < 0)
		die("cannot write '%s': %s", r->console_path, strerror(errno));
	xguest_start(&r->guest, r->options, &emulator);
	r->control_fd = -1;
	if (r->socket_path)
		connect_tracer(r);
}

double xrecording_ready(struct recording *r, unsigned timeout_s)
{
	double start = clock_s();

	while (!probe_try(r->probe, r->options->port, r->guest.monitor_fd, PROBE_TIMEOUT_MS)) {
		turn(r, TURN_MS);
		die_if_over(r, "before the app answered");
		if (clock_s() - start > timeout_s)
			fail(r, "the app did not answer within %u s (waited for %s)", timeout_s,
			     r->probe->awaited);
	}
	return clock_s() - start;
}

void xrecording_ask(struct recording *r, const char *command)
{
	char *error = control_ask(r->control_fd, command);

	if (!error)
		return;
	for (unsigned i = 0; i < LAST_WORDS_TURNS && turn(r, TURN_MS); i++)
		; /* what QEMU still has to say */
	fail(r, "the tracer did not do '%s': %s", command, error);
}

/* `status` as process_wait() gives it. */
static void judge_load(int status)
{
	if (status == 127 || status == 126)
		die_hint("give a command that sh can run",
			 "the load could not be started (exit "
			 "status %d); the recording is thrown away",
			 status);
	if (status > 128)
		die("the load was ended by signal %d; the recording is thrown away", status - 128);
	if (status)
		die("the load failed with exit status %d; the recording is thrown away", status);
}

static int status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

void xrecording_load(struct recording *r, const char *command)
{
	struct strlist environment = STRLIST_INIT;
	char *argv[] = { "sh", "-c", (char *)command, NULL };
	struct process p = PROCESS_INIT;
	int status;
	pid_t pid;

	p.argv = argv;
	ports_environment(&environment, r->options);
	p.environment = (const char *const *)environment.v;
	p.out_fd = STDERR_FILENO;
	pid = process_start(&p);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		turn(r, TURN_MS);
		if (r->ended || interrupts)
			kill(pid, SIGTERM);
		die_if_over(r, "during the load");
	}
	die_if_over(r, "during the load");
	judge_load(status_of(status));
}

void xrecording_stop(struct recording *r)
{
	double start = clock_s();

	guest_stop(&r->guest);
	while (turn(r, TURN_MS))
		if (clock_s() - start > STOP_TIMEOUT_S || interrupts)
			break;
	if (!r->ended)
		warn("the guest did not stop within %d s; it was ended by force", STOP_TIMEOUT_S);
	guest_wait(&r->guest, !r->ended);
}

void xrecording_end(struct recording *r, unsigned timeout_s)
{
	double start = clock_s();
	bool asked = false;
	int status;

	while (turn(r, TURN_MS)) {
		if (interrupts > 1)
			die("interrupted; nothing was recorded");
		if (timeout_s && clock_s() - start > timeout_s)
			fail(r, "the guest did not end within %u s; nothing was recorded",
			     timeout_s);
		if (interrupts && !asked)
			guest_stop(&r->guest);
		asked = interrupts;
	}
	status = guest_wait(&r->guest, false);
	if (status)
		fail(r, "QEMU ended with exit status %d; nothing was recorded", status);
}
