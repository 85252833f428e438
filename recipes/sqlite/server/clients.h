/* SPDX-License-Identifier: MIT */
/*
 * clients.h - who is connected: a socket, a database handle, a line that is not whole yet, an
 * answer that is not sent yet
 *
 * Each client has a handle of its own, so that a transaction is that client's alone.
 */
#ifndef SQLITE_CLIENTS_H
#define SQLITE_CLIENTS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

enum { LINE_BYTES_MAX = 1 << 20, ANSWER_BYTES_MAX = 16 << 20 };

struct bytes {
	char *data;
	size_t used, size;
};

/* Append; false if there is no memory, or it would be more than `most`. */
bool bytes_add(struct bytes *b, const void *data, size_t bytes, size_t most);

struct client {
	int fd;
	sqlite3 *database;
	struct bytes in, out;
	size_t sent;  /* of out */
	bool leaving; /* closed when all of `out` is sent */
};

/* A client of `fd` with a handle of the database at `path`; NULL if there is no memory for it. */
struct client *client_new(int fd, sqlite3 *database);
void client_free(struct client *c);

/* Read what has come and answer whole lines as long as the client takes the answers. False if the client is gone. */
bool client_read(struct client *c);

/* Send what the socket takes, then go on with lines that wait. False if the client is gone, or done with. */
bool client_write(struct client *c);

#endif
