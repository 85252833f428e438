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
#include "promote_found.h"

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

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

/* What the verdict of "diff" makes of the check; it knows more than the exit status. */
static void look_at_budget(struct check *c)
{
	const char *gate;
	char *why = found_budget(c->found, c->o->facts ? c->o->facts : "", &gate);

	if (!gate && !c->reason)
		settle(c, "cannot tell", xstrdup("the comparison has no verdict"));
	else if (gate && strcmp(gate, "pass") && why)
		settle(c, strcmp(gate, "fail") ? "cannot tell" : "fail", why);
}

static void run_all(struct check *c)
{
	char *dropped;

	unlink(c->log);
	for (unsigned i = 0; i < c->o->times && !c->reason; i++) {
		int status;

		if (c->o->facts) /* what an earlier run left is not what this one finds */
			unlink(c->o->facts);
		status = run(c);
		settle(c, result_of(c, status), status ? why_it_failed(c, status) : NULL);
		if (!strcmp(c->name, "boot") && c->o->facts)
			found_boot(c->found, c->o->facts);
		/* each boot writes the console anew */
		dropped = found_dropped(c->found, &c->o->consoles);
		if (dropped && !c->reason)
			settle(c, "fail", dropped);
	}
	if (!strcmp(c->name, "tests") || !strcmp(c->name, "audit"))
		found_did(c->found, c->log);
	if (!strcmp(c->name, "tests")) {
		found_loads(c->found, c->o->results);
		if (c->o->facts)
			found_tests(c->found, c->o->facts);
	}
	if (!strcmp(c->name, "budget"))
		look_at_budget(c);
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
	char *path = xasprintf("%s/%s.json", o->results, c.name), *summary;

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
	summary = c.reason ? xstrdup("") : found_summary(c.name, c.found);
	json_object_set_new(c.found, "summary", json_string(summary));
	json_object_set_new(c.found, "result", json_string(c.result));
	json_object_set_new(c.found, "reason", c.reason ? json_text(c.reason) : json_null());
	xjson_write(path, c.found);
	if (!strcmp(c.result, "pass"))
		report_note("passed%s%s", *summary ? ": " : "", summary);
	else
		report_note("%s: %.180s", strcmp(c.result, "fail") ? c.result : "failed", c.reason);
	return EXIT_YES;
}
