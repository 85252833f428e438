/* SPDX-License-Identifier: MIT */
#include "imagespec.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/number.h"
#include "lib/util.h"

bool imagespec_split(struct strlist *words, const char *text)
{
	while (*(text += strspn(text, " \t"))) {
		char *word = xmalloc(strlen(text) + 1), *end = word;
		char quote = '\0';

		for (; *text && (quote || !strchr(" \t", *text)); text++) {
			if (quote ? *text == quote : *text == '"' || *text == '\'')
				quote = quote ? '\0' : *text;
			else
				*end++ = *text;
		}
		*end = '\0';
		strlist_push(words, word);
		free(word);
		if (quote)
			return false;
	}
	return true;
}

static int signal_of(const char *name)
{
	for (int number = 1; number < NSIG; number++) {
		const char *abbreviation = sigabbrev_np(number);

		if (abbreviation && !strcmp(abbreviation, name))
			return number;
	}
	return 0;
}

/* Of the part up to the last slash and with it. */
static int directory_bytes(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash + 1 - path) : 0;
}

static bool whole_number(const char *text, unsigned most, unsigned *number)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*number = (unsigned)n;
	return *text >= '0' && *text <= '9' && !*end && n > 0 && n <= most;
}

/* "tcp:80" */
static bool add_port(struct imagespec *s, const char *value)
{
	struct imagespec_port *p = &s->ports[s->port_count];

	if (s->port_count == IMAGESPEC_PORTS_MAX)
		return false;
	p->udp = !strncmp(value, "udp:", 4);
	if (!p->udp && strncmp(value, "tcp:", 4))
		return false;
	s->port_count++;
	return whole_number(value + 4, 65535, &p->number);
}

/* "/data 64M" */
static bool set_disk(struct imagespec *s, const char *value)
{
	size_t length = strcspn(value, " \t");

	s->disk_at = xstrndup(value, length);
	s->disk_bytes = number_bytes(value + length + strspn(value + length, " \t"));
	return value[0] == '/' && length > 1 && s->disk_bytes;
}

/* One label: a dot would make the rest a domain, and a colon ends the field of ip=. */
static bool set_hostname(struct imagespec *s, const char *value)
{
	size_t length =
		strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	s->hostname = xstrdup(value);
	return length && length < 64 && !value[length];
}

/* What the recipe wants of the machine. False if `key` is not one of these, or its value is wrong. */
static bool set_machine(struct imagespec *s, const char *key, const char *value)
{
	if (!strcmp(key, "cpus"))
		return whole_number(value, IMAGESPEC_CPUS_MAX, &s->cpus);
	if (!strcmp(key, "port"))
		return add_port(s, value);
	if (!strcmp(key, "disk"))
		return set_disk(s, value);
	if (!strcmp(key, "hostname"))
		return set_hostname(s, value);
	if (strcmp(key, "feature"))
		return false;
	strlist_push(&s->features, value);
	return true;
}

bool imagespec_has(const struct imagespec *s, const char *feature)
{
	return strlist_has(&s->features, feature);
}

static bool set(struct imagespec *s, const char *key, const char *value, const char *path)
{
	if (!strcmp(key, "app"))
		s->app = xstrdup(value);
	else if (!strcmp(key, "machine"))
		s->machine = xstrdup(value);
	else if (!strcmp(key, "memory"))
		s->memory = xstrdup(value);
	else if (!strcmp(key, "ready"))
		s->ready = xstrdup(value);
	else if (!strcmp(key, "rootfs"))
		strlist_push(&s->rootfs, value);
	else if (!strcmp(key, "user"))
		strlist_push(&s->users, value);
	else if (!strcmp(key, "append"))
		s->append = xstrdup(value);
	else if (!strcmp(key, "initrd"))
		s->initrd = xasprintf("%.*s%s", directory_bytes(path), path, value);
	else if (!strcmp(key, "collect"))
		s->collect = !strcmp(value, "1");
	else if (!strcmp(key, "command"))
		return imagespec_split(&s->command, value);
	else if (!strcmp(key, "environment"))
		return imagespec_split(&s->environment, value);
	else if (!strcmp(key, "stop_signal"))
		return (s->stop_signal = signal_of(value)) != 0;
	else
		return set_machine(s, key, value);
	return true;
}

void ximagespec_read(struct imagespec *s, const char *path)
{
	char *text = xfs_read(path, NULL), *save;
	unsigned line_number = 0;

	*s = (struct imagespec){ .stop_signal = SIGTERM, .cpus = 1 };
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value;

		line_number++;
		line += strspn(line, " ");
		value = line + strcspn(line, " ");
		if (!*value)
			continue;
		*value++ = '\0';
		if (!set(s, line, value, path))
			die("%s:%u: '%s %s' is not understood", path, line_number, line, value);
	}
	free(text);
	if (!s->hostname)
		s->hostname = s->app;
	if (!s->app || !s->machine || !s->command.n || !s->memory || !s->ready)
		die_hint("run 'make check-recipes'",
			 "'%s' lacks app, machine, command, memory or ready", path);
}
