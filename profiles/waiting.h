/* SPDX-License-Identifier: MIT */
/*
 * waiting.h - plain samples of a kernel that waits say nothing of its work (exclusions.h)
 */
#ifndef PROFILES_WAITING_H
#define PROFILES_WAITING_H

#include "../imports/addresstext.h"
#include "exclusions.h"

/* By the rules that lie beside the running tool's sources. None if `unit` is not the kernel. Dies if the ELF is no program. */
void xwaiting_read(struct exclusions *waiting, const char *unit, const char *elf);

bool waiting_at(const struct exclusions *waiting, uint64_t address);

/* How many samples were there; they are gone afterwards. `a` is sorted. */
uint64_t waiting_drop(const struct exclusions *waiting, struct address_counts *a);

#endif
