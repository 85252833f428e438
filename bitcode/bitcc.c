/* SPDX-License-Identifier: MIT */
/*
 * bitcc - the C compiler that upstream build systems are given
 *
 * It takes the command line of cc. Compiling C gives raw bitcode: the front end
 * is done, no optimization pass has run, and everything a later profile needs
 * is recorded (docs/bitcode.md has the flags and why). Assembly stays native.
 * Linking gives a program that runs on this machine, static and against the
 * capsules' libc, quickly rather than well optimized, and writes down what it
 * was linked from.
 *
 * Settings come from the environment, because build systems lose flags:
 *
 *   BITCC_ROOT     the directory being built; it is mapped out of every path
 *   BITCC_NAME     what the root is called instead, "nginx-1.22.1"
 *   BITCC_FOLLOW   1: only a compile with -flto gives bitcode, all else is
 *                  clang's own business (kbuild knows what must stay native)
 *   BITCC_NATIVE   patterns (fnmatch) of sources that stay native
 *   BITCC_FLAGS    further flags for every compile
 *   BITCC_LIBC     the libc capsule: headers, start files, library
 *   BITCC_PREFIXES capsules whose include/ and lib/ are searched, one a line
 *   BITCC_RECORD   directory for the records of links
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "command.h"
#include "flags.h"
#include "proglink.h"
#include "settings.h"
#include "toolchain.h"

/*
 * The build system's own flags, without the headers of this machine: a library
 * that it finds in /usr is not one of the image's.
 */
static void push_flags(struct strlist *l, const struct settings *s, const struct command *c)
{
	static const char *const machine[] = { "/usr/include", "/usr/local/include" };

	for (size_t i = 0; i < c->flags.n; i++) {
		const char *flag = c->flags.v[i];
		bool joined = !strncmp(flag, "-I", 2) && flag[2];
		const char *directory = joined ? flag + 2 : c->flags.v[i + 1];
		bool drop = false;

		for (size_t d = 0; s->libc && directory && d < ARRAY_SIZE(machine); d++)
			drop |= (joined || !strcmp(flag, "-I") || !strcmp(flag, "-isystem")) &&
				!strcmp(directory, machine[d]);
		if (!drop)
			strlist_push(l, flag);
		else if (!joined)
			i++;
	}
}

static void push_headers(struct strlist *l, const struct settings *s)
{
	if (!s->libc)
		return;
	strlist_push(l, "-nostdlibinc");
	for (size_t i = 0; i < s->prefixes.n; i++) {
		strlist_push(l, "-isystem");
		strlist_pushf(l, "%s/include", s->prefixes.v[i]);
	}
	strlist_push(l, "-isystem");
	strlist_pushf(l, "%s/include", s->libc);
}

/* A capsule's directory without its key: headers are the same wherever the cache is. */
static void map_capsule(struct strlist *l, const char *directory)
{
	const char *base = fs_base(directory), *dash = strrchr(base, '-');

	strlist_pushf(l, "-ffile-prefix-map=%s=/%.*s", directory,
		      (int)(dash ? dash - base : (long)strlen(base)), base);
}

static void push_prefix_maps(struct strlist *l, const struct settings *s)
{
	if (s->root)
		strlist_pushf(l, "-ffile-prefix-map=%s=/%s", s->root, s->name);
	if (s->libc)
		map_capsule(l, s->libc);
	for (size_t i = 0; i < s->prefixes.n; i++)
		map_capsule(l, s->prefixes.v[i]);
}

static _Noreturn void run_clang(struct strlist *argv)
{
	if (verbosity() >= 2)
		fprintf(stderr, "+ %s\n", process_quote(argv->v));
	execvp(argv->v[0], argv->v);
	die_hint("run 'make doctor'", "cannot run '%s': %s", argv->v[0], strerror(errno));
}

/* clang as called, with the headers of the target instead of the machine's. */
static _Noreturn void pass(const struct settings *s, int argc, char **argv)
{
	struct strlist l = STRLIST_INIT;

	strlist_push(&l, TOOLCHAIN_CLANG);
	if (!s->follow) {
		strlist_push(&l, TOOLCHAIN_PROGRAM_TARGET);
		strlist_push(&l, "-Wno-unused-command-line-argument");
		push_headers(&l, s);
	}
	for (int i = 1; i < argc; i++)
		strlist_push(&l, argv[i]);
	run_clang(&l);
}

/*
 * A source below the root is named relative to here: bitcode keeps the name it
 * was compiled under, and no prefix map reaches that.
 */
static char *relative_source(const struct settings *s, const char *source)
{
	char *here;
	size_t length;

	if (source[0] != '/' || !s->root || strncmp(source, s->root, strlen(s->root)))
		return xstrdup(source);
	here = getcwd(NULL, 0);
	for (length = 0; here && here[length] && here[length] == source[length];)
		length++;
	if (!here || here[length] || source[length] != '/')
		return xstrdup(source);
	return xstrdup(source + length + 1);
}

static bool stays_native(const struct settings *s, const struct command *c,
			 const struct input *input)
{
	if (input->kind != INPUT_C || (s->follow && !c->lto))
		return true;
	for (size_t i = 0; i < s->native.n; i++)
		if (!fnmatch(s->native.v[i], input->text, 0))
			return true;
	return false;
}

static void compile_command(struct strlist *l, const struct settings *s, const struct command *c,
			    const struct input *input)
{
	strlist_push(l, TOOLCHAIN_CLANG);
	push_flags(l, s, c);
	push_headers(l, s);
	strlist_concat(l, &s->flags);
	if (!s->follow)
		flags_program(l);
	if (stays_native(s, c, input)) {
		if (!s->follow)
			strlist_push(l, "-fno-lto");
	} else {
		flags_bitcode(l);
	}
	push_prefix_maps(l, s);
	/* what only one kind of input uses is no mistake of the build system's */
	strlist_push(l, "-Wno-unused-command-line-argument");
	if (!strcmp(input->text, "-") || !strchr(fs_base(input->text), '.')) {
		strlist_push(l, "-x");
		strlist_push(l, input->kind == INPUT_C ? "c" : "assembler-with-cpp");
	}
	strlist_push(l, relative_source(s, input->text));
}

static int compile(const struct settings *s, const struct command *c)
{
	for (size_t i = 0; i < c->input_count; i++) {
		struct strlist l = STRLIST_INIT;
		struct process p = PROCESS_INIT;
		int status;

		if (c->inputs[i].kind > INPUT_ASSEMBLY)
			continue;
		compile_command(&l, s, c, &c->inputs[i]);
		if (c->output) {
			strlist_push(&l, "-o");
			strlist_push(&l, c->output);
		}
		p.argv = l.v;
		p.in_fd = STDIN_FILENO;
		status = process_run(&p);
		if (status)
			return status;
	}
	return 0;
}

/* Sources on a link line are compiled beside the output, then linked. */
static int compile_and_link(const struct settings *s, struct command *c)
{
	const char *output = c->output ? c->output : "a.out";
	bool keep = s->record && strcmp(output, "/dev/null");
	struct strlist temporaries = STRLIST_INIT;
	char *scratch = NULL;
	int status = 0;

	if (!strcmp(output, "/dev/null"))
		scratch = xfs_temporary_directory(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp",
						  "bitcc");

	for (size_t i = 0; !status && i < c->input_count; i++) {
		struct strlist l = STRLIST_INIT;
		struct process p = PROCESS_INIT;
		char *object;

		if (c->inputs[i].kind > INPUT_ASSEMBLY)
			continue;
		object = strcmp(output, "/dev/null")
				 ? xasprintf("%s.%zu-%s.o", output, i, fs_base(c->inputs[i].text))
				 : xasprintf("%s/null-%zu.o", scratch, i);
		strlist_push(&temporaries, object);
		compile_command(&l, s, c, &c->inputs[i]);
		strlist_push(&l, "-c");
		strlist_push(&l, "-o");
		strlist_push(&l, object);
		p.argv = l.v;
		p.in_fd = STDIN_FILENO;
		status = process_run(&p);
		c->inputs[i] = (struct input){ INPUT_OBJECT, object };
	}
	if (!status)
		status = proglink(s, c, output);
	/* a recorded link must be repeatable: its objects stay with the build */
	for (size_t i = 0; i < temporaries.n && (!keep || status); i++)
		unlink(temporaries.v[i]);
	if (scratch)
		fs_remove(scratch);
	return status;
}

int main(int argc, char **argv)
{
	struct settings s;
	struct command c;

	settings_read(&s);
	command_parse(&c, argc, argv);
	if (c.mode == COMMAND_PASS || (s.follow && c.mode == COMMAND_LINK))
		pass(&s, argc, argv);
	if (s.follow && !c.lto)
		pass(&s, argc, argv);
	return c.mode == COMMAND_COMPILE ? compile(&s, &c) : compile_and_link(&s, &c);
}
