/* SPDX-License-Identifier: MIT */
#include "promotion_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/json.h"
#include "lib/util.h"

static char *record_path(const char *out, const char *app, unsigned number)
{
	return xasprintf("%s/%s/%u/promotion.json", out, app, number);
}

void xpromotion_lock(const char *out, const char *app)
{
	xfs_lock(xasprintf("%s/%s/.promotion.lock", out, app),
		 xasprintf("the promotions of %s", app));
}

static json_t *new_record(const char *out, const char *app, unsigned number)
{
	char *path = xasprintf("%s/%s/%u/manifest.json", out, app, number);
	json_t *manifest = xjson_read(path);
	json_t *record = json_pack("{s:i, s:s, s:i, s:s, s:s, s:[]}", "schema", 1, "app", app,
				   "generation", (int)number, "image_sha256",
				   xjson_string(json_object_get(manifest, "image"), "sha256", path),
				   "state", "", "history");

	json_decref(manifest);
	free(path);
	return record;
}

static void link_promoted(const char *out, const char *app, unsigned number)
{
	char *link = xasprintf("%s/%s/promoted", out, app), *target = xasprintf("%u", number);
	char *temporary = xasprintf("%s.tmp.%ld", link, (long)getpid()), known[16] = "";

	if (readlink(link, known, sizeof(known) - 1) < 0 || strcmp(known, target)) {
		unlink(temporary);
		if (symlink(target, temporary))
			die("cannot make the link '%s': %s", temporary, strerror(errno));
		xfs_rename(temporary, link);
	}
	free(temporary);
	free(target);
	free(link);
}

static bool has_sequence(const json_t *record, const json_t *sequence)
{
	json_t *history = json_object_get(record, "history"), *event;
	size_t i;

	json_array_foreach(history, i, event)
		if (json_equal(json_object_get(event, "sequence"), sequence))
			return true;
	return false;
}

/* A roll-back is in the history of each generation that it took out of the line. */
static void add_roll_back(const struct promotion *one, unsigned to)
{
	const json_t *sequence = json_object_get(one->event, "sequence");

	if (has_sequence(one->record, sequence))
		return;
	json_array_append_new(json_object_get(one->record, "history"),
			      json_pack("{s:O, s:s, s:i, s:O}", "sequence", sequence, "event",
					"rolled back", "to", (int)to, "why",
					json_object_get(one->event, "why")));
}

/* Whose history has the event "returned" of this sequence. */
static unsigned returned_to(const struct promotions *p, const json_t *event)
{
	for (size_t i = 0; i < p->n; i++) {
		json_t *history = json_object_get(p->v[i].record, "history"), *other;
		size_t at;

		json_array_foreach(history, at, other)
			if (other == event)
				return p->v[i].number;
	}
	die("a roll-back is in no history");
}

void xpromotion_put_right(const char *out, const char *app)
{
	const struct promoted *top;
	struct promotions p;

	xpromotions_read(&p, out, app);
	top = promotions_top(&p);
	for (size_t i = 0; i < p.n; i++) {
		struct promotion *one = &p.v[i];
		char *path = record_path(out, app, one->number);

		if (one->state == PROMOTION_ROLLED_BACK &&
		    !strcmp(json_string_value(json_object_get(one->event, "event")), "returned"))
			add_roll_back(one, returned_to(&p, one->event));
		json_object_set_new(one->record, "state",
				    json_string(promotion_state_name(one->state)));
		xjson_write_if_changed(path, one->record);
		free(path);
	}
	/* one that is gone keeps its mark until there is another: it must not seem that there was none */
	if (top && top->is_there)
		link_promoted(out, app, top->number);
	promotions_release(&p);
}

/* The write that decides. */
static void append(const struct promotions *p, const char *out, const char *app, unsigned number,
		   const char *state, json_t *event)
{
	const struct promotion *known = promotions_find(p, number);
	json_t *record = known ? json_deep_copy(known->record) : new_record(out, app, number);
	char *path = record_path(out, app, number);

	json_object_set_new(event, "sequence", json_integer((json_int_t)p->next_sequence));
	json_array_append_new(json_object_get(record, "history"), event);
	json_object_set_new(record, "state", json_string(state));
	xjson_write(path, record);
	json_decref(record);
	free(path);
	xpromotion_put_right(out, app);
}

void xpromotion_promote(const struct promotions *p, const char *out, const char *app,
			unsigned number, json_t *event)
{
	const struct promoted *top = promotions_top(p);

	json_object_set_new(event, "event", json_string("promoted"));
	json_object_set_new(event, "previous", top ? json_integer(top->number) : json_null());
	append(p, out, app, number, "promoted", event);
}

void xpromotion_refuse(const struct promotions *p, const char *out, const char *app,
		       unsigned number, json_t *event)
{
	json_object_set_new(event, "event", json_string("refused"));
	append(p, out, app, number, "refused", event);
}

void xpromotion_return(const struct promotions *p, const char *out, const char *app, unsigned to,
		       const char *why)
{
	append(p, out, app, to, "promoted",
	       json_pack("{s:s, s:i, s:s?}", "event", "returned", "from",
			 (int)promotions_top(p)->number, "why", why));
}
