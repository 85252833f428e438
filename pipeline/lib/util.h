/* SPDX-License-Identifier: MIT */
/*
 * util.h - how every tool fails, and memory that never does
 *
 * Tools call die(); what lies below main returns 0 or -errno. A batch tool does
 * not free at exit, so what x*() hands out may simply be kept.
 *
 * Exit codes, the same for every tool:
 *   0 yes or done   1 the answer is no   2 the run failed   64 wrong usage
 */
#ifndef PIPELINE_UTIL_H
#define PIPELINE_UTIL_H

#include <stdarg.h>
#include <stddef.h>

enum {
	EXIT_YES = 0,
	EXIT_NO = 1,
	EXIT_FAILED = 2,
	EXIT_USAGE = 64,
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* "error: ..." on stderr, then exit 2. */
_Noreturn void die(const char *format, ...) PRINTF(1, 2);

/* The same, followed by a line "hint: ..." that says what to do next. */
_Noreturn void die_hint(const char *hint, const char *format, ...) PRINTF(2, 3);

/* "warning: ..." on stderr. */
void warn(const char *format, ...) PRINTF(1, 2);

/* V=0, 1 or 2, as the environment has it: quiet, commands, reasons. */
int verbosity(void);

/* One line on stderr from V=`level` on. */
void say(int level, const char *format, ...) PRINTF(2, 3);

void *xmalloc(size_t bytes);
void *xcalloc(size_t count, size_t bytes);
void *xrealloc(void *p, size_t bytes);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t length);
/* `s` with every `c` in it twice. */
char *xdoubled(const char *s, char c);
char *xasprintf(const char *format, ...) PRINTF(1, 2);

#endif
