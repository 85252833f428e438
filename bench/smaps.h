/* SPDX-License-Identifier: MIT */
/*
 * smaps.h - how much of a guest's memory was ever touched
 *
 * QEMU gives a guest its memory as one private mapping of just that size, whose pages exist once the
 * guest has touched them. /proc/PID/smaps (proc_pid_smaps(5)) says how many do. Huge pages
 * exist as a whole, so this is exact only for a QEMU that has none (machine.h, small_pages).
 */
#ifndef BENCH_SMAPS_H
#define BENCH_SMAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * `text` is what an smaps file holds. Of the writable mappings with `ram_bytes`, the largest "Rss" into
 * `*bytes`. NULL, or what is wrong: a sentence, to be freed.
 */
char *smaps_parse(const char *text, uint64_t ram_bytes, uint64_t *bytes);

/* The same for a process. */
char *smaps_resident(pid_t pid, uint64_t ram_bytes, uint64_t *bytes);

/* "64M" in bytes, as QEMU's -m takes it: a number with K, M or G, of MiB if without. False: is none. */
bool smaps_ram_bytes(const char *memory, uint64_t *bytes);

#endif
