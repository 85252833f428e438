/* SPDX-License-Identifier: MIT */
/*
 * perfinput.h - a window that moves over a file, a pipe or bytes in memory
 *
 * A file may be far larger than memory: what is read is one window of it, a mebibyte or
 * as much as is asked for at once.
 */
#ifndef IMPORTS_PERFINPUT_H
#define IMPORTS_PERFINPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct perfinput {
	const char *name;
	uint64_t bytes;	   /* of all; 0 if that cannot be known (a pipe) */
	bool is_seekable;  /* any part can be asked for, not only what comes next */
	int failed;	   /* errno of a read that failed, 0 otherwise */
	const uint8_t *at; /* the window: in memory, all of it */
	uint64_t start;	   /* where in the file it begins, and how long it is */
	size_t filled;
	uint8_t *buffer; /* NULL for bytes in memory */
	size_t room;
	int fd;
};

/* NULL, or a sentence that the caller frees. `name` is kept, not copied. */
char *perfinput_open(struct perfinput *in, const char *path);
void perfinput_memory(struct perfinput *in, const char *name, const uint8_t *data, size_t bytes);
void perfinput_close(struct perfinput *in);

/*
 * `bytes` bytes at `offset`, valid until the next call; NULL if the file does not have
 * them all, or cannot be read: then `failed` is set. A pipe must be asked in ascending order.
 */
const uint8_t *perfinput_at(struct perfinput *in, uint64_t offset, size_t bytes);

/*
 * The line at `offset`, without its end: where it begins, and its length. NULL at the end of
 * the file, if the rest has no end of line (`*length` is then how long that is), and if the
 * line is longer than `most` (`*length` is `most`).
 */
const char *perfinput_line(struct perfinput *in, uint64_t offset, size_t most, size_t *length);

#endif
