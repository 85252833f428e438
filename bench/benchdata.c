/* SPDX-License-Identifier: MIT */
#include "benchdata.h"

#include <stdlib.h>
#include <string.h>

#include "figures.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/hash.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/util.h"
#include "statistics.h"

enum { SCHEMA = 1 };

/* "closed.latency_ns.p99": the number there, or none. */
static const json_t *number_at(const json_t *object, const char *path)
{
	char key[64];
	const json_t *at = object;

	for (const char *from = path; at && *from;) {
		size_t length = strcspn(from, ".");

		memcpy(key, from, length);
		key[length] = '\0';
		at = json_object_get(at, key);
		from += length + (from[length] == '.');
	}
	return json_is_number(at) ? at : NULL;
}

static const json_t *runs_of(const json_t *bench, const char *kind)
{
	return json_object_get(json_object_get(bench, "runs"), kind);
}

/* The median over valid runs as the runs have it: integer or real. NULL if there is none. */
static json_t *median_at(const json_t *runs, const char *path)
{
	double *values = xcalloc(json_array_size(runs) + 1, sizeof(*values));
	const json_t *run, *value;
	bool whole = true;
	size_t i, n = 0;
	json_t *result = NULL;

	json_array_foreach(runs, i, run) {
		value = json_object_get(run, "invalid") ? NULL : number_at(run, path);
		if (!value)
			continue;
		whole &= json_is_integer(value);
		values[n++] = json_number_value(value);
	}
	if (n && whole)
		result = json_integer((json_int_t)(statistics_median(values, n) + 0.5));
	else if (n)
		result = json_real(statistics_median(values, n));
	free(values);
	return result;
}

/* Set `key` to the median, or take it away: a figure that nobody measured is not there. */
static void set_median(json_t *to, const char *key, const json_t *runs, const char *path)
{
	json_t *median = median_at(runs, path);

	if (median)
		json_object_set_new(to, key, median);
	else
		json_object_del(to, key);
}

static json_t *component_runs(const json_t *runs, const char *name)
{
	json_t *result = json_array();
	const json_t *run, *one;
	size_t i, k;

	json_array_foreach(runs, i, run) {
		const json_t *by = json_object_get(run, "by");

		json_array_foreach(by, k, one) {
			const char *of = json_string_value(json_object_get(one, "name"));

			if (of && !strcmp(of, name))
				json_array_append(result, (json_t *)one);
		}
	}
	return result;
}

static void summarize_exact(json_t *bench)
{
	const json_t *runs = runs_of(bench, "exact");
	json_t *all = json_object(), *by = json_array();

	for (int f = 0; f < EXACT_FIGURES; f++)
		set_median(all, exact_figures[f], runs, exact_figures[f]);
	for (int c = 0; c < COMPONENT_COUNT; c++) {
		json_t *of = component_runs(runs, component_names[c]), *one;

		if (json_array_size(of)) {
			one = json_pack("{s:s}", "name", component_names[c]);
			for (int f = 0; f < EXACT_FIGURES; f++)
				set_median(one, exact_figures[f], of, exact_figures[f]);
			json_array_append_new(by, one);
		}
		json_decref(of);
	}
	if (json_object_size(all)) {
		json_object_set(bench, "per_request", all);
		json_object_set(bench, "per_request_by", by);
	}
	json_decref(all);
	json_decref(by);
}

static json_t *percentiles(const json_t *runs, const char *kind)
{
	static const char *const names[] = { "p50", "p90", "p99", "p999" };
	json_t *result = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf("%s.latency_ns.%s", kind, names[i]);

		set_median(result, names[i], runs, path);
		free(path);
	}
	return result;
}

static void set_unless_empty(json_t *to, const char *key, json_t *value)
{
	if (json_object_size(value))
		json_object_set(to, key, value);
	json_decref(value);
}

static void summarize_wall(json_t *bench)
{
	const json_t *runs = runs_of(bench, "wall"), *run;
	json_int_t failed = 0;
	size_t i;

	set_unless_empty(bench, "latency_ns", percentiles(runs, "open"));
	set_unless_empty(bench, "closed_latency_ns", percentiles(runs, "closed"));
	set_median(bench, "throughput_rps", runs, "closed.throughput_rps");
	set_median(bench, "memory_peak_bytes", runs, "memory_peak_bytes");
	json_array_foreach(runs, i, run) {
		failed += json_integer_value(number_at(run, "closed.failed"));
		failed += json_integer_value(number_at(run, "open.failed"));
	}
	if (json_array_size(runs))
		json_object_set_new(bench, "failed_requests", json_integer(failed));
}

void benchdata_summarize(json_t *bench)
{
	json_t *boot = json_object();

	summarize_exact(bench);
	summarize_wall(bench);
	set_median(boot, "instructions", runs_of(bench, "boot"), "instructions");
	set_median(boot, "wall_ms", runs_of(bench, "wall"), "boot_ms");
	set_unless_empty(bench, "boot", boot);
}

static void add_size(json_t *sizes, const char *name, const json_t *bytes)
{
	if (json_is_integer(bytes))
		json_array_append_new(sizes, json_pack("{s:s, s:O}", "name", name, "bytes", bytes));
}

static json_t *generation_sizes(const json_t *manifest)
{
	const json_t *image = json_object_get(manifest, "image");
	const json_t *kernel = json_object_get(manifest, "kernel");
	const json_t *app = json_object_get(manifest, "app_elf");
	json_t *sizes = json_array();

	add_size(sizes, "image", json_object_get(image, "bytes"));
	add_size(sizes, "image, xz", json_object_get(image, "xz_bytes"));
	add_size(sizes, "kernel text", json_object_get(kernel, "text_bytes"));
	add_size(sizes, "initramfs", json_object_get(manifest, "initramfs_bytes"));
	add_size(sizes, "app", json_object_get(app, "bytes"));
	add_size(sizes, "app text", json_object_get(app, "text_bytes"));
	return sizes;
}

/* What a peer ships, each part as it is and under xz. */
static json_t *peer_sizes(const json_t *peer)
{
	const json_t *shipped = json_object_get(peer, "shipped"), *one;
	json_t *sizes = json_array();
	json_int_t bytes = 0, xz_bytes = 0;
	size_t i;

	json_array_foreach(shipped, i, one) {
		add_size(sizes, json_string_value(json_object_get(one, "name")),
			 json_object_get(one, "bytes"));
		bytes += json_integer_value(json_object_get(one, "bytes"));
		xz_bytes += json_integer_value(json_object_get(one, "xz_bytes"));
	}
	json_array_insert_new(sizes, 0, json_pack("{s:s, s:I}", "name", "image", "bytes", bytes));
	json_array_insert_new(sizes, 1,
			      json_pack("{s:s, s:I}", "name", "image, xz", "bytes", xz_bytes));
	return sizes;
}

static void identify(json_t *bench, const char *directory)
{
	char *manifest_path = xasprintf("%s/manifest.json", directory);
	char *peer_path = xasprintf("%s/peer.json", directory);
	json_t *about;

	if (fs_exists(peer_path)) {
		about = xjson_read(peer_path);
		json_object_set_new(bench, "generation", json_null());
		json_object_set_new(bench, "subject",
				    json_string(xjson_string(about, "name", peer_path)));
		json_object_set_new(bench, "size", peer_sizes(about));
	} else if (fs_exists(manifest_path)) {
		uint64_t number;

		about = xjson_read(manifest_path);
		number = xjson_uint(about, "generation", manifest_path);
		json_object_set_new(bench, "generation", json_integer((json_int_t)number));
		json_object_set_new(bench, "subject",
				    json_sprintf("%llu", (unsigned long long)number));
		json_object_set_new(bench, "size", generation_sizes(about));
	} else {
		die_hint("give a generation, out/APP/N, or a peer, out/APP/peers/NAME",
			 "'%s' has neither manifest.json nor peer.json: it is nothing to measure",
			 directory);
	}
	json_decref(about);
	free(manifest_path);
	free(peer_path);
}

json_t *xbenchdata_new(const char *directory, const char *session)
{
	char *image = xasprintf("%s/image", directory), hex[HASH_HEX_BYTES];
	json_t *bench = json_pack("{s:i, s:b, s:s, s:{}, s:{s:[], s:[], s:[]}}", "schema", SCHEMA,
				  "complete", 0, "session", session, "sessions", "runs", "exact",
				  "boot", "wall");

	if (!bench)
		die("cannot describe '%s'", directory);
	identify(bench, directory);
	xhash_file(image, hex);
	json_object_set_new(bench, "image_sha256", json_string(hex));
	free(image);
	return bench;
}

void benchdata_add(json_t *bench, const char *kind, json_t *run)
{
	json_array_append_new((json_t *)runs_of(bench, kind), run);
}

size_t benchdata_invalid(const json_t *bench, const char *kind)
{
	const json_t *runs = runs_of(bench, kind), *run;
	size_t i, n = 0;

	json_array_foreach(runs, i, run)
		n += !!json_object_get(run, "invalid");
	return n;
}

const char *benchdata_why_invalid(const json_t *bench)
{
	static const char *const kinds[] = { "exact", "boot", "wall" };
	const json_t *runs, *run;
	size_t i;

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		runs = runs_of(bench, kinds[k]);
		json_array_foreach(runs, i, run) {
			const char *why = json_string_value(json_object_get(run, "invalid"));

			if (why)
				return why;
		}
	}
	return NULL;
}

char *benchdata_stem(const char *load)
{
	return load ? xasprintf("bench-%s", load) : xstrdup("bench");
}

json_t *benchdata_read(const char *path, char **why)
{
	json_t *bench = json_read(path);
	json_int_t schema = json_integer_value(json_object_get(bench, "schema"));

	*why = NULL;
	if (!fs_exists(path))
		*why = xstrdup("it was not measured");
	else if (!json_is_object(bench))
		*why = xasprintf("'%s' is not JSON, or only half of it", path);
	else if (schema != SCHEMA)
		*why = xasprintf("'%s' has schema %lld, and this is for schema %d", path,
				 (long long)schema, SCHEMA);
	else if (!json_is_true(json_object_get(bench, "complete")))
		*why = xasprintf("'%s' is of a measurement that was not finished", path);
	if (!*why)
		return bench;
	json_decref(bench);
	return NULL;
}
