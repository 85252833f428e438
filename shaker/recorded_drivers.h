/* SPDX-License-Identifier: MIT */
/*
 * recorded_drivers.h - the drivers that a shaken kernel has, from shake.json alone
 *
 * A driver is an initcall that is left and whose function's source is below drivers/, as
 * "size --by driver" has it. Without edges and symbol tables: names only, in an instant.
 */
#ifndef SHAKER_RECORDED_DRIVERS_H
#define SHAKER_RECORDED_DRIVERS_H

#include <jansson.h>
#include <stdbool.h>

#include "../pipeline/lib/strlist.h"

/* Their initcalls' functions, sorted, each once. False if it is no such record. */
bool recorded_drivers(const json_t *shake, struct strlist *drivers);

#endif
