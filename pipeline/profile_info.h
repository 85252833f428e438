/* SPDX-License-Identifier: MIT */
/*
 * profile_info.h - what a profile did to a generation, for its manifest and the screen
 */
#ifndef PIPELINE_PROFILE_INFO_H
#define PIPELINE_PROFILE_INFO_H

#include <jansson.h>

/*
 * For manifest.json, from profile.json (pipeline/seal.c): by unit matched_percent,
 * salvaged_percent and lost_percent of the samples, matched_functions, salvaged_functions and
 * lost_functions, compared (bitcode/salvage.h), counted_functions, promoted_calls, hot_bytes,
 * split_bytes, unlikely_bytes. JSON null if there is no such file: no profile.
 */
json_t *profile_info_describe(const char *profile_json);

/* Lines for a person, from the manifest. */
void profile_info_print(const json_t *manifest);

#endif
