/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char text[8192];

void plan_add(const char **list, int *count, const char *value)
{
	if (*count < PLAN_MAX)
		list[(*count)++] = value;
	list[*count] = NULL;
}

static const char *take(struct plan *p, const char *key, const char *value)
{
	if (!strcmp(key, "app"))
		p->app = value;
	else if (!strcmp(key, "cpu"))
		plan_add(p->cpu, &p->cpu_count, value);
	else if (!strcmp(key, "argument"))
		plan_add(p->arguments, &p->argument_count, value);
	else if (!strcmp(key, "environment"))
		plan_add(p->environment, &p->environment_count, value);
	else if (!strcmp(key, "stop_signal"))
		p->stop_signal = atoi(value);
	else
		return key;
	return NULL;
}

const char *plan_read(struct plan *p, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t bytes = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	*p = (struct plan){ .app = "app", .stop_signal = SIGTERM };
	if (bytes < 0)
		return "cannot read it";
	if (bytes == sizeof(text) - 1)
		return "it is too long";
	close(fd);
	for (char *line = text; *line;) {
		char *end = strchr(line, '\n'), *value = strchr(line, ' ');
		const char *unknown;

		if (!end || !value || value > end)
			return "a line is not 'key value'";
		*end = *value = '\0';
		unknown = take(p, line, value + 1);
		if (unknown)
			return unknown;
		line = end + 1;
	}
	return p->argument_count ? NULL : "it names no program";
}
