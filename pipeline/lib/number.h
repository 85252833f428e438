/* SPDX-License-Identifier: MIT */
/*
 * number.h - numbers on a command line, sizes
 */
#ifndef PIPELINE_NUMBER_H
#define PIPELINE_NUMBER_H

#include <stdint.h>

/*
 * The whole number that `text` is, without a sign, from `least` to `most`. If it is none, says so
 * of `option` ("--requests", or the variable of make's that it comes from) and exits with EXIT_USAGE.
 */
uint64_t number_option(const char *option, const char *text, uint64_t least, uint64_t most);

/* Bytes of "64M"; K, M, G and T are powers of 1024. 0 if that is no size. */
uint64_t number_bytes(const char *text);

#endif
