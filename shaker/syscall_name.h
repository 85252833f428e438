/* SPDX-License-Identifier: MIT */
/*
 * syscall_name.h - names of x86-64 system calls, as programs know them
 */
#ifndef SHAKER_SYSCALL_NAME_H
#define SHAKER_SYSCALL_NAME_H

/* "openat" for 257; "257" for a number without a name. Lives for the whole run. */
const char *syscall_name(unsigned number);

/* 257 for "openat" or "257"; -1 if there is none. */
int syscall_number(const char *name);

#endif
