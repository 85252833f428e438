/* SPDX-License-Identifier: MIT */
#include "report_data.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/generation.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "../pipeline/promotion.h"

json_t *report_value(const json_t *object, const char *path)
{
	const char *dot = strchr(path, '.');
	json_t *found;
	char *key;

	if (!dot)
		return json_object_get(object, path);
	key = xstrndup(path, (size_t)(dot - path));
	found = json_object_get(object, key);
	free(key);
	return report_value(found, dot + 1);
}

double report_number(const json_t *object, const char *path)
{
	json_t *value = report_value(object, path);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *report_string(const json_t *object, const char *path)
{
	return json_string_value(report_value(object, path));
}

json_t *report_named(const json_t *array, const char *name)
{
	json_t *element;
	size_t i;

	json_array_foreach(array, i, element) {
		const char *own = json_string_value(json_object_get(element, "name"));

		if (own && !strcmp(own, name))
			return element;
	}
	return NULL;
}

static json_t *of_schema_1(json_t *value)
{
	return json_integer_value(json_object_get(value, "schema")) == 1 ? value : NULL;
}

static json_t *read_file(const struct report_generation *g, const char *name)
{
	char *path = xasprintf("%s/%s", g->directory, name);
	json_t *value = json_read(path);

	free(path);
	return of_schema_1(value);
}

/* bench.json in `directory`, or NULL and the reason. `sha256` NULL: of any image. */
static json_t *read_bench(const char *directory, const char *sha256, const char *what, char **why)
{
	char *path = xasprintf("%s/bench.json", directory);
	json_t *bench = json_read(path);
	const char *measured = report_string(bench, "image_sha256");

	*why = NULL;
	if (!fs_exists(path))
		*why = xasprintf("%s was not measured yet", what);
	else if (!of_schema_1(bench))
		*why = xasprintf("bench.json of %s is not of this version, or damaged", what);
	else if (!json_is_true(json_object_get(bench, "complete")))
		*why = xasprintf("the measurement of %s is not complete", what);
	else if (sha256 && (!measured || strcmp(measured, sha256)))
		*why = xasprintf("bench.json of %s was measured on another image", what);
	free(path);
	return *why ? NULL : bench;
}

/* The same of tests.json. */
static json_t *read_tests(const struct report_generation *g, char **why)
{
	char *path = xasprintf("%s/tests.json", g->directory);
	json_t *tests = json_read(path);
	const char *tested = report_string(tests, "image_sha256");
	const char *sha256 = report_string(g->manifest, "image.sha256");

	*why = NULL;
	if (!fs_exists(path))
		*why = xasprintf("generation %u was not tested", g->number);
	else if (!of_schema_1(tests) || !json_is_array(json_object_get(tests, "tests")))
		*why = xasprintf("tests.json of generation %u is not of this version, or damaged",
				 g->number);
	else if (!tested || !sha256 || strcmp(tested, sha256))
		*why = xasprintf("tests.json of generation %u is of another image", g->number);
	free(path);
	return *why ? NULL : tests;
}

static void read_generations(struct report_data *d)
{
	unsigned *numbers;
	size_t n = generation_list(d->out, d->app, &numbers);

	d->generations = xcalloc(n + 1, sizeof(*d->generations));
	for (size_t i = 0; i < n; i++) {
		struct report_generation *g = &d->generations[d->generation_count];
		char *path, *what = xasprintf("generation %u", numbers[i]);

		g->number = numbers[i];
		g->directory = xasprintf("%s/%s/%u", d->out, d->app, numbers[i]);
		path = xasprintf("%s/manifest.json", g->directory);
		g->manifest = of_schema_1(json_read(path));
		if (!g->manifest) {
			warn("'%s' is missing, damaged or of another version; generation %u is left out",
			     path, numbers[i]);
			continue;
		}
		g->bench = read_bench(g->directory, report_string(g->manifest, "image.sha256"),
				      what, &g->why_no_bench);
		g->tests = read_tests(g, &g->why_no_tests);
		d->generation_count++;
	}
	free(numbers);
}

static char *known_numbers(const struct report_data *d)
{
	struct strlist known = STRLIST_INIT;

	for (size_t i = 0; i < d->generation_count; i++)
		strlist_pushf(&known, "%u", d->generations[i].number);
	return xasprintf("there are: %s", strlist_join(&known, " "));
}

static struct report_generation *find(const struct report_data *d, const char *number)
{
	if (!strcmp(number, "promoted"))
		number = fs_base(xpromoted_directory(d->out, d->app));
	for (size_t i = 0; i < d->generation_count; i++) {
		char *own = xasprintf("%u", d->generations[i].number);

		if (!strcmp(own, number))
			return &d->generations[i];
	}
	die_hint(known_numbers(d), "'%s' has no generation '%s'", d->app, number);
}

static void choose(struct report_data *d, const char *from, const char *to)
{
	struct report_generation *newest;

	if (!d->generation_count)
		die_hint(xasprintf("build one: make image APP=%s", d->app),
			 "there is no generation of '%s' in '%s'", d->app, d->out);
	newest = &d->generations[d->generation_count - 1];
	d->to = to && *to && strcmp(to, "latest") ? find(d, to) : newest;
	if (from && *from) {
		d->from = strcmp(from, "latest") ? find(d, from) : newest;
		if (d->from == d->to && !(to && *to))
			die_hint(
				known_numbers(d),
				"generation %u of '%s' is the newest; compare it to which? give TO=N",
				d->from->number, d->app);
	} else if (d->to > d->generations)
		d->from = d->to - 1;
	else
		d->from = NULL;
}

static void read_peers(struct report_data *d)
{
	char *directory = xasprintf("%s/%s/peers", d->out, d->app);
	struct strlist names = STRLIST_INIT;

	fs_list(&names, directory);
	d->peers = xcalloc(names.n + 1, sizeof(*d->peers));
	for (size_t i = 0; i < names.n; i++) {
		struct report_peer *p = &d->peers[d->peer_count];
		char *own = xasprintf("%s/%s", directory, names.v[i]), *why;

		p->name = names.v[i];
		p->peer = of_schema_1(json_read(xasprintf("%s/peer.json", own)));
		p->bench = read_bench(own, NULL, p->name, &why);
		p->why_no_bench = why;
		d->peer_count += p->peer || p->bench;
	}
}

/* The comparison is another tool's work; it writes the file beside the generations. */
static bool run_diff(const struct report_data *d)
{
	char *from = xasprintf("%u", d->from->number), *to = xasprintf("%u", d->to->number);
	char *argv[] = { (char *)d->diff_program,
			 "--out",
			 (char *)d->out,
			 "--app",
			 (char *)d->app,
			 "--from",
			 from,
			 "--to",
			 to,
			 NULL };
	struct process p = PROCESS_INIT;
	int status;

	p.argv = argv;
	p.out_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	status = process_run(&p);
	if (status != EXIT_YES)
		warn("'%s' ended with exit status %d: generations %s and %s are not compared",
		     d->diff_program, status, from, to);
	close(p.out_fd);
	return status == EXIT_YES;
}

static void read_diff(struct report_data *d)
{
	char *path;

	if (!d->from) {
		d->why_no_diff =
			xstrdup("there is only one generation, so there is nothing to compare");
		return;
	}
	path = xasprintf("%s/%s/diff-%u-%u.json", d->out, d->app, d->from->number, d->to->number);
	/* an older comparison may be of older figures */
	if (!d->diff_program || run_diff(d))
		d->diff = of_schema_1(json_read(path));
	if (!d->diff)
		d->why_no_diff = xasprintf("there is no comparison of generations %u and %u: "
					   "make diff APP=%s FROM=%u TO=%u",
					   d->from->number, d->to->number, d->app, d->from->number,
					   d->to->number);
}

/* bench.symbols.json is worth what bench.json is. */
static void read_files(struct report_data *d)
{
	d->to->shake = read_file(d->to, "shake.json");
	d->to->syscalls = read_file(d->to, "syscalls.json");
	if (d->to->bench)
		d->to->symbols = read_file(d->to, "bench.symbols.json");
	if (d->from && d->from != d->to && d->from->bench)
		d->from->symbols = read_file(d->from, "bench.symbols.json");
}

void xreport_data_read(struct report_data *d, const char *from, const char *to)
{
	read_generations(d);
	choose(d, from, to);
	read_files(d);
	read_peers(d);
	read_diff(d);
}
