/* SPDX-License-Identifier: MIT */
/*
 * findings.h - what an import tells a person: a line for each thing that was looked at
 */
#ifndef IMPORTS_FINDINGS_H
#define IMPORTS_FINDINGS_H

#include <stdint.h>

#include "../pipeline/lib/util.h"

/* "  label       text" on standard output. */
void finding(const char *label, const char *format, ...) PRINTF(2, 3);

/* "refused: ..." and, if it is not NULL, "hint: ..." on standard error; then exit 1. */
_Noreturn void refuse(const char *hint, const char *format, ...) PRINTF(2, 3);

/* 12345678 as "12,345,678"; the caller frees. */
char *grouped(uint64_t value);

/* A share in percent; 0 of nothing is 0. */
double share_percent(uint64_t part, uint64_t whole);

/* What a file says of itself is shown with what a terminal could take for commands replaced. The caller frees. */
char *printable(const char *text);

#endif
