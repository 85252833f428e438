/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"

static struct strlist made;
static volatile sig_atomic_t interrupts;

static void count_interrupt(int number)
{
	(void)number;
	interrupts++;
}

static void remove_all(void)
{
	for (size_t i = 0; i < made.n; i++)
		fs_remove(made.v[i]);
}

static void begin(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction ours = { .sa_handler = count_interrupt }, before;

	atexit(remove_all);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (!sigaction(signals[i], NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(signals[i], &ours, NULL);
}

char *xscratch_make(void)
{
	const char *base = getenv("TMPDIR");
	char *path;

	if (!made.n)
		begin();
	path = xfs_temporary_directory(base && *base ? base : "/tmp", "anneal-bench");
	strlist_push(&made, path);
	return path;
}

void scratch_remove(char *path)
{
	fs_remove(path);
	free(path);
}

bool scratch_interrupted(void)
{
	return interrupts;
}

int scratch_run(const struct process *p)
{
	pid_t child = process_start(p);
	int status;

	/* a signal between the look and the wait is noticed when the child ends */
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			die("lost process %ld: %s", (long)child, strerror(errno));
		if (interrupts)
			kill(child, SIGTERM);
	}
	if (interrupts)
		die("interrupted; what was measured before is kept");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
