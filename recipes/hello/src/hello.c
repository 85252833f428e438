/* SPDX-License-Identifier: MIT */
/*
 * hello - answers every HTTP request on port 80 with a greeting
 *
 * It shows how little an image needs. One process, poll(2), connections are kept
 * alive; a request ends at its empty line, and its body is none. What the answer is
 * does not depend on what was asked.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 80, CONNECTIONS = 64 };

static const char answer[] = "HTTP/1.1 200 OK\r\n"
			     "Content-Type: text/plain\r\n"
			     "Content-Length: 6\r\n"
			     "\r\n"
			     "hello\n";

/* [0] listens; a free place has fd -1. `matched`: bytes of "\r\n\r\n" that have come. */
static struct pollfd places[1 + CONNECTIONS];
static unsigned matched[1 + CONNECTIONS];

static void hang_up(int i)
{
	close(places[i].fd);
	places[i].fd = -1;
}

static void take_connection(void)
{
	int fd = accept(places[0].fd, NULL, NULL);

	for (int i = 1; fd >= 0 && i <= CONNECTIONS; i++)
		if (places[i].fd < 0) {
			places[i] = (struct pollfd){ fd, POLLIN, 0 };
			matched[i] = 0;
			return;
		}
	if (fd >= 0)
		close(fd);
}

/* The answer fits an empty send buffer; who does not read it does not get another. */
static int send_answer(int fd)
{
	return send(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	       (ssize_t)sizeof(answer) - 1;
}

static void serve(int i)
{
	char text[1024];
	ssize_t got = recv(places[i].fd, text, sizeof(text), MSG_DONTWAIT);

	if (got <= 0) {
		if (!got || errno != EAGAIN)
			hang_up(i);
		return;
	}
	for (ssize_t at = 0; at < got; at++) {
		if (text[at] == "\r\n\r\n"[matched[i]])
			matched[i]++;
		else
			matched[i] = text[at] == '\r';
		if (matched[i] < 4)
			continue;
		matched[i] = 0;
		if (!send_answer(places[i].fd)) {
			hang_up(i);
			return;
		}
	}
}

int main(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) || listen(fd, CONNECTIONS)) {
		static const char why[] = "hello: cannot listen on port 80\n";

		write(STDERR_FILENO, why, sizeof(why) - 1);
		return 1;
	}
	memset(places, -1, sizeof(places));
	places[0] = (struct pollfd){ fd, POLLIN, 0 };
	while (poll(places, 1 + CONNECTIONS, -1) > 0) {
		for (int i = 1; i <= CONNECTIONS; i++)
			if (places[i].fd >= 0 && places[i].revents)
				serve(i);
		if (places[0].revents)
			take_connection();
	}
	return 1;
}
