/* SPDX-License-Identifier: MIT */
#include "exclusions.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

struct rule {
	const char *glob, *reason;
};

/* "exclude NAME: reason" in place; false if it is something else. */
static bool read_rule(char *line, struct rule *r)
{
	static const char word[] = "exclude ";
	char *colon = strstr(line, ": ");

	if (strncmp(line, word, strlen(word)) || !colon)
		return false;
	*colon = '\0';
	r->glob = line + strlen(word);
	r->reason = colon + 2 + strspn(colon + 2, " ");
	return *r->glob && !strpbrk(r->glob, " \t") && *r->reason;
}

static struct rule *read_rules(const char *path, size_t *count)
{
	char *text = xfs_read(path, NULL), *next = text;
	struct rule *rules = NULL;

	*count = 0;
	for (unsigned number = 1; next && *next; number++) {
		char *line = next, *end = strchr(line, '\n');

		next = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		rules = xrealloc(rules, (*count + 1) * sizeof(*rules));
		if (!read_rule(line, &rules[(*count)++]))
			die("%s:%u: this is not 'exclude NAME: reason'", path, number);
	}
	return rules; /* they point into the text, which is kept */
}

static const struct rule *rule_for(const struct rule *rules, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!fnmatch(rules[i].glob, name, 0))
			return &rules[i];
	return NULL;
}

/* Symbols come by address; names for one address make one exclusion. */
void xexclusions_read(struct exclusions *e, const char *path, const struct elfmap *m)
{
	size_t count;
	struct rule *rules = read_rules(path, &count);
	uint64_t covered = 0;

	*e = (struct exclusions){ 0 };
	for (size_t i = 0; i < m->symbol_count; i++) {
		const struct elfmap_symbol *s = &m->symbols[i];
		const struct rule *rule = rule_for(rules, count, s->name);

		if (!rule || s->end <= covered)
			continue;
		e->v = xrealloc(e->v, (e->n + 1) * sizeof(*e->v));
		e->v[e->n++] = (struct exclusion){ s->start > covered ? s->start : covered, s->end,
						   s->name, rule->reason };
		covered = s->end;
	}
	free(rules);
}

const struct exclusion *exclusions_at(const struct exclusions *e, uint64_t start)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->v[i].start == start)
			return &e->v[i];
	return NULL;
}
