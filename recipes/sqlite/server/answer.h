/* SPDX-License-Identifier: MIT */
/*
 * answer.h - one line of SQL, and what is said to it
 *
 * A row is a line of its columns with tabs between them; in text \\, \t, \n, \r stand for what would
 * break a line, NULL is \N, a blob is x'hex'. The last line is "ok N", the rows that were changed, or
 * "error WHY"; rows may stand before an error. ".quit" is "ok 0" and ends the connection.
 */
#ifndef SQLITE_ANSWER_H
#define SQLITE_ANSWER_H

#include "clients.h"

/* Run `sql`, one statement or several. False if the connection is to end behind the answer. */
bool answer(sqlite3 *database, const char *sql, struct bytes *out);

#endif
