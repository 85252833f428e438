/* SPDX-License-Identifier: MIT */
/*
 * text.h - small files and numbers, without the C library's stdio
 */
#ifndef COLLECTOR_GUEST_TEXT_H
#define COLLECTOR_GUEST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The file, ended by a zero; what does not fit is cut off. Returns its bytes; 0: none. */
size_t text_read(const char *path, char *text, size_t room);

/* A decimal number of at most 9 digits; returns what follows it. NULL: there is none. */
const char *text_decimal(uint64_t *n, const char *at);

#endif
