/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool add(struct bytes *out, const char *text, size_t bytes)
{
	return bytes_add(out, text, bytes, ANSWER_BYTES_MAX);
}

static bool add_text(struct bytes *out, const char *text)
{
	return add(out, text, strlen(text));
}

static bool add_escaped(struct bytes *out, const char *text, size_t bytes)
{
	static const char special[] = "\\\t\n\r", letters[] = "\\tnr";
	bool fits = true;

	for (size_t i = 0; fits && i < bytes; i++) {
		const char *at = text[i] ? strchr(special, text[i]) : NULL;

		fits = at ? add(out, (char[]){ '\\', letters[at - special] }, 2)
			  : add(out, text + i, 1);
	}
	return fits;
}

static bool add_blob(struct bytes *out, const unsigned char *blob, size_t bytes)
{
	bool fits = add_text(out, "x'");
	char hex[3];

	for (size_t i = 0; fits && i < bytes; i++) {
		snprintf(hex, sizeof(hex), "%02x", blob[i]);
		fits = add(out, hex, 2);
	}
	return fits && add_text(out, "'");
}

static bool add_column(struct bytes *out, sqlite3_stmt *statement, int column)
{
	size_t bytes = (size_t)sqlite3_column_bytes(statement, column);

	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_NULL: return add_text(out, "\\N");
	case SQLITE_BLOB: return add_blob(out, sqlite3_column_blob(statement, column), bytes);
	default:
		return add_escaped(out, (const char *)sqlite3_column_text(statement, column),
				   (size_t)sqlite3_column_bytes(statement, column));
	}
}

static bool add_row(struct bytes *out, sqlite3_stmt *statement)
{
	bool fits = true;

	for (int i = 0; fits && i < sqlite3_column_count(statement); i++)
		fits = (!i || add(out, "\t", 1)) && add_column(out, statement, i);
	return fits && add(out, "\n", 1);
}

/* One statement to its end. SQLITE_DONE, or what went wrong. */
static int run(sqlite3_stmt *statement, struct bytes *out)
{
	int status;

	while ((status = sqlite3_step(statement)) == SQLITE_ROW)
		if (!add_row(out, statement))
			return SQLITE_TOOBIG;
	return status;
}

bool answer(sqlite3 *database, const char *sql, struct bytes *out)
{
	int changed_before = sqlite3_total_changes(database), status = SQLITE_DONE;
	sqlite3_stmt *statement;
	char line[512];

	while (status == SQLITE_DONE && *sql && strcmp(sql, ".quit") && strcmp(sql, ".quit\r")) {
		status = sqlite3_prepare_v2(database, sql, -1, &statement, &sql);
		if (status == SQLITE_OK)
			/* no statement: a comment, or blanks */
			status = statement ? run(statement, out) : SQLITE_DONE;
		sqlite3_finalize(statement);
		statement = NULL;
	}
	if (status == SQLITE_DONE)
		snprintf(line, sizeof(line), "ok %d\n",
			 sqlite3_total_changes(database) - changed_before);
	else
		snprintf(line, sizeof(line), "error %.480s\n",
			 status == SQLITE_TOOBIG ? "the answer is longer than 16 MiB"
						 : sqlite3_errmsg(database));
	/* without room for this line there is none for anything: the client is cut off */
	return bytes_add(out, line, strlen(line), ANSWER_BYTES_MAX + sizeof(line)) &&
	       strncmp(sql, ".quit", 5) != 0;
}
