/* SPDX-License-Identifier: MIT */
/*
 * gdbstub.h - QEMU's gdb stub: stop a guest, read its registers and memory, let it go on
 *
 * The remote protocol of gdb (its manual, appendix E), with acknowledgements, for x86-64.
 * QEMU stops the guest when somebody connects, and does not continue when the connection closes,
 * so gdbstub_close() detaches, and a small process of ours detaches if this one is killed.
 *
 * Functions return 0, or -1 after they have set `error` to a sentence.
 */
#ifndef PROFILES_GDBSTUB_H
#define PROFILES_GDBSTUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	GDBSTUB_PACKET_BYTES = 4096, /* QEMU's longest */
	GDBSTUB_READ_BYTES = 1024,   /* of memory, at once */
	GDBSTUB_CPUS_MAX = 64,
};

struct gdbstub {
	int fd;
	unsigned timeout_ms; /* for each answer */
	char *error;	     /* a sentence; NULL: none */
	bool running;	     /* the guest; false also if it is not known */
	char buffer[2 * GDBSTUB_PACKET_BYTES];
	size_t used;
	int guard_fd; /* of the process that watches over us; -1: none */
	pid_t guard;
	char cpus[GDBSTUB_CPUS_MAX][24]; /* ids, as the stub writes them */
	size_t cpu_count;
};

/* As DWARF numbers them (System V ABI for AMD64, figure 3.36): 0 rax, 1 rdx, ... 16: rip. */
enum { REGISTER_COUNT = 17, REGISTER_RCX = 2, REGISTER_RSP = 7, REGISTER_RIP = 16 };

struct guest_registers {
	uint64_t v[REGISTER_COUNT];
	bool user; /* CPL 3 */
};

/*
 * Connect to "unix:PATH" or "HOST:PORT"; the guest stops. `timeout_ms` is for every answer.
 * On failure there is nothing to close.
 */
int gdbstub_open(struct gdbstub *g, const char *where, unsigned timeout_ms);

/* Let the guest run, whatever state it is in, and close. Safe after errors. */
void gdbstub_close(struct gdbstub *g);

int gdbstub_stop(struct gdbstub *g);
int gdbstub_continue(struct gdbstub *g);

/* Those that follow are for a guest that is stopped. Registers and memory as this CPU sees them. */
int gdbstub_choose_cpu(struct gdbstub *g, size_t index);
int gdbstub_registers(struct gdbstub *g, struct guest_registers *r);

/* 1 if there is no memory at one of the addresses; at most GDBSTUB_READ_BYTES. */
int gdbstub_read(struct gdbstub *g, uint64_t address, void *to, size_t bytes);

/* One request and its answer, which is valid until the next request. NULL on failure. */
const char *gdbstub_ask(struct gdbstub *g, const char *request);

#endif
