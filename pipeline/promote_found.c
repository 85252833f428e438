/* SPDX-License-Identifier: MIT */
#include "promote_found.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/json.h"
#include "lib/util.h"

enum { MOST_DROPPED = 20 };

static void push_dropped(struct strlist *lines, const char *path)
{
	static const char mark[] = "anneal: dropped ";
	size_t bytes;
	char *text = fs_read(path, &bytes), *at = text;

	while (at && (at = memmem(at, bytes - (size_t)(at - text), mark, strlen(mark)))) {
		char *line = xstrndup(at, strcspn(at, "\r\n"));

		if (!strlist_has(lines, line) && lines->n < MOST_DROPPED)
			strlist_push(lines, line);
		at += strlen(mark);
		free(line);
	}
	free(text);
}

char *found_dropped(json_t *found, const struct strlist *consoles)
{
	struct strlist lines = STRLIST_INIT;
	char *why = NULL;

	for (size_t i = 0; i < consoles->n; i++)
		push_dropped(&lines, consoles->v[i]);
	strlist_sort(&lines);
	if (lines.n)
		why = xasprintf("it called what the shaker had dropped: %s",
				lines.v[0] + strlen("anneal: "));
	json_object_set_new(found, "dropped", json_from_strlist(&lines));
	strlist_release(&lines);
	return why;
}

void found_did(json_t *found, const char *log)
{
	static const char mark[] = "  did: ";
	char *text = fs_read(log, NULL), *save;
	json_t *did = json_array();

	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, mark, strlen(mark)))
			json_array_append_new(did, json_text(line + strlen(mark)));
	json_object_set_new(found, "did", did);
	free(text);
}

static void copy(json_t *to, const json_t *from, const char *const *keys)
{
	for (; *keys; keys++)
		if (json_object_get(from, *keys))
			json_object_set(to, *keys, json_object_get(from, *keys));
}

void found_boot(json_t *found, const char *path)
{
	static const char *const keys[] = { "accelerator", "emulated", "memory", NULL };
	json_t *boot = json_read(path), *all = json_object_get(found, "ready_ms");
	const json_t *ready = json_object_get(boot, "ready_ms");

	if (!all) {
		all = json_array();
		json_object_set_new(found, "ready_ms", all);
	}
	if (json_is_integer(ready))
		json_array_append_new(all, json_integer(json_integer_value(ready)));
	copy(found, boot, keys);
	json_decref(boot);
}

void found_loads(json_t *found, const char *directory)
{
	static const char *const keys[] = { "requests", "failed", "warmup_failed", NULL };
	struct strlist names = STRLIST_INIT;
	json_t *loads = json_array();

	fs_list(&names, directory);
	for (size_t i = 0; i < names.n; i++) {
		char *path = xasprintf("%s/%s", directory, names.v[i]);
		json_t *result = strncmp(names.v[i], "load-", 5) ? NULL : json_read(path);

		if (json_is_object(result)) {
			json_t *one = json_object();

			json_object_set(one, "name",
					json_object_get(json_object_get(result, "load"), "name"));
			copy(one, result, keys);
			json_array_append_new(loads, one);
		}
		json_decref(result);
		free(path);
	}
	json_object_set_new(found, "loads", loads);
	strlist_release(&names);
}

void found_tests(json_t *found, const char *path)
{
	static const char *const keys[] = { "passed", "failed", "skipped", "dropped", NULL };
	static const char *const of_one[] = { "name", "result", "sha256", NULL };
	json_t *result = json_read(path), *tests = json_object_get(result, "tests"), *test;
	json_t *all = json_object(), *kept = json_array();
	size_t i;

	json_array_foreach(tests, i, test) {
		json_t *one = json_object();

		copy(one, test, of_one);
		json_array_append_new(kept, one);
	}
	if (json_is_object(result)) {
		copy(all, result, keys);
		json_object_set(all, "tests", kept);
		json_object_set(found, "app_tests", all);
	}
	json_decref(kept);
	json_decref(all);
	json_decref(result);
}

/* "instructions<=+1%, but it is +16.9 %" of each limit that does not hold, or why it is not known. */
static char *describe_limits(json_t *limits)
{
	struct strlist words = STRLIST_INIT;
	json_t *limit;
	size_t i;

	json_array_foreach(limits, i, limit) {
		const json_t *percent = json_object_get(limit, "percent");
		const char *why = json_string_value(json_object_get(limit, "why"));
		const char *text = json_string_value(json_object_get(limit, "limit"));

		if (json_is_true(json_object_get(limit, "ok")))
			continue;
		if (why)
			strlist_pushf(&words, "%s: %s", text, why);
		else if (json_is_real(percent))
			strlist_pushf(&words, "%s, but it is %+.1f %%", text,
				      json_real_value(percent));
		else
			strlist_pushf(&words, "%s, but it went from %.12g to %.12g", text,
				      json_number_value(json_object_get(limit, "from")),
				      json_number_value(json_object_get(limit, "to")));
	}
	return words.n ? strlist_join(&words, "; ") : NULL;
}

char *found_budget(json_t *found, const char *path, const char **gate)
{
	json_t *diff = json_read(path), *limits = json_object_get(diff, "budget");
	json_t *verdict = json_object_get(json_object_get(diff, "verdict"), "gate");

	json_object_set_new(found, "gate",
			    json_is_string(verdict) ? json_deep_copy(verdict) : json_null());
	json_object_set_new(found, "limits",
			    json_is_array(limits) ? json_deep_copy(limits) : json_array());
	json_decref(diff);
	*gate = json_string_value(json_object_get(found, "gate"));
	return describe_limits(json_object_get(found, "limits"));
}

static int compare(const void *a, const void *b)
{
	json_int_t x = *(const json_int_t *)a, y = *(const json_int_t *)b;

	return (x > y) - (x < y);
}

static char *summarize_boots(const json_t *found)
{
	json_t *ready = json_object_get(found, "ready_ms");
	size_t n = json_array_size(ready);
	json_int_t *sorted = xcalloc(n + 1, sizeof(*sorted));
	char *text;

	if (!n)
		return xstrdup("");
	for (size_t i = 0; i < n; i++)
		sorted[i] = json_integer_value(json_array_get(ready, i));
	qsort(sorted, n, sizeof(*sorted), compare);
	text = xasprintf("answers after %.2f s%s%s", (double)sorted[n / 2] / 1000,
			 n > 1 ? " (median)" : "",
			 json_is_true(json_object_get(found, "emulated")) ? ", emulated" : "");
	free(sorted);
	return text;
}

static char *summarize_answers(const json_t *found)
{
	json_t *loads = json_object_get(found, "loads"), *load;
	json_int_t requests = 0;
	size_t i;

	json_array_foreach(loads, i, load)
		requests += json_integer_value(json_object_get(load, "requests"));
	return json_array_size(loads)
		       ? xasprintf("%" JSON_INTEGER_FORMAT " answers of %zu load%s, all good",
				   requests, json_array_size(loads),
				   json_array_size(loads) == 1 ? "" : "s")
		       : xstrdup("");
}

/* Of the recipe's tests, if it has any. */
static char *summarize_app_tests(const json_t *found)
{
	const json_t *all = json_object_get(found, "app_tests");
	json_int_t skipped = json_integer_value(json_object_get(all, "skipped"));
	json_int_t passed = json_integer_value(json_object_get(all, "passed"));

	if (!all)
		return xstrdup("");
	if (!skipped)
		return xasprintf("%" JSON_INTEGER_FORMAT " tests passed", passed);
	return xasprintf("%" JSON_INTEGER_FORMAT " tests passed, %" JSON_INTEGER_FORMAT " skipped",
			 passed, skipped);
}

static char *summarize_tests(const json_t *found)
{
	char *answers = summarize_answers(found), *tests = summarize_app_tests(found), *both;

	both = xasprintf("%s%s%s", answers, *answers && *tests ? "; " : "", tests);
	free(answers);
	free(tests);
	return both;
}

/* Of rare operations: starting and stopping are among them. */
static char *summarize_audit(const json_t *found)
{
	return xasprintf("%zu operations, nothing that was dropped was called",
			 json_array_size(json_object_get(found, "did")));
}

static char *summarize_limits(const json_t *found)
{
	struct strlist words = STRLIST_INIT;
	json_t *limits = json_object_get(found, "limits"), *limit;
	size_t i;

	json_array_foreach(limits, i, limit) {
		const json_t *percent = json_object_get(limit, "percent");
		const char *name = json_string_value(json_object_get(limit, "name"));

		if (json_is_real(percent))
			strlist_pushf(&words, "%s %+.1f %%", name, json_real_value(percent));
		else
			strlist_pushf(&words, "%s %.12g", name,
				      json_number_value(json_object_get(limit, "to")));
	}
	return words.n ? strlist_join(&words, ", ") : xstrdup("");
}

char *found_summary(const char *name, const json_t *found)
{
	if (!strcmp(name, "boot"))
		return summarize_boots(found);
	if (!strcmp(name, "tests"))
		return summarize_tests(found);
	if (!strcmp(name, "audit"))
		return summarize_audit(found);
	return !strcmp(name, "budget") ? summarize_limits(found) : xstrdup("");
}
