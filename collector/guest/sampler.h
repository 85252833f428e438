/* SPDX-License-Identifier: MIT */
/*
 * sampler.h - samples of all processors, read from the kernel's rings
 *
 * One event a processor, system-wide. What the processor offers decides which: branch stacks
 * (Intel's LBR, AMD's LBR version 2 and BRS), else cycles, else the kernel's clock.
 */
#ifndef COLLECTOR_GUEST_SAMPLER_H
#define COLLECTOR_GUEST_SAMPLER_H

#include "sample.h"

enum {
	SAMPLER_PROCESSORS_MAX = 64,
	SAMPLER_HZ_MAX = 10000,
	/* of all rings together */
	SAMPLER_RING_BYTES_MAX = 512 << 10,
};

struct sampler {
	enum collector_event event;
	unsigned processors; /* that are sampled */
	int fds[SAMPLER_PROCESSORS_MAX];
	void *rings[SAMPLER_PROCESSORS_MAX];
	size_t ring_bytes; /* of data, each */
	unsigned wait_ms;  /* until a ring is half full */
	uint64_t lost;	   /* by the kernel for want of room, or not readable; added up */
};

/* Which event there is, and on how many processors. False: none. Nothing stays open. */
bool sampler_probe(struct sampler *s);

/* Begin with `hz` samples a second and processor, of the event that was found. */
bool sampler_open(struct sampler *s, uint32_t hz);

/* Hand each sample that has arrived to `take`. */
void sampler_drain(struct sampler *s, void (*take)(void *user, const struct sample *sample),
		   void *user);

void sampler_close(struct sampler *s);

#endif
