/* SPDX-License-Identifier: MIT */
#include "control.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pipeline/lib/util.h"

static int listening_fd = -1;
static control_handler *handle;

const char *control_parse(struct control_command *c, const char *line)
{
	*c = (struct control_command){ 0 };
	if (!strcmp(line, "start"))
		c->action = CONTROL_START;
	else if (!strcmp(line, "stop"))
		c->action = CONTROL_STOP;
	else if (!strncmp(line, "write /", 7)) {
		c->action = CONTROL_WRITE;
		c->directory = line + 6;
	} else
		return "the commands are 'start', 'stop' and 'write' with an absolute path";
	return NULL;
}

static char *answer_to(const char *line)
{
	struct control_command c;
	const char *wrong = control_parse(&c, line);
	char *error = wrong ? xstrdup(wrong) : handle(&c), *answer;

	answer = error ? xasprintf("error: %s\n", error) : xstrdup("ok\n");
	free(error);
	return answer;
}

static void serve(int fd)
{
	char line[CONTROL_LINE_BYTES];
	FILE *f = fdopen(fd, "r");

	while (f && fgets(line, sizeof(line), f)) {
		char *answer, *end = strchr(line, '\n');

		if (!end) /* too long, or the connection ended within it */
			break;
		*end = '\0';
		answer = answer_to(line);
		if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
			break;
		free(answer);
	}
	if (f)
		fclose(f);
}

static void *accept_all(void *unused)
{
	(void)unused;
	for (;;) {
		int fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			serve(fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			return NULL;
	}
}

/* The program's own signals stay with its own threads. */
static int start_thread(void)
{
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, accept_all, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static bool make_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return false;
	strcpy(address->sun_path, path);
	return true;
}

const char *control_listen(const char *path, control_handler *handler)
{
	struct sockaddr_un address;
	int error, fd;

	if (!make_address(&address, path))
		return xasprintf("the path of the socket, '%s', is too long", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 1)) {
		error = errno;
		if (fd >= 0)
			close(fd);
		return xasprintf("cannot listen at '%s': %s", path, strerror(error));
	}
	listening_fd = fd;
	handle = handler;
	error = start_thread();
	return error ? xasprintf("cannot start a thread: %s", strerror(error)) : NULL;
}

int control_connect(const char *path)
{
	struct sockaddr_un address;
	int fd;

	if (!make_address(&address, path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

char *control_ask(int fd, const char *line)
{
	char *text = xasprintf("%s\n", line), answer[CONTROL_LINE_BYTES];
	size_t used = 0;
	ssize_t got = send(fd, text, strlen(text), MSG_NOSIGNAL);

	free(text);
	while (got > 0 && used < sizeof(answer) - 1 && !memchr(answer, '\n', used)) {
		got = recv(fd, answer + used, sizeof(answer) - 1 - used, 0);
		if (got > 0)
			used += (size_t)got;
	}
	answer[used] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	if (got <= 0)
		return xasprintf("the tracer ended before it answered '%s'", line);
	if (!strcmp(answer, "ok"))
		return NULL;
	return xstrdup(strncmp(answer, "error: ", 7) ? answer : answer + 7);
}
