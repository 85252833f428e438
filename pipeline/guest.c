/* SPDX-License-Identifier: MIT */
#include "guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/process.h"
#include "lib/util.h"
#include "monitor.h"

static const char qemu_program[] = "qemu-system-x86_64";

/*
 * Machines by the name a spec has. microvm-acpi is for a kernel that finds virtio devices on MMIO by
 * ACPI only; microvm-pci and q35 for one that has no driver for them on MMIO at all.
 */
static const struct {
	const char *name, *word, *card;
} machines[] = {
	{ "microvm", "microvm,acpi=off,auto-kernel-cmdline=off", "virtio-net-device" },
	{ "microvm-acpi", "microvm,acpi=on,auto-kernel-cmdline=off", "virtio-net-device" },
	{ "microvm-pci", "microvm,acpi=on,pcie=on,auto-kernel-cmdline=off", "virtio-net-pci" },
	{ "q35", "q35", "virtio-net-pci" },
};

/*
 * reboot=t: a machine without ACPI is left by a triple fault. The address is
 * that of QEMU's user network, given to the kernel so that no DHCP is waited for.
 * The network card is the first device, which QEMU's hw/i386/microvm.c puts into
 * the last of eight slots; QEMU itself would say so behind the app's arguments,
 * where the kernel does not look. The collector's port is the second one.
 */
static char *kernel_command_line(const struct guest_options *o)
{
	char *tsc = o->tsc_khz ? xasprintf(" tsc_early_khz=%u", o->tsc_khz) : xstrdup("");
	char *line;

	line = xasprintf("console=ttyS0 reboot=t virtio_mmio.device=512@0xfeb00e00:12%s"
			 " ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off%s%s%s%s%s%s",
			 o->collect ? " virtio_mmio.device=512@0xfeb00c00:11" : "", tsc,
			 verbosity() ? "" : " quiet", o->append ? " " : "",
			 o->append ? o->append : "", o->arguments ? " -- " : "",
			 o->arguments ? o->arguments : "");
	free(tsc);
	return line;
}

static size_t machine_of(const char *name)
{
	struct strlist known = STRLIST_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		if (!strcmp(machines[i].name, name))
			return i;
		strlist_push(&known, machines[i].name);
	}
	die("machine '%s' is not known; there are: %s", name, strlist_join(&known, " "));
}

/* Number 0 of virtio-serial is a console's; more ports would take memory of the guest. */
static void add_port(struct strlist *argv, const char *socket)
{
	char *path = xdoubled(socket, ','); /* QEMU reads two as one */

	strlist_push(argv, "-chardev");
	strlist_pushf(argv, "socket,id=collect,server=on,wait=off,path=%s", path);
	strlist_push(argv, "-device");
	strlist_push(argv, "virtio-serial-device,max_ports=2");
	strlist_push(argv, "-device");
	strlist_push(argv, "virtserialport,nr=1,chardev=collect,name=anneal.collect");
	free(path);
}

void guest_command(struct strlist *argv, const struct guest_options *o, const struct accelerator *a)
{
	const char *const words[] = {
		qemu_program,
		"-nodefaults",
		"-no-user-config",
		"-display",
		"none",
		"-no-reboot",
		"-accel",
		a->kvm ? "kvm" : "tcg",
		"-cpu",
		a->kvm ? "host" : "max",
		"-smp",
		"1",
		"-m",
		o->memory,
		"-kernel",
		o->image,
		"-chardev",
		"stdio,id=console,signal=off",
		"-serial",
		"chardev:console",
		"-append",
		kernel_command_line(o),
	};

	size_t machine = machine_of(o->machine);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strlist_push(argv, words[i]);
	if (o->initrd) {
		strlist_push(argv, "-initrd");
		strlist_push(argv, o->initrd);
	}
	strlist_push(argv, "-M");
	strlist_push(argv, machines[machine].word);
	strlist_push(argv, "-netdev");
	if (o->port)
		strlist_pushf(argv, "user,id=net,ipv6=off,hostfwd=tcp:127.0.0.1:%u-10.0.2.15:%u",
			      o->port, o->guest_port);
	else
		strlist_push(argv, "user,id=net,ipv6=off");
	strlist_push(argv, "-device");
	strlist_pushf(argv, "%s,netdev=net", machines[machine].card);
	if (o->collect)
		add_port(argv, o->collect);
	strlist_concat(argv, &o->qemu);
}

/* A socket: [0] for us, [1] for QEMU; both -1 if it is not to be asked. */
static void xopen_monitor(const struct guest_options *o, int sockets[2])
{
	sockets[0] = sockets[1] = -1;
	if (o->monitor && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		die("cannot make a socket: %s", strerror(errno));
}

void xguest_start(struct guest *g, const struct guest_options *o, const struct accelerator *a)
{
	struct strlist argv = STRLIST_INIT;
	int in[2], out[2], monitor[2];
	char *program = process_find(qemu_program);
	pid_t parent = getpid();

	if (!program)
		die_hint("install it: apt-get install qemu-system-x86 (or 'make setup' as root)",
			 "'%s' is not installed, so nothing can be booted", qemu_program);
	if (!fs_exists(o->image))
		die("there is no image '%s'", o->image);
	if (o->initrd && !fs_exists(o->initrd))
		die("there is no initrd '%s'", o->initrd);
	*g = (struct guest){ .exit_status = -1 };
	xopen_monitor(o, monitor);
	guest_command(&argv, o, a);
	if (o->monitor)
		monitor_words(&argv, monitor[1]);
	if (verbosity() >= 1)
		fprintf(stderr, "+ %s\n", process_quote(argv.v));
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		die("cannot make a pipe: %s", strerror(errno));
	g->pid = fork();
	if (g->pid < 0)
		die("cannot start QEMU: %s", strerror(errno));
	if (!g->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILED);
		setpgid(0, 0); /* the terminal's ctrl-C is for us, not for QEMU */
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		if (o->monitor)
			fcntl(monitor[1], F_SETFD, 0);
		execv(program, argv.v);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	if (o->monitor)
		close(monitor[1]);
	g->monitor_fd = monitor[0];
	g->input_fd = in[1];
	g->console_fd = out[0];
	fcntl(g->console_fd, F_SETFL, O_NONBLOCK);
}

/* init's last word; see kernel/init/init.c. */
static void look_at_line(struct guest *g)
{
	static const char key[] = "anneal: exit status ";
	char *at;

	g->line[g->line_bytes] = '\0';
	at = strstr(g->line, key);
	if (at)
		g->exit_status = atoi(at + strlen(key));
	g->line_bytes = 0;
}

static void pass_on(int fd, const char *data, size_t bytes)
{
	while (fd >= 0 && bytes) {
		ssize_t put = write(fd, data, bytes);

		if (put < 0 && errno != EINTR && errno != EAGAIN)
			return; /* nobody looks any more; the guest goes on */
		if (put > 0) {
			data += put;
			bytes -= (size_t)put;
		}
	}
}

bool guest_read(struct guest *g, int out_fd, int log_fd)
{
	char buffer[4096];
	ssize_t got = read(g->console_fd, buffer, sizeof(buffer));

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	pass_on(out_fd, buffer, (size_t)got);
	pass_on(log_fd, buffer, (size_t)got);
	for (ssize_t i = 0; i < got; i++) {
		if (buffer[i] == '\n')
			look_at_line(g);
		else if (g->line_bytes < sizeof(g->line) - 1)
			g->line[g->line_bytes++] = buffer[i];
	}
	return got > 0;
}

void guest_stop(struct guest *g)
{
	pass_on(g->input_fd, "\003", 1);
}

int guest_wait(struct guest *g, bool kill_it)
{
	if (kill_it)
		kill(g->pid, SIGKILL);
	return process_wait(g->pid);
}

static int bind_local(unsigned port, struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd >= 0 && bind(fd, (struct sockaddr *)address, sizeof(*address))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

unsigned guest_free_port(void)
{
	struct sockaddr_in address;
	socklen_t bytes = sizeof(address);
	int fd = bind_local(0, &address);

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&address, &bytes))
		die("no port of 127.0.0.1 is free: %s", strerror(errno));
	close(fd);
	return ntohs(address.sin_port);
}

bool guest_port_in_use(unsigned port)
{
	struct sockaddr_in address;
	int fd = bind_local(port, &address);

	if (fd < 0)
		return true;
	close(fd);
	return false;
}
