/* SPDX-License-Identifier: MIT */
/*
 * init - the first program of an image, and the only one besides the app (and the collector of
 * profiles, in images that were asked to have it)
 *
 * It mounts what a program expects and the disk, if there is one, brings the loopback device up (the kernel
 * itself configured the network card from ip= on its command line), starts the
 * app, passes signals on, reaps, and ends the machine when the app ends. The
 * last line on the console is for the host:
 *
 *   anneal: exit status N	N as a shell counts: 128 + signal, 126 and 127 if
 *				the app could not be started, 125 if init could not
 *
 * Arguments behind "--" on the kernel's command line are added to the app's; a
 * word NAME=value before it goes into the app's environment (the kernel's own
 * custom). The console is a way to reach the app for whoever holds the VMM:
 * ctrl-C stops it, and a line "signal NAME [PROCESS]" sends a signal to it or to
 * another process.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console.h"
#include "cpu.h"
#include "disk.h"
#include "plan.h"

enum { STATUS_INIT_FAILED = 125, STATUS_NOT_STARTED = 126, STATUS_NOT_FOUND = 127 };

/* The app gets this long to stop before it is killed. */
enum { STOP_TIMEOUT_S = 10 };

static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "HUP", SIGHUP },   { "INT", SIGINT },	  { "QUIT", SIGQUIT },	 { "TERM", SIGTERM },
	{ "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "WINCH", SIGWINCH }, { "KILL", SIGKILL },
};

extern char **environ;

/* poll(2) does for all waiting, so that the kernel needs no other call for it. */
static void sleep_ms(int timeout_ms)
{
	poll(NULL, 0, timeout_ms);
}

/* Where the disk is mounted; NULL: it is not. */
static const char *mounted_at;

static _Noreturn void power_off(int status)
{
	if (mounted_at)
		disk_unmount(mounted_at);
	say("exit status ", digits(status), NULL);
	/* The VMM ends at a reboot (-no-reboot); a machine without ACPI has no other way. */
	reboot(RB_AUTOBOOT);
	for (;;)
		sleep_ms(-1);
}

static _Noreturn void fatal(int status, const char *what, const char *name, const char *why)
{
	say("fatal: ", what, " '", name, "': ", why, NULL);
	power_off(status);
}

static void mount_all(void)
{
	static const struct {
		const char *type, *where, *data;
		unsigned long flags;
		bool needed;
	} mounts[] = {
		{ "proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, true },
		{ "sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, false },
		{ "tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV | MS_NOEXEC, true },
		{ "tmpfs", "/run", "mode=755", MS_NOSUID | MS_NODEV | MS_NOEXEC, true },
		{ "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV | MS_NOEXEC, false },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].where, 0755);
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, mounts[i].flags,
			  mounts[i].data) &&
		    mounts[i].needed)
			fatal(STATUS_INIT_FAILED, "cannot mount", mounts[i].where, reason(errno));
	}
}

static void mount_disk(const char *where)
{
	const char *why = disk_mount(where);

	if (why)
		fatal(STATUS_INIT_FAILED, "cannot mount the disk at", where, why);
	mounted_at = where;
}

static void bring_loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return; /* a kernel without a network: the app may not want one */
	if (!ioctl(fd, SIOCGIFFLAGS, &request)) {
		request.ifr_flags |= IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &request))
			say("warning: the loopback device stays down: ", reason(errno), NULL);
	}
	close(fd);
}

static void check_cpu(const struct plan *p)
{
	for (int i = 0; i < p->cpu_count; i++)
		if (!cpu_has(p->cpu[i]))
			fatal(STATUS_INIT_FAILED, "this processor lacks", p->cpu[i],
			      "the image was built with MARCH for one that has it");
}

/* In the child: a group of its own, no signal blocked, then the app. */
static _Noreturn void become_app(const struct plan *p, const sigset_t *old_mask)
{
	setsid();
	sigprocmask(SIG_SETMASK, old_mask, NULL);
	execve(p->arguments[0], (char *const *)p->arguments, (char *const *)p->environment);
	say("fatal: cannot run '", p->arguments[0], "': ", reason(errno), NULL);
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_STARTED);
}

/* Nobody waits for it, and nothing depends on it. */
static void start_collector(const char *path, const sigset_t *old_mask)
{
	const char *const arguments[] = { path, NULL }, *const environment[] = { NULL };

	if (fork())
		return;
	setsid();
	sigprocmask(SIG_SETMASK, old_mask, NULL);
	execve(path, (char *const *)arguments, (char *const *)environment);
	say("warning: cannot run '", path, "': ", reason(errno), NULL);
	_exit(STATUS_NOT_STARTED);
}

static int signal_number(const char *name)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!strcmp(signals[i].name, name))
			return signals[i].number;
	return 0;
}

static const char *signal_name(int number)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signals[i].number == number)
			return signals[i].name;
	return digits(number);
}

static void send_signal(pid_t app, int number)
{
	say("signal ", signal_name(number), NULL);
	kill(app, number);
}

static bool stopping;

static void stop_app(const struct plan *p, pid_t app)
{
	if (stopping)
		return;
	stopping = true;
	send_signal(app, p->stop_signal);
}

/* "HUP" is for the app, "KILL 18" for another process. False if it is neither. */
static bool signal_line(char *line, pid_t app)
{
	char *space = strchr(line, ' ');
	int number;

	if (space) {
		*space = '\0';
		app = atoi(space + 1);
	}
	number = signal_number(line);
	if (number && app > 1)
		send_signal(app, number);
	return number && app > 1;
}

/* One line typed at the console. */
static void obey(const struct plan *p, pid_t app, char *line)
{
	line[strcspn(line, "\r\n")] = '\0';
	if (!strcmp(line, "stop"))
		stop_app(p, app);
	else if (*line && (strncmp(line, "signal ", 7) || !signal_line(line + 7, app)))
		say("not understood: '", line, "'; there are 'stop' and 'signal NAME [PROCESS]'",
		    NULL);
}

static void read_console(const struct plan *p, pid_t app, struct pollfd *console)
{
	char line[128];
	ssize_t bytes = read(console->fd, line, sizeof(line) - 1);

	if (bytes <= 0) {
		console->fd = -1; /* the console is gone; signals remain */
		return;
	}
	line[bytes] = '\0';
	obey(p, app, line);
}

/* Reap all that ended. True, and its status, if the app was among them. */
static bool reap(pid_t app, int *status)
{
	bool ended = false;
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
		if (pid == app) {
			*status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
			ended = true;
		}
	return ended;
}

static int supervise(const struct plan *p, pid_t app, int signal_fd)
{
	struct pollfd fds[2] = { { signal_fd, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
	struct signalfd_siginfo info;
	int status;

	for (;;) {
		if (!poll(fds, 2, stopping ? STOP_TIMEOUT_S * 1000 : -1)) {
			say("the app did not stop in ", digits(STOP_TIMEOUT_S), " s: killed", NULL);
			kill(app, SIGKILL);
		}
		if (fds[1].revents)
			read_console(p, app, &fds[1]);
		if (!(fds[0].revents & POLLIN) ||
		    read(signal_fd, &info, sizeof(info)) != sizeof(info))
			continue;
		switch (info.ssi_signo) {
		case SIGCHLD:
			if (reap(app, &status))
				return status;
			break;
		case SIGINT:
		case SIGTERM: stop_app(p, app); break;
		default: send_signal(app, (int)info.ssi_signo);
		}
	}
}

/* What the app left behind gets its chance, too. */
static void end_the_rest(void)
{
	if (kill(-1, SIGTERM) && errno == ESRCH)
		return;
	for (int i = 0; i < 50 && waitpid(-1, NULL, WNOHANG) >= 0; i++)
		sleep_ms(20);
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	setsid();
	ioctl(STDIN_FILENO, TIOCSCTTY, 1); /* ctrl-C becomes SIGINT */
}

int main(int argc, char **argv)
{
	const char *wrong;
	sigset_t mask, old_mask;
	struct plan p;
	int signal_fd, status;
	pid_t app;

	open_console();
	wrong = plan_read(&p, "/etc/anneal/init.conf");
	if (wrong)
		fatal(STATUS_INIT_FAILED, "cannot use", "/etc/anneal/init.conf", wrong);
	check_cpu(&p);
	mount_all();
	if (p.disk_at)
		mount_disk(p.disk_at);
	bring_loopback_up();
	for (int i = 1; i < argc; i++)
		if (!plan_add(p.arguments, &p.argument_count, argv[i]))
			fatal(STATUS_INIT_FAILED, "cannot add the argument", argv[i], "too many");
	for (char **e = environ; *e; e++)
		if (!plan_set(&p, *e))
			fatal(STATUS_INIT_FAILED, "cannot add the variable", *e, "too many");
	sigfillset(&mask);
	sigprocmask(SIG_BLOCK, &mask, &old_mask);
	signal_fd = signalfd(-1, &mask, SFD_CLOEXEC);
	if (signal_fd < 0)
		fatal(STATUS_INIT_FAILED, "cannot open", "signalfd", reason(errno));
	app = fork();
	if (app < 0)
		fatal(STATUS_INIT_FAILED, "cannot start", p.app, reason(errno));
	if (!app)
		become_app(&p, &old_mask);
	if (p.collector)
		start_collector(p.collector, &old_mask);
	status = supervise(&p, app, signal_fd);
	end_the_rest();
	power_off(status);
}
