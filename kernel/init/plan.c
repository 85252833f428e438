/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char text[8192];

bool plan_add(const char **list, int *count, const char *value)
{
	if (*count == PLAN_MAX)
		return false;
	list[(*count)++] = value;
	list[*count] = NULL;
	return true;
}

bool plan_set(struct plan *p, const char *variable)
{
	size_t length = strcspn(variable, "=");

	for (int i = 0; i < p->environment_count; i++)
		if (!strncmp(p->environment[i], variable, length + 1)) {
			p->environment[i] = variable;
			return true;
		}
	return plan_add(p->environment, &p->environment_count, variable);
}

/* NULL, or what is wrong. */
static const char *take(struct plan *p, const char *key, const char *value)
{
	bool fits = true;

	if (!strcmp(key, "app"))
		p->app = value;
	else if (!strcmp(key, "cpu"))
		fits = plan_add(p->cpu, &p->cpu_count, value);
	else if (!strcmp(key, "argument"))
		fits = plan_add(p->arguments, &p->argument_count, value);
	else if (!strcmp(key, "environment"))
		fits = plan_add(p->environment, &p->environment_count, value);
	else if (!strcmp(key, "collector"))
		p->collector = value;
	else if (!strcmp(key, "disk_at"))
		p->disk_at = value;
	else if (!strcmp(key, "stop_signal"))
		p->stop_signal = atoi(value);
	else
		return "a key is not known";
	return fits ? NULL : "a list is too long";
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
		const char *wrong;

		if (!end || !value || value > end)
			return "a line is not 'key value'";
		*end = *value = '\0';
		wrong = take(p, line, value + 1);
		if (wrong)
			return wrong;
		line = end + 1;
	}
	return p->argument_count ? NULL : "it names no program";
}
