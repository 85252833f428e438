/* SPDX-License-Identifier: MIT */
#include "shows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define DISK "/data/files/"

enum { PROCESSORS_MAX = 8, FILL_BYTES = 64 << 10, HUGE_BYTES = 8 << 20 };

pthread_t start_thread(void *(*function)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, argument))
		exit(1);
	return thread;
}

/* On a processor of its own; which one it runs on then. */
static void *where(void *argument)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(*(int *)argument, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return (void *)-1L;
	return (void *)(long)sched_getcpu();
}

void show_processors(char *body, size_t room, const char *rest)
{
	int online = (int)sysconf(_SC_NPROCESSORS_ONLN), number[PROCESSORS_MAX], ran = 0;
	pthread_t threads[PROCESSORS_MAX];

	(void)rest;
	for (int i = 0; i < online && i < PROCESSORS_MAX; i++) {
		number[i] = i;
		threads[i] = start_thread(where, &number[i]);
	}
	for (int i = 0; i < online && i < PROCESSORS_MAX; i++) {
		void *result;

		pthread_join(threads[i], &result);
		ran += (long)result == i;
	}
	snprintf(body, room, "%d %d\n", online, ran);
}

void show_hostname(char *body, size_t room, const char *rest)
{
	struct utsname name;

	(void)rest;
	uname(&name);
	snprintf(body, room, "%s\n", name.nodename);
}

static void show_path(char *body, size_t room, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, body, room - 1);

	if (got < 0)
		snprintf(body, room, "error: %s\n", strerror(errno));
	else
		body[got] = '\0';
	if (fd >= 0)
		close(fd);
}

void show_resolver(char *body, size_t room, const char *rest)
{
	(void)rest;
	show_path(body, room, "/etc/resolv.conf");
}

void show_mounts(char *body, size_t room, const char *rest)
{
	(void)rest;
	show_path(body, room, "/proc/mounts");
}

void show_address(char *body, size_t room, const char *rest)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *list;
	int error = getaddrinfo(rest, NULL, &hints, &list);
	char text[INET_ADDRSTRLEN];

	if (error) {
		snprintf(body, room, "error: %s\n", gai_strerror(error));
		return;
	}
	inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)list->ai_addr)->sin_addr, text,
		  sizeof(text));
	snprintf(body, room, "%s\n", text);
	freeaddrinfo(list);
}

void show_time(char *body, size_t room, const char *rest)
{
	(void)rest;
	snprintf(body, room, "%lld\n", (long long)time(NULL));
}

void show_file(char *body, size_t room, const char *rest)
{
	char path[256];

	snprintf(path, sizeof(path), DISK "%s", rest);
	show_path(body, room, path);
}

static void say_errno(char *body, size_t room, bool good)
{
	snprintf(body, room, good ? "ok\n" : "error: %s\n", strerror(errno));
}

void append_file(char *body, size_t room, const char *rest)
{
	char path[256];
	const char *text = strchr(rest, '/');
	int fd;

	snprintf(path, sizeof(path), DISK "%.*s", (int)(text ? text - rest : 0), rest);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	say_errno(body, room, text && fd >= 0 && dprintf(fd, "%s\n", text + 1) > 0 && !fsync(fd));
	if (fd >= 0)
		close(fd);
}

void fill_disk(char *body, size_t room, const char *rest)
{
	static char data[FILL_BYTES];
	int fd = open(DISK "fill", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t put;
	long total = 0;

	(void)rest;
	while (fd >= 0 && (put = write(fd, data, sizeof(data))) > 0)
		total += put;
	snprintf(body, room, "%ld %s\n", total >> 10, strerror(errno));
	if (fd >= 0)
		close(fd);
}

void empty_disk(char *body, size_t room, const char *rest)
{
	(void)rest;
	say_errno(body, room, !unlink(DISK "fill"));
}

void show_random(char *body, size_t room, const char *rest)
{
	int fd = open("/dev/hwrng", O_RDONLY | O_CLOEXEC);
	unsigned char data[16];
	ssize_t got = fd < 0 ? -1 : read(fd, data, sizeof(data));

	(void)rest;
	if (got != sizeof(data)) {
		say_errno(body, room, false);
		return;
	}
	for (size_t i = 0; i < sizeof(data); i++)
		snprintf(body + 2 * i, room - 2 * i, "%02x", data[i]);
	strcat(body, "\n");
	close(fd);
}

/* What the server at `address` says first. */
static void ask(char *body, size_t room, const char *address, int port)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t got = -1;

	inet_pton(AF_INET6, address, &to.sin6_addr);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to)))
		got = read(fd, body, room - 1);
	if (got < 0)
		say_errno(body, room, false);
	else
		body[got] = '\0';
	if (fd >= 0)
		close(fd);
}

/* fec0::2 is the host in QEMU's user network. */
void ask_host_by_ipv6(char *body, size_t room, const char *rest)
{
	ask(body, room, "fec0::2", atoi(rest));
}

void ask_self_by_ipv6(char *body, size_t room, const char *rest)
{
	(void)rest;
	ask(body, room, "::1", 83);
}

static void *greet(void *unused)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(83) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin6_addr = in6addr_loopback;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 4)) {
		perror("IPv6");
		return unused;
	}
	for (int client; (client = accept(fd, NULL, NULL)) >= 0; close(client))
		dprintf(client, "ok\n");
	return unused;
}

void listen_for_ipv6(void)
{
	start_thread(greet, NULL);
}

void show_huge_pages(char *body, size_t room, const char *rest)
{
	char *memory =
		mmap(NULL, HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char line[256];
	long total = 0, here;
	FILE *f = fopen("/proc/self/smaps", "r");

	(void)rest;
	if (memory != MAP_FAILED)
		memset(memory, 1, HUGE_BYTES);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "AnonHugePages: %ld kB", &here) == 1)
			total += here;
	snprintf(body, room, "%ld\n", total);
	if (f)
		fclose(f);
	munmap(memory, HUGE_BYTES);
}

void leave(char *body, size_t room, const char *rest)
{
	(void)body, (void)room;
	exit(atoi(rest));
}
