/* SPDX-License-Identifier: MIT */
/*
 * library_calls.h - library functions that LLVM may begin to call
 */
#ifndef BITCODE_LIBRARY_CALLS_H
#define BITCODE_LIBRARY_CALLS_H

/*
 * Those that LLVM calls on its own account while it optimizes, after symbol
 * resolution is over (SimplifyLibCalls, MemCmpToBcmp, loop idioms). lld knows of
 * memcpy and its like, not of these; each is a leaf of some bytes. NULL at the end.
 */
extern const char *const library_calls[];

#endif
