/* SPDX-License-Identifier: MIT */
/*
 * sample_text.h - LLVM's sample profiles, as llvm-profdata prints them with --text
 */
#ifndef BITCODE_SAMPLE_TEXT_H
#define BITCODE_SAMPLE_TEXT_H

#include <stdint.h>

/*
 * Visit each function that has samples of its own. Its line is "name:samples:entries";
 * what belongs to it is indented (llvm/ProfileData/SampleProfReader.h). `text` is taken
 * apart on the way.
 */
void sample_text_each(char *text,
		      void (*visit)(const char *function, uint64_t samples, void *context),
		      void *context);

#endif
