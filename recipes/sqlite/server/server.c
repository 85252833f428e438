/* SPDX-License-Identifier: MIT */
/*
 * sqlite - SQLite behind a TCP port
 *
 *   sqlite --database FILE [--schema FILE] [--port 5000] [--synchronous FULL]
 *
 * A line of SQL is answered by its rows and "ok N" or "error WHY" (answer.h). The journal is a
 * write-ahead log; what was answered with ok is on the disk (--synchronous NORMAL: may be lost with the
 * machine, but never half of it). The
 * schema is SQL that is run before it listens. Nobody is asked for a name: who reaches the port may do all.
 * TERM ends it with status 0, the log written into the database.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients.h"

enum { CLIENTS_MAX = 200, EXIT_USAGE = 64 };

static volatile sig_atomic_t asked_to_stop;
static const char *path, *schema, *synchronous = "FULL";

static struct pollfd fds[CLIENTS_MAX + 1];
static struct client *clients[CLIENTS_MAX + 1]; /* beside fds; none at 0, which listens */
static nfds_t fd_count = 1;

static void note_stop(int number)
{
	(void)number;
	asked_to_stop = 1;
}

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "sqlite: cannot %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

/* NULL and a sentence on the console if it cannot be opened. */
static sqlite3 *open_database(void)
{
	sqlite3 *database = NULL;
	char *pragmas =
		sqlite3_mprintf("PRAGMA journal_mode=WAL; PRAGMA synchronous=%w", synchronous);
	int status = sqlite3_open(path, &database);

	if (!status)
		status = sqlite3_exec(database, pragmas, NULL, NULL, NULL);
	if (status) {
		fprintf(stderr, "sqlite: '%s': %s\n", path,
			database ? sqlite3_errmsg(database) : "out of memory");
		sqlite3_close(database);
		database = NULL;
	}
	sqlite3_free(pragmas);
	return database;
}

/* The whole file, ended by 0. Dies if it cannot be read. */
static char *read_file(const char *name)
{
	enum { SCHEMA_BYTES_MAX = 1 << 20 };
	char *text = calloc(1, SCHEMA_BYTES_MAX + 1);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 || !text ? -1 : read(fd, text, SCHEMA_BYTES_MAX);

	if (got < 0)
		fail("read the schema", strerror(errno));
	close(fd);
	return text;
}

static void apply_schema(sqlite3 *database)
{
	char *text = read_file(schema);

	if (sqlite3_exec(database, text, NULL, NULL, NULL))
		fail("apply the schema", sqlite3_errmsg(database));
	free(text);
}

static void listen_at(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("make a socket", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 128))
		fail("listen", strerror(errno));
	fds[0] = (struct pollfd){ fd, POLLIN, 0 };
}

static void take_client(void)
{
	static const char full[] = "error too many clients\n";
	int fd = accept4(fds[0].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	sqlite3 *database;
	struct client *c;

	if (fd < 0)
		return;
	database = fd_count <= CLIENTS_MAX ? open_database() : NULL;
	c = database ? client_new(fd, database) : NULL;
	if (!c) {
		if (fd_count > CLIENTS_MAX)
			send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL);
		sqlite3_close(database);
		close(fd);
		return;
	}
	clients[fd_count] = c;
	fds[fd_count++] = (struct pollfd){ fd, POLLIN, 0 };
}

static void drop_client(nfds_t i)
{
	client_free(clients[i]);
	clients[i] = clients[--fd_count];
	fds[i] = fds[fd_count];
}

/* False if the client is gone. Nothing is read from one that does not take its answers. */
static bool serve(struct client *c, struct pollfd *fd)
{
	bool stays = true;

	if (fd->revents & POLLOUT)
		stays = client_write(c);
	else if (fd->revents)
		stays = client_read(c);
	fd->events = c->out.used ? POLLOUT : POLLIN;
	return stays;
}

/* Signals arrive in here only, so that none is missed between a look and the wait. */
static void turn(const sigset_t *unblocked)
{
	if (ppoll(fds, fd_count, NULL, unblocked) < 0)
		return; /* a signal */
	for (nfds_t i = fd_count; --i > 0;)
		if (!serve(clients[i], &fds[i]))
			drop_client(i);
	if (fds[0].revents)
		take_client();
}

/* The port; the rest goes into variables above. */
static unsigned read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "database", required_argument, NULL, 'd' },
		{ "port", required_argument, NULL, 'p' },
		{ "schema", required_argument, NULL, 'c' },
		{ "synchronous", required_argument, NULL, 's' },
		{ 0 },
	};
	unsigned long port = 5000;
	char *end = (char[]){ "" };
	int option;

	while ((option = getopt_long(argc, argv, "c:d:p:s:", options, NULL)) >= 0)
		switch (option) {
		case 'c': schema = optarg; break;
		case 'd': path = optarg; break;
		case 'p': port = strtoul(optarg, &end, 10); break;
		case 's': synchronous = optarg; break;
		default: exit(EXIT_USAGE);
		}
	if (!path || optind < argc || *end || !port || port > 65535) {
		fprintf(stderr, "usage: sqlite --database FILE [--schema FILE] "
				"[--port 5000] [--synchronous FULL|NORMAL]\n");
		exit(EXIT_USAGE);
	}
	return (unsigned)port;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = note_stop };
	unsigned port = read_options(argc, argv);
	sqlite3 *first = open_database();
	sigset_t blocked, unblocked;

	if (!first)
		return EXIT_FAILURE;
	if (schema)
		apply_schema(first);
	sigfillset(&blocked);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	listen_at(port);
	while (!asked_to_stop)
		turn(&unblocked);
	while (fd_count > 1)
		drop_client(fd_count - 1);
	/* the last handle that closes writes the log into the database */
	return sqlite3_close(first) ? EXIT_FAILURE : EXIT_SUCCESS;
}
