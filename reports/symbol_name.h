/* SPDX-License-Identifier: MIT */
/*
 * symbol_name.h - a symbol's name as its source has it
 *
 * Compilers and linkers add to a name what differs from link to link. Taken off, from the
 * end and as often as there is one: ".cold", ".llvm.N", ".__uniq.N", ".isra.N",
 * ".constprop.N", ".part.N", ".__part.N", and a ".N" of its own (static variables of one name). The
 * kernel's wrappers of one system call (include/linux/syscalls.h), __se_sys_X, __do_sys_X
 * and __ia32_sys_X, get the name of the one that is called: __x64_sys_X.
 */
#ifndef REPORTS_SYMBOL_NAME_H
#define REPORTS_SYMBOL_NAME_H

/* A new string, not empty unless `symbol` is; the caller frees. */
char *symbol_name(const char *symbol);

#endif
