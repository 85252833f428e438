/* SPDX-License-Identifier: MIT */
/*
 * host-answers - a server of the host's for guests that look for one
 *
 *   host-answers tcp6 TEXT		[::1], any port: says TEXT and a newline to who connects
 *   host-answers dns ADDRESS	127.0.0.1:53, UDP: ADDRESS is the address of every name
 *
 * Prints its port when it is ready, and serves until it is ended. Exit status 1 if the port is not to be had.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../pipeline/lib/util.h"

enum { DNS_PORT = 53, HEADER_BYTES = 12, QUESTION_TAIL_BYTES = 4 };

static void ready(unsigned port)
{
	printf("%u\n", port);
	fflush(stdout);
}

static int serve_tcp6(const char *text)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	socklen_t bytes = sizeof(address);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin6_addr = in6addr_loopback;
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, bytes) || listen(fd, 4) ||
	    getsockname(fd, (struct sockaddr *)&address, &bytes))
		return EXIT_NO;
	ready(ntohs(address.sin6_port));
	for (int client; (client = accept(fd, NULL, NULL)) >= 0; close(client))
		dprintf(client, "%s\n", text);
	return EXIT_FAILED;
}

/*
 * Make the query an answer (RFC 1035, 4.1): one record of type A for the name asked, which a pointer to the
 * question stands for. Bytes of it; 0 if it is no question of one name.
 */
static size_t make_answer(unsigned char *message, size_t bytes, const struct in_addr *address)
{
	static const unsigned char record[] = { 0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4 };
	size_t at = HEADER_BYTES;
	int type;

	while (at < bytes && message[at])
		at += message[at] + 1u;
	at += 1 + QUESTION_TAIL_BYTES;
	if (at > bytes)
		return 0;
	type = message[at - QUESTION_TAIL_BYTES] << 8 | message[at - QUESTION_TAIL_BYTES + 1];
	message[2] = 0x81; /* an answer, as was asked for: recursively */
	message[3] = 0x80;
	memset(message + 6, 0, 6);
	message[7] = type == 1;
	if (type == 1) {
		memcpy(message + at, record, sizeof(record));
		memcpy(message + at + sizeof(record), address, 4);
		at += sizeof(record) + 4;
	}
	return at;
}

static int serve_dns(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(DNS_PORT) }, from;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned char message[1024];
	struct in_addr answer;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!inet_aton(text, &answer))
		die("'%s' is no address", text);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return EXIT_NO;
	ready(DNS_PORT);
	for (;;) {
		socklen_t length = sizeof(from);
		ssize_t got = recvfrom(fd, message, sizeof(message) / 2, 0,
				       (struct sockaddr *)&from, &length);
		size_t bytes = got < HEADER_BYTES ? 0 : make_answer(message, (size_t)got, &answer);

		if (bytes)
			sendto(fd, message, bytes, 0, (struct sockaddr *)&from, length);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "tcp6"))
		return serve_tcp6(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "dns"))
		return serve_dns(argv[2]);
	fprintf(stderr, "usage: host-answers tcp6 TEXT | dns ADDRESS\n");
	return EXIT_USAGE;
}
