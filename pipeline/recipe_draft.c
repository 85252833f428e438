/* SPDX-License-Identifier: MIT */
#include "recipe_draft.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/util.h"

enum { ANY_PORT = 80, FIRST_ID = 100, LINE_BYTES = 100 };

/* The text so far, line by line. */
struct page {
	struct strlist lines;
	char *prefix; /* "REDIS_" */
};

static void comment(struct page *p, const char *format, ...) PRINTF(2, 3);
static void variable(struct page *p, const char *name, const char *format, ...) PRINTF(3, 4);

static char *formatted(const char *format, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, format, ap) < 0)
		die("no memory");
	return text;
}

static void comment(struct page *p, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = formatted(format, ap);
	va_end(ap);
	strlist_pushf(&p->lines, "# %s", text);
	free(text);
}

/* A value that is empty gives no line. */
static void variable(struct page *p, const char *name, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = formatted(format, ap);
	va_end(ap);
	if (*text)
		strlist_pushf(&p->lines, "%s%s = %s", p->prefix, name, text);
	free(text);
}

/* Words in lines of a comment. */
static void list(struct page *p, const struct strlist *words)
{
	char *line = xstrdup("");

	for (size_t i = 0; i < words->n; i++) {
		char *longer = xasprintf("%s%s%s", line, *line ? ", " : "  ", words->v[i]);

		if (strlen(longer) > LINE_BYTES && *line) {
			comment(p, "%s,", line);
			longer = xasprintf("  %s", words->v[i]);
		}
		line = longer;
	}
	if (*line)
		comment(p, "%s", line);
}

static bool is_library(const struct draft *d)
{
	return !d->survey.programs.n && d->survey.libraries.n;
}

static void write_source(struct page *p, const struct draft *d)
{
	const struct survey *s = &d->survey;

	strlist_pushf(&p->lines, "# %s - %s", d->app,
		      s->summary ? s->summary : "say here what it is");
	strlist_push(&p->lines, "");
	variable(p, "SOURCE", "%s", d->source);
	if (d->is_tree)
		variable(p, "SOURCE_KIND", "tree");
	if (!s->license)
		comment(p, "Which licence? debian/copyright says '%s'; write the SPDX name.",
			s->debian_license ? s->debian_license : "nothing that is known here");
	variable(p, "LICENSE", "%s", s->license ? s->license : "LicenseRef-unknown");
	if (d->missing.n)
		comment(p,
			"Debian builds it with these as well, for which there is no recipe: needed?");
	list(p, &d->missing);
	variable(p, "DEPENDS", "%s", d->depends.n ? strlist_join(&d->depends, " ") : "");
	strlist_push(&p->lines, "");
}

static void write_build(struct page *p, const struct draft *d)
{
	const struct survey *s = &d->survey;

	if (s->build_system) {
		comment(p,
			"debian/rules shows the options that Debian uses: CONFIGURE_OPTIONS, MAKE_OPTIONS.");
		variable(p, "BUILD_SYSTEM", "%s", s->build_system);
		if (s->generate_configure)
			variable(p, "CONFIGURE",
				 "autoreconf -fi && ./configure --prefix=/ --disable-shared");
		return;
	}
	if (s->unknown_system)
		comment(p,
			"%s is no BUILD_SYSTEM that is known: write the commands that compile it.",
			s->unknown_system);
	else
		comment(p,
			"No Makefile, configure or CMakeLists.txt: write the commands that compile it.");
	variable(p, "BUILD", "$$CC -o %s *.c", fs_base(d->app));
}

static void write_results(struct page *p, const struct draft *d)
{
	const struct survey *s = &d->survey;

	if (is_library(d)) {
		comment(p,
			"Archives that `make install` puts into lib; the headers come with them.");
		variable(p, "LIBRARIES", "%s", strlist_join(&s->libraries, " "));
		return;
	}
	comment(p, "Where the build leaves the program; only what the image needs%s%s",
		s->programs.n > 1 ? ". There are: " : "",
		s->programs.n > 1 ? strlist_join(&s->programs, " ") : "");
	variable(p, "PROGRAMS", "%s", s->programs.n ? s->programs.v[0] : d->app);
}

/* The program of COMMAND is the one in PROGRAMS. */
static void write_command(struct page *p, const struct draft *d)
{
	const struct survey *s = &d->survey;
	const char *program = s->programs.n ? fs_base(s->programs.v[0]) : d->app;
	char *command = s->exec_start ? survey_command(s->exec_start) : NULL;

	if (s->exec_start)
		comment(p, "Debian's service: %s", s->exec_start);
	else
		comment(p,
			"No service in the package: which arguments? It must stay in the foreground.");
	variable(p, "COMMAND", "/bin/%s%s", program,
		 command && strchr(command, ' ') ? strchr(command, ' ') : "");
	free(command);
}

static void write_image(struct page *p, const struct draft *d)
{
	const struct survey *s = &d->survey;

	if (is_library(d))
		return;
	strlist_push(&p->lines, "");
	write_command(p, d);
	if (s->port)
		comment(p,
			"The port is that of a configuration file; http:PORT/PATH if it speaks HTTP.");
	else
		comment(p, "Which port? None was found. http:PORT/PATH if it speaks HTTP.");
	variable(p, "READY", "tcp:%u", s->port ? s->port : ANY_PORT);
	if (s->user && strcmp(s->user, "root") && !strchr(s->user, '%'))
		variable(p, "USERS", "%s:%d:%d", s->user, FIRST_ID, FIRST_ID);
}

char *draft_text(const struct draft *d)
{
	struct page p = { STRLIST_INIT, xasprintf("%s_", d->app) };
	char *text;

	for (char *c = p.prefix; *c; c++)
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
	write_source(&p, d);
	write_build(&p, d);
	write_results(&p, d);
	write_image(&p, d);
	strlist_push(&p.lines, "");
	strlist_pushf(&p.lines, "$(eval $(call recipe,%s))", d->app);
	strlist_push(&p.lines, "");
	text = strlist_join(&p.lines, "\n");
	strlist_release(&p.lines);
	free(p.prefix);
	return text;
}
