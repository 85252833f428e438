/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <fcntl.h>
#include <unistd.h>

size_t text_read(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t bytes = 0;
	ssize_t got;

	while (fd >= 0 && bytes < room - 1 && (got = read(fd, text + bytes, room - 1 - bytes)) > 0)
		bytes += (size_t)got;
	if (fd >= 0)
		close(fd);
	text[bytes] = '\0';
	return bytes;
}

const char *text_decimal(uint64_t *n, const char *at)
{
	const char *start = at;

	for (*n = 0; *at >= '0' && *at <= '9' && at - start < 9; at++)
		*n = *n * 10 + (uint64_t)(*at - '0');
	return at > start && (*at < '0' || *at > '9') ? at : NULL;
}
