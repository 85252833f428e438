/* SPDX-License-Identifier: MIT */
/*
 * tiny - answers HTTP on port 80 so that tests can see what init gave it
 *
 *   /           "ok"
 *   /arguments  one a line
 *   /environment
 *   /mounts     /proc/mounts
 *   /record     /etc/anneal/manifest.json
 *   /children   how many processes there are
 *   /zombies    how many that ended and were not waited for
 *   /orphan     leave a child behind whose parent is gone
 *   /exit/N     end with status N
 *   /crash      end by SIGSEGV
 * SIGHUP is counted: /signals.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static volatile sig_atomic_t hangups;

static void count(int number)
{
	(void)number;
	hangups++;
}

static void add_file(char *body, size_t room, const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t got = fd < 0 ? 0 : read(fd, body, room - 1);

	body[got > 0 ? got : 0] = '\0';
	close(fd);
}

static int processes(void)
{
	DIR *d = opendir("/proc");
	int n = 0;

	for (struct dirent *e; (e = readdir(d));) {
		char path[300], line[300];
		FILE *f;

		if (!strspn(e->d_name, "0123456789"))
			continue;
		/* kernel threads have no command line */
		snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		f = fopen(path, "r");
		n += f && fgets(line, sizeof(line), f);
		if (f)
			fclose(f);
	}
	closedir(d);
	return n;
}

static int zombies(void)
{
	DIR *d = opendir("/proc");
	int n = 0;

	for (struct dirent *e; (e = readdir(d));) {
		char path[300], line[300] = "";
		FILE *f;

		if (!strspn(e->d_name, "0123456789"))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		f = fopen(path, "r");
		n += f && fgets(line, sizeof(line), f) && strstr(line, ") Z ");
		if (f)
			fclose(f);
	}
	closedir(d);
	return n;
}

static void orphan(void)
{
	pid_t child = fork();

	if (!child) {
		if (!fork()) {
			sleep(1);
			_exit(7);
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void answer(int fd, char **argv)
{
	static char request[2048], body[8192];
	ssize_t got = read(fd, request, sizeof(request) - 1);
	char *path = request + 4, *end;

	if (got < 5)
		return;
	request[got] = '\0';
	end = strchr(path, ' ');
	if (end)
		*end = '\0';
	body[0] = '\0';
	if (!strcmp(path, "/arguments"))
		for (; *argv; argv++)
			strcat(strcat(body, *argv), "\n");
	else if (!strcmp(path, "/environment"))
		for (char **e = environ; *e; e++)
			strcat(strcat(body, *e), "\n");
	else if (!strcmp(path, "/mounts"))
		add_file(body, sizeof(body), "/proc/mounts");
	else if (!strcmp(path, "/record"))
		add_file(body, sizeof(body), "/etc/anneal/manifest.json");
	else if (!strcmp(path, "/children"))
		sprintf(body, "%d\n", processes());
	else if (!strcmp(path, "/zombies"))
		sprintf(body, "%d\n", zombies());
	else if (!strcmp(path, "/signals"))
		sprintf(body, "%d\n", (int)hangups);
	else if (!strcmp(path, "/orphan"))
		orphan();
	else if (!strncmp(path, "/exit/", 6))
		exit(atoi(path + 6));
	else if (!strcmp(path, "/crash"))
		raise(SIGSEGV);
	else
		strcpy(body, "ok\n");
	dprintf(fd, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sigaction on_hangup = { .sa_handler = count, .sa_flags = SA_RESTART };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	(void)argc;
	sigaction(SIGHUP, &on_hangup, NULL);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 16))
		return 1;
	for (int client; (client = accept(fd, NULL, NULL)) >= 0; close(client))
		answer(client, argv);
	return 1;
}
