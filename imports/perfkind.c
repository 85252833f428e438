/* SPDX-License-Identifier: MIT */
/*
 * perfkind.c - what kind of file somebody brings, by its first bytes
 *
 * LLVM's binary sample profiles begin with "SPROF42" and the format's number as one
 * ULEB128 (llvm/ProfileData/SampleProf.h), gcov's with "adcg"; text begins with a function,
 * NAME:TOTAL:HEAD, whose lines are indented.
 */
#include "perfdata.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../pipeline/lib/util.h"
#include "scriptline.h"

enum { HEAD_BYTES = 64 << 10 };

/* The head of a file, as lines. */
struct head {
	const char *at, *end;
};

/* The next line, whole or cut off; false if there is none. */
static bool next_line(struct head *h, const char **line, size_t *bytes)
{
	const char *end;

	if (h->at == h->end)
		return false;
	end = memchr(h->at, '\n', (size_t)(h->end - h->at));
	*line = h->at;
	*bytes = (size_t)((end ? end : h->end) - h->at);
	h->at = end ? end + 1 : h->end;
	return true;
}

static size_t digits(const char *at, size_t bytes, const char *which)
{
	size_t n = 0;

	while (n < bytes && at[n] && strchr(which, at[n]))
		n++;
	return n;
}

static bool is_decimal(const char *line, size_t bytes)
{
	return bytes && digits(line, bytes, "0123456789") == bytes;
}

/* HEX, then `between`, as raw counts and counts by address have it */
static bool is_count(const char *line, size_t bytes, char between)
{
	size_t n = digits(line, bytes, "0123456789abcdefABCDEFx");

	return n && n < bytes && line[n] == between;
}

/* A number of lines, then such lines, or of raw counts the next number. */
static enum perf_kind kind_of_counts(const char *data, size_t bytes)
{
	struct head h = { data, data + bytes };
	const char *line;
	size_t length;

	if (!next_line(&h, &line, &length) || !is_decimal(line, length))
		return PERF_KIND_UNKNOWN;
	if (!next_line(&h, &line, &length))
		return PERF_KIND_ADDRESSES;
	if (is_count(line, length, '-') || is_decimal(line, length))
		return PERF_KIND_RAW;
	return is_count(line, length, ':') ? PERF_KIND_ADDRESSES : PERF_KIND_UNKNOWN;
}

/* ":DEC" at the end of what is before `*bytes`, which is taken off. */
static bool ends_with_number(const char *line, size_t *bytes)
{
	size_t n = *bytes;

	while (n && line[n - 1] >= '0' && line[n - 1] <= '9')
		n--;
	if (n == *bytes || n < 2 || line[n - 1] != ':')
		return false;
	*bytes = n - 1;
	return true;
}

static bool is_autofdo(const char *data, size_t bytes)
{
	static const uint8_t magic[] = { 'S', 'P', 'R', 'O', 'F', '4', '2' };
	struct head h = { data, data + bytes };
	uint64_t number = 0;
	const char *line;
	size_t length;

	for (size_t i = 0; i < 10 && i < bytes; i++) {
		number |= (uint64_t)((uint8_t)data[i] & 0x7f) << (7 * i);
		if (!((uint8_t)data[i] & 0x80))
			break;
	}
	for (size_t i = 0; i < sizeof(magic); i++)
		if ((uint8_t)(number >> (56 - 8 * i)) != magic[i])
			break;
		else if (i + 1 == sizeof(magic))
			return true;
	if (bytes >= 4 && !memcmp(data, "adcg", 4))
		return true;
	if (!next_line(&h, &line, &length) || !length || *line == ' ' || *line == '\t' ||
	    !ends_with_number(line, &length) || !ends_with_number(line, &length))
		return false;
	return !next_line(&h, &line, &length) || !length || *line == ' ';
}

/* Is there a mapping or a sample in the lines that are whole? */
static bool is_script(const char *data, size_t bytes)
{
	struct scriptline l = { 0 };
	struct head h = { data, data + bytes };
	const char *line;
	size_t length;
	bool found = false;

	while (!found && next_line(&h, &line, &length)) {
		scriptline_parse(&l, line, length);
		found = l.kind == SCRIPTLINE_MAPPING || l.kind == SCRIPTLINE_SAMPLE ||
			l.kind == SCRIPTLINE_FRAME || l.kind == SCRIPTLINE_BRANCHES;
	}
	scriptline_release(&l);
	return found && !memchr(data, 0, bytes);
}

enum perf_kind perf_kind_of_memory(const uint8_t *data, size_t bytes)
{
	const char *text = (const char *)data;
	struct perfcursor c;
	enum perf_kind kind;
	uint64_t magic;

	if (!bytes)
		return PERF_KIND_EMPTY;
	c = (struct perfcursor){ data, data + bytes, false };
	magic = perfcursor_u64(&c);
	if (magic == PERFDATA_MAGIC || magic == __builtin_bswap64(PERFDATA_MAGIC))
		return PERF_KIND_DATA;
	if (bytes > HEAD_BYTES)
		bytes = HEAD_BYTES;
	if (is_autofdo(text, bytes))
		return PERF_KIND_AUTOFDO;
	kind = kind_of_counts(text, bytes);
	if (kind == PERF_KIND_UNKNOWN && is_script(text, bytes))
		kind = PERF_KIND_SCRIPT;
	return kind;
}

enum perf_kind perf_kind_of(const char *path)
{
	uint8_t *head = xmalloc(HEAD_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum perf_kind kind = PERF_KIND_UNKNOWN;
	ssize_t got = 0;
	size_t bytes = 0;

	while (fd >= 0 && bytes < HEAD_BYTES &&
	       (got = read(fd, head + bytes, HEAD_BYTES - bytes)) > 0)
		bytes += (size_t)got;
	if (fd >= 0 && got >= 0)
		kind = perf_kind_of_memory(head, bytes);
	if (fd >= 0)
		close(fd);
	free(head);
	return kind;
}
