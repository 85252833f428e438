/* SPDX-License-Identifier: MIT */
/*
 * perf_abi.h - as much of perf_event_open(2) as the collector says and hears
 *
 * Source: perf_event_open(2), sections "Arguments" and "MMAP layout". The C library of an image
 * comes without the kernel's headers.
 */
#ifndef COLLECTOR_GUEST_PERF_ABI_H
#define COLLECTOR_GUEST_PERF_ABI_H

#include <stdint.h>

/* perf_event_attr up to branch_sample_type: PERF_ATTR_SIZE_VER2, of Linux 3.4. */
struct perf_attr {
	uint32_t type;
	uint32_t size;
	uint64_t config;
	uint64_t period_or_hz;
	uint64_t sample_type;
	uint64_t read_format;
	uint64_t flags;
	uint32_t wakeup;
	uint32_t breakpoint_type;
	uint64_t config1, config2;
	uint64_t branch_sample_type;
};
_Static_assert(sizeof(struct perf_attr) == 80, "PERF_ATTR_SIZE_VER2");

/* type */
enum { PERF_TYPE_HARDWARE = 0, PERF_TYPE_SOFTWARE = 1, PERF_TYPE_RAW = 4 };
/* config */
enum { PERF_COUNT_HW_CPU_CYCLES = 0, PERF_COUNT_SW_CPU_CLOCK = 0 };
/* sample_type */
enum { PERF_SAMPLE_IP = 1 << 0, PERF_SAMPLE_TID = 1 << 1, PERF_SAMPLE_BRANCH_STACK = 1 << 11 };
/* branch_sample_type */
enum {
	PERF_SAMPLE_BRANCH_USER = 1 << 0,
	PERF_SAMPLE_BRANCH_KERNEL = 1 << 1,
	PERF_SAMPLE_BRANCH_ANY = 1 << 3,
};
/* flags: exclude_hv, exclude_idle, freq (period_or_hz is a frequency) */
enum {
	PERF_ATTR_EXCLUDE_HYPERVISOR = 1 << 6,
	PERF_ATTR_EXCLUDE_IDLE = 1 << 7,
	PERF_ATTR_FREQUENCY = 1 << 10,
};
/* the argument "flags" */
enum { PERF_FLAG_FD_CLOEXEC = 1 << 3 };

/* The first page of what is mapped; the data begin with the next one. */
struct perf_ring {
	uint8_t not_used[1024];
	uint64_t data_head; /* the kernel's */
	uint64_t data_tail; /* ours */
};

struct perf_record {
	uint32_t type;
	uint16_t mode;
	uint16_t bytes; /* with this header */
};

/* type */
enum { PERF_RECORD_LOST = 2, PERF_RECORD_SAMPLE = 9 };

/* PERF_RECORD_SAMPLE of PERF_SAMPLE_IP and PERF_SAMPLE_TID; a branch stack follows. */
struct perf_sample {
	struct perf_record record;
	uint64_t address;
	uint32_t process, thread;
};

struct perf_lost {
	struct perf_record record;
	uint64_t id, lost;
};

/* A branch stack is a uint64_t, how many, and so many of these, newest first. */
struct perf_branch {
	uint64_t from, to;
	uint64_t flags;
};

/* Bits 24 and 25 of a branch's flags: how it was speculated; 1: on a path that was wrong. */
enum { PERF_BRANCH_SPECULATION_SHIFT = 24, PERF_BRANCH_WRONG_PATH = 1 };

#endif
