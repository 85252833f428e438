/* SPDX-License-Identifier: MIT */
/*
 * The client that runs inside guests, run here: it is a program for Linux like any other. The
 * server that it starts is this program again, with "serve PORT".
 */
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../bench/icount_run.h"
#include "../../bench/script_write.h"
#include "../../pipeline/lib/process.h"

enum { MOST = 64 };

static void put(int fd, const char *text, size_t piece)
{
	for (size_t left = strlen(text); left;) {
		size_t now = left < piece ? left : piece;

		if (write(fd, text, now) < 0)
			return;
		text += now;
		left -= now;
		if (left)
			usleep(500);
	}
}

/* To each line "+LINE". False behind "BYE": then the connection is to be closed. */
static bool echo(int fd, char *lines)
{
	char *save;

	for (char *line = strtok_r(lines, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *text = xasprintf("+%s\n", line);

		put(fd, text, strlen(text) > 20 ? 7 : 1000);
		free(text);
		if (!strcmp(line, "BYE"))
			return false;
	}
	return true;
}

/* An answer by path. False if the connection is to be closed. */
static bool answer(int fd, char *request)
{
	if (!strstr(request, "HTTP"))
		return echo(fd, request);
	if (strstr(request, " /die "))
		exit(3);
	if (strstr(request, " /silent "))
		return false;
	if (strstr(request, " /pieces "))
		put(fd,
		    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "5\r\nhello\r\n0\r\n\r\n",
		    3);
	else if (strstr(request, " /closes "))
		put(fd, "HTTP/1.0 200 OK\r\n\r\nhello", 1000);
	else
		put(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 1000);
	return !strstr(request, " /closes ") && !strstr(request, "Connection: close");
}

static int serve(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct pollfd fds[MOST] = { { socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0 } };
	int one = 1, n = 1;
	char request[4096];

	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fds[0].fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fds[0].fd, (struct sockaddr *)&address, sizeof(address)) || listen(fds[0].fd, 5))
		return 9;
	while (poll(fds, (nfds_t)n, -1) > 0) {
		if (fds[0].revents && n < MOST)
			fds[n++] = (struct pollfd){ accept(fds[0].fd, NULL, NULL), POLLIN, 0 };
		for (int i = 1; i < n; i++) {
			ssize_t got =
				fds[i].revents ? read(fds[i].fd, request, sizeof(request) - 1) : -1;

			if (!fds[i].revents)
				continue;
			request[got > 0 ? got : 0] = '\0';
			if (got > 0 && answer(fds[i].fd, request))
				continue;
			close(fds[i].fd);
			fds[i--] = fds[--n];
		}
	}
	return 0;
}

static unsigned free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t bytes = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &bytes), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static char *script_of(const char *load, const char *mode, const char *path)
{
	struct strlist arguments = STRLIST_INIT;
	struct script_options o = { free_port(), &arguments, SIGTERM, 0 };
	char *error = NULL, *script, *reason;
	struct loadfile l;
	size_t bytes;

	if (!loadfile_parse(&l, "f", load, &error))
		fail_msg("%s", error);
	strlist_push(&arguments, xfs_absolute("/proc/self/exe"));
	strlist_push(&arguments, mode);
	strlist_pushf(&arguments, "%u", o.port);
	o.counted = l.requests;
	script = script_write(&l, &o, &bytes, &reason);
	xfs_write(path, script, bytes);
	return script;
}

/* Play `load`; returns the exit status, and what the client said. */
static int play(const char *load, const char *mode, char **said)
{
	char *scratch = unit_scratch(), *script = xasprintf("%s/script", scratch);
	char *console = xasprintf("%s/console", scratch);
	char *client = xasprintf("%s/load-client", dirname(xfs_absolute("/proc/self/exe")));
	char *argv[] = { client, script, NULL };
	struct process p = PROCESS_INIT;
	int status;

	if (load)
		free(script_of(load, mode, script));
	p.argv = argv;
	p.err_fd = open(console, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	status = process_run(&p);
	close(p.err_fd);
	*said = xfs_read(console, NULL);
	fs_remove(scratch);
	return status;
}

static void assert_good(const char *load, uint64_t requests)
{
	struct icount_report r = { 0 };
	char *said, *reason;
	int status = play(load, "serve", &said);

	reason = icount_read_console(said, &r);
	if (status || reason)
		fail_msg("exit status %d: %s", status, said);
	assert_int_equal(r.requests, requests);
	assert_int_equal(r.failed, 0);
	assert_true(r.p50_ns > 0);
	assert_true(r.p50_ns <= r.p90_ns && r.p90_ns <= r.p99_ns && r.p99_ns <= r.max_ns);
	free(said);
}

static void assert_says(const char *load, const char *mode, const char *expected)
{
	char *said;
	int status = play(load, mode, &said);

	assert_int_equal(status, 1);
	if (!strstr(said, expected))
		fail_msg("not '%s' but: %s", expected, said);
	free(said);
}

static void good_answers(void **state)
{
	(void)state;
	assert_good("requests 300\nwarmup 10\nrequest 1 GET / 200 bytes 5\n", 300);
	assert_good("requests 60\nconnections 5\nkeep-alive 4\n"
		    "request 9 GET / 200 bytes 5\nrequest 1 GET /pieces 200 bytes 5\n",
		    60);
	assert_good("requests 60\nconnections 7\nin-flight 4\nkeep-alive 9\n"
		    "request 1 GET / 200 bytes 5\nrequest 1 GET /pieces 200 bytes 5\n",
		    60);
	assert_good("requests 20\nrequest 1 GET /closes 200 bytes 5 header \"Connection: close\"\n",
		    20);
}

static void bad_answers(void **state)
{
	char *said;

	(void)state;
	assert_says("requests 9\nrequest 1 GET /x 404\n", "serve",
		    "anneal: client failed: request 1, GET /x, line 2 of the load: another "
		    "status; status 200, 5 bytes\n");
	assert_says("requests 9\nwarmup 1\nrequest 1 GET /x 404\n", "serve",
		    "failed: request 1 of the warm-up, GET /x,");
	assert_says("requests 9\nrequest 1 GET /closes 200\n", "serve",
		    "the server closes the connection, unasked");
	assert_says("requests 9\nrequest 1 GET /silent 200\n", "serve",
		    "the server closed the connection before the answer was whole");
	/* the first five are said, all are counted */
	assert_int_equal(play("requests 9\nrequest 1 GET /x 404\n", "serve", &said), 1);
	assert_non_null(strstr(said, "request 5,"));
	assert_null(strstr(said, "request 6,"));
	assert_non_null(strstr(said, "failed 00000000000000000009 "));
}

static void exchanges(void **state)
{
	static const char lines[] =
		"protocol tcp\nrequests 60\nwarmup 7\nconnections 3\n"
		"exchange 3 \"get {key 100}\\n\" lines 1 expect \"+get {key 100}\\n\"\n"
		"exchange 2 \"{key 9}{value 30}\\n\" until \"\\n\" expect \"+{key 9}{value 30}\"\n"
		"exchange 1 \"+OK\\r\\n\" bytes 6\n%s";
	static const char *const more[] = {
		"", "pipeline 5\n", "pipeline 7\nin-flight 3\nkeep-alive 11\n", "keep-alive 1\n",
		"pipeline 4\nexchange 1 \"BYE\\n\" close expect \"+BYE\\n\"\n"
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		char *load = xasprintf(lines, more[i]);

		assert_good(load, 60);
		free(load);
	}
	assert_says(
		"protocol tcp\nrequests 9\npipeline 3\nexchange 1 \"a\\n\" lines 1 expect \"a\"\n",
		"serve",
		"failed: request 1, exchange \"a\\n\", line 4 of the load: it does not begin as "
		"expected; status 0, 3 bytes\nanneal: client failed: request 2, exchange "
		"\"a\\n\", line 4 of the load: is lost with the one before it");
	assert_says("protocol tcp\nrequests 2\nexchange 1 \"a\\n\" bytes 2\n", "serve",
		    "more came than the answer");
	assert_says("protocol tcp\nrequests 2\nexchange 1 \"BYE\\n\" lines 2\n", "serve",
		    "the connection was closed in the middle of the answer");
}

static void servers_that_end(void **state)
{
	(void)state;
	assert_says("requests 50\nrequest 9 GET / 200\nrequest 1 GET /die 200\n", "serve",
		    "anneal: client fatal: the app ended with exit status 3\n");
	assert_says("requests 50\nrequest 1 GET / 200\n", "nothing",
		    "anneal: client fatal: the app ended with exit status 7\n");
}

static void no_script(void **state)
{
	(void)state;
	assert_says(NULL, NULL, "anneal: client fatal: cannot read '");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_answers), cmocka_unit_test(bad_answers),
		cmocka_unit_test(exchanges),	cmocka_unit_test(servers_that_end),
		cmocka_unit_test(no_script),
	};

	if (argc == 3 && !strcmp(argv[1], "serve"))
		return serve((unsigned)atoi(argv[2]));
	if (argc == 3)
		return 7;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
