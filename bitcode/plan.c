/* SPDX-License-Identifier: MIT */
/*
 * plan - read the capsules of an image, check them, and write plan.json
 *
 *   plan -o plan.json --app nginx --march x86-64-v2 --libc DIR --kernel DIR
 *        --program DIR... --library DIR...
 *
 * A damaged capsule is refused here, before anything is linked from it.
 */
#include "plan.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/report.h"
#include "../pipeline/lib/util.h"
#include "manifest.h"
#include "march.h"
#include "profile.h"
#include "toolchain.h"

struct capsule {
	const char *directory;
	json_t *manifest;
};

struct options {
	const char *output, *app, *march, *cpu, *libc, *kernel, *profile;
	struct strlist programs, libraries;
};

/* Everything named on the command line, by component name. */
struct capsules {
	struct capsule *v;
	size_t n;
};

static const struct argp_option options[] = {
	{ "profile", 'f', "FILE", 0, "which profile the image gets (bitcode/profile.h)", 0 },
	{ "output", 'o', "FILE", 0, "write the plan to FILE", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "march", 'm', "MARCH", 0, "target of programs and libraries", 0 },
	{ "cpu", 'C', "VENDOR", 0, "whose processors the kernel is for, any if left out", 0 },
	{ "libc", 'c', "DIR", 0, "capsule of the C library", 0 },
	{ "kernel", 'k', "DIR", 0, "capsule of the kernel", 0 },
	{ "program", 'p', "DIR", 0, "capsule whose programs are in the image", 0 },
	{ "library", 'l', "DIR", 0, "capsule of a library", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o': o->output = arg; return 0;
	case 'f': o->profile = arg; return 0;
	case 'a': o->app = arg; return 0;
	case 'm': o->march = arg; return 0;
	case 'C': o->cpu = arg; return 0;
	case 'c': o->libc = arg; return 0;
	case 'k': o->kernel = arg; return 0;
	case 'p': strlist_push(&o->programs, arg); return 0;
	case 'l': strlist_push(&o->libraries, arg); return 0;
	case ARGP_KEY_END:
		if (!o->output || !o->app || !o->march || !o->libc || !o->kernel || !o->programs.n)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static struct capsule *open_capsule(struct capsules *all, const char *directory)
{
	char *why;
	json_t *manifest = manifest_verify(directory, &why);

	if (!manifest)
		die_hint("repeat 'make image': a damaged capsule is made again",
			 "the capsule cannot be used: %s", why);
	all->v = xrealloc(all->v, (all->n + 1) * sizeof(*all->v));
	all->v[all->n] = (struct capsule){ directory, manifest };
	return &all->v[all->n++];
}

static bool is_named(const struct capsule *c, const char *name)
{
	return !strcmp(xjson_string(c->manifest, "name", c->directory), name);
}

static const struct capsule *find_capsule(const struct capsules *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (is_named(&all->v[i], name))
			return &all->v[i];
	die("the plan needs the component '%s', which was not named", name);
}

/* sha256 and kind of a module, from files[] of its capsule. */
static json_t *module(const struct capsule *c, const char *path, int lazy)
{
	json_t *file;
	size_t i;

	json_array_foreach(xjson_array(c->manifest, "files", c->directory), i, file)
		if (!strcmp(xjson_string(file, "path", c->directory), path))
			return json_pack("{s:o, s:O, s:O, s:i}", "path",
					 json_string(xasprintf("%s/%s", c->directory, path)),
					 "sha256", json_object_get(file, "sha256"), "kind",
					 json_object_get(file, "kind"), "lazy", lazy);
	die("'%s' lists no file '%s'", c->directory, path);
}

static void add_lazy(json_t *modules, const struct capsule *c, const json_t *paths, int archive)
{
	json_t *path;
	size_t i;

	json_array_foreach(paths, i, path)
		json_array_append_new(modules, module(c, json_string_value(path), archive));
}

static void add_library(json_t *modules, const struct capsule *c, const char *name, int archive)
{
	json_t *library;
	size_t i;

	json_array_foreach(xjson_array(c->manifest, "libraries", c->directory), i, library)
		if (!strcmp(xjson_string(library, "name", c->directory), name)) {
			add_lazy(modules, c, json_object_get(library, "modules"), archive);
			return;
		}
	die("'%s' has no library '%s'", c->directory, name);
}

static json_t *link_modules(const struct capsules *all, const struct capsule *c, json_t *link)
{
	json_t *modules = json_array(), *input;
	int archive = 0;
	size_t i;

	json_array_foreach(xjson_array(link, "inputs", c->directory), i, input) {
		json_t *lazy = json_object_get(input, "lazy");

		if (lazy)
			add_lazy(modules, c, lazy, ++archive);
		else if (json_object_get(input, "library"))
			add_library(
				modules,
				find_capsule(all, xjson_string(input, "component", c->directory)),
				xjson_string(input, "library", c->directory), ++archive);
		else
			json_array_append_new(
				modules, module(c, xjson_string(input, "module", c->directory), 0));
	}
	return modules;
}

static json_t *files(const struct capsule *c, const char *const *names)
{
	json_t *paths = json_array();

	for (; *names; names++)
		json_array_append_new(paths,
				      json_string(xasprintf("%s/lib/%s", c->directory, *names)));
	return paths;
}

/*
 * Programs of an image lie apart from each other and from where the kernel starts, so
 * that an address alone says whose it is: profiles are kept by address.
 */
enum { IMAGE_BASE_STEP = 0x10000000 };

static json_t *program_unit(const struct capsules *all, const struct capsule *c, json_t *link,
			    const struct capsule *libc, const char *march, unsigned number)
{
	static const char *const start[] = { "crt1.o", "crti.o", NULL }, *const end[] = { "crtn.o",
											  NULL };
	json_t *modules = link_modules(all, c, link);
	/* a capsule of one program: whatever upstream calls it, the unit is called as the recipe */
	bool only = json_array_size(json_object_get(c->manifest, "links")) == 1;

	add_library(modules, libc, "c", 1000);
	return json_pack("{s:O, s:O, s:s, s:o, s:o, s:o, s:o}", "name",
			 json_object_get(only ? c->manifest : link, "name"), "kind",
			 json_object_get(link, "kind"), "march", march, "image_base",
			 json_string(xasprintf("0x%x", number * IMAGE_BASE_STEP)), "modules",
			 modules, "start", files(libc, start), "end", files(libc, end));
}

/*
 * The kernel is compiled for the first x86-64: a later level would only add BMI
 * and MOVBE, and on a processor without them it would stop before its console
 * is up, with nobody left to say why.
 */
static json_t *kernel_unit(const struct capsules *all, const struct capsule *c, json_t *link)
{
	const char *d = c->directory;

	return json_pack("{s:O, s:O, s:s, s:o, s:o, s:o, s:o, s:O, s:O, s:O}", "name",
			 json_object_get(link, "name"), "kind", json_object_get(link, "kind"),
			 "march", "x86-64", "modules", link_modules(all, c, link), "lds",
			 json_string(xasprintf("%s/vmlinux.lds", d)), "objtool",
			 json_string(xasprintf("%s/tools/objtool", d)), "sorttable",
			 json_string(xasprintf("%s/tools/sorttable", d)), "objtool_args",
			 json_object_get(link, "objtool_args"), "ldflags",
			 json_object_get(link, "ldflags"), "ldflags_vmlinux",
			 json_object_get(link, "ldflags_vmlinux"));
}

static json_t *describe_components(const struct capsules *all)
{
	json_t *components = json_array();

	for (size_t i = 0; i < all->n; i++) {
		json_t *m = all->v[i].manifest;

		json_array_append_new(
			components,
			json_pack("{s:O, s:O, s:O, s:O}", "name", json_object_get(m, "name"),
				  "version", json_object_get(m, "version"), "source_sha256",
				  json_object_get(json_object_get(m, "source"), "sha256"),
				  "capsule", json_object_get(m, "key")));
	}
	return components;
}

/* sha256 of all that the recipe said to the build, from what its capsule records. */
static json_t *recipe_hash(const json_t *manifest)
{
	static const char *const said[] = { "configure", "build", "flags", "patches" };
	json_t *recipe = json_object(), *depends = json_array(), *depend, *hash;
	char hex[HASH_HEX_BYTES], *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(said); i++)
		json_object_set(recipe, said[i], json_object_get(manifest, said[i]));
	json_array_foreach(json_object_get(manifest, "depends"), i, depend)
		json_array_append(depends, json_object_get(depend, "name"));
	json_object_set_new(recipe, "depends", depends);
	json_object_set(recipe, "package",
			json_object_get(json_object_get(manifest, "source"), "package"));
	text = json_dumps(recipe, JSON_SORT_KEYS | JSON_COMPACT);
	hash_bytes(text, strlen(text), hex);
	hash = json_string(hex);
	free(text);
	json_decref(recipe);
	return hash;
}

static json_t *describe_builds(const struct capsules *all)
{
	json_t *builds = json_array();

	for (size_t i = 0; i < all->n; i++) {
		json_t *m = all->v[i].manifest;

		json_array_append_new(builds, json_pack("{s:O, s:O, s:O, s:o}", "name",
							json_object_get(m, "name"), "compiler",
							json_object_get(m, "compiler"), "flags",
							json_object_get(m, "flags"),
							"recipe_sha256", recipe_hash(m)));
	}
	return builds;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option,
		NULL,	 "Check the capsules of an image and write down what is linked from what.",
		NULL,	 NULL,
		NULL
	};
	struct options o = { .cpu = "any" };
	struct capsules all = { 0 };
	struct march march;
	json_t *units = json_array(), *link, *plan, *profile;
	size_t first_program, i;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	xmarch_resolve(&march, o.march);
	open_capsule(&all, o.kernel);
	open_capsule(&all, o.libc);
	for (i = 0; i < o.libraries.n; i++)
		open_capsule(&all, o.libraries.v[i]);
	first_program = all.n;
	for (i = 0; i < o.programs.n; i++)
		open_capsule(&all, o.programs.v[i]);

	for (size_t c = first_program; c < all.n; c++) {
		/* init comes up first and says what the processor lacks */
		const char *m = is_named(&all.v[c], "init") ? "x86-64" : o.march;

		json_array_foreach(xjson_array(all.v[c].manifest, "links", all.v[c].directory), i,
				   link) {
			json_t *unit = program_unit(&all, &all.v[c], link, &all.v[1], m,
						    (unsigned)json_array_size(units) + 1);

			/* of some kilobytes; pages for each kind of contents would be a third of it */
			if (is_named(&all.v[c], "collector"))
				json_object_set_new(unit, "compact", json_true());
			json_array_append_new(units, unit);
		}
	}
	json_array_foreach(xjson_array(all.v[0].manifest, "links", o.kernel), i, link)
		json_array_append_new(units, kernel_unit(&all, &all.v[0], link));
	profile = xprofile_id(o.profile);
	plan = json_pack("{s:i, s:s, s:s, s:O, s:o, s:o, s:o, s:s, s:s, s:o}", "schema", 1, "app",
			 o.app, "march", o.march, "profile", profile, "cpu_needs",
			 json_from_strlist(&march.needs), "components", describe_components(&all),
			 "units", units, "cpu", o.cpu, "compiler", toolchain_version(), "builds",
			 describe_builds(&all));
	xjson_write_if_changed(o.output, plan);
	report_note("%zu capsules checked", all.n);
	return EXIT_YES;
}
