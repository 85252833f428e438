/* SPDX-License-Identifier: MIT */
/* Print "device MODALIAS" for every device in sysfs, then answer on port 80. */
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int visit(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	char text[256];
	FILE *f;

	(void)st;
	if (flag != FTW_F || strcmp(path + ftw->base, "modalias"))
		return 0;
	f = fopen(path, "r");
	if (f && fgets(text, sizeof(text), f))
		printf("device %s", text);
	if (f)
		fclose(f);
	return 0;
}

static void leave(int number)
{
	(void)number;
	_exit(0);
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(80) };
	int server = socket(AF_INET, SOCK_STREAM, 0), client;

	signal(SIGTERM, leave);
	nftw("/sys/devices", visit, 8, FTW_PHYS);
	fflush(stdout);
	if (bind(server, (struct sockaddr *)&address, sizeof(address)) || listen(server, 4))
		return 1;
	while ((client = accept(server, NULL, NULL)) >= 0)
		close(client);
	return 1;
}
