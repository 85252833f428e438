/* SPDX-License-Identifier: MIT */
#include "clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"

bool bytes_add(struct bytes *b, const void *data, size_t bytes, size_t most)
{
	if (bytes > most || b->used > most - bytes)
		return false;
	if (b->used + bytes > b->size) {
		size_t size = b->size ? b->size : 4096;
		char *larger;

		while (size < b->used + bytes)
			size *= 2;
		larger = realloc(b->data, size);
		if (!larger)
			return false;
		b->data = larger;
		b->size = size;
	}
	memcpy(b->data + b->used, data, bytes);
	b->used += bytes;
	return true;
}

struct client *client_new(int fd, sqlite3 *database)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c) {
		c->fd = fd;
		c->database = database;
	}
	return c;
}

void client_free(struct client *c)
{
	close(c->fd);
	/* rolls back a transaction that was not committed */
	sqlite3_close(c->database);
	free(c->in.data);
	free(c->out.data);
	free(c);
}

/* Send what the socket takes. False if the client is gone, or done with. */
static bool send_answer(struct client *c)
{
	while (c->sent < c->out.used) {
		ssize_t put =
			send(c->fd, c->out.data + c->sent, c->out.used - c->sent, MSG_NOSIGNAL);

		if (put < 0)
			return errno == EAGAIN || errno == EINTR;
		c->sent += (size_t)put;
	}
	c->sent = c->out.used = 0;
	return !c->leaving;
}

/*
 * Answer the whole lines that are there, one after the other: each answer is sent before the next line is
 * looked at, and what the client does not take now is waited for. False if the client is gone, or done with.
 */
static bool answer_lines(struct client *c)
{
	size_t done = 0;
	bool stays = true;
	char *end;

	while (stays && !c->leaving && !c->out.used &&
	       (end = memchr(c->in.data + done, '\n', c->in.used - done))) {
		*end = '\0';
		c->leaving = !answer(c->database, c->in.data + done, &c->out);
		done = (size_t)(end - c->in.data) + 1;
		stays = send_answer(c);
	}
	c->in.used -= done;
	memmove(c->in.data, c->in.data + done, c->in.used);
	return stays;
}

bool client_read(struct client *c)
{
	static const char too_long[] = "error the line is longer than 1 MiB\n";
	static char buffer[1 << 16];
	ssize_t got = recv(c->fd, buffer, sizeof(buffer), 0);

	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR);
	if (!bytes_add(&c->in, buffer, (size_t)got, LINE_BYTES_MAX + sizeof(buffer)))
		return false;
	if (!answer_lines(c))
		return false;
	if (c->in.used > LINE_BYTES_MAX && !c->out.used) {
		bytes_add(&c->out, too_long, sizeof(too_long) - 1, ANSWER_BYTES_MAX);
		c->leaving = true;
	}
	return send_answer(c);
}

bool client_write(struct client *c)
{
	return send_answer(c) && (c->out.used || answer_lines(c));
}
