/* SPDX-License-Identifier: MIT */
/*
 * program.c - a small program that tests count and sample: work() calls leaf() in a loop
 *
 * UNIT makes it another program; NAME is another name for work(). ROUNDS: how often work() is called, for a program that is
 * run for a while; LENGTH: turns of its loop. IDLE: with a function that waits, by its name. FAR: what it calls is far(), which
 * is in another file.
 */
#ifndef NAME
#define NAME work
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef LENGTH
#define LENGTH 1000
#endif

volatile int sink;

#ifdef FAR
int far(int n);
#define leaf far
#else
__attribute__((noinline)) static int leaf(int n)
{
	return n * UNIT + sink;
}
#endif

__attribute__((noinline)) int NAME(int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += leaf(i);
	return sum;
}

#ifdef IDLE
__attribute__((noinline)) int default_idle(void)
{
	return sink;
}
#endif

void _start(void)
{
	for (int i = 0; i < ROUNDS; i++)
		sink = NAME(LENGTH);
#ifdef IDLE
	default_idle();
#endif
	__asm__ volatile("syscall" : : "a"(60), "D"(0) : "rcx", "r11", "memory");
	__builtin_unreachable();
}
