/* SPDX-License-Identifier: MIT */
/*
 * start.c - what a C library would bring: the first instruction, and what compilers call unasked
 */
#include <stddef.h>

#include "system.h"

int client_main(int argc, char **argv, char **environment);
void *memset(void *to, int byte, size_t bytes);
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
_Noreturn void client_start(long *stack);

void *memset(void *to, int byte, size_t bytes)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(byte) : "memory");
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
	return to;
}

/* The System V ABI, 3.4.1: argc, argv, NULL, environment lie on the stack. */
__asm__(".globl _start\n"
	".type _start, @function\n"
	"_start:\n"
	"\txorl %ebp, %ebp\n"
	"\tmovq %rsp, %rdi\n"
	"\tandq $-16, %rsp\n"
	"\tcall client_start\n"
	"\tud2\n"
	".size _start, . - _start\n");

_Noreturn void client_start(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);

	system_exit(client_main(argc, argv, argv + argc + 1));
}
