/* SPDX-License-Identifier: MIT */
/*
 * command.h - a C compiler's command line, understood as far as bitcc needs it
 *
 * Everything that is not understood is passed on as it is: upstream build
 * systems use what they like, and clang is the judge.
 */
#ifndef BITCODE_COMMAND_H
#define BITCODE_COMMAND_H

#include <stdbool.h>
#include "../pipeline/lib/strlist.h"

enum command_mode {
	COMMAND_PASS,	 /* -E, -S, -M, --version, ...: clang's own business */
	COMMAND_COMPILE, /* -c: objects */
	COMMAND_LINK,	 /* a program or shared object */
};

enum input_kind {
	INPUT_C,
	INPUT_ASSEMBLY, /* .s, .S, -x assembler* */
	INPUT_OBJECT,	/* .o, .a, anything else that is a file */
	INPUT_LIBRARY,	/* -lz, kept with its -l */
	INPUT_LINKER,	/* a flag for the linker, in its place */
};

struct input {
	enum input_kind kind;
	const char *text;
};

struct command {
	enum command_mode mode;
	struct input *inputs; /* in the order given: it matters to a link */
	size_t input_count;
	struct strlist flags;  /* what compiling needs: -I, -D, -f, -W, ... */
	struct strlist search; /* -L directories, without the -L */
	const char *output;    /* NULL if no -o */
	bool lto;	       /* the last of -flto and -fno-lto was -flto */
	bool shared, no_stdlib, no_startfiles, relocatable;
};

/* Strings of argv are borrowed. A response file (@file) is expanded. */
void command_parse(struct command *c, int argc, char **argv);

#endif
