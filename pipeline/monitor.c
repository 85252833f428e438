/* SPDX-License-Identifier: MIT */
#include "monitor.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/strlist.h"
#include "lib/util.h"

enum { ANSWER_BYTES = 1 << 16, ANSWER_TIMEOUT_MS = 2000 };

void monitor_words(struct strlist *argv, int fd)
{
	strlist_push(argv, "-chardev");
	strlist_pushf(argv, "socket,id=monitor,fd=%d", fd);
	strlist_push(argv, "-mon");
	strlist_push(argv, "chardev=monitor,mode=control");
}

/* The next line that QEMU writes, or NULL; to be freed. */
static char *read_line(int fd, double end_s)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char *line = xmalloc(ANSWER_BYTES);
	size_t bytes = 0;

	while (bytes < ANSWER_BYTES - 1) {
		double left_s = end_s - clock_s();

		if (left_s <= 0 || poll(&p, 1, (int)(left_s * 1000) + 1) <= 0 ||
		    recv(fd, line + bytes, 1, 0) != 1)
			break;
		if (line[bytes++] != '\n')
			continue;
		line[bytes] = '\0';
		return line;
	}
	free(line);
	return NULL;
}

/*
 * A string that a command returned, "" for anything else; NULL: no answer, or an error. Lines that are
 * no answers, the greeting and events, are passed over.
 */
static char *ask(int fd, const char *command)
{
	double end_s = clock_s() + ANSWER_TIMEOUT_MS / 1000.0;
	char *line, *result = NULL;
	bool over = false;

	if (send(fd, command, strlen(command), MSG_NOSIGNAL) != (ssize_t)strlen(command))
		return NULL;
	while (!over && (line = read_line(fd, end_s))) {
		json_t *answer = json_loads(line, 0, NULL);
		const json_t *value = json_object_get(answer, "return");

		over = value || json_object_get(answer, "error");
		if (value)
			result = xstrdup(json_is_string(value) ? json_string_value(value) : "");
		json_decref(answer);
		free(line);
	}
	return result;
}

/* A line is "  TCP[ESTABLISHED]  12  127.0.0.1 8080  10.0.2.15 80  0 0". */
bool monitor_table_has(const char *table, unsigned host_port)
{
	for (const char *line = table; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		unsigned port;

		if (sscanf(line, " TCP[ESTABLISHED] %*d %*s %u", &port) == 1 && port == host_port)
			return true;
	}
	return false;
}

bool monitor_has_connection(int fd, unsigned host_port)
{
	static const char capabilities[] = "{\"execute\": \"qmp_capabilities\"}\n";
	static const char usernet[] = "{\"execute\": \"human-monitor-command\", \"arguments\": "
				      "{\"command-line\": \"info usernet\"}}\n";
	char *table = ask(fd, usernet), *first;
	bool found;

	if (!table) { /* the first command has to be this; it is an error later */
		first = ask(fd, capabilities);
		free(first);
		table = ask(fd, usernet);
	}
	found = table && monitor_table_has(table, host_port);
	free(table);
	return found;
}
