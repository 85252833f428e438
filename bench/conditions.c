/* SPDX-License-Identifier: MIT */
#include "conditions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"

enum { MOST_SAID = 3 };

/* Names of what is compared, in the order in which it is said. */
static const struct name {
	const char *inside, *key, *words;
} names[] = {
	{ NULL, "accelerator", "the accelerators" },
	{ NULL, "qemu", "the versions of QEMU" },
	{ NULL, "cpu", "the guests' CPU models" },
	{ NULL, "host_cpu", "the hosts' CPUs" },
	{ NULL, "host_cpus", "the hosts' numbers of CPUs" },
	{ NULL, "machine", "the machines" },
	{ NULL, "memory", "the sizes of memory" },
	{ "load", "name", "the loads" },
	{ "load", "requests", "the load's requests" },
	{ "load", "warmup", "the load's requests to warm up" },
	{ "load", "seed", "the load's seeds" },
	{ "load", "sha256", "the load file's sha256" },
	{ NULL, "vmm_arguments", "QEMU's arguments" },
};

static char *qemu_version(void)
{
	static const char front[] = "QEMU emulator version ";
	char *argv[] = { "qemu-system-x86_64", "--version", NULL };
	char *text, *version;

	if (!process_find(argv[0]))
		die_hint("install it: apt-get install qemu-system-x86 (or 'make setup' as root)",
			 "'%s' is not installed, so nothing can be booted", argv[0]);
	text = xprocess_output(argv);
	text[strcspn(text, "\n")] = '\0';
	version = xstrdup(strncmp(text, front, strlen(front)) ? text : text + strlen(front));
	free(text);
	return version;
}

/* "model name	: AMD EPYC" of the first processor; to be freed. */
static char *host_cpu(void)
{
	char *text = fs_read("/proc/cpuinfo", NULL);
	char *at = text ? strstr(text, "model name") : NULL, *name;

	at = at ? strchr(at, ':') : NULL;
	at = at ? at + 1 + strspn(at + 1, " \t") : NULL;
	name = at ? xstrndup(at, strcspn(at, "\n")) : xstrdup("unknown");
	free(text);
	return name;
}

/* What follows the last word `option`; NULL: nothing. */
static const char *value_of(const struct strlist *argv, const char *option)
{
	const char *value = NULL;

	for (size_t i = 0; i + 1 < argv->n; i++)
		if (!strcmp(argv->v[i], option))
			value = argv->v[i + 1];
	return value;
}

/* Its arguments without what says only where something is on this machine. */
static json_t *vmm_arguments(const struct strlist *argv)
{
	static const char *const places[] = { "-kernel", "-initrd", "-plugin" };
	json_t *words = json_array();

	for (size_t i = 1; i < argv->n; i++) {
		bool place = false;

		for (size_t p = 0; p < ARRAY_SIZE(places); p++)
			place = place || !strcmp(argv->v[i], places[p]);
		if (place)
			i++;
		else
			json_array_append_new(words, json_text(argv->v[i]));
	}
	return words;
}

static json_t *describe_load(const struct loadfile *l, const char *path)
{
	const char *base = fs_base(path), *end = strstr(base, ".load");
	char *name = xstrndup(base, end && !end[5] ? (size_t)(end - base) : strlen(base));
	char hex[HASH_HEX_BYTES], seed[24];
	json_t *load;

	xhash_file(path, hex);
	snprintf(seed, sizeof(seed), "%" PRIu64, l->seed);
	load = json_pack("{s:o, s:s, s:I, s:I, s:s}", "name", json_text(name), "sha256", hex,
			 "requests", (json_int_t)l->requests, "warmup", (json_int_t)l->warmup,
			 "seed", seed);
	free(name);
	return load;
}

json_t *conditions_make(const struct guest_options *g, const struct imagespec *spec,
			const struct accelerator *a, const struct loadfile *l,
			const char *load_path)
{
	struct guest_options anywhere = *g;
	struct strlist argv = STRLIST_INIT;
	char *version = qemu_version(), *host = host_cpu();
	json_t *conditions;

	anywhere.port = 0;
	anywhere.tsc_khz = 0;
	guest_command(&argv, &anywhere, a);
	conditions = json_pack("{s:s, s:s, s:s, s:o, s:I, s:s, s:s, s:o, s:o}", "accelerator",
			       a->kvm ? "kvm" : "tcg", "qemu", version, "cpu",
			       value_of(&argv, "-cpu"), "host_cpu", json_text(host), "host_cpus",
			       (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "machine", spec->machine,
			       "memory", g->memory, "vmm_arguments", vmm_arguments(&argv), "load",
			       describe_load(l, load_path));
	if (!conditions)
		die("cannot describe what is measured under");
	strlist_release(&argv);
	free(version);
	free(host);
	return conditions;
}

/* The differences so far. */
struct differences {
	struct strlist said;
	size_t n;
};

static bool same(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b))
		return json_number_value(a) == json_number_value(b);
	return (!a && !b) || (a && b && json_equal(a, b));
}

/* A value as words; to be freed. */
static char *words_of(const json_t *value)
{
	if (!value || json_is_null(value))
		return xstrdup("unknown");
	if (json_is_string(value))
		return xstrdup(json_string_value(value));
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS |
					 JSON_REAL_PRECISION(15));
}

static void note(struct differences *d, const char *name, const json_t *a, const json_t *b)
{
	char *of_a, *of_b;

	if (same(a, b))
		return;
	if (d->n++ >= MOST_SAID)
		return;
	of_a = words_of(a);
	of_b = words_of(b);
	strlist_pushf(&d->said, "%s are %s and %s", name, of_a, of_b);
	free(of_a);
	free(of_b);
}

/* Of two lists only what differs first: they are long. */
static void note_lists(struct differences *d, const char *name, const json_t *a, const json_t *b)
{
	size_t i = 0;

	if (!json_is_array(a) || !json_is_array(b)) {
		note(d, name, a, b);
		return;
	}
	while (i < json_array_size(a) && i < json_array_size(b) &&
	       same(json_array_get(a, i), json_array_get(b, i)))
		i++;
	if (i < json_array_size(a) || i < json_array_size(b)) {
		char *longer = xasprintf("%s, from number %zu on,", name, i + 1);

		note(d, longer, json_array_get(a, i), json_array_get(b, i));
		free(longer);
	}
}

static bool is_named(const char *inside, const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].key, key) && !names[i].inside == !inside)
			return true;
	return !inside && (!strcmp(key, "load") || !strcmp(key, "rate_rps"));
}

/* What has no name of ours: keys of either, in order. */
static void note_others(struct differences *d, const char *inside, const json_t *a, const json_t *b)
{
	const json_t *const both[] = { a, b };
	struct strlist keys = STRLIST_INIT;

	for (size_t side = 0; side < 2; side++) {
		json_t *object = (json_t *)both[side], *value;
		const char *key;

		json_object_foreach(object, key, value)
			if (!is_named(inside, key) && !strlist_has(&keys, key))
				strlist_push(&keys, key);
	}
	strlist_sort(&keys);
	for (size_t i = 0; i < keys.n; i++) {
		char *name = xasprintf("%s'%s'", inside ? "the load's " : "", keys.v[i]);

		note(d, name, json_object_get(a, keys.v[i]), json_object_get(b, keys.v[i]));
		free(name);
	}
	strlist_release(&keys);
}

char *conditions_differ(const json_t *a, const json_t *b)
{
	struct differences d = { STRLIST_INIT, 0 };
	char *sentence;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct name *n = &names[i];
		const json_t *of_a = n->inside ? json_object_get(a, n->inside) : a;
		const json_t *of_b = n->inside ? json_object_get(b, n->inside) : b;

		note_lists(&d, n->words, json_object_get(of_a, n->key),
			   json_object_get(of_b, n->key));
	}
	note_others(&d, "load", json_object_get(a, "load"), json_object_get(b, "load"));
	note_others(&d, NULL, a, b);
	if (!d.n)
		return NULL;
	sentence = strlist_join(&d.said, "; ");
	if (d.n > MOST_SAID) {
		char *more = xasprintf("%s; and %zu more", sentence, d.n - MOST_SAID);

		free(sentence);
		sentence = more;
	}
	strlist_release(&d.said);
	return sentence;
}
