/* SPDX-License-Identifier: MIT */
/*
 * plan.h - what the judge says to the workers: PLAN.json, schema 1
 *
 *   app
 *   groups[]    what is added up together, a build with counts of one kind: name, kind, record
 *               (the record.json of the result)
 *   records[]   label, id, group (an index), instructions (of the result that are this one's),
 *               counted (its own), share, likeness, note
 *   refused[]   label, why, reason
 *   caps        record, host, relaxed
 */
#ifndef FLEETS_PLAN_H
#define FLEETS_PLAN_H

#include <jansson.h>

#include "judge.h"

/* What all recordings of a fleet together count in the result; 10^12 instructions. */
#define PLAN_INSTRUCTIONS 1000000000000

struct plan_group {
	const char *name; /* of its directory in the result: "7", or "7-addresses" */
	enum reading_kind kind;
	json_t *record;
};

struct plan_record {
	const char *label, *id;
	size_t group;
	uint64_t instructions;
};

struct plan {
	char *app;
	json_t *json;		     /* which the strings belong to */
	char digest[HASH_HEX_BYTES]; /* the same for the same plan */
	struct plan_group *groups;
	size_t group_count;
	struct plan_record *records; /* by label */
	size_t record_count;
};

/* PLAN.json, a new reference. */
json_t *plan_make(const struct judgement *j, const char *app);

/* Takes over `json`; NULL, or a sentence that the caller frees. */
char *plan_open(struct plan *p, json_t *json);
void plan_release(struct plan *p);

/* One of "groups"; its strings stay those of `from`. False if it is none. */
bool plan_open_group(struct plan_group *g, json_t *from);

/* The index of the record of this label, or record_count. */
size_t plan_find(const struct plan *p, const char *label);

/* Was the recording of this label refused? */
bool plan_refuses(const struct plan *p, const char *label);

/* For a person: what counts, what does not and why. */
void plan_print(const struct judgement *j, const char *app);

#endif
