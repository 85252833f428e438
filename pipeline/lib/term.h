/* SPDX-License-Identifier: MIT */
/*
 * term.h - one place decides about colour and rewriting of lines
 */
#ifndef PIPELINE_TERM_H
#define PIPELINE_TERM_H

#include <stdbool.h>

/* Progress may be rewritten in place: standard error is a terminal that can. */
bool term_is_live(void);

/*
 * `text` in a colour ("red", "green", "yellow"), or as it is where colour is
 * not wanted: COLOR=always|never, else NO_COLOR, TERM=dumb and whether the
 * output ends at a terminal (under make -O it does so through make). Valid
 * until the next call but one.
 */
const char *term_color(const char *color, const char *text);

#endif
