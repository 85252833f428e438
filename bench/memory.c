/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "../pipeline/ports.h"
#include "../profiles/loadfile.h"
#include "machine.h"
#include "scratch.h"
#include "search.h"
#include "smaps.h"

enum {
	READY_LIMIT_S = 60,
	TOO_SMALL_LIMIT_S = 6,
	TIMES_AS_LONG = 4,
	LOAD_LIMIT_S = 60,
	MOST_REQUESTS = 2000,
	LEAST_MIB = 4,
};

static char *send_load(struct machine *m, const char *load_tool, const char *load_path,
		       const char *scratch)
{
	char *list = ports_list(&m->options), *base = xasprintf("--ports=%s", list);
	char *file = xasprintf("--file=%s", load_path), *out = xasprintf("%s/out", scratch);
	char *requests, *wrong;
	char *argv[] = { (char *)load_tool, file, base, NULL, NULL };
	struct loadfile l;
	int status;

	xloadfile_read(&l, load_path);
	requests = xasprintf("--requests=%" PRIu64,
			     l.requests < MOST_REQUESTS ? l.requests : MOST_REQUESTS);
	loadfile_release(&l);
	argv[3] = requests;
	wrong = machine_run(m, argv, out, out, LOAD_LIMIT_S, &status);
	if (!wrong && status)
		wrong = xasprintf("the load, sent to see what memory it takes, ended with exit "
				  "status %d",
				  status);
	free(list);
	free(base);
	free(file);
	free(out);
	free(requests);
	return wrong;
}

char *memory_peak(const char *directory, const char *load_tool, const char *load_path,
		  const char *scratch, uint64_t *bytes)
{
	char *console = xasprintf("%s/console", scratch), *wrong;
	struct machine m;
	uint64_t ram_bytes;
	double after_s;

	xmachine_prepare(&m, directory);
	if (!smaps_ram_bytes(m.options.memory, &ram_bytes))
		die("'%s' is no amount of memory", m.options.memory);
	m.small_pages = true;
	xmachine_start(&m, console);
	if (!(wrong = machine_ready(&m, READY_LIMIT_S, &after_s)) &&
	    !(wrong = send_load(&m, load_tool, load_path, scratch)) &&
	    !(wrong = smaps_resident(m.guest.pid, ram_bytes, bytes)))
		wrong = machine_stop(&m);
	machine_release(&m);
	free(console);
	return wrong;
}

/* Boots with more and less memory. */
struct boots {
	struct machine m;
	const char *console;
	double limit_s; /* short once it is known how long a boot with all memory takes */
	char *why;	/* the last one failed */
};

static bool boot_answers(void *context, unsigned mebibytes)
{
	struct boots *b = context;
	char *memory = xasprintf("%uM", mebibytes);
	double after_s;

	free(b->why);
	b->m.options.memory = memory;
	xmachine_start(&b->m, b->console);
	b->why = machine_ready(&b->m, b->limit_s, &after_s);
	if (!b->why && b->limit_s == READY_LIMIT_S) {
		b->limit_s = TIMES_AS_LONG * after_s;
		if (b->limit_s < TOO_SMALL_LIMIT_S)
			b->limit_s = TOO_SMALL_LIMIT_S;
	}
	say(1, "with %s: %s", memory, b->why ? b->why : "it answers");
	machine_release(&b->m);
	free(memory);
	return !b->why;
}

int memory_least(const char *directory, uint64_t *bytes, char **why)
{
	char *scratch = xscratch_make();
	struct boots b = { .console = xasprintf("%s/console", scratch), .limit_s = READY_LIMIT_S };
	uint64_t most_bytes;
	unsigned found;

	xmachine_prepare(&b.m, directory);
	if (!smaps_ram_bytes(b.m.options.memory, &most_bytes) ||
	    most_bytes < (uint64_t)LEAST_MIB << 20 || most_bytes >> 20 > UINT32_MAX / 2)
		die("its memory of %s leaves nothing to search", b.m.options.memory);
	found = search_least(LEAST_MIB, (unsigned)(most_bytes >> 20), boot_answers, &b);
	*bytes = (uint64_t)found << 20;
	*why = found ? NULL
		     : xasprintf("with its own memory of %" PRIu64 " MiB the subject did not "
				 "answer: %s",
				 most_bytes >> 20, b.why);
	free(b.why);
	scratch_remove(scratch);
	return found ? 0 : -1;
}
