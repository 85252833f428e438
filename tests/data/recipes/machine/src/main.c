/* SPDX-License-Identifier: MIT */
/*
 * machine - answers HTTP on port 80 so that tests can see what machine it is on
 *
 *   /                "ok"
 *   /processors      how many are online, and on how many of them threads have run
 *   /hostname        of uname(2)
 *   /resolver        /etc/resolv.conf
 *   /resolve/NAME    its address, as getaddrinfo(3) has it
 *   /time            seconds since 1970
 *   /file/NAME       contents of a file on the disk
 *   /append/NAME/X   X and a newline at its end, fsync(2)ed
 *   /fill            a file as large as it can be: how many KiB
 *   /unfill          remove it
 *   /mounts
 *   /random          16 bytes of the host's, /dev/hwrng, in hexadecimal digits
 *   /ipv6/PORT       what a server on the host's ::1 says when it is connected to
 *   /loopback6       "ok" if ::1 reaches this program itself
 *   /huge            KiB in huge pages after 8 MiB were written to
 *   /exit/N
 * With the arguments "end N" it ends at once with status N, with "sleep" it does nothing.
 * On TCP port 81 and UDP port 82 it sends back what it gets.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shows.h"

static const struct {
	const char *path;
	void (*show)(char *body, size_t room, const char *rest);
} pages[] = {
	{ "/processors", show_processors },
	{ "/hostname", show_hostname },
	{ "/resolver", show_resolver },
	{ "/resolve/", show_address },
	{ "/time", show_time },
	{ "/file/", show_file },
	{ "/append/", append_file },
	{ "/fill", fill_disk },
	{ "/unfill", empty_disk },
	{ "/mounts", show_mounts },
	{ "/random", show_random },
	{ "/ipv6/", ask_host_by_ipv6 },
	{ "/loopback6", ask_self_by_ipv6 },
	{ "/huge", show_huge_pages },
	{ "/exit/", leave },
};

static void answer(int fd)
{
	static char request[2048], body[8192];
	ssize_t got = read(fd, request, sizeof(request) - 1);
	char *path = request + 4;

	if (got < 5)
		return;
	request[got] = '\0';
	path[strcspn(path, " ")] = '\0';
	strcpy(body, "ok\n");
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (!strncmp(path, pages[i].path, strlen(pages[i].path)))
			pages[i].show(body, sizeof(body), path + strlen(pages[i].path));
	dprintf(fd, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}

static int listen_on(unsigned port, int type)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, type, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    (type == SOCK_STREAM && listen(fd, 16)))
		exit(1);
	return fd;
}

static void *echo_tcp(void *unused)
{
	int fd = listen_on(81, SOCK_STREAM);
	char data[256];

	for (int client; (client = accept(fd, NULL, NULL)) >= 0; close(client)) {
		ssize_t got = read(client, data, sizeof(data));

		if (got > 0 && write(client, data, (size_t)got) < 0)
			perror("write");
	}
	return unused;
}

static void *echo_udp(void *unused)
{
	int fd = listen_on(82, SOCK_DGRAM);
	struct sockaddr_in from;
	char data[256];

	for (;;) {
		socklen_t bytes = sizeof(from);
		ssize_t got = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &bytes);

		if (got > 0)
			sendto(fd, data, (size_t)got, 0, (struct sockaddr *)&from, bytes);
	}
	return unused;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc > 2 && !strcmp(argv[1], "end"))
		return atoi(argv[2]);
	while (argc > 1 && !strcmp(argv[1], "sleep"))
		pause();
	start_thread(echo_tcp, NULL);
	start_thread(echo_udp, NULL);
	listen_for_ipv6();
	fd = listen_on(80, SOCK_STREAM);
	for (int client; (client = accept(fd, NULL, NULL)) >= 0; close(client))
		answer(client);
	return 1;
}
