/* SPDX-License-Identifier: MIT */
/*
 * processes.h - which process has a program at the addresses of the app or of init
 *
 * Filled by a first pass over a file, asked by a second: events of several processors are not
 * in the order of time. A process that was forked and has no other program since has its
 * parent's. Only mappings where the app or init may be are kept, so that a machine with ten
 * thousand processes needs little memory.
 */
#ifndef IMPORTS_PROCESSES_H
#define IMPORTS_PROCESSES_H

#include "../profiles/builds.h"
#include "perfevent.h"

enum { PROGRAMS_MAX = 32, ANY_PROGRAM = 0, NO_PROGRAM = PROGRAMS_MAX };

/* A file that is mapped where the app or init was linked to. Number 0 is a file nobody named. */
struct program {
	enum unit unit;
	char *file; /* only to look up its build id; never kept */
	char build_id[129];
};

struct processes {
	const struct builds *builds;
	struct process *v; /* ascending by pid once they are sorted */
	size_t n, room;
	bool sorted;
	struct program programs[PROGRAMS_MAX];
	size_t program_count;
	char kernel_id[2][129]; /* what a mapping of the kernel said; [1]: of a guest's */
};

void processes_init(struct processes *p, const struct builds *builds);

/* Handlers of perfevent.h, with these processes as `user`. */
void processes_mapping(void *user, const struct perf_mapping *m);
void processes_fork(void *user, int32_t pid, int32_t parent);
void processes_exec(void *user, int32_t pid, const char *name);

/*
 * The program of `pid` where code of `unit` may be; ANY_PROGRAM if nothing is known of the
 * process, NO_PROGRAM if it has no program there. Nothing may be added afterwards.
 */
size_t processes_find(struct processes *p, int32_t pid, enum unit unit);

/* Build ids of programs by the names in the table of the file. */
void processes_name(struct processes *p, const struct perf_facts *facts);

void processes_release(struct processes *p);

/* Bytes as hexadecimal digits. */
void processes_hex(char hex[129], const uint8_t *id, size_t bytes);

#endif
