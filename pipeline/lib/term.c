/* SPDX-License-Identifier: MIT */
#include "term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_dumb(void)
{
	const char *term = getenv("TERM");

	return !term || !strcmp(term, "dumb");
}

bool term_is_live(void)
{
	return isatty(STDERR_FILENO) && !is_dumb();
}

static bool wants_color(void)
{
	const char *color = getenv("COLOR"), *no_color = getenv("NO_COLOR");

	if (color && !strcmp(color, "always"))
		return true;
	if (color && !strcmp(color, "never"))
		return false;
	if ((no_color && *no_color) || is_dumb())
		return false;
	return isatty(STDERR_FILENO) || getenv("MAKE_TERMOUT");
}

const char *term_color(const char *color, const char *text)
{
	static char buffers[2][256];
	static unsigned turn;
	const char *code = !strcmp(color, "red") ? "31" : !strcmp(color, "green") ? "32" : "33";

	if (!wants_color())
		return text;
	turn ^= 1;
	snprintf(buffers[turn], sizeof(buffers[turn]), "\033[%sm%s\033[0m", code, text);
	return buffers[turn];
}
