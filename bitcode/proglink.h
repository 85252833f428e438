/* SPDX-License-Identifier: MIT */
/*
 * proglink.h - link a program so that it runs here and now, and write down
 * what it was linked from
 *
 * Upstream's build wants to run what it links (configure probes, generators),
 * so the link is static, against the libc capsule, and at -O0: a probe takes
 * some 50 ms. The image's own program is linked later, from capsules, with
 * everything on (imagelink.h).
 */
#ifndef BITCODE_PROGLINK_H
#define BITCODE_PROGLINK_H

#include "command.h"
#include "settings.h"

/* The linker's exit status. */
int proglink(const struct settings *s, const struct command *c, const char *output);

/*
 * Where the record of the link that made `program` lies below BITCC_RECORD: one
 * file a program, overwritten when it is linked again. The caller frees.
 *
 * { "output": path,
 *   "inputs": [ path ],			objects and archives, in order
 *   "dropped_flags": [ flag ] }		what would have kept everything alive
 */
char *proglink_record_path(const char *record_directory, const char *program);

#endif
