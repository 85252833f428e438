/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "strlist.h"
#include "util.h"

static void become(const struct process *p, pid_t parent)
{
	int in_fd = p->in_fd;

	if (p->dies_with_parent) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent) /* it went away before the call */
			_exit(EXIT_FAILED);
	}
	if (in_fd < 0)
		in_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(in_fd, STDIN_FILENO);
	if (p->out_fd >= 0)
		dup2(p->out_fd, STDOUT_FILENO);
	if (p->err_fd >= 0)
		dup2(p->err_fd, STDERR_FILENO);
	if (p->directory && chdir(p->directory)) {
		fprintf(stderr, "cannot enter '%s': %s\n", p->directory, strerror(errno));
		_exit(126);
	}
	for (size_t i = 0; p->environment && p->environment[i]; i++)
		putenv((char *)p->environment[i]);
	execvp(p->argv[0], p->argv);
	fprintf(stderr, "cannot run '%s': %s\n", p->argv[0], strerror(errno));
	_exit(127);
}

pid_t process_start(const struct process *p)
{
	pid_t parent = getpid(), pid;

	if (verbosity() >= 1) {
		char *line = process_quote(p->argv);

		fprintf(stderr, "+ %s\n", line);
		free(line);
	}
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("cannot start '%s': %s", p->argv[0], strerror(errno));
	if (!pid)
		become(p, parent);
	return pid;
}

int process_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("lost process %ld: %s", (long)pid, strerror(errno));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int process_run(const struct process *p)
{
	return process_wait(process_start(p));
}

void xprocess_run(char *const *argv)
{
	struct process p = PROCESS_INIT;
	int status;

	p.argv = argv;
	status = process_run(&p);
	if (status)
		die("'%s' ended with exit status %d; the command was: %s", argv[0], status,
		    process_quote(argv));
}

char *xprocess_output(char *const *argv)
{
	struct process p = PROCESS_INIT;
	size_t used = 0, room = 4096;
	char *out = xmalloc(room);
	ssize_t got;
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		die("cannot make a pipe: %s", strerror(errno));
	p.argv = argv;
	p.out_fd = fds[1];
	pid = process_start(&p);
	close(fds[1]);
	while ((got = read(fds[0], out + used, room - used - 1)) > 0) {
		used += (size_t)got;
		if (room - used < 2)
			out = xrealloc(out, room *= 2);
	}
	close(fds[0]);
	out[used] = '\0';
	status = process_wait(pid);
	if (status)
		die("'%s' ended with exit status %d; the command was: %s", argv[0], status,
		    process_quote(argv));
	return out;
}

char *process_quote(char *const *argv)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=/.,:@%";
	struct strlist words = STRLIST_INIT;
	char *line;

	for (; *argv; argv++) {
		const char *s = *argv;
		char *word, *end;

		if (*s && !s[strspn(s, plain)]) {
			strlist_push(&words, s);
			continue;
		}
		word = end = xmalloc(4 * strlen(s) + 3);
		*end++ = '\'';
		for (; *s; s++)
			if (*s == '\'')
				end = stpcpy(end, "'\\''");
			else
				*end++ = *s;
		strcpy(end, "'");
		strlist_push(&words, word);
		free(word);
	}
	line = strlist_join(&words, " ");
	strlist_release(&words);
	return line;
}

char *process_find(const char *program)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t length = strcspn(path, ":");
		char *candidate = xasprintf("%.*s/%s", (int)length, path, program);

		if (!access(candidate, X_OK))
			return candidate;
		free(candidate);
		path += length + (path[length] == ':');
	}
	return NULL;
}
