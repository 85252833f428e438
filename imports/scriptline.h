/* SPDX-License-Identifier: MIT */
/*
 * scriptline.h - one line of what perf script prints
 *
 * What a line holds depends on -F; nothing in the text says which. perf prints, each if
 * asked for, in this order:
 *
 *   COMM  PID[/TID]  [CPU]  TIME:  PERIOD  EVENT:  IP  SYM+OFF  (DSO)  BRANCH BRANCH ...
 *   nginx 101/101    [000]  1.5:   250000  cycles: ffffffff81001234 idle+0x4 ([kernel.kallsyms])
 *
 * An address is without 0x and right-aligned in 16 columns behind what comes before it; that
 * is how it is told from a process and from a symbol such as "add". A call chain comes
 * instead of IP: lines that begin with a tab, the first is where the sample is; an
 * empty line ends it. Addresses of a chain are relative to the file if perf resolves them.
 *
 * BRANCH is 0xFROM/0xTO/P/-/-/0 (M mispredicted, P predicted, - not known; X in a transaction;
 * A aborted; cycles), from some versions on with /COND/- or /COND/NON_SPEC_CORRECT_PATH behind it,
 * with (DSO) behind addresses if asked for. A line that is a number in its first column is how
 * often the following sample was seen (made by who adds up; llvm-profgen takes it, too).
 *
 * Mappings, and other records, are shown as PERF_RECORD_... behind the same first columns:
 *
 *   PERF_RECORD_MMAP2 101/101: [0x400000(0x1000) @ 0x1000 fe:00 123 0]: r-xp /usr/sbin/nginx
 *   PERF_RECORD_MMAP2 101/101: [0x400000(0x1000) @ 0x1000 <0123456789abcdef...>]: r-xp FILE
 *   PERF_RECORD_MMAP -1/0: [0xffffffff81000000(0x...) @ 0x...]: x [kernel.kallsyms]_text
 *
 * Source: what perf 6.1 prints, and of Linux's tools/perf builtin-script.c and
 * util/event.c for others.
 */
#ifndef IMPORTS_SCRIPTLINE_H
#define IMPORTS_SCRIPTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "perfevent.h"

enum scriptline_kind {
	SCRIPTLINE_EMPTY,    /* nothing but blanks */
	SCRIPTLINE_SAMPLE,   /* with its address */
	SCRIPTLINE_HEAD,     /* a sample whose address comes in the next line */
	SCRIPTLINE_FRAME,    /* of a call chain */
	SCRIPTLINE_BRANCHES, /* branches of the sample before */
	SCRIPTLINE_REPEAT,   /* how often the next one was seen, in count */
	SCRIPTLINE_MAPPING,
	SCRIPTLINE_FORK, /* pid, parent */
	SCRIPTLINE_EXEC, /* pid, file is its name */
	SCRIPTLINE_LOST, /* count */
	SCRIPTLINE_THROTTLE,
	SCRIPTLINE_OTHER, /* a record nobody needs */
	SCRIPTLINE_UNKNOWN,
};

enum { SCRIPTLINE_MOST_BRANCHES = 4096 };

struct scriptline {
	enum scriptline_kind kind;
	/* of a sample, or of what its head says; pid and tid -1, period 0 if not said */
	uint64_t address, period;
	int32_t pid, tid, parent;
	enum perf_mode mode;
	const char *event; /* within the line, not ended; NULL if not said */
	size_t event_bytes;
	uint64_t count;
	struct perf_mapping mapping;
	char *file; /* a copy, ended, that is used again; release */
	uint8_t build_id[20];
	struct perf_branch *branches; /* used again; release */
	size_t branch_count;
	bool is_symbolic; /* there are branches between symbols: of no use */
};

/* What `text`, `bytes` long without its end, is. `l` is zeroed before the first line. */
void scriptline_parse(struct scriptline *l, const char *text, size_t bytes);

void scriptline_release(struct scriptline *l);

#endif
