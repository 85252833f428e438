/* SPDX-License-Identifier: MIT */
/*
 * console.h - one line at a time on the console
 *
 * No stdio: an image should not carry printf because of its init.
 */
#ifndef INIT_CONSOLE_H
#define INIT_CONSOLE_H

/* "anneal: " and the strings up to NULL, as one line. */
void say(const char *first, ...) __attribute__((sentinel));

/* Decimal digits of `n`; valid until the next call. */
const char *digits(long n);

/* "No such file or directory" for errno, without the C library's table of all. */
const char *reason(int error);

#endif
