/* SPDX-License-Identifier: MIT */
/* promote decide: what all checks came to, recorded in the generation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "lib/util.h"
#include "promote.h"
#include "promotion_write.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

const char *promote_verdict(const json_t *checks, const char **reason)
{
	const char *verdict = NULL;

	*reason = NULL;
	for (size_t i = 0; promotion_checks[i]; i++) {
		const json_t *check = json_object_get(checks, promotion_checks[i]);

		if (promote_passes(check) || !strcmp(text_of(check, "result"), "not run"))
			continue;
		if (!*reason ||
		    (!strcmp(text_of(check, "result"), "fail") && strcmp(verdict, "fail")))
			*reason =
				xasprintf("%s: %s", promotion_checks[i], text_of(check, "reason"));
		if (!verdict || strcmp(verdict, "fail"))
			verdict =
				!strcmp(text_of(check, "result"), "fail") ? "fail" : "cannot tell";
	}
	return verdict;
}

static json_t *xread_checks(const struct promote_options *o)
{
	json_t *checks = json_object();

	for (size_t i = 0; promotion_checks[i]; i++) {
		json_t *result = promote_result(o, promotion_checks[i]);

		if (!json_is_string(json_object_get(result, "result")))
			die("the check '%s' has not been run", promotion_checks[i]);
		json_object_set_new(checks, promotion_checks[i], result);
	}
	return checks;
}

/* All is as it was when the checks began. */
static void check_plan(const struct promote_options *o, const json_t *plan,
		       const struct promotions *p, unsigned number)
{
	const struct promoted *top = promotions_top(p);
	const json_t *against = json_object_get(plan, "against");
	char *path = xasprintf("%s/%s/%u/manifest.json", o->out, o->app, number);
	char *damage = promotion_image_damage(o->out, o->app, number);

	if (top ? !json_is_integer(against) || json_integer_value(against) != top->number
		: !json_is_null(against))
		die_hint("repeat the command",
			 "another generation was promoted or rolled back while "
			 "generation %u was being checked; nothing was recorded",
			 number);
	if (!damage && strcmp(text_of(json_object_get(xjson_read(path), "image"), "sha256"),
			      text_of(plan, "image_sha256")))
		damage = xasprintf("generation %u is another one now", number);
	if (damage)
		die("%s; nothing was recorded", damage);
	free(path);
}

static json_t *describe(const json_t *plan, json_t *checks, const char *verdict, const char *reason)
{
	bool is_forced = json_is_true(json_object_get(plan, "forced"));

	return json_pack("{s:O, s:O, s:b, s:O, s:s, s:s?, s:O}", "against",
			 json_object_get(plan, "against"), "budget",
			 json_object_get(plan, "budget"), "forced", is_forced && verdict, "why",
			 json_object_get(plan, "why"), "verdict", verdict ? verdict : "pass",
			 "reason", reason, "checks", checks);
}

static void print_checks(const json_t *checks)
{
	for (size_t i = 0; promotion_checks[i]; i++) {
		const json_t *check = json_object_get(checks, promotion_checks[i]);
		const char *reason = text_of(check, "reason");

		if (!*reason)
			reason = text_of(check, "summary");

		printf("  %-8s %s%s%s\n", promotion_checks[i], text_of(check, "result"),
		       *reason ? ": " : "", reason);
	}
}

/* What helps where it could not be told: what the check's command said, then the gate once more. */
static void print_next(const struct promote_options *o, const json_t *checks, unsigned number)
{
	for (size_t i = 0; promotion_checks[i]; i++) {
		const json_t *check = json_object_get(checks, promotion_checks[i]);
		const char *next = text_of(check, "next");

		if (strcmp(text_of(check, "result"), "cannot tell"))
			continue;
		if (*next)
			printf("hint: %s\n", next);
		printf("next: make promote APP=%s GEN=%u\n", o->app, number);
		return;
	}
}

static void print(const struct promote_options *o, const json_t *plan, const json_t *checks,
		  unsigned number, const char *verdict)
{
	bool is_forced = json_is_true(json_object_get(plan, "forced"));

	printf("%s: generation %u is %s\n", o->app, number,
	       !verdict	   ? "promoted"
	       : is_forced ? "promoted, forced"
			   : "not promoted");
	print_checks(checks);
	if (verdict && is_forced)
		printf("  forced   %s\n", text_of(plan, "why"));
	if (!verdict || is_forced) {
		printf("next: make run APP=%s GEN=promoted\n", o->app);
	} else {
		printf("recorded in %s/%s/%u/promotion.json; FORCE=1 WHY='...' promotes it all the same\n",
		       o->out, o->app, number);
		if (!strcmp(verdict, "cannot tell"))
			print_next(o, checks, number);
	}
}

int promote_decide(const struct promote_options *o)
{
	json_t *plan = xpromote_plan(o), *checks = xread_checks(o);
	unsigned number = (unsigned)xjson_uint(plan, "generation", "plan.json");
	const char *reason, *verdict = promote_verdict(checks, &reason);
	bool promotes = !verdict || json_is_true(json_object_get(plan, "forced"));
	json_t *event = describe(plan, checks, verdict, reason);
	struct promotions p;

	xpromotion_lock(o->out, o->app);
	xpromotions_read(&p, o->out, o->app);
	check_plan(o, plan, &p, number);
	if (promotes)
		xpromotion_promote(&p, o->out, o->app, number, json_incref(event));
	else
		xpromotion_refuse(&p, o->out, o->app, number, json_incref(event));
	if (o->json)
		json_print(event);
	else
		print(o, plan, checks, number, verdict);
	if (promotes)
		return EXIT_YES;
	return strcmp(verdict, "fail") ? EXIT_FAILED : EXIT_NO;
}
