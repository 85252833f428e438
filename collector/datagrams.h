/* SPDX-License-Identifier: MIT */
/*
 * datagrams.h - guests that send datagrams: who is who by address
 *
 * Nothing is remembered of an address that no guest of a known build has introduced itself from.
 */
#ifndef COLLECTOR_DATAGRAMS_H
#define COLLECTOR_DATAGRAMS_H

#include <stddef.h>

struct wire;

/* Have the kernel throw away what cannot be a guest's frame: it wakes nobody then. */
void datagrams_filter(int fd);

/* As many as fit a round. */
void datagrams_read(struct wire *w, size_t channel);

/* Forget addresses without a guest. */
void datagrams_sweep(struct wire *w);

void datagrams_release(struct wire *w);

#endif
