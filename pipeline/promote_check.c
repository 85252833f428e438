/* SPDX-License-Identifier: MIT */
/* promote check: run a command that checks a generation, and write down what it came to. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/json.h"
#include "lib/process.h"
#include "lib/report.h"
#include "lib/util.h"
#include "promote.h"

enum { MOST_DROPPED = 20, NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

const char *const promote_checks[] = { "boot", "tests", "audit", "bench", "budget", NULL };

struct check {
	const struct promote_options *o;
	const char *name;
	char *log; /* path */
	json_t *plan, *found;
	const char *result;
	char *reason; /* NULL: it passed */
};

static void settle(struct check *c, const char *result, char *reason)
{
	c->result = result;
	c->reason = reason;
}

bool promote_passes(const json_t *result)
{
	const char *word = json_string_value(json_object_get(result, "result"));

	return word && (!strcmp(word, "pass") || !strcmp(word, "not needed"));
}

json_t *promote_result(const struct promote_options *o, const char *name)
{
	char *path = xasprintf("%s/%s.json", o->results, name);
	json_t *result = json_read(path);

	free(path);
	return result;
}

static bool compares(const char *name)
{
	return !strcmp(name, "bench") || !strcmp(name, "budget");
}

/* What settles it before anything is run. */
static void look_before(struct check *c)
{
	const char *kinds = xjson_string(c->plan, "kinds", "plan.json");

	for (size_t i = 0; strcmp(promote_checks[i], c->name) && !c->o->forced; i++) {
		json_t *earlier = promote_result(c->o, promote_checks[i]);

		if (!promote_passes(earlier))
			settle(c, "not run", xasprintf("'%s' did not pass", promote_checks[i]));
		json_decref(earlier);
		if (c->result)
			return;
	}
	if (compares(c->name) && json_is_null(json_object_get(c->plan, "against")))
		settle(c, "not needed", xstrdup("nothing was promoted to compare with"));
	else if (!strcmp(c->name, "bench") && !*kinds)
		settle(c, "not needed", xstrdup("the budget has no figure that is measured"));
	else if (c->o->needs && !fs_exists(c->o->needs))
		settle(c, "cannot tell",
		       xasprintf("'%s' is missing%s%s", c->o->needs, c->o->hint ? ": " : "",
				 c->o->hint ? c->o->hint : ""));
}

/* The last line that begins with `mark`, without it; NULL if there is none. */
static char *last_line(const char *text, const char *mark)
{
	const char *found = NULL;

	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (!strncmp(at, mark, strlen(mark)) && at[strlen(mark)] != '\n' &&
		    at[strlen(mark)])
			found = at + strlen(mark);
	return found ? xstrndup(found, strcspn(found, "\r\n")) : NULL;
}

static char *why_it_failed(const struct check *c, int status)
{
	char *text = fs_read(c->log, NULL), *line = NULL;
	static const char *const marks[] = { "error: ", "warning: ", "" };

	for (size_t i = 0; text && !line && i < ARRAY_SIZE(marks); i++)
		line = last_line(text, marks[i]);
	free(text);
	return line ? line : xasprintf("'%s' ended with exit status %d", c->o->words[1], status);
}

/* Once; what it says goes into the log. Returns the exit status. */
static int run(const struct check *c)
{
	struct process p = PROCESS_INIT;
	int fd = open(c->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), status;

	if (fd < 0)
		die("cannot write '%s': %s", c->log, strerror(errno));
	p.argv = c->o->words + 1;
	p.out_fd = p.err_fd = fd;
	status = process_run(&p);
	close(fd);
	return status;
}

static const char *result_of(const struct check *c, int status)
{
	if (!status)
		return "pass";
	if (status == NOT_EXECUTABLE || status == NOT_FOUND || !strcmp(c->name, "bench"))
		return "cannot tell";
	return strcmp(c->name, "budget") || status == EXIT_NO ? "fail" : "cannot tell";
}

/* What a kernel says when something is called that the shaker dropped. */
static void look_for_dropped(struct check *c)
{
	static const char mark[] = "anneal: dropped ";
	struct strlist lines = STRLIST_INIT;

	for (size_t i = 0; i < c->o->consoles.n; i++) {
		size_t bytes;
		char *text = fs_read(c->o->consoles.v[i], &bytes), *at = text;

		while (text && (at = memmem(at, bytes - (size_t)(at - text), mark, strlen(mark)))) {
			char *line = xstrndup(at, strcspn(at, "\r\n"));

			if (!strlist_has(&lines, line) && lines.n < MOST_DROPPED)
				strlist_push(&lines, line);
			at += strlen(mark);
			free(line);
		}
		free(text);
	}
	strlist_sort(&lines);
	if (lines.n && !c->reason)
		settle(c, "fail",
		       xasprintf("it called what the shaker had dropped: %s",
				 lines.v[0] + strlen("anneal: ")));
	json_object_set_new(c->found, "dropped", json_from_strlist(&lines));
	strlist_release(&lines);
}

static void copy(json_t *to, const json_t *from, const char *const *keys)
{
	for (; *keys; keys++)
		if (json_object_get(from, *keys))
			json_object_set(to, *keys, json_object_get(from, *keys));
}

/* What "run --result" wrote, a boot each. */
static void add_boot(struct check *c)
{
	static const char *const keys[] = { "accelerator", "emulated", "memory", NULL };
	json_t *boot = c->o->facts ? json_read(c->o->facts) : NULL, *all;
	const json_t *ready = json_object_get(boot, "ready_ms");

	all = json_object_get(c->found, "ready_ms");
	if (!all) {
		all = json_array();
		json_object_set_new(c->found, "ready_ms", all);
	}
	if (json_is_integer(ready))
		json_array_append_new(all, json_integer(json_integer_value(ready)));
	copy(c->found, boot, keys);
	json_decref(boot);
}

/* What "load --result" wrote: RESULTS/load-NAME.json. */
static void add_loads(struct check *c)
{
	static const char *const keys[] = { "requests", "failed", "warmup_failed", NULL };
	struct strlist names = STRLIST_INIT;
	json_t *loads = json_array();

	fs_list(&names, c->o->results);
	for (size_t i = 0; i < names.n; i++) {
		char *path = xasprintf("%s/%s", c->o->results, names.v[i]);
		json_t *result = strncmp(names.v[i], "load-", 5) ? NULL : json_read(path);

		if (result) {
			json_t *one = json_object();

			json_object_set(one, "name",
					json_object_get(json_object_get(result, "load"), "name"));
			copy(one, result, keys);
			json_array_append_new(loads, one);
		}
		json_decref(result);
		free(path);
	}
	json_object_set_new(c->found, "loads", loads);
	strlist_release(&names);
}

/* "instructions<=+1%: +16.9 %" of each limit that does not hold, or why it is not known. */
static char *describe_limits(const json_t *limits)
{
	struct strlist words = STRLIST_INIT;
	json_t *limit;
	size_t i;

	json_array_foreach((json_t *)limits, i, limit) {
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

/* What "diff" wrote: its budget and the gate. */
static void add_budget(struct check *c)
{
	json_t *diff = c->o->facts ? json_read(c->o->facts) : NULL;
	json_t *limits = json_object_get(diff, "budget");
	const char *gate =
		json_string_value(json_object_get(json_object_get(diff, "verdict"), "gate"));
	char *why = describe_limits(limits);

	if (!gate && !c->reason)
		settle(c, "cannot tell", xstrdup("the comparison has no verdict"));
	else if (gate && strcmp(gate, "pass") && why)
		settle(c, strcmp(gate, "fail") ? "cannot tell" : "fail", xstrdup(why));
	json_object_set_new(c->found, "gate", gate ? json_string(gate) : json_null());
	json_object_set_new(c->found, "limits", limits ? json_deep_copy(limits) : json_array());
	free(why);
	json_decref(diff);
}

static void run_all(struct check *c)
{
	unlink(c->log);
	for (unsigned i = 0; i < c->o->times && !c->reason; i++) {
		int status;

		if (c->o->facts) /* what an earlier run left is not what this one finds */
			unlink(c->o->facts);
		status = run(c);
		settle(c, result_of(c, status), status ? why_it_failed(c, status) : NULL);
		if (!strcmp(c->name, "boot"))
			add_boot(c);
	}
	if (!strcmp(c->name, "tests"))
		add_loads(c);
	if (!strcmp(c->name, "budget"))
		add_budget(c);
	if (c->o->consoles.n)
		look_for_dropped(c);
}

static void show_log(const struct check *c)
{
	char *text = fs_read(c->log, NULL);

	if (text)
		fputs(text, stdout);
	free(text);
}

int promote_check(const struct promote_options *o)
{
	struct check c = { .o = o, .name = o->words[0], .found = json_object() };
	struct promote_options own = *o;
	char *path = xasprintf("%s/%s.json", o->results, c.name);

	c.o = &own;
	c.plan = xpromote_plan(o);
	own.forced = json_is_true(json_object_get(c.plan, "forced"));
	c.log = xasprintf("%s/%s.log", o->results, c.name);
	unlink(path);
	look_before(&c);
	if (!c.result) {
		run_all(&c);
		show_log(&c);
	}
	json_object_set_new(c.found, "result", json_string(c.result));
	json_object_set_new(c.found, "reason", c.reason ? json_text(c.reason) : json_null());
	xjson_write(path, c.found);
	if (!strcmp(c.result, "pass"))
		report_note("passed");
	else
		report_note("%s: %.180s", strcmp(c.result, "fail") ? c.result : "failed", c.reason);
	return EXIT_YES;
}
