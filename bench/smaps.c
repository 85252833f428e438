/* SPDX-License-Identifier: MIT */
#include "smaps.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

/* The mapping that the reader is in. */
struct mapping {
	bool candidate, has_rss;
};

/* "7f75-7f79 rw-p ..."; false if the line is none. */
static bool take_header(struct mapping *m, const char *line, uint64_t ram_bytes)
{
	uint64_t start, end;
	char access[5];

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &start, &end, access) != 3 ||
	    strlen(access) != 4)
		return false;
	*m = (struct mapping){ .candidate = end - start == ram_bytes && access[1] == 'w' };
	return true;
}

char *smaps_parse(const char *text, uint64_t ram_bytes, uint64_t *bytes)
{
	struct mapping m = { 0 };
	uint64_t kilobytes;
	bool found = false;

	*bytes = 0;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (take_header(&m, line, ram_bytes) || !m.candidate || m.has_rss)
			continue;
		if (sscanf(line, "Rss: %" SCNu64 " kB", &kilobytes) != 1)
			continue;
		m.has_rss = found = true;
		if (kilobytes * 1024 > *bytes)
			*bytes = kilobytes * 1024;
	}
	if (found && *bytes <= ram_bytes)
		return NULL;
	return xasprintf("no mapping of QEMU's is the guest's memory of %" PRIu64 " bytes",
			 ram_bytes);
}

char *smaps_resident(pid_t pid, uint64_t ram_bytes, uint64_t *bytes)
{
	char *path = xasprintf("/proc/%ld/smaps", (long)pid);
	char *text = fs_read(path, NULL), *wrong;

	wrong = text ? smaps_parse(text, ram_bytes, bytes)
		     : xasprintf("cannot read what memory QEMU has: %s", strerror(errno));
	free(text);
	free(path);
	return wrong;
}

bool smaps_ram_bytes(const char *memory, uint64_t *bytes)
{
	static const char units[] = "KMG";
	unsigned shift = 20;
	uint64_t number;
	const char *unit;
	char *end;

	if (!isdigit((unsigned char)*memory))
		return false;
	errno = 0;
	number = strtoull(memory, &end, 10);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit)
		shift = 10 * (unsigned)(unit - units + 1);
	if (errno || (*end && (!unit || end[1])) || !number || number > UINT64_MAX >> shift)
		return false;
	*bytes = number << shift;
	return true;
}
