/* SPDX-License-Identifier: MIT */
/*
 * console.h - lines for the host
 *
 * Each begins with "anneal: client " and goes out in one piece. Numbers of the last report have
 * a fixed width, so that writing it costs the same whatever it says.
 */
#ifndef CLIENT_CONSOLE_H
#define CLIENT_CONSOLE_H

#include <stdint.h>

struct line {
	char text[512];
	unsigned bytes;
};

void line_begin(struct line *l);
void line_text(struct line *l, const char *text);

/* Decimal digits, with zeros in front up to `width` of them. */
void line_number(struct line *l, uint64_t number, unsigned width);

/* 16 hexadecimal digits. */
void line_hex(struct line *l, uint64_t number);

void line_end(struct line *l);

/* One line "anneal: client fatal: ", the texts up to NULL, and exit status 1. */
_Noreturn void fatal(const char *first, ...) __attribute__((sentinel));

#endif
