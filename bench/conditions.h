/* SPDX-License-Identifier: MIT */
/*
 * conditions.h - under what a subject was measured, and whether two were measured under the same
 */
#ifndef BENCH_CONDITIONS_H
#define BENCH_CONDITIONS_H

#include <jansson.h>

#include "../pipeline/accelerator.h"
#include "../pipeline/guest.h"
#include "../pipeline/imagespec.h"
#include "../profiles/loadfile.h"

/*
 * A new reference: "accelerator" (tcg or kvm), "qemu" (its version), "cpu" (the guest's model),
 * "host_cpu" and "host_cpus", "machine", "memory", "vmm_arguments" (guest_command()'s without
 * what is no condition: image, initrd, plugins, ports, and the TSC's frequency, which is measured at
 * each boot and differs by a MHz), "load" ("name", "sha256", "requests", "warmup", "seed"; the
 * seed as a string, it has 64 bits). `g` as xlaunch_prepare() leaves it; `load_path` is where `l`
 * was read from, whose numbers may have been changed since. Dies if QEMU is not there.
 */
json_t *conditions_make(const struct guest_options *g, const struct imagespec *spec,
			const struct accelerator *a, const struct loadfile *l,
			const char *load_path);

/*
 * NULL if they are the same; else a sentence, to be freed, with the first three differences: "the
 * load's requests are 20000 and 5000". What the caller has added is compared, too, but for
 * "rate_rps": that concerns only the clock on the wall, which is compared within a session, where it
 * is the same.
 */
char *conditions_differ(const json_t *a, const json_t *b);

#endif
