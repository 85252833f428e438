/* SPDX-License-Identifier: MIT */
/*
 * cpu.h - has this processor what the image was compiled for?
 */
#ifndef INIT_CPU_H
#define INIT_CPU_H

#include <stdbool.h>

/*
 * `feature` is LLVM's name of it ("avx2"). One that is not in the table counts
 * as absent: what cannot be checked is not promised. (march.c leaves out of an
 * image what is not in the table.) AVX needs the kernel's consent, too, which is
 * checked with it.
 */
bool cpu_has(const char *feature);

#endif
