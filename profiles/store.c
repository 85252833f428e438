/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "store_line.h"

static const char unfinished[] = ".unfinished";
static char *temporary; /* removed at exit */

static char *store_directory(const char *out, const char *app)
{
	return xasprintf("%s/%s/profiles", out, app);
}

static bool is_id(const char *name)
{
	return strlen(name) == PROFILE_ID_BYTES - 1 && !name[strspn(name, "0123456789abcdef")];
}

static void hash_json(const json_t *value, char hex[HASH_HEX_BYTES])
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY |
					       JSON_REAL_PRECISION(12));

	if (!text)
		die("cannot encode JSON");
	hash_bytes(text, strlen(text), hex);
	free(text);
}

/* What makes a profile another one: its files, and what they are of. */
static void compute_id(const json_t *record, char id[PROFILE_ID_BYTES])
{
	static const char *const keys[] = { "app",	   "accepted",	 "build_ids",
					    "files",	   "generation", "load",
					    "merged_from", "method",	 "weight" };
	char hex[HASH_HEX_BYTES];
	json_t *identity = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		json_object_set(identity, keys[i], json_object_get(record, keys[i]));
	hash_json(identity, hex);
	memcpy(id, hex, PROFILE_ID_BYTES - 1);
	id[PROFILE_ID_BYTES - 1] = '\0';
	json_decref(identity);
}

/* Of the whole record but this sum itself. */
static void compute_sum(const json_t *record, char hex[HASH_HEX_BYTES])
{
	json_t *rest = json_copy((json_t *)record);

	json_object_del(rest, "sha256");
	hash_json(rest, hex);
	json_decref(rest);
}

static char *file_damage(const char *directory, const json_t *files)
{
	const char *name;
	json_t *sum;

	json_object_foreach((json_t *)files, name, sum) {
		char *path = xasprintf("%s/%s", directory, name), hex[HASH_HEX_BYTES];
		int error = hash_file(path, hex);

		free(path);
		if (error)
			return xasprintf("'%s' cannot be read: %s", name, strerror(-error));
		if (!json_is_string(sum) || strcmp(hex, json_string_value(sum)))
			return xasprintf("'%s' was changed: its sha256 is another one", name);
	}
	return NULL;
}

static char *find_damage(const struct profile *p)
{
	const json_t *files = json_object_get(p->record, "files");
	const char *sum = json_string_value(json_object_get(p->record, "sha256"));
	char hex[HASH_HEX_BYTES], id[PROFILE_ID_BYTES];

	if (!json_is_object(p->record) || !json_is_object(files) || !sum)
		return xstrdup("'profile.json' is missing or is not a profile's");
	compute_sum(p->record, hex);
	if (strcmp(hex, sum))
		return xstrdup("'profile.json' was changed: its sha256 is another one");
	compute_id(p->record, id);
	if (strcmp(id, p->id))
		return xasprintf("its contents are those of profile %s", id);
	return file_damage(p->directory, files);
}

static struct profile read_profile(const char *store, const char *id)
{
	struct profile p = { .directory = xasprintf("%s/%s", store, id) };
	char *path = xasprintf("%s/profile.json", p.directory);

	memcpy(p.id, id, PROFILE_ID_BYTES);
	p.record = json_read(path);
	free(path);
	p.damage = find_damage(&p);
	if (p.damage)
		return p;
	p.number = (uint64_t)json_integer_value(json_object_get(p.record, "number"));
	p.accepted = json_is_true(json_object_get(p.record, "accepted"));
	return p;
}

static int compare(const void *a, const void *b)
{
	const struct profile *x = a, *y = b;

	if (!x->damage != !y->damage)
		return x->damage ? 1 : -1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return strcmp(x->id, y->id);
}

size_t store_list(const char *out, const char *app, struct profile **profiles)
{
	char *store = store_directory(out, app);
	struct strlist names = STRLIST_INIT;
	size_t n = 0;

	fs_list(&names, store);
	*profiles = xcalloc(names.n, sizeof(**profiles));
	for (size_t i = 0; i < names.n; i++)
		if (is_id(names.v[i]))
			(*profiles)[n++] = read_profile(store, names.v[i]);
	qsort(*profiles, n, sizeof(**profiles), compare);
	strlist_release(&names);
	free(store);
	return n;
}

const struct profile *store_newest(const char *out, const char *app, const struct profile *profiles,
				   size_t n, char **note)
{
	const struct profile *found = NULL, *skipped = NULL;
	struct store_line line;
	size_t skipped_count = 0;

	xstore_line_open(&line, out, app, profiles, n);
	for (size_t i = 0; i < n; i++) {
		if (profiles[i].damage)
			warn("profile %s is damaged and not used: %s", profiles[i].id,
			     profiles[i].damage);
		else if (profiles[i].accepted && store_line_has(&line, &profiles[i])) {
			found = &profiles[i];
			skipped_count = 0;
		} else if (profiles[i].accepted) {
			skipped = &profiles[i];
			skipped_count++;
		}
	}
	*note = NULL;
	if (skipped_count)
		*note = xasprintf("profile %s %s, is not used%s; PROFILE=%s takes it", skipped->id,
				  store_line_why_not(&line, skipped),
				  skipped_count > 1 ? ", nor are older ones" : "", skipped->id);
	store_line_release(&line);
	return found;
}

/* The newest one, or a sentence about why there is none. */
static struct profile xnewest(const char *out, const char *app, const struct profile *profiles,
			      size_t n)
{
	char *note;
	const struct profile *found = store_newest(out, app, profiles, n, &note);

	if (!found && note)
		die_hint(note, "'%s' has no accepted profile of its promoted generations", app);
	if (!found)
		die_hint(xasprintf("record one: make profile APP=%s", app),
			 "'%s' has no accepted profile", app);
	free(note);
	return *found;
}

struct profile xstore_find(const char *out, const char *app, const char *word)
{
	struct profile *profiles, *found = NULL;
	size_t n = store_list(out, app, &profiles);

	if (!strcmp(word, "auto"))
		return xnewest(out, app, profiles, n);
	for (size_t i = 0; i < n; i++) {
		if (!*word || strncmp(profiles[i].id, word, strlen(word)))
			continue;
		if (found)
			die("'%s' is not enough: profiles %s and %s begin so", word, found->id,
			    profiles[i].id);
		found = &profiles[i];
	}
	if (!found)
		die_hint(xasprintf("'make profiles APP=%s' shows them", app),
			 "'%s' has no profile '%s'", app, word);
	if (found->damage)
		die_hint(xasprintf("remove '%s', and add or merge it again", found->directory),
			 "profile %s is damaged and cannot be used: %s", found->id, found->damage);
	return *found;
}

/* What an ended process left; the lock is held. */
static void remove_unfinished(const char *store)
{
	struct strlist names = STRLIST_INIT;

	fs_list(&names, store);
	for (size_t i = 0; i < names.n; i++)
		if (!strncmp(names.v[i], unfinished, strlen(unfinished)))
			fs_remove(xasprintf("%s/%s", store, names.v[i]));
	strlist_release(&names);
}

void xstore_lock(const char *out, const char *app)
{
	char *store = store_directory(out, app);

	xfs_lock(xasprintf("%s/.lock", store), xasprintf("the profiles of %s", app));
	remove_unfinished(store);
	free(store);
}

static void remove_temporary(void)
{
	if (temporary)
		fs_remove(temporary);
}

char *xstore_begin(const char *out, const char *app)
{
	char *store = store_directory(out, app);

	temporary = xfs_temporary_directory(store, unfinished);
	atexit(remove_temporary);
	free(store);
	return temporary;
}

static json_t *sums(const char *directory)
{
	struct strlist names = STRLIST_INIT;
	json_t *files = json_object();

	xfs_tree(&names, directory, false);
	for (size_t i = 0; i < names.n; i++) {
		char *path = xasprintf("%s/%s", directory, names.v[i]), hex[HASH_HEX_BYTES];

		xhash_file(path, hex);
		json_object_set_new(files, names.v[i], json_string(hex));
		free(path);
	}
	strlist_release(&names);
	return files;
}

static uint64_t next_number(const struct profile *profiles, size_t n)
{
	uint64_t highest = 0;

	for (size_t i = 0; i < n; i++)
		highest = profiles[i].number > highest ? profiles[i].number : highest;
	return highest + 1;
}

struct profile xstore_commit(const char *out, const char *app, char *directory, json_t *record,
			     bool *known)
{
	char id[PROFILE_ID_BYTES], hex[HASH_HEX_BYTES], *store = store_directory(out, app), *place;
	struct profile *profiles;
	size_t n = store_list(out, app, &profiles);

	json_object_set_new(record, "files", sums(directory));
	compute_id(record, id);
	place = xasprintf("%s/%s", store, id);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(profiles[i].id, id) && !profiles[i].damage) {
			*known = true;
			return profiles[i];
		}
	*known = false;
	if (fs_exists(place)) {
		warn("profile %s was damaged and is made again", id);
		xfs_remove(place);
	}
	json_object_set_new(record, "id", json_string(id));
	json_object_set_new(record, "number", json_integer((json_int_t)next_number(profiles, n)));
	compute_sum(record, hex);
	json_object_set_new(record, "sha256", json_string(hex));
	xjson_write(xasprintf("%s/profile.json", directory), record);
	xfs_rename(directory, place);
	temporary = NULL;
	return read_profile(store, id);
}
