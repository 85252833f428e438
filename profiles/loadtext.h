/* SPDX-License-Identifier: MIT */
/*
 * loadtext.h - what an exchange sends or expects: bytes with variables among them
 *
 * As a load file has it between quotes (docs/loads.md):
 *
 *   \n \r \t \" \\ \{ \xNN	one byte each; NN are hexadecimal digits
 *   {key N} {key N NAME}	a number from 0 to N-1, with zeros in front as long as N-1 is
 *   {value N} {value N NAME}	N letters, digits, - and _
 *
 * All texts of one exchange share their variables: the same kind and name is the same thing each time.
 * Each takes one draw of the sequence's generator, in the order in which they are first named. A value follows
 * from the key of its name, if there is one before it, so what was stored under a key is known when it is asked for.
 */
#ifndef PROFILES_LOADTEXT_H
#define PROFILES_LOADTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOAD_MOST_VARIABLES = 16, /* of an exchange */
	LOAD_MOST_VALUE_BYTES = 1 << 20,
	LOAD_MOST_KEYS = 1000000000,
};

struct load_variable {
	enum { LOAD_KEY, LOAD_VALUE } kind;
	char *name;    /* "" if none is given */
	uint64_t size; /* of a key: how many there are; of a value: bytes */
	int key;       /* of a value: the variable that it follows from; -1: its own draw */
};

struct load_variables {
	struct load_variable v[LOAD_MOST_VARIABLES];
	size_t n;
};

/* Either bytes or a variable. */
struct load_piece {
	char *bytes; /* NULL: a variable */
	size_t length;
	size_t variable; /* its place among the exchange's */
};

struct load_text {
	struct load_piece *v;
	size_t n;
};

/* Bytes of a text with its variables filled in. */
struct load_bytes {
	char *data;
	size_t bytes;
};

/*
 * Read a text up to its closing quote; `**at` is the character behind the opening one, and then that
 * of the closing one. Variables that are not in `variables` yet are added. NULL, or what is wrong, to be
 * freed; then `text` is to be released all the same.
 */
char *load_text_parse(struct load_text *text, struct load_variables *variables, const char **at);

/* Append the text to `to`. `drawn` has a draw for each of `variables`. */
void load_text_render(const struct load_text *text, const struct load_variables *variables,
		      const uint64_t *drawn, struct load_bytes *to);

void load_text_release(struct load_text *text);
void load_variables_release(struct load_variables *variables);

#endif
