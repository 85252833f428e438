/* SPDX-License-Identifier: MIT */
/*
 * doctor - what this machine can build, run and profile
 *
 * Exit status 1 if something that a build needs is missing.
 */
#include <argp.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "accelerator.h"
#include "lib/fs.h"
#include "lib/process.h"
#include "lib/term.h"
#include "lib/util.h"

enum { WANTED_GIB = 8 };

static bool healthy = true;

static void line(const char *what, const char *state, const char *color, const char *detail)
{
	printf("%-18s %-12s %s\n", what, term_color(color, state), detail);
}

/* First line of what `program --version` prints, or NULL. */
static char *version_of(const char *program)
{
	char *argv[] = { "sh", "-c", xasprintf("%s --version 2>&1 | head -n 1", program), NULL };
	char *path = process_find(program), *text;

	if (!path)
		return NULL;
	text = xprocess_output(argv);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void check_tools(void)
{
	static const struct {
		const char *program, *for_what;
		bool needed;
	} tools[] = {
		{ "clang-19", "compiles everything", true },
		{ "ld.lld-19", "links everything", true },
		{ "llvm-ar-19", "archives", true },
		{ "apt-get", "fetches sources", true },
		{ "dpkg-source", "unpacks them", true },
		{ "make", "upstream builds", true },
		{ "flex", "kernel", true },
		{ "bison", "kernel", true },
		{ "bc", "kernel", true },
		{ "qemu-system-x86_64", "boots images", true },
		{ "llvm-profgen-19", "converts profiles", true },
		{ "perf", "records profiles on real machines", false },
		{ "wrk", "load", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		char *version = version_of(tools[i].program);

		if (version)
			line(tools[i].program, "ok", "green", version);
		else if (tools[i].needed)
			line(tools[i].program, "missing", "red", "run 'make setup'"),
				healthy = false;
		else
			line(tools[i].program, "absent", "yellow", tools[i].for_what);
	}
}

static int open_event(unsigned type, unsigned long config, unsigned long branch)
{
	struct perf_event_attr attr = { .type = type,
					.size = sizeof(attr),
					.config = config,
					.sample_period = 100003,
					.exclude_kernel = 1 };
	int fd;

	if (branch) {
		attr.sample_type = PERF_SAMPLE_BRANCH_STACK;
		attr.branch_sample_type = branch;
	}
	fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0UL);
	if (fd >= 0)
		close(fd);
	return fd >= 0 ? 0 : -errno;
}

/* What profiles of real executions could be recorded here. */
static void check_profiling(void)
{
	int cycles = open_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, 0);
	int branches = open_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES,
				  PERF_SAMPLE_BRANCH_ANY | PERF_SAMPLE_BRANCH_USER);
	int clock = open_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 0);

	line("PMU", cycles ? "absent" : "ok", cycles ? "yellow" : "green",
	     cycles ? xasprintf("no cycle counter: %s", strerror(-cycles))
		    : "cycles can be counted");
	line("branch records", branches ? "absent" : "ok", branches ? "yellow" : "green",
	     branches ? "no LBR or BRS: profiles from perf would be plain samples; "
			"record where the hardware has them"
		      : "perf record -b works: the best profiles");
	line("perf events", clock ? "absent" : "ok", clock ? "yellow" : "green",
	     clock ? xasprintf("not even cpu-clock: %s (see kernel.perf_event_paranoid)",
			       strerror(-clock))
		   : "cpu-clock samples");
}

static void check_disk(const char *what, const char *path)
{
	struct statvfs s;
	double free_gib;

	xfs_mkdirs(path);
	if (statvfs(path, &s)) {
		line(what, "unknown", "yellow", strerror(errno));
		return;
	}
	free_gib = (double)s.f_bavail * (double)s.f_frsize / (1 << 30);
	line(what, free_gib < WANTED_GIB ? "low" : "ok", free_gib < WANTED_GIB ? "yellow" : "green",
	     xasprintf("%.0f Gi free in %s (a cold build wants %d)", free_gib, path, WANTED_GIB));
}

int main(int argc, char **argv)
{
	struct accelerator accelerator;

	if (argc != 3) {
		fprintf(stderr, "usage: doctor CACHE OUT\n");
		return EXIT_USAGE;
	}
	check_tools();
	accelerator_choose(&accelerator);
	line("accelerator", accelerator.kvm ? "kvm" : "tcg", accelerator.kvm ? "green" : "yellow",
	     xasprintf("%s%s", accelerator.reason,
		       accelerator.kvm ? "" : "; QEMU emulates, figures are marked 'emulated'"));
	check_profiling();
	line("processors", xasprintf("%ld", sysconf(_SC_NPROCESSORS_ONLN)), "green",
	     xasprintf("%ld Gi of memory",
		       sysconf(_SC_PHYS_PAGES) / 1024 * sysconf(_SC_PAGESIZE) >> 20));
	check_disk("cache", argv[1]);
	check_disk("output", argv[2]);
	return healthy ? EXIT_YES : EXIT_NO;
}
