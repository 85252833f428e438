/* SPDX-License-Identifier: MIT */
/*
 * machine.h - a subject booted to be measured: no tracer, nothing but QEMU and the image
 *
 * A subject is a directory with `image` and `image.spec`. What goes wrong with the guest is no
 * reason to die, but a result: functions that can meet it return NULL or a sentence, to be freed,
 * that ends with the console's last line. QEMU ends with this process.
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdbool.h>

#include "../pipeline/accelerator.h"
#include "../pipeline/guest.h"
#include "../pipeline/imagespec.h"
#include "../pipeline/probe.h"

struct machine {
	struct guest_options options;
	struct imagespec spec;
	struct probe probe;
	struct accelerator accelerator;
	struct guest guest;
	char *console_path;
	int console_fd;	  /* written while the guest runs; -1: no guest */
	bool small_pages; /* no huge pages for QEMU, so that its memory is counted by 4 KiB */
	bool ended;	  /* the console is closed */
	double started_s;
};

/*
 * Settle how the subject is booted: its spec, accelerator, a free port, the TSC. Nothing runs yet;
 * the caller may change `options` before xmachine_start(). Dies if the directory is no subject.
 */
void xmachine_prepare(struct machine *m, const char *directory);

/* Boot it, with the console into the file `console_path`. Dies if QEMU cannot be started. */
void xmachine_start(struct machine *m, const char *console_path);

/* Let the guest's console run for up to `ms`. False once QEMU has ended. Dies if interrupted. */
bool machine_turn(struct machine *m, int ms);

/*
 * Until the app answers its probe; `*after_s` is how long that took since xmachine_start(). Fails
 * if QEMU ends, the kernel panics, or `limit_s` passes.
 */
char *machine_ready(struct machine *m, double limit_s, double *after_s);

/*
 * Run `argv` on this machine while the guest goes on, its output into `out_path`, its errors into
 * `err_path`. `*status` is its exit status, or 128 + the signal that ended it. Fails if the guest
 * ends meanwhile (the program is ended, too) or if it takes longer than `limit_s`.
 */
char *machine_run(struct machine *m, char *const *argv, const char *out_path, const char *err_path,
		  double limit_s, int *status);

/*
 * Stop the app and wait for the end of the machine. Fails if that takes longer than 20 s, if the
 * app's exit status is neither 0 nor its stop signal, or if QEMU fails.
 */
char *machine_stop(struct machine *m);

/* End a guest by force, if there is one. */
void machine_kill(struct machine *m);

void machine_release(struct machine *m);

#endif
