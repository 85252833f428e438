/* SPDX-License-Identifier: MIT */
/*
 * system.h - system calls of x86-64, without a C library
 *
 * A library would make calls of its own, at its start for example, which an image's kernel may not
 * have, and its version would be part of what is measured. All return what the kernel does: a
 * value, or -errno. Numbers and the convention: the kernel's arch/x86/entry/syscalls/
 * syscall_64.tbl and arch/x86/entry/entry_64.S.
 */
#ifndef CLIENT_SYSTEM_H
#define CLIENT_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

enum {
	SYSTEM_ECHILD = 10,
	SYSTEM_ECONNREFUSED = 111,
	SYSTEM_ENOSYS = 38,
};

/* struct pollfd of poll(2) */
struct system_poll {
	int32_t fd;
	int16_t events, revents;
};

enum { SYSTEM_POLLIN = 1 };

static inline long system_call(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long system_read(int fd, void *data, size_t bytes)
{
	return system_call(0, fd, (long)data, (long)bytes, 0);
}

static inline long system_write(int fd, const void *data, size_t bytes)
{
	return system_call(1, fd, (long)data, (long)bytes, 0);
}

static inline long system_open(const char *path)
{
	return system_call(2, (long)path, 0, 0, 0); /* O_RDONLY */
}

static inline long system_close(int fd)
{
	return system_call(3, fd, 0, 0, 0);
}

static inline long system_poll(struct system_poll *v, size_t count, int timeout_ms)
{
	return system_call(7, (long)v, (long)count, timeout_ms, 0);
}

/* Also of the children, so this comes after fork(). */
static inline long system_ignore_sigpipe(void)
{
	const uint64_t action[4] = { 1 }; /* SIG_IGN; flags, restorer, mask */

	return system_call(13, 13, (long)action, 0, sizeof(uint64_t));
}

/* A TCP socket of IPv4, not inherited. */
static inline long system_socket(void)
{
	return system_call(41, 2, 1 | 02000000, 0, 0);
}

/* To 127.0.0.1. */
static inline long system_connect(int fd, unsigned port)
{
	const struct {
		uint16_t family;
		uint8_t port[2], address[4], zero[8];
	} address = { 2, { (uint8_t)(port >> 8), (uint8_t)port }, { 127, 0, 0, 1 }, { 0 } };

	return system_call(42, fd, (long)&address, sizeof(address), 0);
}

static inline long system_fork(void)
{
	return system_call(57, 0, 0, 0, 0);
}

static inline long system_execve(const char *path, char *const *argv, char *const *environment)
{
	return system_call(59, (long)path, (long)argv, (long)environment, 0);
}

/* Any child that has ended, at once: its id, or 0 if none has. */
static inline long system_reap(int *status)
{
	return system_call(61, -1, (long)status, 1, 0); /* WNOHANG */
}

static inline long system_kill(long pid, int signal)
{
	return system_call(62, pid, signal, 0, 0);
}

/* Nanoseconds of CLOCK_MONOTONIC. */
static inline uint64_t system_now_ns(void)
{
	int64_t t[2] = { 0 };

	system_call(228, 1, (long)t, 0, 0);
	return (uint64_t)t[0] * 1000000000 + (uint64_t)t[1];
}

static inline _Noreturn void system_exit(int status)
{
	for (;;)
		system_call(231, status, 0, 0, 0);
}

#endif
