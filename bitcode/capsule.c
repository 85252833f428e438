/* SPDX-License-Identifier: MIT */
/*
 * capsule - components as raw bitcode, kept in the cache
 *
 *   capsule --cache DIR make SPEC	make it if it is not there; prints its directory
 *   capsule fetch SPEC...	fetch and check sources, so that no later step needs the network
 *   capsule path SPEC		prints where it is or would be; status 1 if it is not there
 *   capsule verify DIR		check every file against the manifest
 */
#include <argp.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/report.h"
#include "../pipeline/lib/util.h"
#include "capsule.h"
#include "manifest.h"

struct options {
	struct places places;
	const char *command;
	struct strlist arguments;
};

static const struct argp_option options[] = {
	{ "cache", 'c', "DIR", 0, "where capsules and sources are kept", 0 },
	{ "lock", 'l', "FILE", 0, "the lock file of sources", 0 },
	{ "jobs", 'j', "N", 0, "processes at a time", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'c': o->places.cache = arg; return 0;
	case 'l': o->places.lock_file = arg; return 0;
	case 'j': o->places.jobs = (unsigned)atoi(arg); return 0;
	case ARGP_KEY_ARG:
		if (!o->command)
			o->command = arg;
		else
			strlist_push(&o->arguments, arg);
		return 0;
	case ARGP_KEY_END:
		if (!o->command || !o->arguments.n || !o->places.jobs)
			argp_usage(state);
		if (!o->places.cache && strcmp(o->command, "verify"))
			argp_error(state, "give --cache, the directory where capsules are kept");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static int make(const struct options *o)
{
	struct spec spec;
	bool cached;

	xspec_read(&spec, o->arguments.v[0]);
	puts(xcapsule_make(&spec, &o->places, &cached));
	if (cached)
		report_cached();
	return EXIT_YES;
}

/* A source is only needed if its capsule is not there. */
static int fetch(const struct options *o)
{
	bool all_cached = true;

	for (size_t i = 0; i < o->arguments.n; i++) {
		struct spec spec;
		struct source source;
		char key[HASH_HEX_BYTES];

		xspec_read(&spec, o->arguments.v[i]);
		if (capsule_key(&spec, &o->places, &source, key) &&
		    fs_is_directory(capsule_directory(&o->places, spec.name, key)))
			continue;
		if (spec.source_kind == SOURCE_TREE)
			continue;
		all_cached = false;
		xsource_fetch(&source, &spec, o->places.lock_file, o->places.cache);
		printf("%s %s %s\n", spec.source, source.version, source.sha256);
	}
	if (all_cached)
		report_cached();
	return EXIT_YES;
}

static int path(const struct options *o)
{
	struct spec spec;
	struct source source;
	char key[HASH_HEX_BYTES], *directory;

	xspec_read(&spec, o->arguments.v[0]);
	if (!capsule_key(&spec, &o->places, &source, key))
		return EXIT_NO;
	directory = capsule_directory(&o->places, spec.name, key);
	puts(directory);
	return fs_is_directory(directory) ? EXIT_YES : EXIT_NO;
}

static int verify(const struct options *o)
{
	char *why;

	for (size_t i = 0; i < o->arguments.n; i++)
		if (!manifest_verify(o->arguments.v[i], &why)) {
			printf("%s\n", why);
			return EXIT_NO;
		}
	return EXIT_YES;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *o);
	} commands[] = {
		{ "make", make }, { "fetch", fetch }, { "path", path }, { "verify", verify }
	};
	static const struct argp argp = {
		options,
		parse_option,
		"make SPEC\nfetch SPEC...\npath SPEC\nverify DIR...",
		"Keep components as raw bitcode.\v"
		"EXAMPLES:\n"
		"  capsule --cache ~/.cache/anneal make out/nginx/build/specs/zlib.spec\n"
		"  capsule verify ~/.cache/anneal/capsules/zlib-*",
		NULL,
		NULL,
		NULL
	};
	struct options o = { .places = { .jobs = 1, .lock_file = "sources.lock" } };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(o.command, commands[i].name))
			return commands[i].run(&o);
	die("capsule: no command '%s'; there are make, fetch, path and verify", o.command);
}
