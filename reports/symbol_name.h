/* SPDX-License-Identifier: MIT */
/*
 * symbol_name.h - a symbol's name as its source has it
 *
 * Compilers and linkers add to a name what differs from link to link. Taken off, from the
 * end and as often as there is one: ".cold", ".warm", ".split", ".unlikely", ".llvm.N", ".__uniq.N",
 * ".isra.N", ".constprop.N", ".part.N", ".__part.N", ".specialized.N", and a ".N" of its own (functions
 * and static variables of one name).
 */
#ifndef REPORTS_SYMBOL_NAME_H
#define REPORTS_SYMBOL_NAME_H

/*
 * As a frame of folded stacks: ';' and control characters are ':'. Not empty unless `symbol` is; the
 * caller frees.
 */
char *symbol_frame(const char *symbol);

/*
 * As it is compared: the kernel's wrappers of one system call (include/linux/syscalls.h), __se_sys_X,
 * __do_sys_X and __ia32_sys_X, get the name of the one that is called: __x64_sys_X. Those call each
 * other, so they are frames of their own. Not empty unless `symbol` is; the caller frees.
 */
char *symbol_name(const char *symbol);

#endif
