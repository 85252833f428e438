/* SPDX-License-Identifier: MIT */
/*
 * outcome.h - what was received, as recordings (profiles/intake.h) and as lines to read
 *
 * A recording has counts, where they are, and of which builds: no address, name or time of a guest.
 */
#ifndef COLLECTOR_OUTCOME_H
#define COLLECTOR_OUTCOME_H

#include "receiver.h"

/*
 * Call after receiver_settle(): a recording GENERATION-EVENT below `directory` (made if missing) for
 * each generation and event that counts came of, and the path of each on standard output: generations ascending, and of
 * each cpu-clock, cycles, branch stacks, so that what is worth most comes last. Each
 * appears whole. Returns how many they are.
 */
size_t xoutcome_write(const struct receiver *r, const char *directory);

/* A recording of each guest, guest-0001 and so on, by the first numbers that are free there. */
size_t xoutcome_write_each(const struct receiver *r, const char *directory);

/* A line for each guest, or for the first of many and those that something is wrong with. */
void outcome_print(const struct receiver *r);

#endif
