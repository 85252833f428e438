/* SPDX-License-Identifier: MIT */
#include "fold.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "functions.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"
#include "reports/symbol_name.h"

/* Numbers of functions being given. */
struct number {
	char *key; /* region, waits, name */
	uint32_t function;
	UT_hash_handle hh;
};

struct numbering {
	struct fold *fold;
	struct number *numbers;
	bool has_role[ROLES];
	FILE *f;
};

/*
 * Numbers
 */

static uint32_t number_of(struct numbering *n, size_t region, bool waits, const char *name)
{
	char *key = xasprintf("%zu %d %s", region, waits, name);
	struct fold *f = n->fold;
	struct number *found;

	HASH_FIND_STR(n->numbers, key, found);
	if (found) {
		free(key);
		return found->function;
	}
	found = xcalloc(1, sizeof(*found));
	found->key = key;
	found->function = f->function_count++;
	HASH_ADD_KEYPTR(hh, n->numbers, found->key, strlen(found->key), found);
	f->functions = xrealloc(f->functions, f->function_count * sizeof(*f->functions));
	f->functions[found->function] =
		(struct fold_function){ xasprintf("%s%s", name, region ? "" : "_[k]"), region,
					waits };
	return found->function;
}

static const struct {
	bool kernel;
	const char *name;
	enum role role;
	const char *without; /* what is wrong if there is none; NULL: nothing */
} roles[] = {
	{ true, "__switch_to_asm", ROLE_SWITCH, "the stacks of its tasks cannot be told apart" },
	{ true, "kernel_clone", ROLE_FORK, "a child's stacks lack what its maker had called" },
	{ true, "ret_from_fork_asm", ROLE_CHILD, "a new task's stacks may be an old one's" },
	{ false, "_start", ROLE_PROGRAM, NULL },
};

static enum role role_of(struct numbering *n, size_t region, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (roles[i].kernel == (region == 0) && !strcmp(roles[i].name, name)) {
			n->has_role[i] = true;
			return roles[i].role;
		}
	return ROLE_NONE;
}

static void warn_of_roles(const struct numbering *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (!n->has_role[i] && roles[i].without)
			warn("'%s' is no symbol of the kernel: %s", roles[i].name,
			     roles[i].without);
}

static bool waits_at(const struct exclusions *e, uint64_t address)
{
	for (size_t i = 0; i < e->n; i++)
		if (address >= e->v[i].start && address < e->v[i].end)
			return true;
	return false;
}

/* A line, unless the piece is nothing but more of the function `before` it. Returns its function. */
static uint32_t put_piece(struct numbering *n, size_t region, const struct exclusions *e,
			  uint64_t start, uint32_t before)
{
	const struct elfmap_symbol *symbol = elfmap_find(n->fold->regions[region].map, start);
	char *name = symbol_frame(symbol ? symbol->name : "[unknown]");
	uint32_t function = number_of(n, region, waits_at(e, start), name);
	enum role role = ROLE_NONE;

	if (symbol && symbol->start == start)
		role = role_of(n, region, symbol->name);
	if (function != before || (symbol && symbol->start == start))
		fprintf(n->f, "%" PRIx64 " %" PRIu32 "%s%s\n", start, function, role ? " " : "",
			role_names[role]);
	free(name);
	return function;
}

static int compare_addresses(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Where in the code another function may begin: each symbol's start and end, each exclusion's. */
static uint64_t *boundaries(const struct elfmap *map, const struct exclusions *e,
			    const struct range *code, size_t *count)
{
	uint64_t *all = xcalloc(2 * (map->symbol_count + e->n) + 1, sizeof(*all));

	*count = 0;
	all[(*count)++] = code->start;
	for (size_t i = 0; i < map->symbol_count; i++) {
		all[(*count)++] = map->symbols[i].start;
		all[(*count)++] = map->symbols[i].end;
	}
	for (size_t i = 0; i < e->n; i++) {
		all[(*count)++] = e->v[i].start;
		all[(*count)++] = e->v[i].end;
	}
	qsort(all, *count, sizeof(*all), compare_addresses);
	return all;
}

static void number_code(struct numbering *n, size_t region, const struct exclusions *e,
			const struct range *code)
{
	size_t count;
	uint64_t *all = boundaries(n->fold->regions[region].map, e, code, &count);
	uint32_t before = 0;

	for (size_t i = 0; i < count; i++)
		if (all[i] >= code->start && all[i] < code->end && (!i || all[i] != all[i - 1]))
			before = put_piece(n, region, e, all[i], before);
	fprintf(n->f, "%" PRIx64 " 0\n", code->end);
	free(all);
}

struct place {
	const struct range *code;
	size_t region;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return compare_addresses(&x->code->start, &y->code->start);
}

/* All code of all regions, by address. */
static struct place *places_of(const struct fold *f, size_t *count)
{
	struct place *places = NULL;

	*count = 0;
	for (size_t r = 0; r < f->region_count; r++) {
		const struct ranges *code = &f->regions[r].map->code;

		places = xrealloc(places, (*count + code->n) * sizeof(*places));
		for (size_t i = 0; i < code->n; i++)
			places[(*count)++] = (struct place){ &code->v[i], r };
	}
	qsort(places, *count, sizeof(*places), compare_places);
	return places;
}

static void release_numbers(struct numbering *n)
{
	struct number *i, *next;

	HASH_ITER(hh, n->numbers, i, next)
	{
		HASH_DEL(n->numbers, i);
		free(i->key);
		free(i);
	}
}

void xfold_number(struct fold *f, const struct symbolize_region *regions, size_t region_count,
		  const struct exclusions *e, const char *path)
{
	struct numbering n = { .fold = f };
	char *text = NULL;
	size_t bytes, count;
	struct place *places;

	*f = (struct fold){ .regions = regions, .region_count = region_count };
	f->functions = xcalloc(1, sizeof(*f->functions));
	f->functions[f->function_count++] =
		(struct fold_function){ xstrdup("[unknown]"), region_count, false };
	n.f = open_memstream(&text, &bytes);
	if (!n.f)
		die("out of memory");
	places = places_of(f, &count);
	for (size_t i = 0; i < count; i++)
		number_code(&n, places[i].region, e, places[i].code);
	if (fclose(n.f))
		die("out of memory");
	xfs_write(path, text, bytes);
	warn_of_roles(&n);
	release_numbers(&n);
	free(places);
	free(text);
}

/*
 * Stacks
 */

struct line {
	char *stack;
	uint64_t instructions;
};

struct tree {
	const struct fold *f;
	uint32_t *parents, *functions;
	uint32_t count;
};

static void put_stack(FILE *f, const struct tree *t, uint32_t context)
{
	const struct fold_function *function = &t->f->functions[t->functions[context]];

	if (t->parents[context])
		put_stack(f, t, t->parents[context]);
	else if (function->region == 0)
		fputs("[kernel]", f);
	else if (function->region == t->f->region_count)
		fputs("[unknown]", f);
	else
		fputs(t->f->regions[function->region].name, f);
	fprintf(f, ";%s", function->name);
}

static char *stack_of(const struct tree *t, uint32_t context)
{
	char *text = NULL;
	size_t bytes;
	FILE *f = open_memstream(&text, &bytes);

	if (!f)
		die("out of memory");
	put_stack(f, t, context);
	if (fclose(f))
		die("out of memory");
	return text;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->stack, ((const struct line *)b)->stack);
}

/* A context that executed something, and does not wait, is a line. */
static struct line *read_contexts(struct tree *t, const char *path, size_t *line_count)
{
	char *text = xfs_read(path, NULL), *save;
	struct line *lines = NULL;
	size_t room = 0, line_room = 0;

	*line_count = 0;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		uint32_t parent, function;
		uint64_t instructions;
		int used = 0;

		if (++t->count >= room) {
			room = room ? room * 2 : 4096;
			t->parents = xrealloc(t->parents, room * sizeof(*t->parents));
			t->functions = xrealloc(t->functions, room * sizeof(*t->functions));
		}
		if (sscanf(line, "%" SCNu32 " %" SCNu32 " %" SCNu64 "%n", &parent, &function,
			   &instructions, &used) != 3 ||
		    line[used] || parent >= t->count || function >= t->f->function_count)
			die("%s:%" PRIu32 ": this is no line of calling contexts", path, t->count);
		t->parents[t->count] = parent;
		t->functions[t->count] = function;
		if (!instructions || t->f->functions[function].waits)
			continue;
		if (*line_count == line_room) {
			line_room = line_room ? line_room * 2 : 4096;
			lines = xrealloc(lines, line_room * sizeof(*lines));
		}
		lines[(*line_count)++] = (struct line){ stack_of(t, t->count), instructions };
	}
	free(text);
	return lines;
}

void xfold_write(const struct fold *f, const char *contexts, const char *folded)
{
	struct tree t = { .f = f };
	size_t count, bytes;
	struct line *lines = read_contexts(&t, contexts, &count);
	char *text = NULL;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		die("out of memory");
	if (count)
		qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count && !compare_lines(&lines[i], &lines[i + 1])) {
			lines[i + 1].instructions += lines[i].instructions;
			continue;
		}
		fprintf(out, "%s %" PRIu64 "\n", lines[i].stack, lines[i].instructions);
	}
	if (fclose(out))
		die("out of memory");
	xfs_write(folded, text, bytes);
	for (size_t i = 0; i < count; i++)
		free(lines[i].stack);
	free(lines);
	free(t.parents);
	free(t.functions);
	free(text);
}
