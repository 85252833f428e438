/* SPDX-License-Identifier: MIT */
/*
 * store_addresses.h - a unit whose counts are plain samples
 */
#ifndef PROFILES_STORE_ADDRESSES_H
#define PROFILES_STORE_ADDRESSES_H

#include <jansson.h>

#include "code.h"
#include "rawtext.h"

/*
 * Make ranges and branches of the samples in the file `from`, without those of code that only waits
 * (excluded.rules), and copy the file to `copy`. `*quality` is what they are good for
 * (docs/profiles.md). The caller releases `raw`, which is empty if no sample is left. Dies if the
 * file is not well-formed.
 */
void xstore_addresses(struct raw_profile *raw, struct code *code, const char *unit,
		      const char *from, const char *copy, json_t **quality);

#endif
