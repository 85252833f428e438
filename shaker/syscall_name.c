/* SPDX-License-Identifier: MIT */
#include "syscall_name.h"

#include <seccomp.h>
#include <stdlib.h>

#include "../pipeline/lib/util.h"

const char *syscall_name(unsigned number)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, (int)number);

	return name ? name : xasprintf("%u", number);
}

int syscall_number(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	if (*name && !*end)
		return number >= 0 && number < 1024 ? (int)number : -1;
	number = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, name);
	return number >= 0 ? (int)number : -1;
}
