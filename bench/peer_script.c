/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "peer_make.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

static char *name_of(const char *path)
{
	const char *base = fs_base(path);

	return xstrndup(base, strcspn(base, "."));
}

static struct strlist *list_of(struct peer_script *s, const char *key, size_t bytes)
{
	struct {
		const char *key;
		struct strlist *list;
	} lists[] = { { "apps", &s->apps },
		      { "packages", &s->packages },
		      { "components", &s->components },
		      { "programs", &s->programs },
		      { "inputs", &s->inputs } };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (strlen(lists[i].key) == bytes && !strncmp(lists[i].key, key, bytes))
			return lists[i].list;
	return NULL;
}

char *peer_script_parse(struct peer_script *s, const char *path, const char *text)
{
	static const char mark[] = "# peer ";
	char *copy = xstrdup(text), *save, *wrong = NULL;

	*s = (struct peer_script){ .path = path, .name = name_of(path) };
	for (const char *c = s->name; *c; c++)
		if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '-')
			wrong = xasprintf("a peer's name has small letters, digits and '-'; '%s' "
					  "has others",
					  s->name);
	for (char *line = strtok_r(copy, "\n", &save); line && !wrong;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *key = line + strlen(mark);
		size_t bytes;
		struct strlist *list;

		if (strncmp(line, mark, strlen(mark)))
			continue;
		bytes = strcspn(key, " ");
		list = list_of(s, key, bytes);
		if (list)
			strlist_split(list, key + bytes);
		else
			wrong = xasprintf("'%s' is not understood; there are apps, packages, "
					  "components, programs, inputs",
					  line);
	}
	free(copy);
	if (!wrong && !s->apps.n)
		wrong = xstrdup("it has no line '# peer apps NAME'");
	return wrong;
}
