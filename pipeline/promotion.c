/* SPDX-License-Identifier: MIT */
#include "promotion.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generation.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/json.h"
#include "lib/util.h"

const char *const promotion_checks[] = { "boot", "tests", "audit", "bench", "budget", NULL };

/* One entry of a history. */
struct event {
	uint64_t sequence;
	unsigned generation; /* whose history it is in */
	const json_t *json;
};

struct events {
	struct event *v;
	size_t n;
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool is_event(const json_t *e, const char *name)
{
	return !strcmp(text_of(e, "event"), name);
}

/* A generation's number, or null where that is allowed. */
static bool is_number(const json_t *value, bool may_be_null)
{
	return (may_be_null && json_is_null(value)) ||
	       (json_is_integer(value) && json_integer_value(value) >= 0 &&
		json_integer_value(value) < 1000000000);
}

static bool is_good_event(const json_t *e)
{
	const json_t *sequence = json_object_get(e, "sequence"), *why = json_object_get(e, "why");

	if (!json_is_object(e) || !json_is_integer(sequence) || json_integer_value(sequence) < 1 ||
	    !(json_is_string(why) || json_is_null(why)))
		return false;
	if (is_event(e, "promoted"))
		return is_number(json_object_get(e, "previous"), true);
	if (is_event(e, "rolled back"))
		return is_number(json_object_get(e, "to"), false);
	if (is_event(e, "returned"))
		return is_number(json_object_get(e, "from"), false);
	return is_event(e, "refused");
}

static bool is_good_record(const json_t *record, unsigned number)
{
	json_t *history = json_object_get(record, "history"), *event;
	size_t i;

	if (json_integer_value(json_object_get(record, "schema")) != 1 ||
	    json_integer_value(json_object_get(record, "generation")) != number ||
	    !json_is_string(json_object_get(record, "image_sha256")) || !json_array_size(history))
		return false;
	json_array_foreach(history, i, event)
		if (!is_good_event(event))
			return false;
	return true;
}

static void collect(struct events *all, const struct promotion *p)
{
	json_t *history = json_object_get(p->record, "history"), *event;
	size_t i;

	json_array_foreach(history, i, event) {
		all->v = xrealloc(all->v, (all->n + 1) * sizeof(*all->v));
		all->v[all->n++] = (struct event){
			.sequence =
				(uint64_t)json_integer_value(json_object_get(event, "sequence")),
			.generation = p->number,
			.json = event,
		};
	}
}

static int compare(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->sequence != y->sequence)
		return x->sequence < y->sequence ? -1 : 1;
	return (x->generation > y->generation) - (x->generation < y->generation);
}

/* Records of all generations, and their events in order. */
static void read_records(struct promotions *p, struct events *all, const char *out, const char *app)
{
	unsigned *numbers;
	size_t n = generation_list(out, app, &numbers);

	p->v = xcalloc(n, sizeof(*p->v));
	for (size_t i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s/%u/promotion.json", out, app, numbers[i]);
		struct promotion *one = &p->v[p->n];

		*one = (struct promotion){ .number = numbers[i] };
		if (fs_exists(path)) {
			one->record = json_read(path);
			if (is_good_record(one->record, numbers[i]))
				collect(all, &p->v[p->n++]);
			else if (!p->damage)
				p->damage = xasprintf("'%s' was changed or is broken", path);
		}
		free(path);
	}
	free(numbers);
	if (all->n)
		qsort(all->v, all->n, sizeof(*all->v), compare);
	p->next_sequence = all->n ? all->v[all->n - 1].sequence + 1 : 1;
}

static struct promotion *find(const struct promotions *p, unsigned number)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].number == number)
			return &p->v[i];
	return NULL;
}

static void settle(struct promotions *p, unsigned number, enum promotion_state state,
		   const json_t *event)
{
	struct promotion *one = find(p, number);

	if (!one)
		return;
	one->state = state;
	one->event = event;
	one->why = json_string_value(
		json_object_get(event, state == PROMOTION_REFUSED ? "reason" : "why"));
}

static void push(struct promotions *p, unsigned number, bool is_there)
{
	const struct promoted *top = promotions_top(p);

	if (top && find(p, top->number))
		find(p, top->number)->state = PROMOTION_SUPERSEDED;
	p->line = xrealloc(p->line, (p->line_count + 1) * sizeof(*p->line));
	p->line[p->line_count++] = (struct promoted){ number, is_there };
}

static void replay_promoted(struct promotions *p, const struct event *e)
{
	const struct promoted *top = promotions_top(p);
	const json_t *previous = json_object_get(e->json, "previous");

	/* the history of the one before went with its directory */
	if (json_is_integer(previous) &&
	    (!top || top->number != (unsigned)json_integer_value(previous)))
		push(p, (unsigned)json_integer_value(previous), false);
	push(p, e->generation, true);
	settle(p, e->generation, PROMOTION_PROMOTED, e->json);
}

/* Twice is as good as once: both ends of a roll-back have it. */
static void replay_return(struct promotions *p, const struct event *e, unsigned to)
{
	if (!promotions_on_line(p, to) && promotions_on_line(p, e->generation)) {
		while (promotions_top(p)->number != e->generation)
			settle(p, p->line[--p->line_count].number, PROMOTION_ROLLED_BACK, e->json);
		settle(p, p->line[--p->line_count].number, PROMOTION_ROLLED_BACK, e->json);
	}
	while (promotions_on_line(p, to) && promotions_top(p)->number != to)
		settle(p, p->line[--p->line_count].number, PROMOTION_ROLLED_BACK, e->json);
	if (!promotions_on_line(p, to))
		push(p, to, e->generation == to);
	if (find(p, to))
		find(p, to)->state = PROMOTION_PROMOTED;
}

static void replay_refused(struct promotions *p, const struct event *e)
{
	if (!promotions_on_line(p, e->generation))
		settle(p, e->generation, PROMOTION_REFUSED, e->json);
}

static void replay(struct promotions *p, const struct events *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct event *e = &all->v[i];

		if (is_event(e->json, "promoted"))
			replay_promoted(p, e);
		else if (is_event(e->json, "refused"))
			replay_refused(p, e);
		else if (is_event(e->json, "returned"))
			replay_return(p, e, e->generation);
		else
			replay_return(p, e,
				      (unsigned)json_integer_value(json_object_get(e->json, "to")));
	}
}

/* The number that OUT/APP/promoted points to, or -1. */
static int read_link(const char *out, const char *app)
{
	char *path = xasprintf("%s/%s/promoted", out, app), target[16];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	free(path);
	if (length <= 0 || length > 9)
		return -1;
	target[length] = '\0';
	return target[strspn(target, "0123456789")] ? -1 : atoi(target);
}

/* A roll-back from `number` was the last event: if the link still names it, that was stopped. */
static bool was_left(const struct events *all, unsigned number)
{
	const json_t *from = all->n ? json_object_get(all->v[all->n - 1].json, "from") : NULL;

	return json_is_integer(from) && json_integer_value(from) == number;
}

/* A promoted generation that was deleted took its record along; the link still names it. */
static void compare_link(struct promotions *p, const struct events *all, const char *out,
			 const char *app)
{
	int number = read_link(out, app);
	const struct promoted *top = promotions_top(p);
	char *directory = xasprintf("%s/%s/%d", out, app, number);

	if (number >= 0 && !fs_is_directory(directory) &&
	    (!top || top->number != (unsigned)number) && !was_left(all, (unsigned)number))
		push(p, (unsigned)number, false);
	else if (number >= 0 && !top)
		p->disagreement = xasprintf("'%s/%s/promoted' points to generation %d, but no "
					    "record says that it was promoted",
					    out, app, number);
	else if (top && (number < 0 || top->number != (unsigned)number))
		p->disagreement = xasprintf(
			"'%s/%s/promoted' does not point to generation %u, which the records "
			"say is promoted; the next 'make promote' or 'make rollback' puts "
			"it right",
			out, app, top->number);
	free(directory);
}

void promotions_read(struct promotions *p, const char *out, const char *app)
{
	struct events all = { 0 };

	*p = (struct promotions){ 0 };
	read_records(p, &all, out, app);
	replay(p, &all);
	compare_link(p, &all, out, app);
	for (size_t i = 0; i < p->line_count; i++)
		p->line[i].is_there = p->line[i].is_there && find(p, p->line[i].number);
	free(all.v);
}

void xpromotions_read(struct promotions *p, const char *out, const char *app)
{
	promotions_read(p, out, app);
	if (p->damage)
		die_hint("restore it, or remove it if that generation need not count as promoted",
			 "%s, so it is not known which generation is promoted", p->damage);
}

void promotions_release(struct promotions *p)
{
	for (size_t i = 0; i < p->n; i++)
		json_decref(p->v[i].record);
	free(p->v);
	free(p->line);
	free(p->damage);
	free(p->disagreement);
	*p = (struct promotions){ 0 };
}

const struct promoted *promotions_top(const struct promotions *p)
{
	return p->line_count ? &p->line[p->line_count - 1] : NULL;
}

bool promotions_on_line(const struct promotions *p, unsigned number)
{
	for (size_t i = 0; i < p->line_count; i++)
		if (p->line[i].number == number)
			return true;
	return false;
}

const struct promotion *promotions_find(const struct promotions *p, unsigned number)
{
	return find(p, number);
}

const char *promotion_state_name(enum promotion_state state)
{
	switch (state) {
	case PROMOTION_NONE: return "";
	case PROMOTION_REFUSED: return "refused";
	case PROMOTION_PROMOTED: return "promoted";
	case PROMOTION_SUPERSEDED: return "superseded";
	case PROMOTION_ROLLED_BACK: return "rolled back";
	}
	return "";
}

char *promotion_describe(const struct promotion *p)
{
	const char *name = promotion_state_name(p->state);
	bool was_forced = json_is_true(json_object_get(p->event, "forced"));

	if (!p->why)
		return xstrdup(name);
	return xasprintf("%s%s: %s", name, was_forced ? ", forced" : "", p->why);
}

char *promotion_image_damage(const char *out, const char *app, unsigned number)
{
	char *directory = xasprintf("%s/%s/%u", out, app, number);
	char *image = xasprintf("%s/image", directory), hex[HASH_HEX_BYTES], *damage = NULL;
	char *manifest_path = xasprintf("%s/manifest.json", directory);
	json_t *manifest = json_read(manifest_path);
	const char *sum = text_of(json_object_get(manifest, "image"), "sha256");
	int error;

	if (!fs_is_directory(directory))
		damage = xasprintf("generation %u is gone", number);
	else if (!*sum)
		damage = xasprintf("generation %u is damaged: '%s' cannot be read", number,
				   manifest_path);
	else if ((error = hash_file(image, hex)))
		damage = xasprintf("generation %u is damaged: '%s' cannot be read: %s", number,
				   image, strerror(-error));
	else if (strcmp(sum, hex))
		damage = xasprintf(
			"generation %u is damaged: the sha256 of '%s' is not the one in its "
			"manifest",
			number, image);
	json_decref(manifest);
	free(manifest_path);
	free(image);
	free(directory);
	return damage;
}

char *xpromoted_directory(const char *out, const char *app)
{
	struct promotions p;
	const struct promoted *top;
	char *directory;

	xpromotions_read(&p, out, app);
	top = promotions_top(&p);
	if (p.disagreement)
		warn("%s", p.disagreement);
	if (!top)
		die_hint(xasprintf("make promote APP=%s GEN=N checks one and marks it good", app),
			 "no generation of '%s' is promoted", app);
	if (!top->is_there)
		die_hint(xasprintf("make rollback APP=%s GEN=N goes back to one before it; 'make "
				   "generations APP=%s' lists them",
				   app, app),
			 "generation %u of '%s', which is promoted, is gone", top->number, app);
	directory = xasprintf("%s/%s/%u", out, app, top->number);
	promotions_release(&p);
	return directory;
}
