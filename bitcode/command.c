/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <string.h>
#include <stdlib.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

/* Flags whose value is the next word. */
static const char *const with_value[] = {
	"-D",	       "-U",	    "-I",	  "-include",  "-imacros",
	"-isystem",    "-iquote",   "-idirafter", "-isysroot", "-iprefix",
	"-MF",	       "-MT",	    "-MQ",	  "-Xclang",   "-Xpreprocessor",
	"-Xassembler", "-mllvm",    "-target",	  "-arch",     "-aux-info",
	"--param",     "-dumpbase", "-dumpdir",
};

static bool starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool in(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(s, list[i]))
			return true;
	return false;
}

static void add_input(struct command *c, enum input_kind kind, const char *text)
{
	c->inputs = xrealloc(c->inputs, (c->input_count + 1) * sizeof(*c->inputs));
	c->inputs[c->input_count++] = (struct input){ kind, text };
}

static enum input_kind kind_of_file(const char *path, const char *language)
{
	const char *dot = strrchr(fs_base(path), '.');

	if (language && strcmp(language, "none"))
		return starts(language, "assembler") ? INPUT_ASSEMBLY : INPUT_C;
	if (!dot)
		return INPUT_OBJECT;
	if (!strcmp(dot, ".c") || !strcmp(dot, ".i"))
		return INPUT_C;
	if (!strcmp(dot, ".s") || !strcmp(dot, ".S") || !strcmp(dot, ".sx"))
		return INPUT_ASSEMBLY;
	return INPUT_OBJECT;
}

/* -Wl,a,b and -Xlinker a: the linker's words, in place. */
static void add_linker_words(struct command *c, const char *words)
{
	while (*words) {
		size_t length = strcspn(words, ",");

		add_input(c, INPUT_LINKER, xstrndup(words, length));
		words += length + (words[length] == ',');
	}
}

static bool parse_mode(struct command *c, const char *a)
{
	static const char *const pass[] = {
		"-E", "-S",   "-M",	      "-MM",	      "-fsyntax-only", "--version",
		"-v", "-###", "-dumpversion", "-dumpmachine", "--help",	       "-Q",
	};

	if (!strcmp(a, "-c")) {
		if (c->mode != COMMAND_PASS)
			c->mode = COMMAND_COMPILE;
		strlist_push(&c->flags, a);
		return true;
	}
	if (in(a, pass, ARRAY_SIZE(pass)) || starts(a, "-print-") || starts(a, "--print-")) {
		c->mode = COMMAND_PASS;
		return true;
	}
	return false;
}

static bool parse_link_flag(struct command *c, const char *a)
{
	if (!strcmp(a, "-shared"))
		c->shared = true;
	else if (!strcmp(a, "-nostdlib"))
		c->no_stdlib = c->no_startfiles = true;
	else if (!strcmp(a, "-nostartfiles"))
		c->no_startfiles = true;
	else if (!strcmp(a, "-nodefaultlibs"))
		c->no_stdlib = true;
	else if (!strcmp(a, "-r"))
		c->relocatable = true;
	else if (!strcmp(a, "-rdynamic"))
		add_input(c, INPUT_LINKER, "--export-dynamic");
	else if (!strcmp(a, "-s"))
		add_input(c, INPUT_LINKER, "-s");
	else if (starts(a, "-Wl,"))
		add_linker_words(c, a + 4);
	else if (strcmp(a, "-static") && strcmp(a, "-pie") && strcmp(a, "-no-pie") &&
		 strcmp(a, "-static-pie"))
		return false;
	return true;
}

/* One word, or two if the flag takes a value. Returns the words used. */
static int parse_word(struct command *c, const char *a, const char *next, const char **language)
{
	if (parse_mode(c, a) || parse_link_flag(c, a))
		return 1;
	if (!strcmp(a, "-o") || !strcmp(a, "-x") || !strcmp(a, "-L") || !strcmp(a, "-Xlinker") ||
	    !strcmp(a, "-l") || !strcmp(a, "-T")) {
		if (!next)
			die("bitcc: '%s' needs a word behind it", a);
		switch (a[1]) {
		case 'o': c->output = next; break;
		case 'x': *language = next; break;
		case 'L': strlist_push(&c->search, next); break;
		case 'X': add_input(c, INPUT_LINKER, next); break;
		case 'l': add_input(c, INPUT_LIBRARY, xasprintf("-l%s", next)); break;
		case 'T': add_input(c, INPUT_LINKER, xasprintf("-T%s", next)); break;
		}
		return 2;
	}
	if (starts(a, "-o"))
		c->output = a + 2;
	else if (starts(a, "-x"))
		*language = a + 2;
	else if (starts(a, "-L"))
		strlist_push(&c->search, a + 2);
	else if (starts(a, "-l"))
		add_input(c, INPUT_LIBRARY, a);
	else if (!strcmp(a, "-") || a[0] != '-')
		add_input(c, kind_of_file(a, *language), a);
	else
		goto flag;
	return 1;
flag:
	if (starts(a, "-flto"))
		c->lto = true;
	else if (!strcmp(a, "-fno-lto"))
		c->lto = false;
	strlist_push(&c->flags, a);
	if (!in(a, with_value, ARRAY_SIZE(with_value)) || !next)
		return 1;
	strlist_push(&c->flags, next);
	return 2;
}

static void expand(struct strlist *words, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *text = argv[i][0] == '@' ? fs_read(argv[i] + 1, NULL) : NULL;

		if (text)
			strlist_split(words, text);
		else
			strlist_push(words, argv[i]);
		free(text);
	}
}

void command_parse(struct command *c, int argc, char **argv)
{
	struct strlist words = STRLIST_INIT;
	const char *language = NULL;

	*c = (struct command){ .mode = COMMAND_LINK };
	expand(&words, argc, argv);
	for (size_t i = 0; i < words.n;)
		i += (size_t)parse_word(c, words.v[i], words.v[i + 1], &language);
	if (!c->input_count)
		c->mode = COMMAND_PASS;
}
