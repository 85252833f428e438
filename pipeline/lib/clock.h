/* SPDX-License-Identifier: MIT */
/*
 * clock.h - how long things take
 */
#ifndef PIPELINE_CLOCK_H
#define PIPELINE_CLOCK_H

/* Seconds of the monotonic clock, from some point in the past. */
double clock_s(void);

#endif
