/* SPDX-License-Identifier: MIT */
#include "apt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"

static char *release_codename(void)
{
	char *text = fs_read("/etc/os-release", NULL), *at, *end;

	at = text ? strstr(text, "VERSION_CODENAME=") : NULL;
	if (!at)
		die_hint("Anneal builds on Debian 12 and takes its sources from there",
			 "/etc/os-release names no release");
	at += strlen("VERSION_CODENAME=");
	at += *at == '"';
	end = at + strcspn(at, "\"\n");
	return xstrndup(at, (size_t)(end - at));
}

static bool is_release(const char *suite, const char *codename)
{
	size_t length = strlen(codename);

	if (strncmp(suite, codename, length))
		return false;
	suite += length;
	return !*suite || !strcmp(suite, "/updates") || !strcmp(suite, "-updates") ||
	       !strcmp(suite, "-security") || !strcmp(suite, "-backports");
}

static void append(char **text, const char *more)
{
	char *joined = xasprintf("%s%s", *text, more);

	free(*text);
	*text = joined;
}

/* "deb [options] uri suite components": the suite is the second word after them. */
static char *derive_line(const char *line, const char *codename)
{
	struct strlist words = STRLIST_INIT;
	size_t at = 1;
	char *rest;

	strlist_split(&words, line);
	if (words.n < 4 || (strcmp(words.v[0], "deb") && strcmp(words.v[0], "deb-src")))
		return NULL;
	if (words.v[1][0] == '[')
		while (at < words.n && !strchr(words.v[at++], ']'))
			;
	if (at + 1 >= words.n || !is_release(words.v[at + 1], codename))
		return NULL;
	rest = strstr(line, words.v[1]);
	return xasprintf("deb %s\ndeb-src %s\n", rest, rest);
}

/* A paragraph of deb822: kept if a suite is the release's, with both types. */
static char *derive_paragraph(const char *paragraph, const char *codename)
{
	char *copy = xstrdup(paragraph), *out = xstrdup("Types: deb deb-src\n");
	bool ours = false, disabled = false;

	for (char *save, *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		struct strlist words = STRLIST_INIT;

		if (line[0] == '#' || !strncasecmp(line, "Types:", 6))
			continue;
		disabled |= !strncasecmp(line, "Enabled:", 8) && strcasestr(line, "no");
		if (!strncasecmp(line, "Suites:", 7)) {
			strlist_split(&words, line + 7);
			for (size_t i = 0; i < words.n; i++)
				ours |= is_release(words.v[i], codename);
		}
		append(&out, line);
		append(&out, "\n");
	}
	free(copy);
	if (ours && !disabled)
		return out;
	free(out);
	return NULL;
}

char *apt_derive(const char *text, bool deb822, const char *codename)
{
	char *out = xstrdup("");
	const char *separator = deb822 ? "\n\n" : "\n";

	while (*text) {
		const char *end = strstr(text, separator);
		size_t length = end ? (size_t)(end - text) : strlen(text);
		char *entry = xstrndup(text, length);
		char *kept =
			deb822 ? derive_paragraph(entry, codename) : derive_line(entry, codename);

		if (kept) {
			append(&out, kept);
			append(&out, deb822 ? "\n" : "");
		}
		free(kept);
		free(entry);
		text += length;
		text += strspn(text, "\n");
	}
	return out;
}

static bool derive_file(const char *from, const char *to, bool deb822, const char *codename)
{
	char *text = fs_read(from, NULL);
	char *derived = text ? apt_derive(text, deb822, codename) : NULL;
	bool found = derived && *derived;

	if (found)
		xfs_write_if_changed(to, derived, strlen(derived));
	free(derived);
	free(text);
	return found;
}

static void derive_all(const char *parts)
{
	static const char sources[] = "/etc/apt/sources.list.d";
	char *codename = release_codename();
	struct strlist names = STRLIST_INIT;
	bool found;

	found = derive_file("/etc/apt/sources.list", xasprintf("%s/main.list", parts), false,
			    codename);
	fs_list(&names, sources);
	for (size_t i = 0; i < names.n; i++) {
		const char *dot = strrchr(names.v[i], '.');
		bool deb822 = dot && !strcmp(dot, ".sources");

		if (deb822 || (dot && !strcmp(dot, ".list")))
			found |= derive_file(xasprintf("%s/%s", sources, names.v[i]),
					     xasprintf("%s/%s", parts, names.v[i]), deb822,
					     codename);
	}
	if (!found)
		die_hint(
			"name a mirror of it in /etc/apt, or give the recipe a local tarball (docs/recipes.md)",
			"this machine's apt has no entry for Debian's release '%s'", codename);
}

void xapt_init(struct apt *apt, const char *cache)
{
	static const char *const directories[] = { "lists/partial", "archives/partial", "parts" };

	*apt = (struct apt){ .state = xasprintf("%s/apt", cache) };
	/* what the machine's configuration was last time may be wrong by now */
	xfs_remove(xasprintf("%s/parts", apt->state));
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		xfs_mkdirs(xasprintf("%s/%s", apt->state, directories[i]));
	derive_all(xasprintf("%s/parts", apt->state));

	const char *const options[] = {
		xasprintf("Dir::State=%s", apt->state),
		xasprintf("Dir::State::lists=%s/lists", apt->state),
		"Dir::State::status=/var/lib/dpkg/status",
		xasprintf("Dir::Cache=%s", apt->state),
		xasprintf("Dir::Cache::archives=%s/archives", apt->state),
		"Dir::Etc::sourcelist=/dev/null",
		xasprintf("Dir::Etc::sourceparts=%s/parts", apt->state),
		/* a cache in a home directory is not readable for apt's own user */
		"APT::Sandbox::User=root",
		"Acquire::Languages=none",
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		strlist_push(&apt->options, "-o");
		strlist_push(&apt->options, options[i]);
	}
}

static bool run(const struct apt *apt, const char *const *words, const char *directory)
{
	struct strlist argv = STRLIST_INIT;
	struct process p = PROCESS_INIT;
	int status;

	strlist_push(&argv, "apt-get");
	strlist_push(&argv, "-q");
	strlist_concat(&argv, &apt->options);
	for (; *words; words++)
		strlist_push(&argv, *words);
	p.argv = argv.v;
	p.directory = directory;
	p.out_fd = STDERR_FILENO;
	status = process_run(&p);
	strlist_release(&argv);
	return status == 0;
}

bool apt_has_lists(const struct apt *apt)
{
	return fs_exists(xasprintf("%s/lists/lock", apt->state));
}

void xapt_update(const struct apt *apt)
{
	const char *const words[] = { "update", NULL };

	if (!run(apt, words, NULL))
		die_hint(
			"check the network and this machine's apt sources ('apt-get update' shows the same), then repeat",
			"apt could not fetch the package lists");
}

bool apt_download_source(const struct apt *apt, const char *package, const char *version,
			 const char *directory)
{
	const char *const words[] = {
		"source",
		"--download-only",
		"--only-source",
		version ? xasprintf("%s=%s", package, version) : package,
		NULL,
	};

	return run(apt, words, directory);
}

bool apt_download_binary(const struct apt *apt, const char *package, const char *version,
			 const char *directory)
{
	const char *const words[] = {
		"download",
		version ? xasprintf("%s=%s", package, version) : package,
		NULL,
	};

	return run(apt, words, directory);
}

void apt_source_versions(const struct apt *apt, const char *package, struct strlist *versions)
{
	struct strlist argv = STRLIST_INIT;
	char *text;

	strlist_push(&argv, "apt-cache");
	strlist_concat(&argv, &apt->options);
	strlist_push(&argv, "showsrc");
	strlist_push(&argv, "--only-source");
	strlist_push(&argv, package);
	text = xprocess_output(argv.v);
	for (char *save, *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, "Version: ", 9) && !strlist_has(versions, line + 9))
			strlist_push(versions, line + 9);
	free(text);
}

/* Does "a, b, c" have it? */
static bool names_binary(const char *list, const char *binary)
{
	size_t length = strlen(binary);

	for (; *list; list += strcspn(list, ","), list += *list == ',') {
		list += strspn(list, " ");
		if (!strncmp(list, binary, length) && strchr(", \n", list[length]))
			return true;
	}
	return false;
}

void apt_sources_of(const struct apt *apt, const struct strlist *binaries, struct strlist *sources)
{
	/* a name that apt does not know is no failure here */
	static const char command[] = "apt-cache \"$@\" 2>/dev/null || :";
	struct strlist argv = STRLIST_INIT, found = STRLIST_INIT;
	char *text, *package = NULL, *save;

	strlist_push(&argv, "sh");
	strlist_push(&argv, "-c");
	strlist_push(&argv, command);
	strlist_push(&argv, "sh");
	strlist_concat(&argv, &apt->options);
	strlist_push(&argv, "showsrc");
	strlist_concat(&argv, binaries);
	text = xprocess_output(argv.v);
	/* a list of binaries may go on in lines that are indented: one line, then */
	for (char *at = text; (at = strstr(at, ",\n "));)
		at[1] = ' ';
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "Package: ", 9))
			package = line + 9;
		else if (!strncmp(line, "Binary: ", 8) && package)
			strlist_pushf(&found, "%s\n%s", package, line + 8);
	}
	for (size_t i = 0; i < binaries->n; i++) {
		const char *source = "";

		for (size_t j = 0; j < found.n && !*source; j++)
			if (names_binary(strchr(found.v[j], '\n') + 1, binaries->v[i]))
				source = found.v[j];
		strlist_pushf(sources, "%.*s", (int)strcspn(source, "\n"), source);
	}
	strlist_release(&found);
	strlist_release(&argv);
	free(text);
}
