/* SPDX-License-Identifier: MIT */
/*
 * escape.h - bytes written as text: \n \r \t \" \\ and \xNN with two hexadecimal digits
 */
#ifndef PIPELINE_ESCAPE_H
#define PIPELINE_ESCAPE_H

/* `**at` is behind a backslash. The byte meant, and `*at` behind it; -1, and `*at` as it was: none. */
int escape_take(const char **at);

#endif
