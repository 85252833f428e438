/* SPDX-License-Identifier: MIT */
#include "recipe_survey.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/fs.h"
#include "lib/util.h"

/* Files larger than this are no configuration. */
enum { CONFIGURATION_BYTES = 1 << 18, DEEPEST = 3 };

static char *read_below(const char *tree, const char *name)
{
	char *path = xasprintf("%s/%s", tree, name), *text = fs_read(path, NULL);

	free(path);
	return text;
}

static bool is_there(const char *tree, const char *name)
{
	char *path = xasprintf("%s/%s", tree, name);
	bool found = fs_exists(path);

	free(path);
	return found;
}

static bool ends(const char *text, const char *ending)
{
	size_t length = strlen(text), n = strlen(ending);

	return length >= n && !strcmp(text + length - n, ending);
}

const char *survey_spdx(const char *debian)
{
	static const char *const names[][2] = {
		{ "Expat", "MIT" },
		{ "MIT", "MIT" },
		{ "BSD-2-clause", "BSD-2-Clause" },
		{ "BSD-3-clause", "BSD-3-Clause" },
		{ "BSD-4-clause", "BSD-4-Clause" },
		{ "ISC", "ISC" },
		{ "Zlib", "Zlib" },
		{ "Apache-2.0", "Apache-2.0" },
		{ "GPL-2", "GPL-2.0-only" },
		{ "GPL-2+", "GPL-2.0-or-later" },
		{ "GPL-3", "GPL-3.0-only" },
		{ "GPL-3+", "GPL-3.0-or-later" },
		{ "LGPL-2", "LGPL-2.0-only" },
		{ "LGPL-2+", "LGPL-2.0-or-later" },
		{ "LGPL-2.1", "LGPL-2.1-only" },
		{ "LGPL-2.1+", "LGPL-2.1-or-later" },
		{ "LGPL-3+", "LGPL-3.0-or-later" },
		{ "AGPL-3+", "AGPL-3.0-or-later" },
		{ "MPL-2.0", "MPL-2.0" },
		{ "Artistic", "Artistic-1.0-Perl" },
		{ "public-domain", "LicenseRef-public-domain" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcasecmp(debian, names[i][0]))
			return names[i][1];
	return NULL;
}

/* The value of "Field: value" in the first line that has it, from `text` on; NULL if none has. */
static char *field(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, length) && line[length] == ':') {
			line += length + 1;
			line += strspn(line, " \t");
			return xstrndup(line, strcspn(line, "\n"));
		}
	}
	return NULL;
}

static void read_license(struct survey *s, const char *tree)
{
	char *text = read_below(tree, "debian/copyright");
	const char *all = text ? strstr(text, "\nFiles: *\n") : NULL;
	char *name = text ? field(all ? all + 1 : text, "License") : NULL;
	const char *spdx = name ? survey_spdx(name) : NULL;

	s->license = spdx ? xstrdup(spdx) : NULL;
	s->debian_license = spdx ? NULL : name;
	free(text);
}

/* Names of Build-Depends that end in -dev: "libssl-dev (>= 1.1) [linux-any] <!nocheck>, ...". */
static void read_depends(struct survey *s, const char *control)
{
	const char *at = strstr(control, "\nBuild-Depends:");
	char *list, *save;
	size_t length = 0;

	if (!at)
		return;
	at += strlen("\nBuild-Depends:");
	/* to the first line that is not indented */
	for (; at[length] && (at[length] != '\n' || strchr(" \t", at[length + 1])); length++)
		;
	list = xstrndup(at, length);
	for (char *one = strtok_r(list, ",|", &save); one; one = strtok_r(NULL, ",|", &save)) {
		one += strspn(one, " \t\n");
		one[strcspn(one, " \t\n([<:")] = '\0';
		if (ends(one, "-dev") && !strlist_has(&s->development, one))
			strlist_push(&s->development, one);
	}
	strlist_sort(&s->development);
	free(list);
}

static void read_packaging(struct survey *s, const char *tree)
{
	char *changelog = read_below(tree, "debian/changelog");
	char *control = read_below(tree, "debian/control");
	const char *open = changelog ? strchr(changelog, '(') : NULL;

	if (open)
		s->version = xstrndup(open + 1, strcspn(open + 1, ")"));
	if (control) {
		s->summary = field(control, "Description");
		read_depends(s, control);
	}
	read_license(s, tree);
	free(changelog);
	free(control);
}

static void find_build_system(struct survey *s, const char *tree)
{
	char *control = read_below(tree, "debian/control");
	bool wants_cmake = control && strstr(control, "cmake");
	bool configure = is_there(tree, "configure");
	bool autoconf = is_there(tree, "configure.ac") || is_there(tree, "configure.in");

	if (is_there(tree, "Configure") && is_there(tree, "Configurations"))
		s->build_system = "openssl";
	else if (configure && is_there(tree, "auto/have"))
		s->build_system = "nginx";
	else if (is_there(tree, "CMakeLists.txt") && (wants_cmake || !(configure || autoconf)))
		s->build_system = "cmake";
	else if (configure || autoconf)
		s->build_system = "autoconf";
	else if (is_there(tree, "meson.build"))
		s->unknown_system = "meson";
	else if (is_there(tree, "Makefile") || is_there(tree, "GNUmakefile") ||
		 is_there(tree, "makefile"))
		s->build_system = "make";
	s->generate_configure =
		autoconf && !configure && s->build_system && !strcmp(s->build_system, "autoconf");
	free(control);
}

static void push_once(struct strlist *l, const char *directory, const char *name)
{
	char *path = *directory ? xasprintf("%s/%s", directory, name) : xstrdup(name);

	if (!strlist_has(l, path))
		strlist_push(l, path);
	free(path);
}

static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return xstrndup(path, slash ? (size_t)(slash - path) : 0);
}

/* Words behind "bin_PROGRAMS =" and its like in a Makefile.am, to the end of the line. */
static void read_automake(struct survey *s, const char *path, const char *text)
{
	char *directory = directory_of(path), *joined = xstrdup(text), *save;

	for (char *c = joined; *c; c++)
		if (c[0] == '\\' && c[1] == '\n')
			c[0] = c[1] = ' ';
	for (char *line = strtok_r(joined, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		bool program =
			!strncmp(line, "bin_PROGRAMS", 12) || !strncmp(line, "sbin_PROGRAMS", 13);
		bool library = !strncmp(line, "lib_LTLIBRARIES", 15) ||
			       !strncmp(line, "lib_LIBRARIES", 13);
		struct strlist words = STRLIST_INIT;
		const char *equals = strchr(line, '=');

		if (!(program || library) || !equals)
			continue;
		strlist_split(&words, equals + 1);
		for (size_t i = 0; i < words.n; i++) {
			char *dot = strrchr(words.v[i], '.');

			if (strchr(words.v[i], '$') || strchr(words.v[i], '@'))
				continue;
			if (library && dot && !strncmp(words.v[i], "lib", 3))
				push_once(&s->libraries, "",
					  xasprintf("%.*s.a", (int)(dot - words.v[i]), words.v[i]));
			else if (program)
				push_once(&s->programs, directory, words.v[i]);
		}
		strlist_release(&words);
	}
	free(joined);
	free(directory);
}

/* add_executable(NAME: cmake leaves it in the same place below build/. */
static void read_cmake(struct survey *s, const char *path, const char *text)
{
	static const char call[] = "add_executable";
	char *directory = directory_of(path);
	char *below = xasprintf("build%s%s", *directory ? "/" : "", directory);

	for (const char *at = text; (at = strcasestr(at, call));) {
		size_t length;

		at += sizeof(call) - 1;
		at += strspn(at, " \t");
		at += *at == '(';
		at += strspn(at, " \t\n");
		length = strcspn(at, " \t\n)");
		if (length && !memchr(at, '$', length))
			push_once(&s->programs, below, xstrndup(at, length));
	}
	free(below);
	free(directory);
}

static void read_service(struct survey *s, const char *text, bool preferred)
{
	char *start = NULL, *user = NULL;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!start && !strncmp(line, "ExecStart=", 10))
			start = xstrndup(line + 10, strcspn(line + 10, "\n"));
		if (!user && !strncmp(line, "User=", 5))
			user = xstrndup(line + 5, strcspn(line + 5, "\n"));
	}
	if (!start || (s->exec_start && !preferred))
		return;
	s->exec_start = start;
	s->user = user;
}

/* "port 6379", "listen 80;", "Port=53" at the begin of a line. */
static unsigned port_of(const char *text)
{
	static const char *const words[] = { "port", "listen" };

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		line += strspn(line, " \t");
		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			size_t length = strlen(words[i]);
			const char *value = line + length;
			unsigned long port;

			if (strncasecmp(line, words[i], length) || !strchr(" \t=:", *value))
				continue;
			value += strspn(value, " \t=:");
			port = strtoul(value, NULL, 10);
			if (port > 0 && port < 65536)
				return (unsigned)port;
		}
	}
	return 0;
}

static unsigned depth(const char *path)
{
	unsigned slashes = 0;

	for (; *path; path++)
		slashes += *path == '/';
	return slashes;
}

static void read_file(struct survey *s, const char *tree, const char *name, const char *app)
{
	const char *base = fs_base(name);
	bool automake = !strcmp(base, "Makefile.am") && s->build_system &&
			!strcmp(s->build_system, "autoconf");
	bool cmake = !strcmp(base, "CMakeLists.txt") && s->build_system &&
		     !strcmp(s->build_system, "cmake");
	bool service = ends(base, ".service") || ends(base, ".service.in");
	bool configuration = ends(base, ".conf") || ends(base, ".conf.in");
	char *path = xasprintf("%s/%s", tree, name), *text;

	if ((automake || cmake || service || configuration) && fs_exists(path) &&
	    !fs_is_directory(path) && xfs_size(path) < CONFIGURATION_BYTES) {
		text = xfs_read(path, NULL);
		if (automake)
			read_automake(s, name, text);
		else if (cmake)
			read_cmake(s, name, text);
		else if (service)
			read_service(s, text, strstr(base, app) && !strchr(base, '@'));
		else if (!s->port)
			s->port = port_of(text);
		free(text);
	}
	free(path);
}

/* What the packages install: programs, and archives. */
static void read_install(struct survey *s, const char *text, struct strlist *installed)
{
	struct strlist words = STRLIST_INIT;

	strlist_split(&words, text);
	for (size_t i = 0; i < words.n; i++) {
		const char *word = words.v[i], *base = fs_base(word);

		if (strchr(base, '*') || !*base)
			continue;
		if (strstr(word, "usr/bin/") || strstr(word, "usr/sbin/"))
			push_once(installed, "", base);
		else if (strstr(word, "usr/lib/") && ends(base, ".a") && !strncmp(base, "lib", 3))
			push_once(&s->libraries, "", base);
	}
	strlist_release(&words);
}

/* Programs that packaging or a service names, if the build's own files named none. */
static void guess_programs(struct survey *s, const char *tree, const struct strlist *installed,
			   const char *app)
{
	const char *directory = is_there(tree, "src/Makefile") ? "src" : "";
	char *command = s->exec_start ? survey_command(s->exec_start) : NULL;

	if (s->programs.n)
		return;
	for (size_t i = 0; i < installed->n; i++)
		push_once(&s->programs, directory, installed->v[i]);
	if (!s->programs.n && command) {
		command[strcspn(command, " ")] = '\0';
		push_once(&s->programs, directory, fs_base(command));
	}
	if (!s->programs.n && !s->libraries.n)
		push_once(&s->programs, directory, app);
	free(command);
}

/* The one that the service runs, or that is called as the app, stands first. */
static void put_first(struct strlist *programs, const char *name)
{
	for (size_t i = 1; i < programs->n; i++)
		if (!strcmp(fs_base(programs->v[i]), name)) {
			char *first = programs->v[i];

			memmove(programs->v + 1, programs->v, i * sizeof(*programs->v));
			programs->v[0] = first;
			return;
		}
}

void survey_tree(struct survey *s, const char *tree, const char *app)
{
	struct strlist files = STRLIST_INIT, installed = STRLIST_INIT;

	*s = (struct survey){ 0 };
	read_packaging(s, tree);
	find_build_system(s, tree);
	xfs_tree(&files, tree, false);
	for (size_t i = 0; i < files.n; i++) {
		if (depth(files.v[i]) > DEEPEST)
			continue;
		read_file(s, tree, files.v[i], app);
		if (!strncmp(files.v[i], "debian/", 7) && ends(files.v[i], "install")) {
			char *text = read_below(tree, files.v[i]);

			if (text)
				read_install(s, text, &installed);
			free(text);
		}
	}
	guess_programs(s, tree, &installed, app);
	put_first(&s->programs, app);
	if (s->exec_start) {
		char *command = survey_command(s->exec_start);

		command[strcspn(command, " ")] = '\0';
		put_first(&s->programs, fs_base(command));
		free(command);
	}
	strlist_release(&files);
	strlist_release(&installed);
}

char *survey_command(const char *exec_start)
{
	struct strlist words = STRLIST_INIT, kept = STRLIST_INIT;
	char *command;

	exec_start += strspn(exec_start, "-@+!:");
	strlist_split(&words, exec_start);
	for (size_t i = 0; i < words.n; i++) {
		if (!i)
			strlist_pushf(&kept, "/bin/%s", fs_base(words.v[i]));
		else if (!strpbrk(words.v[i], "$%\\"))
			strlist_push(&kept, words.v[i]);
	}
	command = strlist_join(&kept, " ");
	strlist_release(&words);
	strlist_release(&kept);
	return command;
}
