/* SPDX-License-Identifier: MIT */
/*
 * preinit - the first program of a peer whose kernel leaves to user space what ours does itself
 *
 * A distribution's kernel has its drivers in modules and does not read ip=. This loads the
 * modules, gives the network card its address, and becomes kernel/init's init. Nothing else of a
 * distribution's boot is there. /etc/anneal/modules: one a line, in order, a path and perhaps
 * parameters behind it. The address is what ip= says: a kernel without CONFIG_IP_PNP hands that
 * word of its command line to us, in the environment.
 *
 * With survey=1 on the command line a child waits until something listens on TCP, then writes to
 * the console what survey.h reads: the code that programs have mapped, and the kernel's symbols.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char next_init[] = "/init";

enum { CARD_WAIT_MS = 5000, LISTEN_WAIT_MS = 120000, TURN_MS = 20 };

static _Noreturn void fatal(const char *what, const char *name)
{
	dprintf(STDERR_FILENO, "preinit: cannot %s '%s': %s\n", what, name, strerror(errno));
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void sleep_ms(int ms)
{
	usleep((useconds_t)ms * 1000);
}

static void load_modules(void)
{
	FILE *f = fopen("/etc/anneal/modules", "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		char *parameters = line + strcspn(line, " \n");
		int fd;

		if (*parameters)
			*parameters++ = '\0';
		parameters[strcspn(parameters, "\n")] = '\0';
		fd = open(line, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, parameters, 0))
			fatal("load the module", line);
		close(fd);
	}
	if (f)
		fclose(f);
}

static void set_address(struct ifreq *r, int fd, unsigned long what, const char *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&r->ifr_addr;

	*in = (struct sockaddr_in){ .sin_family = AF_INET };
	if (inet_pton(AF_INET, address, &in->sin_addr) != 1) {
		errno = EINVAL;
		fatal("understand the address", address);
	}
	if (ioctl(fd, what, r))
		fatal("set the address", address);
}

static void set_gateway(int fd, const char *address)
{
	struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY };
	struct sockaddr_in *to = (struct sockaddr_in *)&route.rt_dst;
	struct sockaddr_in *by = (struct sockaddr_in *)&route.rt_gateway;
	struct sockaddr_in *mask = (struct sockaddr_in *)&route.rt_genmask;

	*to = *by = *mask = (struct sockaddr_in){ .sin_family = AF_INET };
	if (inet_pton(AF_INET, address, &by->sin_addr) != 1 || ioctl(fd, SIOCADDRT, &route))
		fatal("set the gateway", address);
}

/* ip=ADDRESS::GATEWAY:MASK::DEVICE:off, the kernel's Documentation/admin-guide/nfs/nfsroot.rst. */
static void configure_card(char *ip)
{
	struct ifreq request = { 0 };
	char *fields[6] = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; i < 6 && ip; i++)
		fields[i] = strsep(&ip, ":");
	if (fd < 0 || !fields[5])
		fatal("understand ip= of", "the command line");
	strncpy(request.ifr_name, fields[5], IFNAMSIZ - 1);
	for (int waited = 0; ioctl(fd, SIOCGIFFLAGS, &request); waited += TURN_MS) {
		if (waited >= CARD_WAIT_MS)
			fatal("find the network card", fields[5]);
		sleep_ms(TURN_MS);
	}
	set_address(&request, fd, SIOCSIFADDR, fields[0]);
	set_address(&request, fd, SIOCSIFNETMASK, fields[3]);
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		fatal("find the network card", fields[5]);
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		fatal("start the network card", fields[5]);
	set_gateway(fd, fields[2]);
	close(fd);
}

/*
 * The survey
 */

/* State 0A of /proc/net/tcp: something listens. */
static int something_listens(void)
{
	FILE *f = fopen("/proc/net/tcp", "re");
	char line[256], state[8];
	int found = 0;

	while (f && fgets(line, sizeof(line), f))
		found |= sscanf(line, "%*s %*s %*s %7s", state) == 1 && !strcmp(state, "0A");
	if (f)
		fclose(f);
	return found;
}

static unsigned long lines;

/* Code that a process has mapped: "map START-END OFFSET PATH". */
static void tell_maps(FILE *out, const char *process)
{
	char path[300], line[512], range[64], access[8], offset[32], file[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/maps", process);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %7s %31s %*s %*s %255s", range, access, offset, file) == 4 &&
		    access[2] == 'x' && lines++ + 1)
			fprintf(out, "map %s %s %s\n", range, offset, file);
	if (f)
		fclose(f);
}

static void tell_processes(FILE *out)
{
	char self[16];
	DIR *d = opendir("/proc");

	snprintf(self, sizeof(self), "%d", getpid());
	for (struct dirent *e; d && (e = readdir(d));)
		if (atoi(e->d_name) > 1 && strcmp(e->d_name, self))
			tell_maps(out, e->d_name);
	if (d)
		closedir(d);
}

/* "module NAME BYTES ADDRESS", "symbol ADDRESS TYPE NAME": of code. */
static void tell_kernel(FILE *out)
{
	char line[512], name[256], address[32], type;
	FILE *f = fopen("/proc/modules", "re");
	unsigned long bytes;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%255s %lu %*s %*s %*s %31s", name, &bytes, address) == 3 &&
		    lines++ + 1)
			fprintf(out, "module %s %lu %s\n", name, bytes, address);
	if (f)
		fclose(f);
	f = fopen("/proc/kallsyms", "re");
	while (f && fgets(line, sizeof(line), f))
		/* a module's has its module behind it */
		if (!strchr(line, '[') &&
		    sscanf(line, "%31s %c %255s", address, &type, name) == 3 &&
		    strchr("tTwW", type) && lines++ + 1)
			fprintf(out, "symbol %s %c %s\n", address, type, name);
	if (f)
		fclose(f);
}

static void survey(void)
{
	FILE *out = fopen("/dev/console", "we");

	for (int waited = 0; out && !something_listens(); waited += TURN_MS) {
		if (waited >= LISTEN_WAIT_MS)
			_exit(1);
		sleep_ms(TURN_MS);
	}
	if (!out)
		_exit(1);
	sleep_ms(500); /* workers are started behind the listening */
	fprintf(out, "\nsurvey begin\n");
	tell_processes(out);
	tell_kernel(out);
	fprintf(out, "survey end %lu\n", lines);
	fclose(out);
	_exit(0);
}

/*
 * A word that the kernel's proper does not know is handed to us as an argument: nokaslr is one, for
 * only the code that unpacks the kernel looks for it. The app must not see it.
 */
static void drop_kernel_words(char **argv)
{
	char **to = argv + 1;

	for (char **from = to; *from; from++)
		if (strcmp(*from, "nokaslr"))
			*to++ = *from;
	*to = NULL;
}

int main(int argc, char **argv)
{
	char *ip = getenv("ip"), *asked = getenv("survey");
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	(void)argc;
	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	load_modules();
	if (ip)
		configure_card(ip);
	if (asked && !fork())
		survey(); /* /proc will be there when something listens */
	unsetenv("ip");
	unsetenv("survey");
	drop_kernel_words(argv);
	execv(next_init, argv);
	fatal("run", next_init);
}
