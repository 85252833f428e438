/* SPDX-License-Identifier: MIT */
/*
 * debuginfo.h - which functions debug information knows: only of these can a
 * profile by source lines say anything
 *
 * Compilers describe the stack frame of every function that they make, the
 * assembly of the kernel and of musl has neither that nor lines. So what has frames
 * but no lines was compiled without -g, which is worth an error, and what has
 * neither is assembly, which no profile would change. OpenSSL's assembly describes its frames by hand, in
 * .eh_frame; if compiled functions have theirs in .debug_frame, as bitcc's flags make them, that tells them apart.
 */
#ifndef PROFILES_DEBUGINFO_H
#define PROFILES_DEBUGINFO_H

struct code;

/* Set has_debug_info and is_assembly of the functions, and debug_function_count. */
void debuginfo_mark(struct code *c);

#endif
