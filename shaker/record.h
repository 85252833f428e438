/* SPDX-License-Identifier: MIT */
/*
 * record.h - shake.json: what was kept and dropped, and why
 *
 * schema 1:
 *   mode     "syscalls" or "full"
 *   kinds    [ name ]; classes of nodes, the index is used below
 *   nodes    { kind [ index ], name [ text ], section [ text ], live [ 0 or 1 ],
 *              parent [ node or -1 ], cut [ cut or 0 ], instructions [ count ],
 *              file [ path in the source, or "" ] }
 *   edges    { first [ index into to ], to [ node ], cut [ cut or 0 ] }
 *   roots    [ { node, why } ]
 *   cuts     [ { class, name, evidence } ]; cut 1 is the first
 *   syscalls { kept [ { number, name, handler } ], dropped [ { number, name } ] }
 *   totals   { functions, functions_live, instructions, instructions_live,
 *              indirect_targets, indirect_targets_live: functions whose address is taken }
 *
 * Columns instead of one object a node: some 30,000 nodes and 200,000 edges.
 */
#ifndef SHAKER_RECORD_H
#define SHAKER_RECORD_H

#include "cut.h"
#include "dispatch.h"
#include "graph.h"
#include "mark.h"
#include <jansson.h>

/* Must be made before the sweep; the caller adds the targets. The caller owns the result. */
json_t *record_make(const char *mode, const struct graph *g, const struct roots *roots,
		    const struct mark *marks, const struct cuts *cuts, const struct dispatch *d);

/* Functions that something else than a direct call refers to. */
size_t record_indirect_targets(LLVMModuleRef module);

#endif
