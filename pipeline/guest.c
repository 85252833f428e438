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

#include "disk.h"
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
	const char *name, *word, *bus; /* of virtio devices, as it ends their names */
} machines[] = {
	{ "microvm", "microvm,acpi=off,auto-kernel-cmdline=off", "device" },
	{ "microvm-acpi", "microvm,acpi=on,auto-kernel-cmdline=off", "device" },
	{ "microvm-pci", "microvm,acpi=on,pcie=on,auto-kernel-cmdline=off", "pci" },
	{ "q35", "q35", "pci" },
};

/*
 * Virtio devices on MMIO: the first is in the last of eight slots (QEMU's hw/i386/microvm.c), each with
 * an interrupt of its own; QEMU itself would say so behind the app's arguments, where the kernel does not
 * look. The network card is the first one, then come what guest_command() adds.
 */
static char *mmio_devices(const struct guest_options *o)
{
	unsigned count = 1u + (o->disk || o->disk_bytes) + o->rng + (o->collect != NULL);
	struct strlist words = STRLIST_INIT;
	char *text;

	for (unsigned slot = 7; count; slot--, count--)
		strlist_pushf(&words, "virtio_mmio.device=512@0x%x:%u", 0xfeb00000 + slot * 512,
			      5 + slot);
	text = strlist_join(&words, " ");
	strlist_release(&words);
	return text;
}

/*
 * reboot=t: a machine without ACPI is left by a triple fault. Address, router and name server are
 * those of QEMU's user network, given to the kernel so that no DHCP is waited for.
 */
static char *kernel_command_line(const struct guest_options *o)
{
	char *tsc = o->tsc_khz ? xasprintf(" tsc_early_khz=%u", o->tsc_khz) : xstrdup("");
	char *devices = mmio_devices(o), *line;

	line = xasprintf("console=ttyS0 reboot=t %s"
			 " ip=10.0.2.15::10.0.2.2:255.255.255.0:%s:eth0:off:10.0.2.3%s%s%s%s%s%s",
			 devices, o->hostname ? o->hostname : "", tsc, verbosity() ? "" : " quiet",
			 o->append ? " " : "", o->append ? o->append : "",
			 o->arguments ? " -- " : "", o->arguments ? o->arguments : "");
	free(devices);
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
static void add_port(struct strlist *argv, const char *socket, const char *bus)
{
	char *path = xdoubled(socket, ','); /* QEMU reads two as one */

	strlist_push(argv, "-chardev");
	strlist_pushf(argv, "socket,id=collect,server=on,wait=off,path=%s", path);
	strlist_push(argv, "-device");
	strlist_pushf(argv, "virtio-serial-%s,max_ports=2", bus);
	strlist_push(argv, "-device");
	strlist_push(argv, "virtserialport,nr=1,chardev=collect,name=anneal.collect");
	free(path);
}

/* Written through the host's page cache, which the guest flushes when its file system does. */
static void add_disk(struct strlist *argv, const char *file, const char *bus)
{
	char *path = xdoubled(file, ',');

	strlist_push(argv, "-drive");
	strlist_pushf(
		argv,
		"if=none,id=disk,format=raw,cache=writeback,file.driver=file,file.filename=%s",
		path);
	strlist_push(argv, "-device");
	strlist_pushf(argv, "virtio-blk-%s,drive=disk", bus);
	free(path);
}

static void add_rng(struct strlist *argv, const char *bus)
{
	strlist_push(argv, "-object");
	strlist_push(argv, "rng-builtin,id=rng");
	strlist_push(argv, "-device");
	strlist_pushf(argv, "virtio-rng-%s,rng=rng", bus);
}

static void add_network(struct strlist *argv, const struct guest_options *o, const char *bus)
{
	struct strlist words = STRLIST_INIT;

	strlist_pushf(&words, "user,id=net,%s", o->ipv6 ? "ipv4=on,ipv6=on" : "ipv6=off");
	if (o->port)
		strlist_pushf(&words, "hostfwd=tcp:127.0.0.1:%u-10.0.2.15:%u", o->port,
			      o->guest_port);
	for (size_t i = 0; o->port && i < o->forward_count; i++)
		strlist_pushf(&words, "hostfwd=%s:127.0.0.1:%u-10.0.2.15:%u",
			      o->forwards[i].udp ? "udp" : "tcp", o->forwards[i].host_port,
			      o->forwards[i].guest_port);
	strlist_push(argv, "-netdev");
	strlist_push(argv, strlist_join(&words, ","));
	strlist_push(argv, "-device");
	strlist_pushf(argv, "virtio-net-%s,netdev=net", bus);
	strlist_release(&words);
}

static const char *accelerator_word(const struct guest_options *o, const struct accelerator *a)
{
	if (a->kvm)
		return "kvm";
	return o->one_thread && o->cpus > 1 ? "tcg,thread=single" : "tcg";
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
		accelerator_word(o, a),
		"-cpu",
		a->kvm ? "host" : "max",
		"-smp",
		xasprintf("%u", o->cpus ? o->cpus : 1),
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
	add_network(argv, o, machines[machine].bus);
	if (o->disk || o->disk_bytes)
		add_disk(argv, o->disk ? o->disk : "an-empty-disk", machines[machine].bus);
	if (o->rng)
		add_rng(argv, machines[machine].bus);
	if (o->collect)
		add_port(argv, o->collect, machines[machine].bus);
	strlist_concat(argv, &o->qemu);
}

/* In the child. */
static _Noreturn void become_qemu(const char *program, char *const *argv, pid_t parent, int in,
				  int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILED);
	setpgid(0, 0); /* the terminal's ctrl-C is for us, not for QEMU */
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(program, argv);
	_exit(127);
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
	struct guest_options with_disk = *o;
	int disk_fd = -1;

	if (!program)
		die_hint("install it: apt-get install qemu-system-x86 (or 'make setup' as root)",
			 "'%s' is not installed, so nothing can be booted", qemu_program);
	if (!fs_exists(o->image))
		die("there is no image '%s'", o->image);
	if (o->initrd && !fs_exists(o->initrd))
		die("there is no initrd '%s'", o->initrd);
	*g = (struct guest){ .exit_status = -1 };
	if (!o->disk && o->disk_bytes) {
		disk_fd = xdisk_make_nameless(o->disk_bytes);
		with_disk.disk = xasprintf("/dev/fd/%d", disk_fd);
	}
	xopen_monitor(o, monitor);
	guest_command(&argv, &with_disk, a);
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
		if (o->monitor) /* QEMU inherits it */
			fcntl(monitor[1], F_SETFD, 0);
		become_qemu(program, argv.v, parent, in[0], out[1]);
	}
	close(in[0]);
	close(out[1]);
	if (o->monitor)
		close(monitor[1]);
	g->monitor_fd = monitor[0];
	if (disk_fd >= 0)
		close(disk_fd);
	g->input_fd = in[1];
	g->console_fd = out[0];
	fcntl(g->console_fd, F_SETFL, O_NONBLOCK);
}

/* Of what QEMU, the kernel and init say, the first that is a reason for an end. */
static void note_reason(struct guest *g)
{
	static const char *const beginnings[] = { "qemu-system-x86_64: ", "Kernel panic",
						  "Out of memory: Killed process",
						  "anneal: fatal: " };

	for (size_t i = 0; i < ARRAY_SIZE(beginnings) && !*g->reason; i++) {
		const char *at = strstr(g->line, beginnings[i]);

		if (at && !strstr(at, "warning: "))
			snprintf(g->reason, sizeof(g->reason), "%.*s", (int)strcspn(at, "\r"), at);
	}
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
	note_reason(g);
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

static int bind_local(unsigned port, bool udp, struct sockaddr_in *address)
{
	int fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0), one = 1;

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd >= 0 && bind(fd, (struct sockaddr *)address, sizeof(*address))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

unsigned guest_free_port(bool udp)
{
	struct sockaddr_in address;
	socklen_t bytes = sizeof(address);
	int fd = bind_local(0, udp, &address);

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&address, &bytes))
		die("no port of 127.0.0.1 is free: %s", strerror(errno));
	close(fd);
	return ntohs(address.sin_port);
}

bool guest_port_in_use(unsigned port, bool udp)
{
	struct sockaddr_in address;
	int fd = bind_local(port, udp, &address);

	if (fd < 0)
		return true;
	close(fd);
	return false;
}
