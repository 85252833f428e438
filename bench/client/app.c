/* SPDX-License-Identifier: MIT */
#include "app.h"

#include <stdbool.h>
#include <stddef.h>

#include "console.h"
#include "system.h"

enum { CONNECT_TRIES = 10000, CONNECT_PAUSE_MS = 1, STOP_TRIES = 1000, STOP_PAUSE_MS = 10 };

static long app;

/* Whether the app is among the children that have ended; then how, in words. */
static bool has_ended(struct line *how)
{
	int status = 0;
	long pid;

	while ((pid = system_reap(&status)) > 0) {
		if (pid != app)
			continue;
		line_text(how, status & 0x7f ? "was ended by signal " : "ended with exit status ");
		line_number(how, (uint64_t)(status & 0x7f ? status & 0x7f : status >> 8 & 0xff), 1);
		return true;
	}
	return false;
}

void app_check(void)
{
	struct line how = { .bytes = 0 };

	if (!has_ended(&how))
		return;
	how.text[how.bytes] = '\0';
	fatal("the app ", how.text, NULL);
}

static _Noreturn void become_app(const struct script_header *script, char *const *environment)
{
	char *argv[SCRIPT_MOST_ARGUMENTS + 1], *at = (char *)script + script->arguments_offset;

	for (uint32_t i = 0; i < script->arguments; i++) {
		argv[i] = at;
		while (*at++)
			;
	}
	argv[script->arguments] = NULL;
	system_execve(argv[0], argv, environment);
	fatal("cannot run '", argv[0], "'", NULL);
}

/* The time that passes between two tries is guest time: as many tries each time. */
static void wait_until_it_listens(unsigned port)
{
	for (unsigned i = 0; i < CONNECT_TRIES; i++) {
		int fd = (int)system_socket();
		long error;

		if (fd < 0)
			fatal("cannot make a socket", NULL);
		error = system_connect(fd, port);
		system_close(fd);
		if (!error)
			return;
		if (error == -SYSTEM_ENOSYS)
			fatal("the kernel has no connect()", NULL);
		app_check();
		system_poll(NULL, 0, CONNECT_PAUSE_MS);
	}
	fatal("the app does not take connections", NULL);
}

void app_start(const struct script_header *script, char *const *environment)
{
	app = system_fork();
	if (app < 0)
		fatal("cannot start a process for the app", NULL);
	if (!app)
		become_app(script, environment);
	system_ignore_sigpipe();
	wait_until_it_listens(script->port);
}

void app_stop(const struct script_header *script)
{
	struct line how = { .bytes = 0 };

	system_kill(app, (int)script->stop_signal);
	for (unsigned i = 0; i < STOP_TRIES; i++) {
		if (has_ended(&how))
			return;
		system_poll(NULL, 0, STOP_PAUSE_MS);
	}
	fatal("the app did not stop when it was asked to", NULL);
}
