/* SPDX-License-Identifier: MIT */
#include "test_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch.h"
#include "lib/fs.h"
#include "lib/util.h"

enum { READY_LIMIT_S = 60 };

/* A pipe with a name, both ends of it ours, so that it never ends. */
static int xmake_pipe(const struct test_guest *g, const char *name)
{
	char *path = xasprintf("%s/%s", g->scratch, name);
	int fd = mkfifo(path, 0600) ? -1 : open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		die("cannot make the pipe '%s': %s", path, strerror(errno));
	free(path);
	return fd;
}

void xtest_guest_prepare(struct test_guest *g, const char *directory, char *scratch)
{
	*g = (struct test_guest){ .scratch = scratch };
	g->console = xasprintf("%s/console", scratch);
	g->consoles = xasprintf("%s/consoles", scratch);
	g->control_fd = xmake_pipe(g, "control");
	g->answer_fd = xmake_pipe(g, "answer");
	xmachine_prepare(&g->machine, directory);
	if (g->machine.options.disk_bytes && !g->machine.options.disk) {
		/* one file for all boots: what is on it outlives them */
		g->machine.options.disk = xasprintf("%s/disk.img", scratch);
		xlaunch_disk(&g->machine.options, &g->machine.spec);
	}
}

/* What it said is kept before the next boot's words replace it. */
static void keep_console(struct test_guest *g)
{
	size_t bytes;
	char *text = fs_read(g->console, &bytes);
	FILE *f = text ? fopen(g->consoles, "ae") : NULL;

	if (!text)
		return;
	if (!f || fwrite(text, 1, bytes, f) != bytes || fclose(f))
		die("cannot write '%s': %s", g->consoles, strerror(errno));
	unlink(g->console);
	free(text);
}

char *test_guest_boot(struct test_guest *g)
{
	double after_s;
	char *wrong;

	keep_console(g);
	g->boots++;
	xmachine_start(&g->machine, g->console);
	wrong = machine_ready(&g->machine, READY_LIMIT_S, &after_s);
	g->up = !wrong;
	if (wrong)
		machine_release(&g->machine);
	return wrong;
}

static char *say_line(struct test_guest *g, const char *text)
{
	char *line = xasprintf("%s\n", text);
	size_t bytes = strlen(line);
	bool done = g->up && write(g->machine.guest.input_fd, line, bytes) == (ssize_t)bytes;

	free(line);
	return done ? NULL : xstrdup("the guest has ended");
}

static char *restart(struct test_guest *g, bool crash)
{
	char *wrong = NULL;

	if (g->up && !crash)
		wrong = machine_stop(&g->machine);
	machine_release(&g->machine);
	g->up = false;
	return wrong ? wrong : test_guest_boot(g);
}

/* With these further words for the app from now on; none if it is empty. */
static char *restart_with(struct test_guest *g, const char *words)
{
	free(g->arguments);
	g->arguments = *words ? xstrdup(words) : NULL;
	g->machine.options.arguments = g->arguments;
	return restart(g, false);
}

char *test_guest_plain(struct test_guest *g)
{
	if (g->arguments)
		return restart_with(g, "");
	return g->up ? NULL : test_guest_boot(g);
}

static void answer(struct test_guest *g, char *wrong)
{
	char *line = xasprintf("%s\n", wrong ? wrong : "ok");

	if (write(g->answer_fd, line, strlen(line)) < 0)
		warn("a test that asked was not answered: %s", strerror(errno));
	free(line);
	free(wrong);
}

static void obey(struct test_guest *g, const char *line)
{
	if (!strncmp(line, "say ", 4))
		answer(g, say_line(g, line + 4));
	else if (!strcmp(line, "restart") || !strncmp(line, "restart ", 8))
		answer(g, restart_with(g, line + strlen("restart") + (line[7] == ' ')));
	else if (!strcmp(line, "crash"))
		answer(g, restart(g, true));
	else
		answer(g, xasprintf("'%.100s' is not understood; there are say, restart, crash",
				    line));
}

void test_guest_turn(struct test_guest *g, int ms)
{
	char byte;

	if (g->up && !machine_turn(&g->machine, ms))
		g->up = false;
	else if (!g->up)
		usleep((useconds_t)ms * 1000);
	while (read(g->control_fd, &byte, 1) == 1) {
		if (byte != '\n') {
			g->line[g->line_bytes] = byte;
			g->line_bytes += g->line_bytes < sizeof(g->line) - 1;
			continue;
		}
		g->line[g->line_bytes] = '\0';
		g->line_bytes = 0;
		obey(g, g->line);
	}
}

char *test_guest_stop(struct test_guest *g)
{
	char *wrong = g->up ? machine_stop(&g->machine) : xstrdup("the guest had ended before");

	machine_release(&g->machine);
	g->up = false;
	keep_console(g);
	return wrong;
}
