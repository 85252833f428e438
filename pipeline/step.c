/* SPDX-License-Identifier: MIT */
/*
 * step - run one step of a build and show it as one line
 *
 *   step --number 3 --of 9 --title "capsule musl" --log FILE --times FILE -- COMMAND...
 *
 * What the command prints goes into the log; V=1 shows it, too. While it runs, a
 * terminal shows the seconds; elsewhere a line every 30 s says that it still
 * does. The command may say that all was done already, or a few words about
 * what it did (lib/report.h). If it fails: the end of the log, its path, and the
 * command to repeat. The time goes into the file of times, a line a step.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/process.h"
#include "lib/term.h"
#include "lib/util.h"

enum { HEARTBEAT_S = 30, TAIL_LINES = 20 };

struct step {
	const char *number, *of, *app, *title, *log, *times;
	char **command;
	double start; /* clock_s() */
	pid_t child;  /* also its process group */
	bool cached;
	char note[256];
};

static volatile sig_atomic_t stop_signal;

static const struct argp_option options[] = {
	{ "number", 'n', "N", 0, "number of this step", 0 },
	{ "of", 'm', "N", 0, "number of all steps", 0 },
	{ "app", 'a', "NAME", 0, "whose step it is, where several are built at once", 0 },
	{ "title", 't', "TEXT", 0, "what it is called", 0 },
	{ "log", 'l', "FILE", 0, "where the command's output goes", 0 },
	{ "times", 's', "FILE", 0, "where the time is added", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct step *s = state->input;

	switch (key) {
	case 'n': s->number = arg; return 0;
	case 'm': s->of = arg; return 0;
	case 'a': s->app = arg; return 0;
	case 't': s->title = arg; return 0;
	case 'l': s->log = arg; return 0;
	case 's': s->times = arg; return 0;
	case ARGP_KEY_ARGS: s->command = state->argv + state->next; return 0;
	case ARGP_KEY_END:
		if (!s->number || !s->of || !s->title || !s->log || !s->command)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void note_signal(int number)
{
	stop_signal = number;
}

static void show(const struct step *s, const char *end, const char *what)
{
	char *title = s->app ? xasprintf("%s: %s", s->app, s->title) : xstrdup(s->title);

	fprintf(stderr, "%s  [%2s/%s] %-26s %s%s", term_is_live() ? "\r\033[K" : "", s->number,
		s->of, title, what, end);
	free(title);
}

static void show_running(const struct step *s)
{
	char text[64];

	snprintf(text, sizeof(text), "%.0f s ...", clock_s() - s->start);
	show(s, term_is_live() ? "" : "\n", text);
}

/* The command in a group of its own, so that all it starts can be stopped. */
static int start(struct step *s, const char *report)
{
	pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		die("cannot make a pipe: %s", strerror(errno));
	if (verbosity() >= 1)
		fprintf(stderr, "+ %s\n", process_quote(s->command));
	s->child = fork();
	if (s->child < 0)
		die("cannot start '%s': %s", s->command[0], strerror(errno));
	if (!s->child) {
		int null = open("/dev/null", O_RDONLY);

		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(EXIT_FAILED);

		setpgid(0, 0);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		dup2(null, STDIN_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		setenv("ANNEAL_REPORT", report, 1);
		execvp(s->command[0], s->command);
		fprintf(stderr, "cannot run '%s': %s\n", s->command[0], strerror(errno));
		_exit(127);
	}
	setpgid(s->child, s->child);
	close(fds[1]);
	return fds[0];
}

static _Noreturn void lose_log(const struct step *s)
{
	int error = errno;

	kill(-s->child, SIGTERM);
	die_hint("free some space, then repeat the command", "cannot write '%s': %s", s->log,
		 strerror(error));
}

/* Copy output to the log until the command closes it. */
static void follow(const struct step *s, int fd, int log)
{
	struct pollfd p = { fd, POLLIN, 0 };
	int period_ms = (term_is_live() ? 1 : HEARTBEAT_S) * 1000;
	double shown = 0;
	char buffer[8192];
	ssize_t got = 1;

	while (got > 0 || errno == EINTR) {
		if (stop_signal)
			kill(-s->child, SIGTERM);
		if (clock_s() - s->start - shown > period_ms / 1000.0) {
			shown = clock_s() - s->start;
			if (verbosity() < 1)
				show_running(s);
		}
		if (poll(&p, 1, period_ms) <= 0) {
			got = 1;
			continue;
		}
		got = read(fd, buffer, sizeof(buffer));
		if (got > 0 && write(log, buffer, (size_t)got) < 0)
			lose_log(s);
		if (got > 0 && verbosity() >= 1)
			fwrite(buffer, 1, (size_t)got, stderr);
	}
}

static void read_report(struct step *s, const char *path)
{
	char *text = fs_read(path, NULL), *save;

	unlink(path);
	if (!text)
		return;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strcmp(line, "cached"))
			s->cached = true;
		else if (!strncmp(line, "note ", 5))
			snprintf(s->note, sizeof(s->note), "%s", line + 5);
	}
	free(text);
}

static void show_tail(const char *path)
{
	char *text = fs_read(path, NULL), *at;
	unsigned lines = 0;

	if (!text)
		return;
	for (at = text + strlen(text); at > text && lines <= TAIL_LINES; at--)
		lines += at[-1] == '\n';
	for (at += lines > TAIL_LINES ? 1 : 0; *at; at += strspn(at, "\n")) {
		size_t length = strcspn(at, "\n");

		fprintf(stderr, "  | %.*s\n", (int)length, at);
		at += length;
	}
	free(text);
}

static _Noreturn void fail(const struct step *s, int status)
{
	show(s, "\n", term_color("red", stop_signal ? "stopped" : "failed"));
	if (!stop_signal) {
		if (verbosity() < 1)
			show_tail(s->log);
		fprintf(stderr, "error: %s failed with exit status %d\n", s->title, status);
		fprintf(stderr, "log: %s\nrepeat only this: %s\n", s->log,
			process_quote(s->command));
	}
	exit(EXIT_FAILED);
}

static void finish(const struct step *s)
{
	double seconds = clock_s() - s->start;
	char text[320];
	FILE *times;

	if (s->cached)
		snprintf(text, sizeof(text), "%s%s%s", term_color("green", "cached"),
			 *s->note ? "   " : "", s->note);
	else
		snprintf(text, sizeof(text), "%.1f s%s%s", seconds, *s->note ? "   " : "", s->note);
	show(s, "\n", text);
	times = s->times ? fopen(s->times, "a") : NULL;
	if (times) {
		fprintf(times, "%.3f\t%s\t%s\n", seconds, s->cached ? "cached" : "made", s->title);
		fclose(times);
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options,
					  parse_option,
					  "-- COMMAND...",
					  "Run one step of a build and show it as one line.",
					  NULL,
					  NULL,
					  NULL };
	struct step s = { 0 };
	struct sigaction action = { .sa_handler = note_signal };
	char *report;
	int log, fd, status;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &s);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* make was killed: stop, too */

	xfs_mkdirs_above(s.log);
	report = xasprintf("%s.report.%ld", s.log, (long)getpid());
	log = open(s.log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (log < 0)
		die("cannot write '%s': %s", s.log, strerror(errno));
	s.start = clock_s();
	if (term_is_live() && verbosity() < 1)
		show_running(&s);
	fd = start(&s, report);
	follow(&s, fd, log);
	status = process_wait(s.child);
	read_report(&s, report);
	if (status || stop_signal)
		fail(&s, status);
	finish(&s);
	return EXIT_YES;
}
