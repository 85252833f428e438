/* SPDX-License-Identifier: MIT */
/*
 * kconfig-check - did every wish survive Kconfig, and has it a reason?
 *
 *   kconfig-check CONFIG FRAGMENT...
 *
 * Kconfig drops a wish whose dependencies are not met and says nothing. This
 * compares each line of the fragments with the final configuration. A wish must
 * have a comment line above it. Every fault is printed with file and line; exit
 * status 1 if there is one.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

/* "CONFIG_X=y" and "# CONFIG_X is not set" name CONFIG_X; the caller frees. */
static char *option_of(const char *line)
{
	if (!strncmp(line, "# CONFIG_", 9) && strstr(line, " is not set"))
		return xstrndup(line + 2, strcspn(line + 2, " "));
	if (!strncmp(line, "CONFIG_", 7) && strchr(line, '='))
		return xstrndup(line, strcspn(line, "="));
	return NULL;
}

/* The option's line in the final configuration, or NULL. */
static const char *final_line(const struct strlist *config, const char *option)
{
	for (size_t i = 0; i < config->n; i++) {
		char *name = option_of(config->v[i]);
		bool same = name && !strcmp(name, option);

		free(name);
		if (same)
			return config->v[i];
	}
	return NULL;
}

static bool survived(const struct strlist *config, const char *option, const char *wish)
{
	const char *line = final_line(config, option);

	/* An option whose dependencies are off is not listed: that is "not set". */
	return line ? !strcmp(line, wish) : wish[0] == '#';
}

static void read_lines(struct strlist *lines, const char *path)
{
	char *text = xfs_read(path, NULL);

	for (char *line = text, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		strlist_push(lines, line);
	}
	free(text);
}

static unsigned check(const struct strlist *config, const char *path)
{
	struct strlist lines = STRLIST_INIT;
	unsigned faults = 0;

	read_lines(&lines, path);
	for (size_t i = 0; i < lines.n; i++) {
		char *option = option_of(lines.v[i]);
		const char *above = i ? lines.v[i - 1] : "";

		if (!option)
			continue;
		if (above[0] != '#' || option_of(above))
			faults++,
				printf("%s:%zu: %s has no reason: write a comment line above it\n",
				       path, i + 1, option);
		if (!survived(config, option, lines.v[i])) {
			const char *got = final_line(config, option);

			faults++,
				printf("%s:%zu: '%s' did not survive Kconfig, which made it '%s'; "
				       "see what it depends on\n",
				       path, i + 1, lines.v[i], got ? got : "absent");
		}
		free(option);
	}
	strlist_release(&lines);
	return faults;
}

int main(int argc, char **argv)
{
	struct strlist config = STRLIST_INIT;
	unsigned faults = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: kconfig-check CONFIG FRAGMENT...\n");
		return EXIT_USAGE;
	}
	read_lines(&config, argv[1]);
	for (int i = 2; i < argc; i++)
		faults += check(&config, argv[i]);
	return faults ? EXIT_NO : EXIT_YES;
}
