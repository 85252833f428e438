/* SPDX-License-Identifier: MIT */
/*
 * test-app - run an app's tests against its image
 *
 *   test-app --generation out/redis/3 --tests recipes/redis/tests --words pipeline/test-words.sh
 *
 * Boots the generation, runs every program in the directory of tests, in the order of their names,
 * and reads the TAP that they print (tap.h). In their environment is where the guest's ports are
 * (ports.h), WORDS, CONSOLE, APP, GENERATION, SCRATCH, and CONTROL and ANSWER, which WORDS uses
 * (docs/testing.md). A guest that has ended is booted again for the next test.
 *
 * Exit status: 0 all passed or were skipped, with reason; 1 some failed, a dropped system call was
 * used, or the guest did not stop as it should; 2 nothing could be run; 64 usage.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bench/scratch.h"
#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/json.h"
#include "lib/number.h"
#include "lib/process.h"
#include "lib/util.h"
#include "ports.h"
#include "tap.h"
#include "test_guest.h"

enum {
	TURN_MS = 20,
	LIMIT_S = 900,
	MOST_LIMIT_S = 86400,
	TIMED_OUT = 124, /* timeout(1)'s exit status */
	ERROR_LINES = 5,
	MOST_DROPPED = 20,
};

struct options {
	const char *generation, *tests, *only, *words, *output, *console, *memory;
	uint64_t limit_s;
};

static const struct argp_option options[] = {
	{ "generation", 'g', "DIR", 0, "OUT/APP/N", 0 },
	{ "tests", 't', "DIR", 0, "the programs to run", 0 },
	{ "only", 'o', "NAMES", 0, "some of them; then no result is written", 0 },
	{ "words", 'w', "FILE", 0, "test-words.sh", 0 },
	{ "output", 'r', "FILE", 0, "the result, as JSON; tests.json in the generation if left out",
	  0 },
	{ "console", 'c', "FILE", 0, "keep all that the guest said", 0 },
	{ "memory", 'm', "SIZE", 0, "of the guest, as QEMU takes it: 64M; the recipe's if left out", 0 },
	{ "limit-s", 'l', "SECONDS", 0, "for each test; 900", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'g': o->generation = arg; return 0;
	case 't': o->tests = arg; return 0;
	case 'o': o->only = *arg ? arg : NULL; return 0;
	case 'w': o->words = arg; return 0;
	case 'r': o->output = arg; return 0;
	case 'c': o->console = arg; return 0;
	case 'm': o->memory = arg; return 0;
	case 'l': o->limit_s = number_option("--limit-s", arg, 1, MOST_LIMIT_S); return 0;
	case ARGP_KEY_END:
		if (!o->generation || !o->tests || !o->words)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* The whole run. */
struct testing {
	const struct options *o;
	struct test_guest guest;
	struct strlist names, environment;
	unsigned long passed, failed, skipped;
	json_t *tests; /* of tests.json */
};

/* A test is an executable file. A script that is none would be left out without a word. */
static bool is_test(const char *directory, const char *name)
{
	char *path = xasprintf("%s/%s", directory, name), *text;
	struct stat st;
	bool file = !stat(path, &st) && S_ISREG(st.st_mode), test = file && st.st_mode & S_IXUSR;

	text = file && !test ? fs_read(path, NULL) : NULL;
	if (text && !strncmp(text, "#!", 2))
		die_hint(xasprintf("chmod +x '%s'", path), "'%s' is a script that cannot be run",
			 path);
	free(text);
	free(path);
	return test;
}

/* Whether --only names it, with or without what stands behind the last dot. */
static bool is_wanted(const struct strlist *only, const char *name)
{
	const char *dot = strrchr(name, '.');
	char *stem = xstrndup(name, dot ? (size_t)(dot - name) : strlen(name));
	bool wanted = !only->n || strlist_has(only, name) || strlist_has(only, stem);

	free(stem);
	return wanted;
}

static void xfind_tests(struct testing *t)
{
	struct strlist found = STRLIST_INIT, only = STRLIST_INIT;

	fs_list(&found, t->o->tests);
	strlist_split(&only, t->o->only ? t->o->only : "");
	for (size_t i = 0; i < found.n; i++)
		if (is_test(t->o->tests, found.v[i]) && is_wanted(&only, found.v[i]))
			strlist_push(&t->names, found.v[i]);
	if (!t->names.n && only.n)
		die("there is no test '%s' in '%s'; there are: %s", t->o->only, t->o->tests,
		    strlist_join(&found, " "));
	if (!t->names.n)
		die_hint("docs/testing.md explains them", "there is no test in '%s'", t->o->tests);
	strlist_release(&found);
	strlist_release(&only);
}

static void make_environment(struct testing *t)
{
	struct strlist *e = &t->environment;

	ports_environment(e, &t->guest.machine.options);
	strlist_pushf(e, "APP=%s", t->guest.machine.spec.app);
	strlist_pushf(e, "GENERATION=%s", xfs_absolute(t->o->generation));
	strlist_pushf(e, "WORDS=%s", xfs_absolute(t->o->words));
	strlist_pushf(e, "SCRATCH=%s/work", t->guest.scratch);
	strlist_pushf(e, "CONSOLE=%s", t->guest.console);
	strlist_pushf(e, "CONTROL=%s/control", t->guest.scratch);
	strlist_pushf(e, "ANSWER=%s/answer", t->guest.scratch);
}

static int xopen(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		die("cannot write '%s': %s", path, strerror(errno));
	return fd;
}

/* Run it while the guest goes on; timeout(1) ends it with all that it started. The exit status. */
static int run_program(struct testing *t, const char *path, const char *out, const char *err)
{
	char *limit = xasprintf("%llu", (unsigned long long)t->o->limit_s);
	char *argv[] = { "timeout", "--kill-after=10", limit, (char *)path, NULL };
	struct process p = PROCESS_INIT;
	siginfo_t info = { 0 };
	pid_t pid;

	p.argv = argv;
	p.environment = (const char *const *)t->environment.v;
	p.out_fd = xopen(out);
	p.err_fd = xopen(err);
	pid = process_start(&p);
	close(p.out_fd);
	close(p.err_fd);
	while (!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) && !info.si_pid) {
		if (scratch_interrupted())
			kill(pid, SIGTERM);
		test_guest_turn(&t->guest, TURN_MS);
	}
	free(limit);
	return process_wait(pid);
}

/* The last lines of what a test said on standard error. */
static void show_errors(const char *path)
{
	size_t bytes;
	char *text = fs_read(path, &bytes), *at;
	unsigned lines = 0;

	if (text && bytes) {
		for (at = text + bytes - 1; at > text && lines < ERROR_LINES; at--)
			lines += at[-1] == '\n';
		fprintf(stderr, "%s%s", at, text[bytes - 1] == '\n' ? "" : "\n");
	}
	free(text);
}

static void print_points(const struct tap *tap)
{
	for (size_t i = 0; i < tap->n; i++)
		printf("    %s %s%s%s\n",
		       tap->v[i].failed ? "failed: " : "skipped:", tap->v[i].name,
		       *tap->v[i].reason ? ": " : "", tap->v[i].reason);
	if (tap->skip_all)
		printf("    skipped: %s\n", tap->skip_all);
}

static json_t *describe_points(const struct tap *tap)
{
	json_t *points = json_array();

	for (size_t i = 0; i < tap->n; i++)
		json_array_append_new(points, json_pack("{s:o, s:s, s:o}", "name",
							json_text(tap->v[i].name), "result",
							tap->v[i].failed ? "fail" : "skip",
							"reason", json_text(tap->v[i].reason)));
	if (tap->skip_all)
		json_array_append_new(points,
				      json_pack("{s:s, s:s, s:o}", "name", "all", "result", "skip",
						"reason", json_text(tap->skip_all)));
	return points;
}

static void describe_test(struct testing *t, const char *name, const char *path,
			  const struct tap *tap, const char *wrong, double seconds)
{
	char hex[HASH_HEX_BYTES];

	xhash_file(path, hex);
	json_array_append_new(t->tests,
			      json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:o}", "name", name,
					"sha256", hex, "result",
					wrong		? "fail"
					: tap->skip_all ? "skip"
							: "pass",
					"reason", wrong ? json_text(wrong) : json_null(), "passed",
					(json_int_t)tap->passed, "failed", (json_int_t)tap->failed,
					"skipped", (json_int_t)(tap->skipped + !!tap->skip_all),
					"points", describe_points(tap)));
	printf("  %-4s %-24s %lu passed, %lu failed, %lu skipped, %.1f s%s%s\n",
	       wrong ? "FAIL" : "ok", name, tap->passed, tap->failed,
	       tap->skipped + !!tap->skip_all, seconds, wrong ? ": " : "", wrong ? wrong : "");
	print_points(tap);
	fflush(stdout);
}

/* NULL, or why the test is no good. */
static char *judge(const struct testing *t, const struct tap *tap, int status)
{
	char *wrong;

	if (status == TIMED_OUT)
		wrong = xasprintf("it was ended after %llu s", (unsigned long long)t->o->limit_s);
	else
		wrong = tap_end(tap, status);
	if (!wrong && !t->guest.up)
		wrong = xstrdup("the guest ended during it, and it did not say restart");
	return wrong;
}

static void run_test(struct testing *t, const char *name)
{
	char *path = xasprintf("%s/%s", t->o->tests, name), *absolute = xfs_absolute(path);
	char *out = xasprintf("%s/out", t->guest.scratch),
	     *err = xasprintf("%s/err", t->guest.scratch);
	char *work = xasprintf("%s/work", t->guest.scratch), *text, *wrong;
	struct tap tap = TAP_INIT;
	double started_s = clock_s();
	int status;

	wrong = test_guest_plain(&t->guest);
	xfs_mkdirs(work);
	if (!wrong) {
		status = run_program(t, absolute, out, err);
		text = xfs_read(out, NULL);
		if (verbosity() >= 1)
			fputs(text, stdout);
		tap_text(&tap, text);
		free(text);
		wrong = judge(t, &tap, status);
	}
	describe_test(t, name, path, &tap, wrong, clock_s() - started_s);
	if (wrong)
		show_errors(err);
	t->passed += tap.passed;
	t->failed += tap.failed + (wrong && !tap.failed);
	t->skipped += tap.skipped + !!tap.skip_all;
	tap_release(&tap);
	fs_remove(work);
	free(wrong);
	free(work);
	free(out);
	free(err);
	free(path);
	free(absolute);
}

/* Lines of all boots about system calls that were used though the shaker had dropped them; -1: no console. */
static long count_dropped(const struct testing *t, json_t *lines)
{
	static const char mark[] = "anneal: dropped ";
	size_t bytes;
	char *text = fs_read(t->guest.consoles, &bytes), *at = text;
	long count = 0;

	if (!text || !bytes)
		return -1;
	while ((at = memmem(at, bytes - (size_t)(at - text), mark, strlen(mark)))) {
		char *line = xstrndup(at, strcspn(at, "\r\n"));

		if (count++ < MOST_DROPPED)
			json_array_append_new(lines, json_text(line));
		at += strlen(mark);
		free(line);
	}
	free(text);
	return count;
}

static void write_result(const struct testing *t, long dropped, json_t *lines, const char *stopped,
			 bool good)
{
	char *path =
		t->o->output ? xstrdup(t->o->output) : xasprintf("%s/tests.json", t->o->generation);
	char *image = xasprintf("%s/image", t->o->generation), hex[HASH_HEX_BYTES];
	json_t *result;

	xhash_file(image, hex);
	result = json_pack("{s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:O, s:I, s:o, s:O}", "schema",
			   1, "app", t->guest.machine.spec.app, "image_sha256", hex, "result",
			   good ? "pass" : "fail", "passed", (json_int_t)t->passed, "failed",
			   (json_int_t)t->failed, "skipped", (json_int_t)t->skipped, "dropped",
			   dropped < 0 ? json_null() : json_integer(dropped), "dropped_lines",
			   lines, "boots", (json_int_t)t->guest.boots, "stopped",
			   stopped ? json_text(stopped) : json_null(), "tests", t->tests);
	if (!result)
		die("cannot describe what the tests came to");
	xjson_write(path, result);
	json_decref(result);
	free(image);
	free(path);
}

static int conclude(struct testing *t)
{
	json_t *lines = json_array();
	char *stopped = test_guest_stop(&t->guest);
	long dropped = count_dropped(t, lines);
	bool good = !t->failed && !stopped && !dropped;

	if (t->o->console && fs_exists(t->guest.consoles))
		xfs_copy(t->guest.consoles, t->o->console);
	if (!t->o->only)
		write_result(t, dropped, lines, stopped, good);
	printf("%s: %lu passed, %lu failed, %lu skipped\n", t->guest.machine.spec.app, t->passed,
	       t->failed, t->skipped);
	if (dropped < 0)
		printf("dropped system calls hit: not known\n");
	else
		printf("dropped system calls hit: %ld\n", dropped);
	if (t->failed)
		fprintf(stderr, "error: %lu of the app's tests failed\n", t->failed);
	if (dropped)
		fprintf(stderr, "error: %s\n",
			dropped < 0
				? "the guest left no console, so it is not known whether a dropped "
				  "system call was used"
				: json_string_value(json_array_get(lines, 0)));
	if (stopped)
		fprintf(stderr, "error: after the tests, %s\n", stopped);
	json_decref(lines);
	free(stopped);
	return good ? EXIT_YES : EXIT_NO;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Run an app's tests against its image.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { .limit_s = LIMIT_S };
	struct testing t = { .o = &o, .tests = json_array() };
	char *wrong, *old;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	xfind_tests(&t);
	old = xasprintf("%s/tests.json", o.generation);
	if (!o.output && !o.only && unlink(old) && errno != ENOENT)
		die("cannot write '%s': %s", old, strerror(errno));
	free(old);
	xtest_guest_prepare(&t.guest, o.generation, xscratch_make());
	if (o.memory)
		t.guest.machine.options.memory = o.memory;
	make_environment(&t);
	wrong = test_guest_boot(&t.guest);
	if (wrong)
		die("the image cannot be tested: %s", wrong);
	for (size_t i = 0; i < t.names.n && !scratch_interrupted(); i++)
		run_test(&t, t.names.v[i]);
	if (scratch_interrupted())
		die("interrupted; no result was written");
	return conclude(&t);
}
