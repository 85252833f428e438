/* SPDX-License-Identifier: MIT */
/*
 * bench - measure generations and peers in turn, so that they can be compared
 *
 *   bench --load recipes/nginx/loads/get1k.load out/nginx/0 out/nginx/1
 *   bench --load F --load-name other --runs 3 --only exact,boot out/nginx/peers/debian out/nginx/1
 *
 * Runs of the subjects alternate, since a shared machine is never twice the same. After each run
 * what is known is written to STEM.part.json in the subject's directory (benchdata.h); at the
 * end it becomes STEM.json. If this is stopped earlier, it does so only where there is no
 * finished measurement of the same image. What is measured: docs/measuring.md.
 *
 * Exit status: 0 all was measured, 1 some runs are invalid (why is said and written), 2 it failed.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "benchdata.h"
#include "conditions.h"
#include "exact.h"
#include "icount.h"
#include "memory.h"
#include "pipeline/launch.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/util.h"
#include "profiles/loadfile.h"
#include "progress.h"
#include "table.h"
#include "wall.h"

enum {
	RUNS = 5,
	MOST_RUNS = 100,
	EXACT_REQUESTS = 5000,
	STACK_REQUESTS = 2000,
	ICOUNT_REQUESTS = 1000,
	WALL_SECONDS = 2,
	MOST_SUBJECTS = 32,
	GIVE_UP_AFTER = 2, /* invalid runs of a kind */
};

enum kind { KIND_EXACT, KIND_BOOT, KIND_WALL, KIND_STACKS, KIND_ICOUNT, KIND_MEMORY, KIND_COUNT };

static const char *const kind_names[] = { "exact", "boot", "wall", "stacks", "icount", "memory" };
static const double kind_guess_s[] = { 8, 2, 7, 5, 8, 12 };

struct subject {
	const char *directory;
	json_t *bench;
	char *path, *part_path, *symbols_path, *folded_path;
	bool is_first; /* there is no finished measurement of this image */
};

struct options {
	const char *load, *load_name, *default_load, *tools, *log, *format;
	unsigned runs;
	uint64_t requests, rate_rps;
	unsigned seconds;
	bool kinds[KIND_COUNT], ratios;
	const char *directories[MOST_SUBJECTS];
	size_t directory_count;
};

struct session {
	const struct options *o;
	struct loadfile load;
	struct subject *subjects;
	size_t count;
	struct progress progress;
	uint64_t rate_rps; /* of the open loop, once it is known */
};

static struct session session;
static volatile sig_atomic_t finished;

static const struct argp_option options[] = {
	{ "load", 'l', "FILE", 0, "the requests (docs/loads.md)", 0 },
	{ "load-name", 'n', "NAME", 0, "what it is called", 0 },
	{ "default-load", 'd', "NAME", 0, "the recipe's: its figures go to bench.json", 0 },
	{ "tools", 't', "DIR", 0, "where record and load are; else beside this program", 0 },
	{ "log", 'L', "FILE", 0, "gets all that is said on the way", 0 },
	{ "runs", 'r', "N", 0, "of each kind; 5", 0 },
	{ "requests", 'q', "N", 0, "counted in an exact run; 5000", 0 },
	{ "seconds", 's', "N", 0, "of each wall-clock load; 2", 0 },
	{ "rate", 'R', "N", 0, "requests a second of the open loop; else half of what is possible",
	  0 },
	{ "only", 'o', "KINDS", 0, "of exact,boot,wall,stacks,icount,memory", 0 },
	{ "format", 'f', "text|json|md", 0, "of what is printed", 0 },
	{ "ratios", 'x', NULL, 0, "print ratios to the first subject, too", 0 },
	{ 0 }
};

static uint64_t number_of(const char *what, const char *text, uint64_t most)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (!strchr("0123456789", *text) || !*text || *end || errno || !number || number > most) {
		fprintf(stderr, "error: %s takes a number from 1 to %" PRIu64 ", not '%s'\n", what,
			most, text);
		exit(EXIT_USAGE);
	}
	return number;
}

static void choose_kinds(struct options *o, const char *text)
{
	char *copy = xstrdup(text), *save;

	memset(o->kinds, 0, sizeof(o->kinds));
	for (char *word = strtok_r(copy, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
		size_t k = 0;

		while (k < KIND_COUNT && strcmp(word, kind_names[k]))
			k++;
		if (k == KIND_COUNT) {
			fprintf(stderr,
				"error: there is no kind '%s' to measure; there are exact, "
				"boot, wall, stacks, icount, memory\n",
				word);
			exit(EXIT_USAGE);
		}
		o->kinds[k] = true;
	}
	free(copy);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'l': o->load = arg; return 0;
	case 'n': o->load_name = arg; return 0;
	case 'd': o->default_load = arg; return 0;
	case 't': o->tools = arg; return 0;
	case 'L': o->log = arg; return 0;
	case 'r': o->runs = (unsigned)number_of("RUNS", arg, MOST_RUNS); return 0;
	case 'q': o->requests = number_of("REQUESTS", arg, LOADFILE_MOST_REQUESTS); return 0;
	case 's': o->seconds = (unsigned)number_of("SECONDS", arg, 3600); return 0;
	case 'R': o->rate_rps = number_of("RATE", arg, 10000000); return 0;
	case 'o': choose_kinds(o, arg); return 0;
	case 'f': o->format = arg; return 0;
	case 'x': o->ratios = true; return 0;
	case ARGP_KEY_ARG:
		if (o->directory_count == MOST_SUBJECTS)
			argp_error(state, "more than %d subjects", MOST_SUBJECTS);
		o->directories[o->directory_count++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->load || !o->directory_count)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* A measurement that was stopped is better than none, and worse than a finished one. */
static void adopt(const struct subject *s)
{
	if (s->is_first)
		rename(s->part_path, s->path);
	else
		unlink(s->part_path);
}

static void adopt_all(void)
{
	for (size_t i = 0; !finished && i < session.count; i++)
		adopt(&session.subjects[i]);
	finished = 1;
}

/* The children die with us. A part file is whole at any moment. */
static void on_signal(int number)
{
	adopt_all();
	_exit(128 + number);
}

static bool has_finished(const char *path, const char *image_sha256)
{
	char *why;
	json_t *there = benchdata_read(path, &why);
	const char *of = json_string_value(json_object_get(there, "image_sha256"));
	bool has = of && !strcmp(of, image_sha256);

	json_decref(there);
	free(why);
	return has;
}

static char *new_session(void)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		die("no random number for this session: %s", strerror(errno));
	return xasprintf("%016" PRIx64, random);
}

static json_t *conditions_of(const struct session *s, const struct subject *subject)
{
	struct guest_options guest = { 0 };
	struct imagespec spec;
	struct probe probe;
	struct accelerator accelerator;
	char *spec_path = xasprintf("%s/image.spec", subject->directory);
	char *image = xasprintf("%s/image", subject->directory);

	guest.image = image;
	xlaunch_prepare(&guest, spec_path, &spec, &probe);
	accelerator_choose(&accelerator);
	return conditions_make(&guest, &spec, &accelerator, &s->load, s->o->load, s->o->load_name);
}

static void open_subject(struct session *s, struct subject *subject, const char *directory,
			 const char *session_id)
{
	const struct options *o = s->o;
	bool is_default = o->default_load && !strcmp(o->default_load, o->load_name);
	char *stem = benchdata_stem(is_default ? NULL : o->load_name);
	json_t *conditions;

	*subject = (struct subject){
		.directory = directory,
		.bench = xbenchdata_new(directory, session_id),
		.path = xasprintf("%s/%s.json", directory, stem),
		.part_path = xasprintf("%s/%s.part.json", directory, stem),
		.symbols_path = xasprintf("%s/%s.symbols.json", directory, stem),
		.folded_path = xasprintf("%s/%s.folded", directory, stem),
	};
	subject->is_first = !has_finished(
		subject->path, json_string_value(json_object_get(subject->bench, "image_sha256")));
	if (fs_exists(subject->part_path)) /* of one that was killed */
		adopt(subject);
	conditions = conditions_of(s, subject);
	json_object_set(subject->bench, "accelerator", json_object_get(conditions, "accelerator"));
	json_object_set(subject->bench, "emulated", json_object_get(conditions, "emulated"));
	json_object_set_new(subject->bench, "conditions", conditions);
	json_object_set_new(subject->bench, "requests", json_integer((json_int_t)o->requests));
	free(stem);
}

static struct exact_options exact_options_of(const struct session *s, const struct subject *subject)
{
	return (struct exact_options){
		.directory = subject->directory,
		.tools = s->o->tools,
		.log = s->o->log,
		.load_path = s->o->load,
		.load_name = s->o->load_name,
		.requests = s->o->requests,
		.warmup = s->load.warmup,
	};
}

static void measure_exact(struct session *s, struct subject *subject)
{
	struct exact_options o = exact_options_of(s, subject);
	json_t *models = NULL, *symbols = NULL, *run = exact_load(&o, &models, &symbols);

	benchdata_add(subject->bench, "exact", run);
	if (!models)
		return;
	json_object_set_new(json_object_get(subject->bench, "conditions"), "models", models);
	xjson_write(subject->symbols_path, symbols);
	json_decref(symbols);
}

static void measure_boot(struct session *s, struct subject *subject)
{
	struct exact_options o = exact_options_of(s, subject);

	benchdata_add(subject->bench, "boot", exact_boot(&o));
}

/* The first run finds out at which rate the open loop of all the others sends. */
static void measure_wall(struct session *s, struct subject *subject)
{
	struct wall_options o = {
		.load_path = s->o->load,
		.load_name = s->o->load_name,
		.tools = s->o->tools,
		.log = s->o->log,
		.seconds = s->o->seconds,
		.rate_rps = s->rate_rps,
	};
	json_t *run = wall_run(subject->directory, &o);
	const json_t *rate = json_object_get(json_object_get(run, "open"), "rate_rps");

	if (!s->rate_rps && json_is_number(rate))
		s->rate_rps = (uint64_t)json_number_value(rate);
	if (s->rate_rps)
		for (size_t i = 0; i < s->count; i++)
			json_object_set_new(json_object_get(s->subjects[i].bench, "conditions"),
					    "rate_rps", json_integer((json_int_t)s->rate_rps));
	benchdata_add(subject->bench, "wall", run);
}

/* What is measured once: where it cannot be, the reason stands in the figure's place. */
static void note(struct subject *subject, const char *what, json_t *reason)
{
	json_t *notes = json_object_get(subject->bench, "not_measured");

	if (!notes) {
		notes = json_object();
		json_object_set_new(subject->bench, "not_measured", notes);
	}
	json_object_set_new(notes, what, reason);
}

static void measure_stacks(struct session *s, struct subject *subject)
{
	struct exact_options o = exact_options_of(s, subject);
	json_t *failed;

	o.requests = o.requests < STACK_REQUESTS ? o.requests : STACK_REQUESTS;
	failed = exact_stacks(&o, subject->folded_path);
	if (failed)
		note(subject, "stacks", json_incref(json_object_get(failed, "invalid")));
	json_decref(failed);
}

static void measure_icount(struct session *s, struct subject *subject)
{
	struct icount_options o = {
		.tools = s->o->tools,
		.log = s->o->log,
		.requests = s->o->requests < ICOUNT_REQUESTS ? s->o->requests : ICOUNT_REQUESTS,
	};
	json_t *icount = icount_measure(subject->directory, &s->load, &o);

	json_object_set_new(subject->bench, "icount", icount);
}

static void measure_memory(struct session *s, struct subject *subject)
{
	uint64_t bytes;
	char *why = memory_least(subject->directory, s->o->log, &bytes);

	if (why)
		note(subject, "memory_min_bytes", json_text(why));
	else
		json_object_set_new(subject->bench, "memory_min_bytes",
				    json_integer((json_int_t)bytes));
	free(why);
}

typedef void measure(struct session *s, struct subject *subject);
static measure *const measures[] = { measure_exact,  measure_boot,   measure_wall,
				     measure_stacks, measure_icount, measure_memory };

static bool is_repeated(enum kind kind)
{
	return kind <= KIND_WALL;
}

static void measure_one(struct session *s, enum kind kind, unsigned run, struct subject *subject)
{
	const char *name = json_string_value(json_object_get(subject->bench, "subject"));
	bool is_generation = json_is_integer(json_object_get(subject->bench, "generation"));
	char *of = is_repeated(kind) ? xasprintf(" %u of %u", run + 1, s->o->runs) : xstrdup("");
	char *title = xasprintf("%s%s, %s%s", kind_names[kind], of,
				is_generation ? "generation " : "", name);

	progress_begin(&s->progress, kind, title);
	if (!is_repeated(kind) ||
	    benchdata_invalid(subject->bench, kind_names[kind]) < GIVE_UP_AFTER) {
		measures[kind](s, subject);
		benchdata_summarize(subject->bench);
		xjson_write(subject->part_path, subject->bench);
	}
	progress_end(&s->progress, kind);
	free(of);
	free(title);
}

/* Runs in turn: what is repeated first, so that it lies close together in time. */
static void measure_all(struct session *s)
{
	for (unsigned k = 0; k < KIND_COUNT; k++)
		for (size_t n = s->count * (is_repeated(k) ? s->o->runs : 1); n && s->o->kinds[k];
		     n--)
			progress_plan(&s->progress, k);
	for (unsigned run = 0; run < s->o->runs; run++)
		for (size_t i = 0; i < s->count; i++)
			for (unsigned k = 0; k < KIND_COUNT; k++)
				if (is_repeated(k) && s->o->kinds[k])
					measure_one(s, k, run, &s->subjects[i]);
	for (unsigned k = 0; k < KIND_COUNT; k++)
		for (size_t i = 0; i < s->count; i++)
			if (!is_repeated(k) && s->o->kinds[k])
				measure_one(s, k, 0, &s->subjects[i]);
}

/* All that was measured stands; what is invalid is said. Returns the exit status. */
static int finish(struct session *s)
{
	int status = EXIT_YES;

	for (size_t i = 0; i < s->count; i++) {
		struct subject *subject = &s->subjects[i];
		const char *why = benchdata_why_invalid(subject->bench);

		json_object_set_new(subject->bench, "complete", json_boolean(!why));
		xjson_write(subject->path, subject->bench);
		unlink(subject->part_path);
		if (!why)
			continue;
		warn("runs of %s are invalid, and no figure comes from them: %s; the log is %s",
		     subject->directory, why, s->o->log);
		status = EXIT_NO;
	}
	finished = 1;
	return status;
}

static void print(const struct session *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < s->count; i++)
		json_array_append(all, s->subjects[i].bench);
	if (!strcmp(s->o->format, "json")) {
		json_print(all);
	} else {
		bool emulated = json_is_true(json_object_get(s->subjects[0].bench, "emulated"));

		printf("%s, %" PRIu64 " requests a run, medians of %u runs in turn%s\n",
		       s->o->load_name, s->o->requests, s->o->runs,
		       emulated ? "; emulated (TCG): wall-clock times say nothing of a real machine"
				: "");
		table_print(all, strcmp(s->o->format, "md") ? TABLE_TEXT : TABLE_MARKDOWN,
			    s->o->ratios);
	}
	for (size_t i = 0; i < s->count; i++)
		fprintf(stderr, "written: %s\n", s->subjects[i].path);
	json_decref(all);
}

static void settle(struct options *o)
{
	char program[4096];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (!o->tools && length > 0) {
		program[length] = '\0';
		*strrchr(program, '/') = '\0';
		o->tools = xstrdup(program);
	}
	if (!o->load_name)
		o->load_name = fs_base(o->load);
	if (!o->log)
		o->log = "/dev/null";
	if (strcmp(o->format, "text") && strcmp(o->format, "json") && strcmp(o->format, "md"))
		die_hint("give text, json or md", "FORMAT=%s is not known", o->format);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options,
					  parse_option,
					  "DIRECTORY...",
					  "Measure generations and peers in turn.",
					  NULL,
					  NULL,
					  NULL };
	struct options o = {
		.runs = RUNS, .requests = EXACT_REQUESTS, .seconds = WALL_SECONDS, .format = "text"
	};
	struct session *s = &session;
	char *id;
	int status;

	memset(o.kinds, 1, sizeof(o.kinds));
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	settle(&o);
	s->o = &o;
	xloadfile_read(&s->load, o.load);
	s->load.requests = o.requests;
	s->rate_rps = o.rate_rps;
	memcpy(s->progress.guess_s, kind_guess_s, sizeof(kind_guess_s));
	id = new_session();
	s->subjects = xcalloc(o.directory_count, sizeof(*s->subjects));
	for (size_t i = 0; i < o.directory_count; i++, s->count++)
		open_subject(s, &s->subjects[i], o.directories[i], id);
	atexit(adopt_all);
	atexit(progress_interrupt);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	measure_all(s);
	status = finish(s);
	print(s);
	return status;
}
