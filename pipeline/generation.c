/* SPDX-License-Identifier: MIT */
#include "generation.h"

#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/util.h"
#include "promotion.h"

static bool is_number(const char *s)
{
	return *s && !s[strspn(s, "0123456789")] && strlen(s) < 9;
}

static int compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

size_t generation_list(const char *out, const char *app, unsigned **numbers)
{
	char *directory = xasprintf("%s/%s", out, app);
	struct strlist names = STRLIST_INIT;
	size_t n = 0;

	fs_list(&names, directory);
	*numbers = xcalloc(names.n, sizeof(**numbers));
	for (size_t i = 0; i < names.n; i++)
		if (is_number(names.v[i]))
			(*numbers)[n++] = (unsigned)atoi(names.v[i]);
	qsort(*numbers, n, sizeof(**numbers), compare);
	strlist_release(&names);
	free(directory);
	return n;
}

int generation_latest(const char *out, const char *app)
{
	unsigned *numbers;
	size_t n = generation_list(out, app, &numbers);
	int latest = n ? (int)numbers[n - 1] : -1;

	free(numbers);
	return latest;
}

char *xgeneration_directory(const char *out, const char *app, const char *number)
{
	int latest = generation_latest(out, app);
	char *directory;

	if (latest < 0)
		die_hint(xasprintf("build one: make image APP=%s", app),
			 "there is no image of '%s' in '%s'", app, out);
	if (number && !strcmp(number, "promoted"))
		return xpromoted_directory(out, app);
	if (number && *number && strcmp(number, "latest")) {
		directory = xasprintf("%s/%s/%s", out, app, number);
		if (!is_number(number) || !fs_is_directory(directory))
			die_hint(xasprintf("'make generations APP=%s' lists them", app),
				 "'%s' has no generation '%s'", app, number);
		return directory;
	}
	return xasprintf("%s/%s/%d", out, app, latest);
}

void generation_apps(const char *out, struct strlist *apps)
{
	struct strlist names = STRLIST_INIT;

	fs_list(&names, out);
	for (size_t i = 0; i < names.n; i++)
		if (generation_latest(out, names.v[i]) >= 0)
			strlist_push(apps, names.v[i]);
	strlist_release(&names);
}
