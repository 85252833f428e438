/* SPDX-License-Identifier: MIT */
#include "figures.h"

const char *const exact_figures[EXACT_FIGURES] = { "instructions", "taken_branches", "l1i_misses",
						   "l1d_misses", "itlb_misses" };

const char *const component_names[COMPONENT_COUNT] = { "kernel",    "libc", "app",
						       "libraries", "user", "other" };
