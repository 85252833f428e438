/* SPDX-License-Identifier: MIT */
#include "recipe_text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"

void recipe_fault(struct recipe *r, unsigned line, const char *format, ...)
{
	va_list ap;

	r->faults++;
	fprintf(stderr, "%s:%u: ", r->path, line);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

const struct assignment *recipe_find(const struct recipe *r, const char *variable)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->v[i].variable, variable))
			return &r->v[i];
	return NULL;
}

/* "NAME = value" or with := += ?=: the name's length, else 0. */
static size_t assignment(const char *line)
{
	size_t length =
		strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
	const char *rest = line + length + strspn(line + length, " ");

	if (!length || !*rest)
		return 0;
	return *rest == '=' || (strchr(":+?", *rest) && rest[1] == '=') ? length : 0;
}

/* One line with those that continue it; `*number` is that of its first. */
static char *next_line(char **at, unsigned *number, unsigned *next_number)
{
	char *line = *at, *end = line;

	*number = *next_number;
	for (; *end && *end != '\n'; end++) {
		if (end[0] != '\\' || end[1] != '\n')
			continue;
		end[0] = end[1] = ' ';
		++*next_number;
	}
	++*next_number;
	*at = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

static char *value_of(const char *text)
{
	char *value;

	text += strspn(text, " \t:+?");
	text += *text == '=';
	text += strspn(text, " \t");
	value = xstrdup(text);
	for (size_t n = strlen(value); n && isspace((unsigned char)value[n - 1]); n--)
		value[n - 1] = '\0';
	return value;
}

static void add(struct recipe *r, unsigned line, const char *text, size_t length)
{
	char *name = xstrndup(text, length);
	size_t prefix_length = strlen(r->prefix), own = strlen(r->name);

	if (!strncmp(name, r->name, own) && name[own] == '-') {
		free(name);
		return; /* a helper of its own, "linux-fragments" */
	}
	if (strncmp(name, r->prefix, prefix_length)) {
		recipe_fault(r, line, "'%s' does not begin with '%s', so it is not this recipe's",
			     name, r->prefix);
		free(name);
		return;
	}
	r->v = xrealloc(r->v, (r->n + 1) * sizeof(*r->v));
	r->v[r->n++] =
		(struct assignment){ line, xstrdup(name + prefix_length), value_of(text + length) };
	free(name);
}

static void init(struct recipe *r, const char *path)
{
	const char *base = fs_base(path);

	*r = (struct recipe){ .path = path, .name = xstrndup(base, strcspn(base, ".")) };
	r->prefix = xasprintf("%s_", r->name);
	for (char *c = r->prefix; *c; c++)
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

void xrecipe_read(struct recipe *r, const char *path)
{
	char *text = xfs_read(path, NULL), *at = text, *closing;
	unsigned next_number = 1;

	init(r, path);
	r->last_line = 1;
	closing = xasprintf("$(eval $(call recipe,%s))", r->name);
	if (text[0] != '#')
		recipe_fault(r, 1, "begin with a comment: '# %s - what it is'", r->name);
	while (*at) {
		char *line = next_line(&at, &r->last_line, &next_number);
		size_t length = *line == '#' ? 0 : assignment(line);

		if (length)
			add(r, r->last_line, line, length);
		else if (!strcmp(line, closing))
			r->closed = true;
		else if (line[strspn(line, " \t")] && *line != '#')
			recipe_fault(r, r->last_line,
				     "neither a variable nor the closing line: '%s'", line);
	}
	if (!r->closed)
		recipe_fault(r, r->last_line, "the closing line is missing: %s", closing);
	free(closing);
	free(text);
}
