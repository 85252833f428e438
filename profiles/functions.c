/* SPDX-License-Identifier: MIT */
#include "functions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

const char *const role_names[ROLES] = { "", "switch", "fork", "child", "program" };

static bool read_role(const char *text, enum role *role)
{
	text += strspn(text, " ");
	for (*role = ROLE_NONE; *role < ROLES; (*role)++)
		if (!strcmp(role_names[*role], text))
			return true;
	return false;
}

static bool read_line(const char *line, struct piece *p)
{
	int used = 0;

	return sscanf(line, "%" SCNx64 " %" SCNu32 "%n", &p->start, &p->function, &used) == 2 &&
	       read_role(line + used, &p->role);
}

char *functions_read(struct functions *f, const char *path)
{
	char *text = fs_read(path, NULL), *save, *sentence = NULL;
	size_t room = 0;

	*f = (struct functions){ 0 };
	if (!text)
		return xasprintf("cannot read '%s': %s", path, strerror(errno));
	for (char *line = strtok_r(text, "\n", &save); line && !sentence;
	     line = strtok_r(NULL, "\n", &save)) {
		if (f->n == room) {
			room = room ? room * 2 : 4096;
			f->v = xrealloc(f->v, room * sizeof(*f->v));
		}
		if (!read_line(line, &f->v[f->n++]))
			sentence =
				xasprintf("%s:%zu: this is not 'START NUMBER [ROLE]'", path, f->n);
		else if (f->n > 1 && f->v[f->n - 1].start <= f->v[f->n - 2].start)
			sentence = xasprintf("%s:%zu: not sorted by address", path, f->n);
	}
	free(text);
	return sentence;
}

const struct piece *functions_find(const struct functions *f, uint64_t address)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (f->v[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &f->v[low - 1] : NULL;
}
