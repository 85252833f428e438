/* SPDX-License-Identifier: MIT */
/*
 * link_profile.h - what lld is told about profiles, for kernel and programs alike
 */
#ifndef BITCODE_LINK_PROFILE_H
#define BITCODE_LINK_PROFILE_H

#include "../pipeline/lib/strlist.h"
#include "profile.h"

/*
 * What tells LLVM to look for calls that moved since the profile was made; NULL if that is not
 * needed. Counts of other lines stay where they are. Only for a profile of which nothing but names is
 * known: one that fits gains nothing by it (docs/stale.md), and keeps its bytes without.
 */
const char *link_profile_salvage(const struct profile *profile);

/*
 * Flags of whole-program LTO to `output` with a profile, which may be none.
 * The scheme of discriminators is the same without one: the next is collected with it.
 * A file that lld reads is written beside `output`.
 */
void xlink_profile_flags(struct strlist *argv, const struct profile *profile, const char *output);

/* lld keeps the module as it was before code generation. */
#define LINK_PROFILE_SAVE_MODULE "--save-temps=precodegen"

/* Where it does, which the caller frees. */
char *link_profile_saved_module(const char *output);

/* Where lld writes which indirect calls it promoted, which the caller frees. */
char *link_profile_remarks(const char *output);

#endif
