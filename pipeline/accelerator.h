/* SPDX-License-Identifier: MIT */
/*
 * accelerator.h - does KVM really work here?
 *
 * A /dev/kvm that opens is no proof: nested under a hypervisor that does not
 * pass the processor's extensions through, an ordinary guest hangs early.
 */
#ifndef PIPELINE_ACCELERATOR_H
#define PIPELINE_ACCELERATOR_H

#include <stdbool.h>

struct accelerator {
	bool kvm;	  /* else QEMU emulates (TCG) */
	char reason[256]; /* one sentence's worth: why this one */
};

/*
 * Looks for the processor's flags, then runs a guest of three instructions with
 * a time limit. Takes some milliseconds. ACCEL=tcg or kvm in the environment
 * decides instead.
 */
void accelerator_choose(struct accelerator *a);

/*
 * kHz of the TSC that an emulated guest sees, which is this machine's, to the nearest MHz.
 * The guest would measure it against an emulated timer, which fails about every third
 * time; then it has no clock but the tick, and each look at the time is a system call.
 */
unsigned accelerator_tsc_khz(void);

#endif
