/* SPDX-License-Identifier: MIT */
#include "profdata.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bitcode/sample_text.h"
#include "../bitcode/toolchain.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"

/* The version must be that of the compiler that reads the profile. */
static const char profgen[] = "llvm-profgen-" TOOLCHAIN_LLVM;
static const char profdata[] = "llvm-profdata-" TOOLCHAIN_LLVM;

static char *read_all(int fd)
{
	size_t used = 0, room = 1 << 16;
	char *text = xmalloc(room);
	ssize_t got;

	while ((got = read(fd, text + used, room - used - 1)) > 0 || (got < 0 && errno == EINTR)) {
		used += got > 0 ? (size_t)got : 0;
		if (room - used < 2)
			text = xrealloc(text, room *= 2);
	}
	text[used] = '\0';
	return text;
}

/* What is worth repeating of what a tool printed: its last line. */
static const char *last_line(char *text)
{
	size_t length = strlen(text);
	char *line;

	while (length && text[length - 1] == '\n')
		text[--length] = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

/*
 * Run a tool. NULL and what it printed in `*output` (if that is wanted), or a sentence.
 * Warnings come before the results only if `with_errors` asks for them.
 */
static char *run(const struct strlist *argv, bool with_errors, char **output)
{
	struct process p = PROCESS_INIT;
	char *text, *error = NULL;
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		die("cannot make a pipe: %s", strerror(errno));
	p.argv = argv->v;
	p.out_fd = fds[1];
	p.err_fd = with_errors ? fds[1] : -1;
	pid = process_start(&p);
	close(fds[1]);
	text = read_all(fds[0]);
	close(fds[0]);
	status = process_wait(pid);
	if (status)
		error = xasprintf("%s ended with exit status %d: %s", argv->v[0], status,
				  last_line(text));
	if (error || !output)
		free(text);
	else
		*output = text;
	return error;
}

char *profdata_convert(const char *elf, const char *raw, const char *output)
{
	struct strlist argv = STRLIST_INIT;
	char *error;

	strlist_push(&argv, profgen);
	strlist_push(&argv, "--format=extbinary");
	strlist_push(&argv, "--use-offset=false");
	strlist_pushf(&argv, "--unsymbolized-profile=%s", raw);
	strlist_pushf(&argv, "--binary=%s", elf);
	strlist_pushf(&argv, "--output=%s", output);
	error = run(&argv, true, NULL);
	strlist_release(&argv);
	return error;
}

char *profdata_merge(const struct strlist *inputs, const char *output)
{
	struct strlist argv = STRLIST_INIT;
	char *error;

	strlist_push(&argv, profdata);
	strlist_push(&argv, "merge");
	strlist_push(&argv, "--sample");
	strlist_pushf(&argv, "--output=%s", output);
	for (size_t i = 0; i < inputs->n; i++)
		strlist_pushf(&argv, "--weighted-input=%s", inputs->v[i]);
	error = run(&argv, true, NULL);
	strlist_release(&argv);
	return error;
}

static void add_function(const char *function, uint64_t samples, void *context)
{
	struct profdata *p = context;

	(void)function;
	p->functions++;
	p->samples += samples;
}

char *profdata_text(char **text, const char *path)
{
	struct strlist argv = STRLIST_INIT;
	char *error;

	strlist_push(&argv, profdata);
	strlist_split(&argv, "merge --sample --text --output=-");
	strlist_push(&argv, path);
	error = run(&argv, false, text);
	strlist_release(&argv);
	return error;
}

char *profdata_look(struct profdata *p, const char *path)
{
	struct strlist sections = STRLIST_INIT;
	char *output, *error = profdata_text(&output, path);

	*p = (struct profdata){ 0 };
	if (error)
		return error;
	sample_text_each(output, add_function, p);
	free(output);
	strlist_push(&sections, profdata);
	strlist_split(&sections, "show --sample --show-sec-info-only");
	strlist_push(&sections, path);
	error = run(&sections, false, &output);
	strlist_release(&sections);
	if (error)
		return error;
	p->fs_discriminators = strstr(output, "fs-discriminator") != NULL;
	free(output);
	return NULL;
}

bool profdata_parse_overlap(struct overlap *o, const char *text)
{
	const struct {
		const char *label;
		double *value;
	} fields[] = {
		{ "Whole program profile similarity: ", &o->similarity },
		{ "Whole program sample overlap: ", &o->samples },
		{ "Function overlap: ", &o->functions },
		{ "Hot-function overlap: ", &o->hot_functions },
		{ "Hot-block overlap: ", &o->hot_blocks },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *at = strstr(text, fields[i].label);
		char *end;

		if (!at)
			return false;
		at += strlen(fields[i].label);
		*fields[i].value = strtod(at, &end);
		if (end == at)
			return false;
	}
	return true;
}

/* With what was inlined counted where its source is. */
static char *flatten(const char *path, const char *flat)
{
	struct strlist argv = STRLIST_INIT;
	char *error;

	strlist_push(&argv, profdata);
	strlist_split(&argv, "merge --sample --convert-sample-profile-layout=flat");
	strlist_push(&argv, path);
	strlist_pushf(&argv, "--output=%s", flat);
	error = run(&argv, true, NULL);
	strlist_release(&argv);
	return error;
}

static char *overlap(struct overlap *o, const char *base, const char *test)
{
	struct strlist argv = STRLIST_INIT;
	char *text, *error;

	strlist_push(&argv, profdata);
	strlist_split(&argv, "overlap --sample");
	strlist_push(&argv, base);
	strlist_push(&argv, test);
	error = run(&argv, false, &text);
	strlist_release(&argv);
	if (error)
		return error;
	if (!profdata_parse_overlap(o, text))
		error = xasprintf("what '%s overlap' printed is not understood", profdata);
	free(text);
	return error;
}
char *profdata_overlap(struct overlap *o, const char *base, const char *test)
{
	char *directory = xfs_temporary_directory(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp",
						  "anneal-overlap");
	char *flat_base = xasprintf("%s/base", directory),
	     *flat_test = xasprintf("%s/test", directory);
	char *error = flatten(base, flat_base);

	if (!error)
		error = flatten(test, flat_test);
	if (!error)
		error = overlap(o, flat_base, flat_test);
	xfs_remove(directory);
	free(flat_base);
	free(flat_test);
	free(directory);
	return error;
}
