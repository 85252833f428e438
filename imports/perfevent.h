/* SPDX-License-Identifier: MIT */
/*
 * perfevent.h - one stream of events, from perf.data or from the text of perf script
 *
 * Both readers take a whole file in one pass, call back for what matters to counts by
 * address, and need memory that does not grow with the file. Nothing they hand out
 * holds a host name or a command line; names of files and of programs are seen only by
 * the callbacks and in the build ids of `struct perf_facts`, and end there.
 *
 * Events come in the order of the file. That is the order of time for each processor,
 * not for all: a sample may come before the mapping it falls into. Who needs mappings by
 * process first reads twice, the first time without `sample`: that is cheap.
 */
#ifndef IMPORTS_PERFEVENT_H
#define IMPORTS_PERFEVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum perf_mode {
	PERF_MODE_UNKNOWN,
	PERF_MODE_KERNEL,
	PERF_MODE_USER,
	PERF_MODE_GUEST_KERNEL,
	PERF_MODE_GUEST_USER,
	PERF_MODE_HYPERVISOR,
};

struct perf_branch {
	uint64_t from, to;
	bool mispredicted, predicted, aborted; /* neither of the first two: not said */
};

/* What is pointed to is valid during the callback alone; so it is of a mapping. */
struct perf_sample {
	uint64_t address; /* 0 if the file does not hold addresses */
	int32_t pid, tid; /* -1: not said */
	enum perf_mode mode;
	size_t event;	 /* in perf_facts.events */
	uint64_t period; /* events this sample stands for; 0: not said */
	uint64_t count;	 /* times the same sample was seen: 1, but in text that somebody added up */
	const struct perf_branch *branches; /* newest first, as perf keeps them */
	size_t branch_count;
};

struct perf_mapping {
	int32_t pid; /* -1: the kernel */
	enum perf_mode mode;
	uint64_t start, bytes, offset;
	bool executable;
	const char *file;
	const uint8_t *build_id; /* NULL: not said */
	size_t build_id_bytes;
};

struct perf_event_kind {
	char *name; /* NULL: text that does not name it */
	uint32_t type;
	uint64_t config, period_or_frequency; /* text does not say these; 0 */
	bool is_frequency, exclude_user, exclude_kernel, exclude_hypervisor, exclude_guest,
		exclude_host;
	bool has_branches;
	uint64_t branch_filter; /* PERF_SAMPLE_BRANCH_* */
};

struct perf_build_id {
	enum perf_mode mode;
	const char *file;
	uint8_t id[20];
	size_t bytes;
};

/* What is known of a file. Strings that are not known are NULL. */
struct perf_facts {
	char *arch; /* "x86_64" */
	char *cpu_description, *cpu_vendor;
	struct perf_event_kind *events;
	size_t event_count;
	struct perf_build_id *build_ids;
	size_t build_id_count;
	uint64_t lost;	    /* samples that perf could not keep */
	uint64_t throttled; /* times the kernel slowed sampling down */
	uint64_t file_bytes;
	bool truncated;	  /* the file ends before its end; what was handed out is valid */
	uint64_t records; /* of all kinds, until the end or the error; lines of text */
	uint64_t samples; /* of these, samples that were handed out */
	uint64_t unknown; /* samples of no known event, left out; lines nobody understands */
};

/* Each may be NULL. */
struct perf_handlers {
	void *user;
	void (*sample)(void *user, const struct perf_sample *sample);
	void (*mapping)(void *user, const struct perf_mapping *mapping);
	/* a new process, not a thread */
	void (*fork)(void *user, int32_t pid, int32_t parent);
	/* the process has another program from here on, and no mappings */
	void (*exec)(void *user, int32_t pid, const char *name);
	/* now and then; `bytes_all` is 0 if the size cannot be known */
	void (*progress)(void *user, uint64_t bytes_done, uint64_t bytes_all);
};

/*
 * Read a whole file. NULL, or a sentence that the caller frees. `facts` is valid as far
 * as was read in both cases, and is to be released; what is known of events, processor
 * and build ids is there before the first callback, but for streams (perf record -o -),
 * where it comes when it comes. A file that ends too early is no error once an event is
 * known: `truncated` is set.
 */
char *perfdata_read(const char *path, const struct perf_handlers *handlers,
		    struct perf_facts *facts);
char *perfscript_read(const char *path, const struct perf_handlers *handlers,
		      struct perf_facts *facts);

/* The same of bytes in memory; `name` is for the sentence. */
char *perfdata_read_memory(const char *name, const uint8_t *data, size_t bytes,
			   const struct perf_handlers *handlers, struct perf_facts *facts);
char *perfscript_read_memory(const char *name, const uint8_t *data, size_t bytes,
			     const struct perf_handlers *handlers, struct perf_facts *facts);

void perf_facts_release(struct perf_facts *facts);

enum perf_kind {
	PERF_KIND_DATA,
	PERF_KIND_SCRIPT,
	PERF_KIND_RAW,	     /* profiles/rawtext.h */
	PERF_KIND_ADDRESSES, /* imports/addresstext.h */
	PERF_KIND_AUTOFDO,   /* LLVM's sample profile, as text or binary, and gcov's */
	PERF_KIND_EMPTY,     /* 0 bytes */
	PERF_KIND_UNKNOWN,   /* also what cannot be opened or is no file */
};

/* By the first bytes of the file. */
enum perf_kind perf_kind_of(const char *path);
enum perf_kind perf_kind_of_memory(const uint8_t *data, size_t bytes);

#endif
