/* SPDX-License-Identifier: MIT */
#include "survey.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/launch.h"
#include "pipeline/lib/clock.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

enum { SURVEY_TIMEOUT_S = 600, TURN_MS = 100 };

/* What is read of a line, one field after the other; false where one is not as it should be. */
static bool take_number(char **at, int base, char behind, uint64_t *value)
{
	char *end;

	if (!isxdigit((unsigned char)**at))
		return false;
	errno = 0;
	*value = strtoull(*at, &end, base);
	if (errno || *end != behind)
		return false;
	*at = end + (behind != '\0');
	return true;
}

/* Up to a blank or the end. */
static char *take_word(char **at)
{
	size_t bytes = strcspn(*at, " ");
	char *word = xstrndup(*at, bytes);

	*at += bytes + ((*at)[bytes] == ' ');
	return word;
}

static void *grown(void *array, size_t count, size_t each)
{
	/* powers of two are where there is no room left */
	return count & (count - 1) ? array : xrealloc(array, (count ? 2 * count : 1) * each);
}

static bool take_map(struct survey *s, char *at)
{
	struct survey_map m;

	if (!take_number(&at, 16, '-', &m.start) || !take_number(&at, 16, ' ', &m.end) ||
	    !take_number(&at, 16, ' ', &m.offset) || !*at || m.start >= m.end)
		return false;
	m.file = take_word(&at);
	for (size_t i = 0; i < s->map_count; i++)
		if (s->maps[i].start == m.start && s->maps[i].end == m.end &&
		    !strcmp(s->maps[i].file, m.file))
			return true; /* another process has it, too */
	s->maps = grown(s->maps, s->map_count, sizeof(m));
	s->maps[s->map_count++] = m;
	return true;
}

static bool take_module(struct survey *s, char *at)
{
	struct survey_module m = { .name = take_word(&at) };

	if (!take_number(&at, 10, ' ', &m.bytes) || !take_number(&at, 16, '\0', &m.start) ||
	    !m.bytes || !m.start)
		return false;
	s->modules = grown(s->modules, s->module_count, sizeof(m));
	s->modules[s->module_count++] = m;
	return true;
}

static bool take_symbol(struct survey *s, char *at)
{
	struct survey_symbol y;

	if (!take_number(&at, 16, ' ', &y.address) || !isalpha((unsigned char)*at) || at[1] != ' ')
		return false;
	y.type = *at;
	at += 2;
	if (!*at)
		return false;
	y.name = take_word(&at);
	s->symbols = grown(s->symbols, s->symbol_count, sizeof(y));
	s->symbols[s->symbol_count++] = y;
	return true;
}

static int by_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_maps(const void *a, const void *b)
{
	return by_number(((const struct survey_map *)a)->start,
			 ((const struct survey_map *)b)->start);
}

static int compare_modules(const void *a, const void *b)
{
	return by_number(((const struct survey_module *)a)->start,
			 ((const struct survey_module *)b)->start);
}

static int compare_symbols(const void *a, const void *b)
{
	const struct survey_symbol *x = a, *y = b;
	int order = by_number(x->address, y->address);

	return order ? order : strcmp(x->name, y->name);
}

static void sort(struct survey *s)
{
	if (s->map_count)
		qsort(s->maps, s->map_count, sizeof(*s->maps), compare_maps);
	if (s->module_count)
		qsort(s->modules, s->module_count, sizeof(*s->modules), compare_modules);
	if (s->symbol_count)
		qsort(s->symbols, s->symbol_count, sizeof(*s->symbols), compare_symbols);
}

static const char begin_line[] = "survey begin", end_line[] = "survey end ";

/* Other lines than ours are the kernel's messages. */
static bool take_line(struct survey *s, char *line)
{
	static const struct {
		const char *key;
		bool (*take)(struct survey *s, char *rest);
	} kinds[] = { { "map ", take_map },
		      { "module ", take_module },
		      { "symbol ", take_symbol } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(line, kinds[i].key, strlen(kinds[i].key)))
			return kinds[i].take(s, line + strlen(kinds[i].key));
	return false;
}

char *survey_parse(struct survey *s, const char *console)
{
	char *text = xstrdup(console), *save;
	uint64_t taken = 0, said = 0;
	bool begun = false, ended = false;

	*s = (struct survey){ 0 };
	for (char *line = strtok_r(text, "\r\n", &save); line && !ended;
	     line = strtok_r(NULL, "\r\n", &save)) {
		char *number = line + strlen(end_line);

		if (begun && !strncmp(line, end_line, strlen(end_line)))
			ended = take_number(&number, 10, '\0', &said);
		else if (begun)
			taken += take_line(s, line);
		else
			begun = !strcmp(line, begin_line);
	}
	free(text);
	sort(s);
	if (!begun)
		return xstrdup(
			"the guest told nothing: has it /preinit, and its kernel a console?");
	if (!ended)
		return xstrdup("the guest did not come to the end of what it told");
	if (taken != said)
		return xasprintf("the guest told %" PRIu64 " lines, %" PRIu64 " of them arrived",
				 said, taken);
	return s->map_count ? NULL : xstrdup("the guest has no program's code mapped");
}

/* Until the last line is there, or the guest ends. */
static char *listen(struct guest *g, const char *log)
{
	double start = clock_s();
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct pollfd p = { g->console_fd, POLLIN, 0 };
	bool open = true, told = false;

	if (fd < 0)
		die("cannot write '%s': %s", log, strerror(errno));
	while (open && !told && clock_s() - start < SURVEY_TIMEOUT_S) {
		char *text, *at;

		if (poll(&p, 1, TURN_MS) > 0) {
			open = guest_read(g, -1, fd);
			continue;
		}
		text = xfs_read(log, NULL);
		at = strstr(text, "\nsurvey end ");
		told = at && strchr(at + 1, '\n');
		free(text);
	}
	close(fd);
	guest_wait(g, open);
	return xfs_read(log, NULL);
}

void xsurvey_run(struct survey *s, const char *directory)
{
	static const struct accelerator emulator = { false,
						     "addresses are those under the tracer" };
	char *spec_path = xasprintf("%s/image.spec", directory);
	char *log = xasprintf("%s/survey.console.%ld", directory, (long)getpid());
	struct guest_options o = { .image = xasprintf("%s/image", directory),
				   .append = "rdinit=/preinit survey=1",
				   .tsc_khz = accelerator_tsc_khz() };
	struct imagespec spec;
	struct probe probe;
	struct guest g;
	char *console, *wrong;

	xlaunch_prepare(&o, spec_path, &spec, &probe);
	xguest_start(&g, &o, &emulator);
	console = listen(&g, log);
	unlink(log);
	wrong = survey_parse(s, console);
	if (wrong) {
		size_t bytes = strlen(console), tail = bytes > 1500 ? bytes - 1500 : 0;

		fprintf(stderr, "%s\n", console + tail);
		die_hint("its console's end is above", "'%s' cannot be surveyed: %s", directory,
			 wrong);
	}
	free(console);
	free(log);
	free(spec_path);
}
