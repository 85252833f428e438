/* SPDX-License-Identifier: MIT */
/*
 * perfgen - perf.data as machines would write them that tests do not have
 *
 *   perfgen --kernel=vmlinux.debug --app=nginx.debug [OPTION...] FILE
 *
 * Samples come from a walk through the code of the ELF files (walk.h), so that they stand every
 * check; what is wrong with them is asked for by an option. The same options give the same bytes.
 */
#include <argp.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "../../pipeline/lib/number.h"
#include "../../pipeline/lib/util.h"
#include "datafile.h"
#include "walk.h"

enum {
	OPTION_BRANCHES = 256,
	OPTION_BOGUS,
	OPTION_GUEST,
	OPTION_WRONG,
	OPTION_ARCH,
	OPTION_CPUID,
	OPTION_BIG_ENDIAN,
	OPTION_MAPPING_IDS,
	OPTION_NO_IDS,
	OPTION_INDEX,
	OPTION_LOST,
	OPTION_BYTES,
	OPTION_SCRIPT,
	OPTION_EVENT,
	APP_PID = 101,
};

struct arguments {
	const char *kernel, *app, *path, *privilege;
	uint64_t samples, bytes, branches, bogus, lost;
	bool guest, wrong, mapping_ids, no_ids, script;
	struct datafile_options file;
};

static const struct argp_option options[] = {
	{ "kernel", 'k', "ELF", 0, "the kernel, with symbols", 0 },
	{ "app", 'a', "ELF", 0, "the app, with symbols", 0 },
	{ "privilege", 'p', "both|kernel|user", 0, "what is sampled: cycles, cycles:k, cycles:u",
	  0 },
	{ "samples", 'n', "N", 0, "how many (1000)", 0 },
	{ "bytes", OPTION_BYTES, "N", 0, "as many as make a file of at least that size", 0 },
	{ "branches", OPTION_BRANCHES, "N", 0, "branches a sample (32); 0: plain samples", 0 },
	{ "index", OPTION_INDEX, NULL, 0, "branch stacks with the hardware's index, as from 5.7 on",
	  0 },
	{ "event", OPTION_EVENT, "cycles|cpu-clock", 0, "what is counted", 0 },
	{ "bogus", OPTION_BOGUS, "PERCENT", 0, "branches that cannot be, as Zen 4 records some",
	  0 },
	{ "guest", OPTION_GUEST, NULL, 0, "a guest's samples, as perf kvm records them", 0 },
	{ "stream", 's', NULL, 0, "as perf record -o - writes it", 0 },
	{ "compressed", 'z', NULL, 0, "as perf record -z writes it", 0 },
	{ "wrong-build-id", OPTION_WRONG, NULL, 0, "of another build", 0 },
	{ "no-build-ids", OPTION_NO_IDS, NULL, 0, "of nobody knows which", 0 },
	{ "mapping-ids", OPTION_MAPPING_IDS, NULL, 0, "build ids in mappings: --buildid-mmap", 0 },
	{ "arch", OPTION_ARCH, "NAME", 0, "another architecture", 0 },
	{ "cpuid", OPTION_CPUID, "VENDOR,F,M,S", 0, "the processor (GenuineIntel,6,85,7)", 0 },
	{ "big-endian", OPTION_BIG_ENDIAN, NULL, 0, "another byte order (the header)", 0 },
	{ "lost", OPTION_LOST, "N", 0, "samples that were lost", 0 },
	{ "script", OPTION_SCRIPT, NULL, 0, "as text: perf script -F ip,brstack or -F pid,event,ip",
	  0 },
	{ 0 },
};

static error_t parse_event(struct arguments *a, const char *name, struct argp_state *state)
{
	struct perf_event_kind *e = &a->file.event;

	if (!strcmp(name, "cpu-clock")) {
		e->type = PERF_TYPE_SOFTWARE;
		e->config = PERF_COUNT_SW_CPU_CLOCK;
		e->is_frequency = true;
		e->period_or_frequency = 4000;
	} else if (strcmp(name, "cycles")) {
		argp_error(state, "there is no event '%s'", name);
	}
	e->name = xstrdup(name);
	return 0;
}

static error_t parse_form(struct arguments *a, int key, char *value)
{
	switch (key) {
	case 's': a->file.is_stream = true; return 0;
	case 'z': a->file.is_compressed = true; return 0;
	case OPTION_ARCH: a->file.arch = value; return 0;
	case OPTION_CPUID: a->file.cpuid = value; return 0;
	case OPTION_BIG_ENDIAN: a->file.big_endian = true; return 0;
	case OPTION_INDEX: a->file.has_index = true; return 0;
	case OPTION_GUEST: a->guest = true; return 0;
	case OPTION_WRONG: a->wrong = true; return 0;
	case OPTION_NO_IDS: a->no_ids = true; return 0;
	case OPTION_MAPPING_IDS: a->mapping_ids = true; return 0;
	case OPTION_SCRIPT: a->script = true; return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'k': a->kernel = value; return 0;
	case 'a': a->app = value; return 0;
	case 'p': a->privilege = value; return 0;
	case 'n': a->samples = number_option("--samples", value, 0, UINT32_MAX); return 0;
	case OPTION_BYTES:
		a->bytes = number_option("--bytes", value, 1, (uint64_t)1 << 40);
		return 0;
	case OPTION_BRANCHES:
		a->branches = number_option("--branches", value, 0, WALK_DEPTH);
		return 0;
	case OPTION_BOGUS: a->bogus = number_option("--bogus", value, 0, 100); return 0;
	case OPTION_LOST: a->lost = number_option("--lost", value, 0, UINT32_MAX); return 0;
	case OPTION_EVENT: return parse_event(a, value, state);
	case ARGP_KEY_ARG:
		if (a->path)
			argp_usage(state);
		a->path = value;
		return 0;
	case ARGP_KEY_END:
		if (!a->path)
			argp_error(state, "which file?");
		return 0;
	default: return parse_form(a, key, value);
	}
}

/* What is sampled in turn: kernel, app, or both. */
struct source {
	struct walk walk;
	enum perf_mode mode;
	int32_t pid;
	struct perf_build_id id;
	struct perf_mapping mapping;
};

static void open_source(struct source *s, const struct arguments *a, bool kernel)
{
	static const char *const names[2][2] = { { "/usr/sbin/app", "/usr/sbin/app" },
						 { "[kernel.kallsyms]",
						   "[guest.kernel.kallsyms]" } };
	const char *elf = kernel ? a->kernel : a->app;
	const char *hex;

	walk_open(&s->walk, elf, names[kernel][a->guest]);
	s->mode = kernel     ? a->guest ? PERF_MODE_GUEST_KERNEL : PERF_MODE_KERNEL
		  : a->guest ? PERF_MODE_GUEST_USER
			     : PERF_MODE_USER;
	s->pid = APP_PID;
	s->id = (struct perf_build_id){ .mode = s->mode, .file = s->walk.file };
	for (hex = s->walk.code.build_id; *hex && s->id.bytes < sizeof(s->id.id); hex += 2)
		if (sscanf(hex, "%2hhx", &s->id.id[s->id.bytes]) == 1)
			s->id.bytes++;
	s->id.id[0] ^= a->wrong ? 0xff : 0;
	s->mapping = (struct perf_mapping){
		.pid = kernel ? -1 : APP_PID,
		.mode = s->mode,
		.start = s->walk.start,
		.bytes = s->walk.bytes,
		.offset = kernel ? s->walk.start : s->walk.offset,
		.executable = true,
		.file = kernel ? xasprintf("%s_text", s->walk.file) : s->walk.file,
		.build_id = a->mapping_ids ? s->id.id : NULL,
		.build_id_bytes = a->mapping_ids ? s->id.bytes : 0,
	};
}

/* Zeros, ends that are nowhere, code that runs backwards: google/autofdo's issue 256 has such. */
static void spoil(struct perf_branch *b, size_t n, uint64_t percent, uint64_t *dice)
{
	for (size_t i = 0; i < n; i++) {
		if ((walk_roll(dice) >> 20) % 100 >= percent)
			continue;
		switch ((walk_roll(dice) >> 40) % 3) {
		case 0: b[i].from = 0; break;
		case 1: b[i].to = 0x0000ffffdead0000u | (walk_roll(dice) >> 48); break;
		default: b[i].to = b[i].from + 64; break;
		}
	}
}

static void next_sample(struct source *s, const struct arguments *a, uint64_t *dice,
			struct perf_sample *out, struct perf_branch branches[WALK_DEPTH])
{
	size_t n;

	walk_on(&s->walk, 8);
	n = walk_branches(&s->walk, branches);
	if (n > a->branches)
		n = a->branches;
	if (a->bogus)
		spoil(branches, n, a->bogus, dice);
	*out = (struct perf_sample){
		.address = s->walk.address,
		.pid = s->pid,
		.tid = s->pid,
		.mode = s->mode,
		.period = a->file.event.is_frequency ? 250000 : a->file.event.period_or_frequency,
		.count = 1,
		.branches = branches,
		.branch_count = n,
	};
}

static void print_mapping(FILE *out, const struct perf_mapping *m)
{
	fprintf(out,
		"PERF_RECORD_MMAP2 %" PRId32 "/%" PRId32 ": [0x%" PRIx64 "(0x%" PRIx64
		") @ 0x%" PRIx64,
		m->pid, m->pid, m->start, m->bytes, m->offset);
	if (m->build_id_bytes) {
		fputs(" <", out);
		for (size_t i = 0; i < m->build_id_bytes; i++)
			fprintf(out, "%02x", m->build_id[i]);
		fputs(">]: ", out);
	} else {
		fputs(" 00:00 0 0]: ", out);
	}
	fprintf(out, "r-xp %s\n", m->file);
}

static void print_sample(FILE *out, const struct perf_sample *s, const char *event, bool branches)
{
	if (!branches) {
		fprintf(out, "%5" PRId32 " %s:  %16" PRIx64 "\n", s->pid, event, s->address);
		return;
	}
	fprintf(out, " %16" PRIx64 " ", s->address);
	for (size_t i = 0; i < s->branch_count; i++)
		fprintf(out, " 0x%" PRIx64 "/0x%" PRIx64 "/%c/-/-/0", s->branches[i].from,
			s->branches[i].to, s->branches[i].mispredicted ? 'M' : 'P');
	fputc('\n', out);
}

static void write_script(const struct arguments *a, struct source *s, size_t n)
{
	struct perf_branch branches[WALK_DEPTH];
	FILE *out = fopen(a->path, "we");
	uint64_t dice = 1;

	if (!out)
		die("%s cannot be written", a->path);
	for (size_t i = 0; i < n; i++)
		print_mapping(out, &s[i].mapping);
	for (uint64_t i = 0; n && (a->bytes ? (uint64_t)ftello(out) < a->bytes : i < a->samples);
	     i++) {
		struct perf_sample sample;

		next_sample(&s[i / 4 % n], a, &dice, &sample, branches);
		print_sample(out, &sample, a->file.event.name, a->branches);
	}
	if (fclose(out))
		die("%s cannot be written", a->path);
}

static void write_data(const struct arguments *a, struct source *s, size_t n)
{
	static struct datafile d;
	struct perf_branch branches[WALK_DEPTH];
	uint64_t dice = 1;

	datafile_open(&d, a->path, &a->file);
	for (size_t i = 0; i < n && !a->no_ids; i++)
		datafile_build_id(&d, &s[i].id);
	for (size_t i = 0; i < n; i++)
		datafile_mapping(&d, &s[i].mapping);
	datafile_exec(&d, APP_PID + 1, "secret-program");
	for (uint64_t i = 0; n && (a->bytes ? d.written < a->bytes : i < a->samples); i++) {
		struct perf_sample sample;

		next_sample(&s[i / 4 % n], a, &dice, &sample, branches);
		datafile_sample(&d, &sample);
	}
	if (a->lost)
		datafile_lost(&d, a->lost);
	datafile_close(&d);
}

int main(int argc, char **argv)
{
	static struct source sources[2];
	struct arguments a = {
		.privilege = "both",
		.samples = 1000,
		.branches = WALK_DEPTH,
		.file = { .arch = "x86_64",
			  .cpuid = "GenuineIntel,6,85,7",
			  .cpu_description = "A Processor @ 2.50GHz",
			  .event = { .period_or_frequency = 100003 } },
	};
	const struct argp argp = { options, parse, "FILE", "Write a perf.data for tests.",
				   NULL,    NULL,  NULL };
	size_t n = 0;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (!a.file.event.name)
		a.file.event.name = xstrdup("cycles");
	a.file.event.exclude_user = !strcmp(a.privilege, "kernel");
	a.file.event.exclude_kernel = !strcmp(a.privilege, "user");
	a.file.event.exclude_host = a.guest;
	a.file.event.has_branches = a.branches;
	a.file.event.branch_filter = a.branches ? PERF_SAMPLE_BRANCH_ANY : 0;
	if (a.kernel && strcmp(a.privilege, "user"))
		open_source(&sources[n++], &a, true);
	if (a.app && strcmp(a.privilege, "kernel"))
		open_source(&sources[n++], &a, false);
	if (!n)
		die_hint("name --kernel= or --app=, or both", "there is nothing to sample");
	if (a.script)
		write_script(&a, sources, n);
	else
		write_data(&a, sources, n);
	return EXIT_YES;
}
