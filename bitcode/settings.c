/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* One item a line: a path may hold spaces. */
static void split_lines(struct strlist *l, const char *text)
{
	while (text && *text) {
		size_t length = strcspn(text, "\n");

		if (length)
			strlist_pushf(l, "%.*s", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

void settings_read(struct settings *s)
{
	*s = (struct settings){
		.root = setting("BITCC_ROOT"),
		.name = setting("BITCC_NAME"),
		.libc = setting("BITCC_LIBC"),
		.record = setting("BITCC_RECORD"),
		.follow = setting("BITCC_FOLLOW") != NULL,
	};
	if (!s->name)
		s->name = "src";
	split_lines(&s->prefixes, setting("BITCC_PREFIXES"));
	if (setting("BITCC_NATIVE"))
		strlist_split(&s->native, setting("BITCC_NATIVE"));
	if (setting("BITCC_FLAGS"))
		strlist_split(&s->flags, setting("BITCC_FLAGS"));
}
