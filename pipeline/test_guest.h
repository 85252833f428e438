/* SPDX-License-Identifier: MIT */
/*
 * test_guest.h - the guest that tests talk to, and what they can ask of it (test-words.sh)
 *
 * A test writes a line into one pipe and reads one from another, "ok" or what is wrong:
 *
 *   say TEXT	a line at the console
 *   restart	stop the app as it should be, and boot again; only boot, if the guest has ended
 *   restart WORDS	the same, with these as further arguments of the app until the test ends
 *   crash	end QEMU, and boot again
 */
#ifndef PIPELINE_TEST_GUEST_H
#define PIPELINE_TEST_GUEST_H

#include <stdbool.h>

#include "../bench/machine.h"

struct test_guest {
	struct machine machine;
	char *scratch;	 /* a directory; freed by the caller */
	char *console;	 /* what it said since the last boot */
	char *consoles;	 /* and before */
	int control_fd;	 /* tests ask here */
	int answer_fd;	 /* and are answered here */
	char line[4096]; /* what they ask, incomplete */
	size_t line_bytes;
	char *arguments; /* further ones of the app, NULL for none */
	bool up;	 /* it answered its probe, and has not ended since, as far as is known */
	unsigned boots;
};

/* Make pipes and files in `scratch`, and settle how generation `directory` is booted. */
void xtest_guest_prepare(struct test_guest *g, const char *directory, char *scratch);

/* Boot it. NULL, or what is wrong: a sentence, to be freed. */
char *test_guest_boot(struct test_guest *g);

/* Boot it if it has ended, or if a test before had it booted with arguments of its own. */
char *test_guest_plain(struct test_guest *g);

/* Let it run for up to `ms`, and do what tests ask for. */
void test_guest_turn(struct test_guest *g, int ms);

/* Stop it. NULL, or why that is no clean end. All it ever said is in `consoles` then. */
char *test_guest_stop(struct test_guest *g);

#endif
