/* SPDX-License-Identifier: MIT */
/*
 * promotion.h - which generations were found good, one after the other
 *
 * OUT/APP/N/promotion.json, schema 1, is all that ever happened to generation N at the gate:
 *
 *   app, generation, image_sha256
 *   state      "promoted" (the one that counts now), "superseded" (another was promoted after it),
 *              "rolled back" or "refused"
 *   history[]  in order: sequence (counts 1, 2, ... over all generations of the app), event, why, and
 *     "promoted"     previous (which one was until then, or null), forced, and as for
 *     "refused"      against, budget, verdict, reason, checks (promote.h)
 *     "rolled back"  to
 *     "returned"     from: a roll-back came back to this one; the same sequence as "rolled back" there
 *
 * The events of all generations, in order, give the *line*: those promoted one after the other and not
 * rolled back; the last one is the promoted one. A roll-back counts by the event "returned", one
 * write; states and the link OUT/APP/promoted follow, and are put right by the next change if it
 * was stopped there.
 */
#ifndef PIPELINE_PROMOTION_H
#define PIPELINE_PROMOTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum promotion_state {
	PROMOTION_NONE, /* never at the gate */
	PROMOTION_REFUSED,
	PROMOTION_PROMOTED,
	PROMOTION_SUPERSEDED,
	PROMOTION_ROLLED_BACK,
};

struct promotion {
	unsigned number;
	enum promotion_state state;
	const char *why; /* of a refusal or a roll-back; belongs to `record`; or NULL */
	json_t *record;	 /* promotion.json */
	const json_t *
		event; /* the one that led to the state; of `record`, or of another's for a roll-back */
};

struct promoted {
	unsigned number;
	bool is_there; /* false: its directory or its record is gone */
};

struct promotions {
	struct promotion *v; /* generations with a promotion.json, ascending */
	size_t n;
	struct promoted *line; /* in the order of promotion */
	size_t line_count;
	uint64_t next_sequence;
	char *damage; /* NULL, or a sentence: a record cannot be read, and the line is not known */
	char *disagreement; /* NULL, or a sentence: the link is another than the records say */
};

/* The checks of the gate, in the order in which they are run; NULL at the end. */
extern const char *const promotion_checks[];

/* All of the app; nothing if nothing was ever promoted. Released by promotions_release(). */
void promotions_read(struct promotions *p, const char *out, const char *app);

/* The same; dies if there is damage. */
void xpromotions_read(struct promotions *p, const char *out, const char *app);
void promotions_release(struct promotions *p);

/* The promoted one; NULL if there is none. */
const struct promoted *promotions_top(const struct promotions *p);

bool promotions_on_line(const struct promotions *p, unsigned number);

/* NULL if it has no record. */
const struct promotion *promotions_find(const struct promotions *p, unsigned number);

/* "promoted", "superseded", "rolled back", "refused"; "" for none. */
const char *promotion_state_name(enum promotion_state state);

/*
 * One line for a person: "promoted", "promoted, forced: WHY", "refused: REASON", ...; "" for none.
 * The caller frees.
 */
char *promotion_describe(const struct promotion *p);

/* NULL, or what is wrong with the image of generation `number`: a sentence. The caller frees. */
char *promotion_image_damage(const char *out, const char *app, unsigned number);

/*
 * The directory of the promoted generation. Dies if none is, if it is gone, or if a record is damaged;
 * warns if the link is another than the records say.
 */
char *xpromoted_directory(const char *out, const char *app);

#endif
