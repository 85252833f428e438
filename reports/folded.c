/* SPDX-License-Identifier: MIT */
#include "folded.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

/* False if the total would become too large. */
static bool add(struct folded *f, char *frames, uint64_t count)
{
	if (count > FOLDED_TOTAL_MAX || f->total + count > FOLDED_TOTAL_MAX)
		return false;
	if (f->n == f->room) {
		f->room = f->room ? f->room * 2 : 256;
		f->v = xrealloc(f->v, f->room * sizeof(*f->v));
	}
	f->v[f->n++] = (struct folded_stack){ frames, count };
	f->total += count;
	return true;
}

void xfolded_add(struct folded *f, const char *frames, uint64_t count)
{
	if (!add(f, xstrdup(frames), count))
		die("the counts of the stacks add up to more than 2^53");
}

/* The decimal number that is the text's last word; false if that is none. */
static bool last_number(const char *line, size_t *bytes, uint64_t *number)
{
	size_t end = *bytes, start = end;

	*number = 0;
	while (start && line[start - 1] >= '0' && line[start - 1] <= '9')
		start--;
	if (start == end || !start || (line[start - 1] != ' ' && line[start - 1] != '\t'))
		return false;
	for (size_t i = start; i < end; i++) {
		/* more digits than that are too many in any case */
		if (*number > FOLDED_TOTAL_MAX)
			break;
		*number = *number * 10 + (uint64_t)(line[i] - '0');
	}
	while (start && (line[start - 1] == ' ' || line[start - 1] == '\t'))
		start--;
	*bytes = start;
	return true;
}

/* NULL, or what is wrong with the frames. */
static const char *wrong_frames(const char *line, size_t bytes)
{
	if (!bytes)
		return "there is no stack before the count";
	if (line[0] == ';' || line[bytes - 1] == ';' || memmem(line, bytes, ";;", 2))
		return "a frame has no name";
	return NULL;
}

static const char *parse_line(struct folded *f, const char *line, size_t bytes, size_t *two_counts)
{
	uint64_t count, other;
	size_t before;
	const char *wrong;
	char *frames;

	while (bytes && strchr(" \t\r", line[bytes - 1]))
		bytes--;
	if (!bytes)
		return NULL;
	if (memchr(line, '\0', bytes))
		return "there is a NUL byte in it: this is no text";
	if (!last_number(line, &bytes, &count))
		return "it does not end with a blank and a whole number";
	wrong = wrong_frames(line, bytes);
	if (wrong || !count)
		return wrong;
	before = bytes;
	*two_counts += last_number(line, &before, &other);
	frames = xstrndup(line, bytes);
	if (add(f, frames, count))
		return NULL;
	free(frames);
	return "the counts up to here add up to more than 2^53";
}

char *folded_parse(struct folded *f, const char *text, size_t bytes, const char *where)
{
	const char *at = text, *end = text + bytes;
	size_t two_counts = 0, before = f->n;

	for (size_t line = 1; at < end; line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *line_end = newline ? newline : end;
		const char *wrong = parse_line(f, at, (size_t)(line_end - at), &two_counts);

		if (wrong)
			return xasprintf("%s:%zu: this is no stack 'frame;frame COUNT': %s", where,
					 line, wrong);
		at = newline ? newline + 1 : end;
	}
	/* no error: names may end in a number */
	if (two_counts && two_counts == f->n - before)
		warn("each line of '%s' ends with two numbers; the last is the count, the other one part "
		     "of the name: is it what difffolded.pl writes?",
		     where);
	return NULL;
}

void xfolded_read(struct folded *f, const char *path)
{
	size_t bytes;
	char *text = xfs_read(path, &bytes);
	char *wrong = folded_parse(f, text, bytes, path);

	if (wrong)
		die_hint("docs/flamegraphs.md describes the format", "%s", wrong);
	free(text);
	folded_normalize(f);
}

static int by_frames(const void *one, const void *other)
{
	const struct folded_stack *a = one, *b = other;

	return strcmp(a->frames, b->frames);
}

void folded_normalize(struct folded *f)
{
	size_t kept = 0;

	if (f->n)
		qsort(f->v, f->n, sizeof(*f->v), by_frames);
	for (size_t i = 0; i < f->n; i++) {
		if (kept && !strcmp(f->v[kept - 1].frames, f->v[i].frames)) {
			f->v[kept - 1].count += f->v[i].count;
			free(f->v[i].frames);
		} else {
			f->v[kept++] = f->v[i];
		}
	}
	f->n = kept;
}

void xfolded_write(struct folded *f, const char *path)
{
	size_t bytes = 0, room = 1;
	char *text;

	folded_normalize(f);
	for (size_t i = 0; i < f->n; i++)
		room += strlen(f->v[i].frames) + 32;
	text = xmalloc(room);
	for (size_t i = 0; i < f->n; i++) {
		size_t length = strlen(f->v[i].frames);
		char *count = xasprintf(" %llu\n", (unsigned long long)f->v[i].count);

		memcpy(text + bytes, f->v[i].frames, length);
		bytes += length;
		memcpy(text + bytes, count, strlen(count));
		bytes += strlen(count);
		free(count);
	}
	xfs_write(path, text, bytes);
	free(text);
}

void folded_release(struct folded *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].frames);
	free(f->v);
	*f = (struct folded)FOLDED_INIT;
}
