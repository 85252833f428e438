/* SPDX-License-Identifier: MIT */
/*
 * loadparser.h - the words of a load file's lines, and what is wrong with them
 *
 * Inside of the reader of load files only (loadfile.c). What fails returns false or NULL and
 * leaves a sentence in `error`; only the first is kept.
 */
#ifndef PROFILES_LOADPARSER_H
#define PROFILES_LOADPARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "../pipeline/lib/util.h"
#include "loadfile.h"

struct loadparser {
	struct loadfile *l;
	const char *path;
	unsigned line;
	const char *at; /* the rest of the line */
	struct strlist seen;
	char *error;
};

/* Note what is wrong with this line, unless something was before; always false. */
bool loadparser_fault(struct loadparser *p, const char *format, ...) PRINTF(2, 3);

/* The same for a word that is none of `words`, with the one that may have been meant. */
bool loadparser_fault_word(struct loadparser *p, const char *what, const char *word,
			   const char *const *words, size_t count);

/* The next word of the line, to be freed; NULL at its end, or with p->error if it is malformed. */
char *loadparser_word(struct loadparser *p);

/* The next word, that there must be: `what` is said if it is missing. */
char *loadparser_need(struct loadparser *p, const char *what);

/* The next word as a number. */
bool loadparser_number(struct loadparser *p, const char *what, uint64_t least, uint64_t most,
		       uint64_t *value);

/* The next word as one of `words`: its place, or -1. */
int loadparser_choice(struct loadparser *p, const char *what, const char *const *words,
		      size_t count);

/* The next word, which is in quotes, as a text with variables. */
bool loadparser_text(struct loadparser *p, const char *what, struct load_text *text,
		     struct load_variables *variables);

/* WEIGHT "sent" ANSWER [expect "text"]...: what stands behind "exchange" (load_exchange.c). */
bool loadparser_exchange(struct loadparser *p);

/* One request more, of this line, with nothing in it. */
struct load_request *loadparser_add(struct loadparser *p);

#endif
