/* SPDX-License-Identifier: MIT */
/*
 * generations - keep, list and describe the images of an app
 *
 *   generations check-new --app nginx --candidate DIR --spec image.spec
 *   generations commit --app nginx --candidate DIR --spec image.spec --times FILE
 *   generations list [--app nginx]
 *   generations info --app nginx [--generation N]
 *   generations numbers --app nginx --count 2	the newest ones, ascending
 *
 * --json prints the record that the text is made from.
 */
#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "generation.h"
#include "imagespec.h"
#include "profile_info.h"
#include "promotion.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/process.h"
#include "lib/report.h"
#include "lib/util.h"
#include "origin.h"

struct options {
	const char *command, *out, *app, *candidate, *spec, *times, *generation;
	unsigned long count;
	bool json;
};

static const struct argp_option options[] = {
	{ "out", 'o', "DIR", 0, "where generations are kept", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "candidate", 'c', "DIR", 0, "what may become a generation", 0 },
	{ "spec", 's', "FILE", 0, "what the recipe says about the image", 0 },
	{ "times", 't', "FILE", 0, "the times of the steps", 0 },
	{ "generation", 'g', "N", 0, "which one; the newest if left out", 0 },
	{ "count", 'n', "N", 0, "how many; 1 if left out", 0 },
	{ "json", 'j', NULL, 0, "print JSON", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o': o->out = arg; return 0;
	case 'a': o->app = *arg ? arg : NULL; return 0;
	case 'c': o->candidate = arg; return 0;
	case 's': o->spec = arg; return 0;
	case 't': o->times = arg; return 0;
	case 'g': o->generation = arg; return 0;
	case 'n': o->count = strtoul(arg, NULL, 10); return 0;
	case 'j': o->json = true; return 0;
	case ARGP_KEY_ARG: o->command = arg; return 0;
	case ARGP_KEY_END:
		if (!o->command || !o->out)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* { "total": s, "by_stage": { title: s } } from the steps' file of times. */
static json_t *read_times(const char *path)
{
	char *text = xfs_read(path, NULL), *save;
	json_t *by_stage = json_object();
	double total = 0;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *title = strrchr(line, '\t');

		if (!title)
			continue;
		total += atof(line);
		json_object_set_new(by_stage, title + 1, json_real(atof(line)));
	}
	free(text);
	return json_pack("{s:f, s:o}", "total", total, "by_stage", by_stage);
}

/* What the image weighs where it is shipped: bytes under xz -9e. */
static uint64_t xz_bytes(const char *image)
{
	char *compressed = xasprintf("%s.xz.%ld", image, (long)getpid());
	char *argv[] = { "sh",	     "-euc", "xz -9e -T1 -c \"$1\" > \"$2\"", "sh", (char *)image,
			 compressed, NULL };
	uint64_t bytes;

	xprocess_run(argv);
	bytes = xfs_size(compressed);
	unlink(compressed);
	free(compressed);
	return bytes;
}

static json_t *describe(const struct options *o, unsigned number)
{
	char *plan_path = xasprintf("%s/plan.json", o->candidate);
	json_t *manifest = xjson_read(xasprintf("%s/sizes.json", o->candidate));
	json_t *plan = xjson_read(plan_path);
	json_t *image = json_object_get(manifest, "image");
	json_t *boot = json_read(xasprintf("%s/boot.json", o->candidate));
	char *path = xasprintf("%s/image", o->candidate);
	static const char *const from_plan[] = { "march", "profile",  "components",
						 "cpu",	  "compiler", "builds" };
	char recipe[HASH_HEX_BYTES];
	struct imagespec spec;

	ximagespec_read(&spec, o->spec);
	xorigin_recipe(o->spec, recipe);
	json_object_set_new(manifest, "schema", json_integer(1));
	json_object_set_new(manifest, "app", json_string(o->app));
	json_object_set_new(manifest, "generation", json_integer(number));
	json_object_set_new(manifest, "machine", json_string(spec.machine));
	json_object_set_new(manifest, "recipe_sha256", json_string(recipe));
	for (size_t i = 0; i < ARRAY_SIZE(from_plan); i++)
		json_object_set(manifest, from_plan[i], json_object_get(plan, from_plan[i]));
	json_object_set_new(image, "path", json_string("image"));
	json_object_set_new(image, "xz_bytes", json_integer((json_int_t)xz_bytes(path)));
	json_object_set_new(manifest, "profile_applied",
			    profile_info_describe(xasprintf("%s/profile.json", o->candidate)));
	json_object_set_new(manifest, "boot", boot ? boot : json_null());
	json_object_set_new(manifest, "seconds", read_times(o->times));
	return manifest;
}

static void point_latest(const struct options *o, unsigned number)
{
	char *link = xasprintf("%s/%s/latest", o->out, o->app);
	char *temporary = xasprintf("%s.tmp.%ld", link, (long)getpid());
	char *target = xasprintf("%u", number);

	if (symlink(target, temporary))
		die("cannot make the link '%s': %s", temporary, strerror(errno));
	xfs_rename(temporary, link);
}

static json_t *read_manifest(const char *out, const char *app, unsigned number)
{
	return xjson_read(xasprintf("%s/%s/%u/manifest.json", out, app, number));
}

static const char *image_sha256(const json_t *record)
{
	return xjson_string(json_object_get(record, "image"), "sha256", "a manifest's image");
}

static bool same_file(const char *a, const char *b)
{
	char *x = fs_read(a, NULL), *y = fs_read(b, NULL);
	bool same = x && y && !strcmp(x, y);

	free(x);
	free(y);
	return same;
}

/*
 * Status 1: the newest generation has these bytes. How it is run (memory, readiness)
 * is not in them; that is brought up to date without a new generation.
 */
static int check_new(const struct options *o)
{
	json_t *sizes = xjson_read(xasprintf("%s/sizes.json", o->candidate));
	int latest = generation_latest(o->out, o->app);
	char *spec;

	if (latest < 0)
		return EXIT_YES;
	spec = xasprintf("%s/%s/%d/image.spec", o->out, o->app, latest);
	if (strcmp(image_sha256(read_manifest(o->out, o->app, (unsigned)latest)),
		   image_sha256(sizes)))
		return EXIT_YES;
	if (!same_file(spec, o->spec)) {
		say(2, "the image is the same, but how it is run has changed");
		xfs_copy(o->spec, spec);
	}
	/* an interrupted commit may have left it behind */
	point_latest(o, (unsigned)latest);
	return EXIT_NO;
}

static void print_number(const char *label, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_integer(value))
		printf("  %-22s %s\n", label, fs_human_bytes((uint64_t)json_integer_value(value)));
}

static uint64_t uint_of(const json_t *record, const char *part, const char *key)
{
	const json_t *object = *part ? json_object_get(record, part) : record;

	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void print_sizes(const json_t *m)
{
	uint64_t image = uint_of(m, "image", "bytes"),
		 initramfs = uint_of(m, "", "initramfs_bytes");

	print_number("image", json_object_get(m, "image"), "bytes");
	print_number("  under xz -9e", json_object_get(m, "image"), "xz_bytes");
	printf("  %-22s %s\n", "  kernel", fs_human_bytes(image - initramfs));
	print_number("    of that, text", json_object_get(m, "kernel"), "text_bytes");
	print_number("  initramfs", m, "initramfs_bytes");
	print_number("    of that, the app", json_object_get(m, "app_elf"), "bytes");
	print_number("    the collector", json_object_get(m, "collect"), "bytes");
	printf("  %-22s %" JSON_INTEGER_FORMAT "\n", "kernel functions",
	       json_integer_value(json_object_get(json_object_get(m, "kernel"), "functions")));
	printf("  %-22s %zu kept, %" JSON_INTEGER_FORMAT " dropped\n", "system calls",
	       json_array_size(json_object_get(json_object_get(m, "syscalls"), "kept")),
	       json_integer_value(json_object_get(json_object_get(m, "syscalls"), "dropped")));
	profile_info_print(m);
}

static void print_seconds(const json_t *m)
{
	json_t *seconds = json_object_get(m, "seconds"), *value;
	const char *title;

	printf("  %-22s %.1f\n", "seconds", json_real_value(json_object_get(seconds, "total")));
	json_object_foreach(json_object_get(seconds, "by_stage"), title, value)
		printf("    %-20s %.1f\n", title, json_real_value(value));
}

static void print_boot(const json_t *m)
{
	const json_t *boot = json_object_get(m, "boot");

	if (!json_is_object(boot))
		return;
	printf("  %-22s %.2f s to the first answer, %s, %s of memory\n", "booted",
	       (double)json_integer_value(json_object_get(boot, "ready_ms")) / 1000,
	       json_is_true(json_object_get(boot, "emulated")) ? "emulated (TCG)" : "KVM",
	       json_string_value(json_object_get(boot, "memory")));
}

/* What the app may look for in vain; nothing if there is nothing. */
static void print_helpers(const json_t *m)
{
	const json_t *helpers = json_object_get(m, "helpers_missing"), *path;
	size_t i;

	if (!json_array_size(helpers))
		return;
	printf("  %-22s", "programs not there");
	json_array_foreach(helpers, i, path)
		printf(" %s", json_string_value(path));
	printf("\n  %-22s %s can start programs and names these: an image has only its app\n", "",
	       json_string_value(json_object_get(m, "app")));
}

static int commit(const struct options *o)
{
	int latest = generation_latest(o->out, o->app);
	unsigned number = (unsigned)(latest + 1);
	char *directory = xasprintf("%s/%s/%u", o->out, o->app, number);
	json_t *manifest = describe(o, number);

	xjson_write(xasprintf("%s/manifest.json", o->candidate), manifest);
	unlink(xasprintf("%s/sizes.json", o->candidate));
	unlink(xasprintf("%s/boot.json", o->candidate));
	xfs_copy(o->spec, xasprintf("%s/image.spec", o->candidate));
	xfs_rename(o->candidate, directory);
	point_latest(o, number);
	report_note("generation %u", number);
	return EXIT_YES;
}

/* What is wrong with the records does not keep generations from being shown. */
static void tell_promotions(const struct promotions *p)
{
	const struct promoted *top = promotions_top(p);

	if (p->damage)
		warn("%s, so it is not known which generation is promoted", p->damage);
	else if (p->disagreement)
		warn("%s", p->disagreement);
	else if (top && !top->is_there)
		warn("generation %u, which is promoted, is gone; make rollback goes back to the one before",
		     top->number);
}

/* In what is printed only: "promotion" is { state, why, text }, or null. */
static void add_promotion(json_t *m, const struct promotions *p, unsigned number)
{
	const struct promotion *one = p->damage ? NULL : promotions_find(p, number);
	char *text = one ? promotion_describe(one) : NULL;

	json_object_set_new(m, "promotion",
			    one ? json_pack("{s:s, s:s?, s:s}", "state",
					    promotion_state_name(one->state), "why", one->why,
					    "text", text)
				: json_null());
	free(text);
}

/* "promoted", "refused: ...", or nothing. */
static const char *promotion_text(const json_t *m)
{
	const char *text =
		json_string_value(json_object_get(json_object_get(m, "promotion"), "text"));

	return text ? text : "";
}

static void list_app(const struct options *o, const char *app, json_t *records)
{
	unsigned *numbers;
	size_t n = generation_list(o->out, app, &numbers);
	struct promotions promotions;

	promotions_read(&promotions, o->out, app);
	tell_promotions(&promotions);
	for (size_t i = 0; i < n; i++) {
		json_t *m = read_manifest(o->out, app, numbers[i]);

		add_promotion(m, &promotions, numbers[i]);
		json_array_append_new(records, m);
	}
	promotions_release(&promotions);
	free(numbers);
}

static int list(const struct options *o)
{
	struct strlist apps = STRLIST_INIT;
	json_t *records = json_array(), *m;
	size_t i;

	if (o->app)
		strlist_push(&apps, o->app);
	else
		generation_apps(o->out, &apps);
	for (i = 0; i < apps.n; i++)
		list_app(o, apps.v[i], records);
	if (o->json) {
		json_print(records);
		return EXIT_YES;
	}
	if (!json_array_size(records))
		die_hint("build one: make image APP=nginx", "there is no image%s%s yet",
			 o->app ? " of " : "", o->app ? o->app : "");
	printf("%-10s %3s  %-8s %9s %9s %9s  %s\n", "app", "gen", "profile", "image", "xz", "ready",
	       "march");
	json_array_foreach(records, i, m) {
		const json_t *profile = json_object_get(m, "profile");
		const json_t *boot = json_object_get(m, "boot");
		double ready = (double)json_integer_value(json_object_get(boot, "ready_ms")) / 1000;

		printf("%-10s %3d  %-8.8s %9s %9s %7.2f s  %s%s%s%s\n",
		       json_string_value(json_object_get(m, "app")),
		       (int)json_integer_value(json_object_get(m, "generation")),
		       json_is_string(profile) ? json_string_value(profile) : "none",
		       fs_human_bytes(uint_of(m, "image", "bytes")),
		       fs_human_bytes(uint_of(m, "image", "xz_bytes")), ready,
		       json_string_value(json_object_get(m, "march")),
		       json_is_true(json_object_get(boot, "emulated")) ? "  (emulated)" : "",
		       *promotion_text(m) ? "  " : "", promotion_text(m));
	}
	return EXIT_YES;
}

/* In what is printed only: "tests" is what test-app found on this very image, or null. */
static void add_tests(json_t *m, const char *directory)
{
	static const char *const keys[] = { "result", "passed", "failed", "skipped", "dropped" };
	json_t *all = json_read(xasprintf("%s/tests.json", directory)), *tests = json_null();
	const char *tested = json_string_value(json_object_get(all, "image_sha256"));

	if (tested && !strcmp(tested, image_sha256(m))) {
		tests = json_object();
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			json_object_set(tests, keys[i], json_object_get(all, keys[i]));
	}
	json_object_set_new(m, "tests", tests);
	json_decref(all);
}

static void print_tests(const json_t *m)
{
	const json_t *tests = json_object_get(m, "tests");
	const char *result = json_string_value(json_object_get(tests, "result"));

	printf("  %-22s ", "tests of the app");
	if (result)
		printf("%" JSON_INTEGER_FORMAT " passed, %" JSON_INTEGER_FORMAT
		       " failed, %" JSON_INTEGER_FORMAT " skipped: %s\n",
		       json_integer_value(json_object_get(tests, "passed")),
		       json_integer_value(json_object_get(tests, "failed")),
		       json_integer_value(json_object_get(tests, "skipped")), result);
	else
		printf("not run\n");
}

static int info(const struct options *o)
{
	char *directory = xgeneration_directory(o->out, o->app, o->generation);
	json_t *m = xjson_read(xasprintf("%s/manifest.json", directory)), *component;
	struct promotions promotions;
	size_t i;

	promotions_read(&promotions, o->out, o->app);
	tell_promotions(&promotions);
	add_promotion(m, &promotions, (unsigned)atoi(fs_base(directory)));
	add_tests(m, directory);
	if (o->json) {
		json_print(m);
		return EXIT_YES;
	}
	printf("%s/image\n", directory);
	print_sizes(m);
	print_boot(m);
	print_helpers(m);
	printf("  %-22s %s, %s\n", "machine, march",
	       json_string_value(json_object_get(m, "machine")),
	       json_string_value(json_object_get(m, "march")));
	printf("  %-22s %s\n", "profile",
	       json_is_string(json_object_get(m, "profile"))
		       ? json_string_value(json_object_get(m, "profile"))
		       : "none");
	printf("  %-22s %s\n", "sha256", image_sha256(m));
	printf("  %-22s %s\n", "promotion",
	       *promotion_text(m) ? promotion_text(m) : "never at the gate");
	print_tests(m);
	printf("  made of\n");
	json_array_foreach(json_object_get(m, "components"), i, component)
		printf("    %-16s %-24s %.16s\n",
		       json_string_value(json_object_get(component, "name")),
		       json_string_value(json_object_get(component, "version")),
		       json_string_value(json_object_get(component, "source_sha256")));
	print_seconds(m);
	return EXIT_YES;
}

static int path(const struct options *o)
{
	puts(xgeneration_directory(o->out, o->app, o->generation));
	return EXIT_YES;
}

static int numbers(const struct options *o)
{
	unsigned *all;
	size_t n = generation_list(o->out, o->app, &all);

	if (!n)
		xgeneration_directory(o->out, o->app, NULL); /* says so, and what to do */
	for (size_t i = n > o->count ? n - o->count : 0; i < n; i++)
		printf("%u\n", all[i]);
	free(all);
	return EXIT_YES;
}

/* What the user reads at the end of make image. */
static int summary(const struct options *o)
{
	char *directory = xgeneration_directory(o->out, o->app, NULL);
	json_t *m = xjson_read(xasprintf("%s/manifest.json", directory));
	json_t *times = read_times(o->times), *value;
	const char *title, *slash = strrchr(directory, '/');
	const struct promoted *top;
	struct promotions promotions;

	/* commit moves the candidate away; one that is left is a generation's twin */
	printf("%s: generation %s%s\n", o->app, slash + 1,
	       fs_is_directory(o->candidate) ? ", unchanged" : "");
	printf("%s/image\n", directory);
	print_sizes(m);
	print_boot(m);
	print_helpers(m);
	printf("  %-22s %.1f", "seconds", json_real_value(json_object_get(times, "total")));
	json_object_foreach(json_object_get(times, "by_stage"), title, value)
		if (json_real_value(value) >= 0.5)
			printf(", %s %.1f", title, json_real_value(value));
	promotions_read(&promotions, o->out, o->app);
	top = promotions_top(&promotions);
	printf("\nnext: make run APP=%s\n", o->app);
	if (top && top->number != (unsigned)atoi(slash + 1))
		printf("      make promote APP=%s checks it against generation %u, which is promoted\n",
		       o->app, top->number);
	return EXIT_YES;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *o);
		bool needs_app;
	} commands[] = {
		{ "check-new", check_new, true }, { "commit", commit, true },
		{ "list", list, false },	  { "info", info, true },
		{ "summary", summary, true },	  { "path", path, true },
		{ "numbers", numbers, true },
	};
	static const struct argp argp = { options,
					  parse_option,
					  "list|info|path|numbers|commit|check-new|summary",
					  "Keep, list and describe the images of an app.",
					  NULL,
					  NULL,
					  NULL };
	struct options o = { .count = 1 };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(o.command, commands[i].name)) {
			if (commands[i].needs_app && !o.app)
				die("generations %s: which app? give --app", o.command);
			return commands[i].run(&o);
		}
	die("generations: no command '%s'", o.command);
}
