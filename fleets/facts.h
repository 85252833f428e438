/* SPDX-License-Identifier: MIT */
/*
 * facts.h - what a recording says of itself, as far as it is passed on
 *
 * record.json comes from a host that nobody vouches for. Only fields that are known go on, and
 * only with values of the expected kind: words, numbers, null. A path or a host name in one of
 * them does not get through.
 */
#ifndef FLEETS_FACTS_H
#define FLEETS_FACTS_H

#include <jansson.h>

/*
 * load, machine, accelerator, window, cpu, event and samples of `record`, a new reference. A
 * field that is missing or strange is null.
 */
json_t *facts_read(const json_t *record);

/*
 * Make `sum` what it and `facts` agree on: a field in which they differ becomes null, samples are
 * added up. NULL as `sum` takes over all. Returns `sum`.
 */
json_t *facts_combine(json_t *sum, const json_t *facts);

#endif
