/* SPDX-License-Identifier: MIT */
/*
 * link_profile.h - what lld is told about profiles, for kernel and programs alike
 */
#ifndef BITCODE_LINK_PROFILE_H
#define BITCODE_LINK_PROFILE_H

#include "../pipeline/lib/strlist.h"

/*
 * Flags of whole-program LTO to `output` with the sample profile at `profile`, or NULL.
 * The scheme of discriminators is the same without one: the next is collected with it.
 * A file that lld reads is written beside `output`.
 */
void xlink_profile_flags(struct strlist *argv, const char *profile, const char *output);

/* lld keeps the module as it was before code generation. */
#define LINK_PROFILE_SAVE_MODULE "--save-temps=precodegen"

/* Where it does, which the caller frees. */
char *link_profile_saved_module(const char *output);

/* Where lld writes which indirect calls it promoted, which the caller frees. */
char *link_profile_remarks(const char *output);

#endif
