/* SPDX-License-Identifier: MIT */
#include "tap.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/util.h"

static const char *behind_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* Without blanks at its end; to be freed. */
static char *trimmed(const char *text, size_t bytes)
{
	while (bytes && isspace((unsigned char)text[bytes - 1]))
		bytes--;
	return xstrndup(text, bytes);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static void complain(struct tap *t, char *sentence)
{
	if (t->wrong)
		free(sentence);
	else
		t->wrong = sentence;
}

/* "# SKIP why" or "# TODO why" in the rest of a line; the reason, or NULL. */
static const char *directive(const char *text, const char *word, const char **at)
{
	for (const char *hash = strchr(text, '#'); hash; hash = strchr(hash + 1, '#')) {
		const char *c = behind_blanks(hash + 1);

		if (hash > text && hash[-1] == '\\')
			continue;
		if (strncasecmp(c, word, strlen(word)))
			continue;
		c += strlen(word);
		c += strspn(c, "PEDped"); /* SKIPPED */
		*at = hash;
		return behind_blanks(c + (*c == ':'));
	}
	return NULL;
}

static void keep(struct tap *t, const char *name, size_t name_bytes, const char *reason,
		 bool failed)
{
	if (t->n == TAP_MOST_POINTS)
		return;
	t->v = xrealloc(t->v, (t->n + 1) * sizeof(*t->v));
	t->v[t->n++] = (struct tap_point){ trimmed(name, name_bytes),
					   trimmed(reason, strlen(reason)), failed };
}

/* `text` is behind "ok" or "not ok". */
static void take_point(struct tap *t, const char *text, bool good)
{
	const char *end = text + strlen(text), *why;

	text = behind_blanks(text);
	text += strspn(text, "0123456789");
	text = behind_blanks(text);
	text = behind_blanks(text + (*text == '-'));
	end = text + strlen(text);
	why = directive(text, "SKIP", &end);
	if (!why)
		why = directive(text, "TODO", &end);
	t->in_reason = !good && !why;
	if (why)
		t->skipped++;
	else if (good)
		t->passed++;
	else
		t->failed++;
	if (why || !good)
		keep(t, text, (size_t)(end - text), why ? why : "", !why);
}

static void take_plan(struct tap *t, const char *text)
{
	char *end;
	unsigned long planned = strtoul(text, &end, 10);
	const char *at, *why = directive(end, "SKIP", &at);

	if (!isdigit((unsigned char)*text) || (*behind_blanks(end) && *behind_blanks(end) != '#') ||
	    planned > 100000000)
		return;
	if (t->planned >= 0)
		complain(t, xstrdup("there is more than one plan"));
	t->planned = (long)planned;
	if (!planned && !t->skip_all)
		t->skip_all =
			why && *why ? trimmed(why, strlen(why)) : xstrdup("no reason was given");
}

/* The first comment behind a failure says most. */
static void take_comment(struct tap *t, const char *text)
{
	struct tap_point *p = t->n ? &t->v[t->n - 1] : NULL;

	text = behind_blanks(text);
	if (!t->in_reason || !*text || !p || !p->failed || *p->reason)
		return;
	free(p->reason);
	p->reason = trimmed(text, strlen(text));
}

static bool is_word_end(char c)
{
	return !c || isspace((unsigned char)c);
}

void tap_line(struct tap *t, const char *line)
{
	if (begins(line, "ok") && is_word_end(line[2]))
		take_point(t, line + 2, true);
	else if (begins(line, "not ok") && is_word_end(line[6]))
		take_point(t, line + 6, false);
	else if (begins(line, "1.."))
		take_plan(t, line + 3);
	else if (begins(line, "Bail out!"))
		complain(t, xasprintf("it gave up: %s", behind_blanks(line + 9)));
	else if (*line == '#')
		take_comment(t, line + 1);
}

void tap_text(struct tap *t, char *text)
{
	char *save;

	for (char *line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save))
		tap_line(t, line);
}

char *tap_end(const struct tap *t, int exit_status)
{
	unsigned long seen = t->passed + t->failed + t->skipped;

	if (t->wrong)
		return xstrdup(t->wrong);
	if (t->failed)
		return xasprintf("%lu of %lu failed", t->failed, seen);
	if (exit_status)
		return xasprintf("it ended with exit status %d", exit_status);
	if (t->planned < 0)
		return xasprintf("it printed no plan (1..N), so it is not known whether all was "
				 "done; %lu were",
				 seen);
	if ((unsigned long)t->planned != seen)
		return xasprintf("it planned %ld, and %lu were done", t->planned, seen);
	return NULL;
}

void tap_release(struct tap *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].name);
		free(t->v[i].reason);
	}
	free(t->v);
	free(t->skip_all);
	free(t->wrong);
	*t = (struct tap)TAP_INIT;
}
