/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../pipeline/launch.h"
#include "../pipeline/lib/clock.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "scratch.h"

enum {
	TURN_MS = 20,
	READY_TURN_MS = 5,
	LEAST_TRY_MS = 100,
	MOST_TRY_MS = 2000,
	STOP_TIMEOUT_S = 20,
};

void xmachine_prepare(struct machine *m, const char *directory)
{
	char *spec_path = xasprintf("%s/image.spec", directory);

	*m = (struct machine){ .console_fd = -1 };
	m->options.image = xasprintf("%s/image", directory);
	if (!fs_exists(m->options.image))
		die_hint("give one that 'make image' has made: out/APP/N",
			 "'%s' cannot be measured: it has no image", directory);
	xlaunch_prepare(&m->options, spec_path, &m->spec, &m->probe);
	accelerator_choose(&m->accelerator);
	if (!m->accelerator.kvm)
		m->options.tsc_khz = accelerator_tsc_khz();
	free(spec_path);
}

void xmachine_start(struct machine *m, const char *console_path)
{
	signal(SIGPIPE, SIG_IGN);
	m->ended = false;
	m->console_path = xstrdup(console_path);
	m->console_fd = open(console_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (m->console_fd < 0)
		die("cannot write '%s': %s", console_path, strerror(errno));
	/* QEMU inherits it; what this process is later used for does not want it */
	if (m->small_pages && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		die("cannot do without huge pages: %s", strerror(errno));
	m->started_s = clock_s();
	xguest_start(&m->guest, &m->options, &m->accelerator);
	if (m->small_pages)
		prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
}

bool machine_turn(struct machine *m, int ms)
{
	struct pollfd p = { m->guest.console_fd, POLLIN, 0 };

	if (scratch_interrupted())
		die("interrupted; nothing was measured");
	if (!m->ended && poll(&p, 1, ms) > 0)
		m->ended = !guest_read(&m->guest, -1, m->console_fd);
	return !m->ended;
}

/* Its last line that is not empty, without what JSON or a terminal would not like; to be freed. */
static char *last_words(const struct machine *m)
{
	char *text = fs_read(m->console_path, NULL), *last = NULL, *save, *words;

	for (char *line = text ? strtok_r(text, "\r\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\r\n", &save))
		if (line[strspn(line, " \t")])
			last = line;
	for (char *c = last; c && *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	words = last ? xasprintf("the console's last line is '%s'", last)
		     : xstrdup("there is nothing on its console");
	free(text);
	return words;
}

/* `what` and the console's last line. */
static char *fault(const struct machine *m, char *what)
{
	char *words = last_words(m), *sentence = xasprintf("%s; %s", what, words);

	free(words);
	free(what);
	return sentence;
}

static void forget(struct machine *m)
{
	close(m->guest.console_fd);
	close(m->guest.input_fd);
	if (m->guest.monitor_fd >= 0)
		close(m->guest.monitor_fd);
	close(m->console_fd);
	m->console_fd = -1;
}

void machine_kill(struct machine *m)
{
	if (m->console_fd < 0)
		return;
	guest_wait(&m->guest, true);
	forget(m);
}

static char *ended_fault(struct machine *m, const char *when)
{
	int status = guest_wait(&m->guest, false);

	forget(m);
	return fault(m, xasprintf("the guest ended %s (QEMU's exit status %d)", when, status));
}

static bool panicked(const struct machine *m)
{
	char *text = fs_read(m->console_path, NULL);
	bool yes = text && strstr(text, "Kernel panic");

	free(text);
	return yes;
}

/*
 * A try at the wrong moment of the boot is never answered, so a long one would hide when the app is
 * up; one shorter than a slow first answer would never see it. Hence a fifth of the time so far.
 */
static long try_ms(double after_s)
{
	long ms = (long)(after_s * 1000 / 5);

	return ms < LEAST_TRY_MS ? LEAST_TRY_MS : ms > MOST_TRY_MS ? MOST_TRY_MS : ms;
}

char *machine_ready(struct machine *m, double limit_s, double *after_s)
{
	while (!probe_try(&m->probe, m->options.port, m->guest.monitor_fd,
			  try_ms(clock_s() - m->started_s))) {
		machine_turn(m, READY_TURN_MS);
		if (m->ended)
			return ended_fault(m, "before the app answered");
		if (panicked(m))
			return fault(m, xstrdup("the kernel panicked before the app answered"));
		if (clock_s() - m->started_s > limit_s)
			return fault(m, xasprintf("the app did not answer within %g s (waited for "
						  "%s)",
						  limit_s, m->probe.awaited));
	}
	*after_s = clock_s() - m->started_s;
	return NULL;
}

static int open_output(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		die("cannot write '%s': %s", path, strerror(errno));
	return fd;
}

char *machine_run(struct machine *m, char *const *argv, const char *out_path, const char *err_path,
		  double limit_s, int *status)
{
	struct process p = PROCESS_INIT;
	double started_s = clock_s();
	siginfo_t info = { 0 };
	bool late = false;
	pid_t pid;

	p.argv = argv;
	p.out_fd = open_output(out_path);
	p.err_fd = open_output(err_path);
	pid = process_start(&p);
	close(p.out_fd);
	close(p.err_fd);
	while (!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) && !info.si_pid &&
	       machine_turn(m, TURN_MS) && !late)
		late = clock_s() - started_s > limit_s;
	if (!info.si_pid)
		kill(pid, SIGKILL);
	*status = process_wait(pid);
	if (m->ended)
		return ended_fault(m, xasprintf("while %s ran", fs_base(argv[0])));
	return late ? fault(m, xasprintf("%s took longer than %g s", fs_base(argv[0]), limit_s))
		    : NULL;
}

char *machine_stop(struct machine *m)
{
	double started_s = clock_s();
	int qemu_status, app_status;

	guest_stop(&m->guest);
	while (machine_turn(m, TURN_MS) && clock_s() - started_s <= STOP_TIMEOUT_S)
		;
	if (!m->ended) {
		machine_kill(m);
		return fault(m,
			     xasprintf("the guest did not stop within %d s; it was ended by force",
				       STOP_TIMEOUT_S));
	}
	qemu_status = guest_wait(&m->guest, false);
	app_status = m->guest.exit_status;
	forget(m);
	if (qemu_status)
		return fault(m, xasprintf("QEMU ended with exit status %d", qemu_status));
	if (app_status < 0)
		return fault(m, xstrdup("the machine ended without the app's exit status"));
	if (app_status && app_status != 128 + m->spec.stop_signal)
		return fault(m, xasprintf("the app ended with status %d when it was stopped",
					  app_status));
	return NULL;
}

void machine_release(struct machine *m)
{
	machine_kill(m);
	free(m->console_path);
	m->console_path = NULL;
}
