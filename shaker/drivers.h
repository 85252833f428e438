/* SPDX-License-Identifier: MIT */
/*
 * drivers.h - device drivers against the devices of the machine
 *
 * A driver is registered with the ids of what it drives. One whose ids match no
 * modalias of the machine's description is never probed: its registration goes, and
 * with it all that only the driver leads to.
 */
#ifndef SHAKER_DRIVERS_H
#define SHAKER_DRIVERS_H

#include "cut.h"
#include "facts.h"

struct drivers {
	LLVMValueRef *calls; /* registrations that are to go */
	size_t n;
};

/* Make a cut of class "driver" for each. A driver without ids that can be read stays. */
void drivers_cut(struct drivers *d, const struct facts *f, LLVMModuleRef module, struct cuts *cuts);

/* Replace the calls by success. */
void drivers_apply(struct drivers *d);

#endif
