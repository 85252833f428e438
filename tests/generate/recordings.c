/* SPDX-License-Identifier: MIT */
/*
 * generate-recordings - a fleet's recordings for tests, the same for the same seed
 *
 *   generate-recordings --first GENERATION-DIR --app APP --output REC
 *
 * makes a recording from ELF files alone: each function of vmlinux.debug and APP.debug runs
 * from its begin to where its flow must end, 1,000 to 1,000,000 times.
 *
 *   generate-recordings --records N --seed S [--hosts H] [--loads L] [--NAME COUNT]...
 *                       --output DIR BASE...
 *
 * varies recordings BASE: counts of each are multiplied by factors of a load, of a host, of the
 * recording and of each line. DIR/list is the list file, DIR/NAME-0000.. are the recordings: "r" for
 * honest ones, and for broken or poisoned ones
 *
 *   copy      counts of an honest one, three times as large      (duplicate)
 *   hot       one range 10^6 times as often as all else          (peak)
 *   strange   each line with a count of its own, at random       (outlier)
 *   cut       the file ends in the middle                        (unreadable)
 *   other     build ids of something else                        (unreadable)
 *   wild      ranges that the code does not have                 (unreadable)
 */
#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../pipeline/lib/fs.h"
#include "../../pipeline/lib/json.h"
#include "../../pipeline/lib/number.h"
#include "../../pipeline/lib/util.h"
#include "../../profiles/code.h"
#include "../../profiles/rawtext.h"

enum { MOST_BASES = 16, UNITS = 2 };
enum bad { HONEST, COPY, HOT, STRANGE, CUT, OTHER, WILD, BADS };

static const char *const names[BADS] = { "r", "copy", "hot", "strange", "cut", "other", "wild" };

struct options {
	const char *first, *app, *output;
	uint64_t records, seed, hosts, loads, count[BADS];
	struct strlist bases;
};

struct base {
	json_t *record;
	const char *units[UNITS];
	struct raw_profile counts[UNITS];
};

static const struct argp_option options[] = {
	{ "first", 'f', "DIR", 0, "make one from this generation's ELF files", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "output", 'O', "DIR", 0, "where to", 0 },
	{ "records", 'n', "N", 0, "honest ones", 0 },
	{ "seed", 's', "N", 0, "of all that is random", 0 },
	{ "hosts", 'H', "N", 0, "how many there are", 0 },
	{ "loads", 'L', "N", 0, "how many there are", 0 },
	{ "copy", 1000 + COPY, "N", 0, "this many of them", 0 },
	{ "hot", 1000 + HOT, "N", 0, "this many of them", 0 },
	{ "strange", 1000 + STRANGE, "N", 0, "this many of them", 0 },
	{ "cut", 1000 + CUT, "N", 0, "this many of them", 0 },
	{ "other", 1000 + OTHER, "N", 0, "this many of them", 0 },
	{ "wild", 1000 + WILD, "N", 0, "this many of them", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	if (key > 1000 && key < 1000 + BADS) {
		o->count[key - 1000] = number_option(names[key - 1000], arg, 0, 100000);
		return 0;
	}
	switch (key) {
	case 'f': o->first = arg; return 0;
	case 'a': o->app = arg; return 0;
	case 'O': o->output = arg; return 0;
	case 'n': o->count[HONEST] = number_option("--records", arg, 0, 100000); return 0;
	case 's': o->seed = number_option("--seed", arg, 0, UINT64_MAX); return 0;
	case 'H': o->hosts = number_option("--hosts", arg, 1, 100000); return 0;
	case 'L': o->loads = number_option("--loads", arg, 1, 100); return 0;
	case ARGP_KEY_ARG: strlist_push(&o->bases, arg); return 0;
	case ARGP_KEY_END:
		if (!o->output || (o->first ? !o->app : !o->bases.n || o->bases.n > MOST_BASES))
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* A number that depends on all of the given: splitmix64's last step, over and over. */
static uint64_t mix(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t x = a;

	for (int i = 0; i < 3; i++) {
		x += (i == 0 ? b : i == 1 ? c : 0) + 0x9e3779b97f4a7c15;
		x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
		x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
		x ^= x >> 31;
	}
	return x;
}

/* A factor around 1: 2 to the power of something between -spread and spread. */
static double factor(uint64_t random, double spread)
{
	return exp2(((double)(random >> 11) / (double)(1ull << 52) - 1) * spread);
}

struct variation {
	enum bad bad;
	uint64_t seed, number, host, load;
	double scale; /* how long it ran */
};

static uint64_t varied(const struct variation *v, const struct raw_count *line)
{
	uint64_t function = line->from >> 9;
	double count = (double)line->count * v->scale;

	if (v->bad == STRANGE)
		return mix(v->seed + v->number, line->from, line->to) % 1000000 + 1;
	count *= factor(mix(v->seed, function, 1000 + v->load), 1.0);
	count *= factor(mix(v->seed, function, 1000000 + v->host), 0.15);
	count *= factor(mix(v->seed + v->number, line->from, line->to), 0.1);
	return count < 1 ? 1 : (uint64_t)count;
}

static void vary(struct raw_profile *to, const struct raw_profile *from, const struct variation *v)
{
	*to = (struct raw_profile){ 0 };
	for (size_t i = 0; i < from->ranges.n; i++) {
		const struct raw_count *line = &from->ranges.v[i];
		uint64_t end = v->bad == WILD && i % 10 == 0 ? line->to + 1 : line->to;

		raw_push(&to->ranges, line->from, end, varied(v, line));
	}
	/* less than ranges, as it must be */
	for (size_t i = 0; i < from->branches.n; i++)
		raw_push(&to->branches, from->branches.v[i].from, from->branches.v[i].to,
			 v->bad == STRANGE ? 1 : varied(v, &from->branches.v[i]) / 2 + 1);
	if (v->bad == HOT)
		to->ranges.v[mix(v->seed, v->number, 7) % to->ranges.n].count =
			(uint64_t)1000000000000000;
}

static void write_counts(const char *directory, const char *unit, const struct raw_profile *counts,
			 bool cut)
{
	char *path = xasprintf("%s/%s.raw", directory, unit), *text;
	size_t bytes;

	text = raw_format(counts, &bytes);
	xfs_write(path, text, cut ? bytes / 2 : bytes);
	free(text);
	free(path);
}

static void write_record(const char *directory, const struct base *base, const struct variation *v)
{
	char *path = xasprintf("%s/record.json", directory),
	     *load = xasprintf("load%llu", (unsigned long long)v->load);
	json_t *record = json_deep_copy(base->record);

	json_object_set_new(record, "load", json_string(load));
	if (v->bad == OTHER)
		json_object_set_new(json_object_get(record, "build_ids"), "vmlinux",
				    json_string("00112233445566778899aabbccddeeff00112233"));
	xfs_mkdirs(directory);
	xjson_write(path, record);
	json_decref(record);
	free(load);
	free(path);
}

/* One recording, and its line in the list. */
static void generate(FILE *list, const struct options *o, const struct base *bases, enum bad bad,
		     uint64_t number)
{
	uint64_t of = bad == COPY ? number : number + 1000000 * (uint64_t)bad;
	struct variation v = {
		bad, o->seed, of, mix(o->seed, of, 1) % o->hosts, mix(o->seed, of, 2) % o->loads, 0
	};
	const struct base *base = &bases[mix(o->seed, of, 3) % o->bases.n];
	char *name = xasprintf("%s-%04llu", names[bad], (unsigned long long)number),
	     *directory = xasprintf("%s/%s", o->output, name);

	v.scale = factor(mix(o->seed, of, 4), 4) * (bad == COPY ? 3 : 1);
	write_record(directory, base, &v);
	for (size_t unit = 0; unit < UNITS; unit++) {
		struct raw_profile counts;

		vary(&counts, &base->counts[unit], &v);
		write_counts(directory, base->units[unit], &counts, bad == CUT);
		raw_release(&counts);
	}
	fprintf(list, "%s\thost-%llu\t%llu\tload%llu\n", directory, (unsigned long long)v.host,
		(unsigned long long)(mix(o->seed, of, 5) % 60), (unsigned long long)v.load);
	free(directory);
	free(name);
}

static void xread_base(struct base *base, const char *directory)
{
	char *path = xasprintf("%s/record.json", directory);

	base->record = xjson_read(path);
	base->units[0] = "vmlinux";
	base->units[1] = xjson_string(base->record, "app", path);
	free(path);
	for (size_t unit = 0; unit < UNITS; unit++) {
		char *text, *error;
		size_t bytes;

		path = xasprintf("%s/%s.raw", directory, base->units[unit]);
		text = xfs_read(path, &bytes);
		error = raw_parse(&base->counts[unit], path, text, bytes);
		if (error)
			die("%s", error);
		free(text);
		free(path);
	}
}

/* From the begin of each function of known size to the first instruction that leaves. */
static void run_functions(struct code *c, struct raw_profile *counts)
{
	*counts = (struct raw_profile){ 0 };
	for (size_t i = 0; i < c->function_count; i++) {
		struct code_function *f = &c->functions[i];
		size_t last = 0;

		if (!f->has_debug_info || !code_find(c, f->start) || !f->n)
			continue;
		while (last < f->n && !instruction_ends_flow(f->v[last].kind))
			last++;
		if (last < f->n)
			raw_push(&counts->ranges, f->start, code_address(f, last),
				 (mix(1, f->start, i) % 1000 + 1) * 1000);
	}
	raw_sort(&counts->ranges);
}

static void make_first(const struct options *o)
{
	const char *const units[UNITS] = { "vmlinux", o->app };
	char *path = xasprintf("%s/record.json", o->output);
	json_t *ids = json_object();

	xfs_mkdirs(o->output);
	for (size_t unit = 0; unit < UNITS; unit++) {
		char *elf = xasprintf("%s/%s.debug", o->first, units[unit]), *error;
		struct raw_profile counts;
		struct code code;

		error = code_open(&code, elf);
		if (error)
			die("%s", error);
		run_functions(&code, &counts);
		write_counts(o->output, units[unit], &counts, false);
		json_object_set_new(ids, units[unit], json_string(code.build_id));
		free(elf);
	}
	xjson_write(path, json_pack("{s:i, s:s, s:i, s:o, s:s, s:s, s:s, s:s, s:s}", "schema", 1,
				    "app", o->app, "generation", atoi(fs_base(o->first)),
				    "build_ids", ids, "method", "tracer", "load", "train",
				    "machine", "microvm", "accelerator", "tcg", "window", "load"));
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options,     parse_option,
					  "[BASE...]", "Recordings of a fleet, for tests.",
					  NULL,	       NULL,
					  NULL };
	struct options o = { .hosts = 1, .loads = 1 };
	struct base bases[MOST_BASES] = { 0 };
	char *path;
	FILE *list;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (o.first) {
		make_first(&o);
		return EXIT_YES;
	}
	for (size_t i = 0; i < o.bases.n; i++)
		xread_base(&bases[i], o.bases.v[i]);
	xfs_mkdirs(o.output);
	path = xasprintf("%s/list", o.output);
	list = fopen(path, "w");
	if (!list)
		die("cannot write '%s'", path);
	for (size_t bad = 0; bad < BADS; bad++)
		for (uint64_t i = 0; i < o.count[bad]; i++)
			generate(list, &o, bases, (enum bad)bad, i);
	if (fclose(list))
		die("cannot write '%s'", path);
	return EXIT_YES;
}
