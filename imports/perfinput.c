/* SPDX-License-Identifier: MIT */
#include "perfinput.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../pipeline/lib/util.h"

enum { WINDOW_BYTES = 1 << 20 };

char *perfinput_open(struct perfinput *in, const char *path)
{
	struct stat s;

	*in = (struct perfinput){ .name = path, .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (in->fd < 0)
		return xasprintf("%s cannot be read: %s", path, strerror(errno));
	if (fstat(in->fd, &s) || S_ISDIR(s.st_mode)) {
		close(in->fd);
		return xasprintf(
			"%s is a directory (perf record --threads makes these); a file that "
			"perf record wrote without --threads is expected",
			path);
	}
	if (S_ISREG(s.st_mode)) {
		in->bytes = (uint64_t)s.st_size;
		in->is_seekable = true;
	}
	in->room = WINDOW_BYTES;
	in->at = in->buffer = xmalloc(in->room);
	return NULL;
}

void perfinput_memory(struct perfinput *in, const char *name, const uint8_t *data, size_t bytes)
{
	*in = (struct perfinput){ .name = name,
				  .bytes = bytes,
				  .is_seekable = true,
				  .at = data,
				  .filled = bytes,
				  .fd = -1 };
}

void perfinput_close(struct perfinput *in)
{
	free(in->buffer);
	if (in->fd >= 0)
		close(in->fd);
	*in = (struct perfinput){ .fd = -1 };
}

/* More bytes behind the window. False if there are none. */
static bool read_more(struct perfinput *in)
{
	uint64_t offset = in->start + in->filled;
	ssize_t got;

	do {
		void *to = in->buffer + in->filled;
		size_t room = in->room - in->filled;

		got = in->is_seekable ? pread(in->fd, to, room, (off_t)offset)
				      : read(in->fd, to, room);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		in->failed = errno;
	if (got <= 0)
		return false;
	in->filled += (size_t)got;
	return true;
}

/* Let the window begin at `offset`, keeping what it has of that. False past a pipe's end. */
static bool move_window(struct perfinput *in, uint64_t offset)
{
	if (offset >= in->start && offset - in->start <= in->filled) {
		size_t gone = (size_t)(offset - in->start);

		memmove(in->buffer, in->buffer + gone, in->filled - gone);
		in->filled -= gone;
		in->start = offset;
		return true;
	}
	if (in->is_seekable) {
		in->start = offset;
		in->filled = 0;
		return true;
	}
	/* a pipe: what lies between is read and forgotten */
	while (offset > in->start + in->filled) {
		in->start += in->filled;
		in->filled = 0;
		if (!read_more(in))
			return false;
	}
	return offset >= in->start && move_window(in, offset);
}

static bool is_inside(const struct perfinput *in, uint64_t offset, size_t bytes)
{
	return offset >= in->start && offset - in->start <= in->filled &&
	       in->filled - (offset - in->start) >= bytes;
}

const uint8_t *perfinput_at(struct perfinput *in, uint64_t offset, size_t bytes)
{
	if (is_inside(in, offset, bytes))
		return in->at + (offset - in->start);
	if (!in->buffer || offset > INT64_MAX)
		return NULL;
	if (in->is_seekable && (offset > in->bytes || bytes > in->bytes - offset))
		return NULL;
	if (!move_window(in, offset))
		return NULL;
	if (bytes > in->room) {
		in->room = bytes;
		in->at = in->buffer = xrealloc(in->buffer, in->room);
	}
	while (in->filled < bytes)
		if (!read_more(in))
			return NULL;
	return in->at;
}

const char *perfinput_line(struct perfinput *in, uint64_t offset, size_t most, size_t *length)
{
	size_t seen = 0;

	for (*length = 0;; *length = seen) {
		const uint8_t *text = perfinput_at(in, offset, seen + 1);
		size_t have;
		const uint8_t *end;

		if (!text)
			return NULL;
		have = in->filled - (size_t)(offset - in->start);
		if (have > most)
			have = most;
		end = memchr(text + seen, '\n', have - seen);
		if (end) {
			*length = (size_t)(end - text);
			return (const char *)text;
		}
		seen = have;
		if (have == most) {
			*length = most;
			return NULL;
		}
	}
}
