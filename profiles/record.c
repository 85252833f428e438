/* SPDX-License-Identifier: MIT */
/*
 * record - boot a generation under the tracer, and keep what was executed
 *
 *   record --generation out/nginx/0 --output REC --load 'wrk -c1 -t1 $BASE/'
 *   record --generation out/nginx/0 --output REC --until ready	what booting costs
 *   record --generation out/nginx/0 --output REC --until end --icount --arguments=-v
 *
 * With --until load the app is waited for, and only what happens during the load is counted; the
 * command has PORTS ("tcp:80=8080"), BASE=http://127.0.0.1:PORT and others in its environment (pipeline/ports.h), and has to end with
 * status 0. With ready all from reset to the first answer is counted, with end all until the guest
 * ends by itself (or by ctrl-C). REC appears whole or not at all:
 *
 *   NAME.raw	for vmlinux, init and the app, or a peer's regions (subject.h): what llvm-profgen
 *		takes (rawfile.h)
 *   blocks.txt, trace.json, symbols.json, record.json
 *   stacks.folded	with --stacks: instructions by calling context, for flame graphs (fold.h)
 */
#include <argp.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "annotate.h"
#include "blockfile.h"
#include "fold.h"
#include "pipeline/launch.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/util.h"
#include "recording.h"
#include "subject.h"
#include "tracer_arguments.h"

enum { READY_TIMEOUT_S = 120 };

enum until { UNTIL_DEFAULT, UNTIL_READY, UNTIL_LOAD, UNTIL_END };
static const char *const until_names[] = { "", "ready", "load", "end" };

struct options {
	struct guest_options guest;
	const char *generation, *output, *load, *load_name, *plugin, *rules;
	const char *program; /* NAME=ELF of one more program, or NULL */
	const char *console; /* where the console's text is kept, or NULL */
	struct strlist qemu; /* the user's words */
	enum until until;
	unsigned timeout_s; /* 0: not given */
	bool models, icount, stacks;
};

/* One recording. */
struct record {
	const struct options *o;
	struct imagespec spec;
	struct probe probe;
	struct subject subject;
	struct exclusions exclusions;
	struct fold fold;
	char *new_directory; /* REC until it is finished; NULL: none */
	char *scratch;	     /* socket and console */
};

static struct record record;

static const struct argp_option options[] = {
	{ "generation", 'g', "DIR", 0, "OUT/APP/N, or a peer, OUT/APP/peers/NAME", 0 },
	{ "output", 'o', "REC", 0, "the recording, a directory that is not there yet", 0 },
	{ "load", 'l', "COMMAND", 0, "for sh, with $PORTS, $BASE and others", 0 },
	{ "load-name", 'n', "NAME", 0, "what the load is called in record.json; else the command",
	  0 },
	{ "until", 'u', "ready|load|end", 0, "what is recorded", 0 },
	{ "models", 'M', NULL, 0, "count misses of modelled caches, too; slower", 0 },
	{ "stacks", 'S', NULL, 0, "count by calling context, too: stacks.folded; slower", 0 },
	{ "icount", 'I', NULL, 0, "time is instructions: the same run gives the same recording",
	  0 },
	{ "qemu", 'q', "WORD", 0, "one more word for QEMU", 0 },
	{ "port", 'p', "PORT", 0, "of 127.0.0.1, forwarded to the app's", 0 },
	{ "memory", 'm', "SIZE", 0, "as QEMU takes it: 64M", 0 },
	{ "append", 'a', "WORDS", 0, "more for the kernel's command line", 0 },
	{ "arguments", 'A', "WORDS", 0, "more arguments for the app", 0 },
	{ "timeout", 't', "SECONDS", 0,
	  "for the first answer; 120. With --until end, for the end; else no limit", 0 },
	{ "initrd", 'i', "FILE", 0, "an archive that is laid over the image's own", 0 },
	{ "program", 'P', "NAME=ELF", 0, "one more program, counted as a region of its own", 0 },
	{ "console", 'c', "FILE", 0, "keep what the console said, however this ends", 0 },
	{ "tracer", 'T', "FILE", 0, "tracer.so; else that beside this program", 0 },
	{ "rules", 'R', "FILE", 0, "what is excluded; else profiles/excluded.rules", 0 },
	{ 0 }
};

static enum until until_of(const char *text)
{
	for (size_t i = UNTIL_READY; i < ARRAY_SIZE(until_names); i++)
		if (!strcmp(until_names[i], text))
			return (enum until)i;
	die_hint("give ready, load or end", "'%s' is nothing to record until", text);
}

static unsigned seconds_of(const char *text)
{
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);

	if (!*text || *end || !seconds || seconds > 86400)
		die("'%s' is no number of seconds", text);
	return (unsigned)seconds;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'g': o->generation = arg; return 0;
	case 'o': o->output = arg; return 0;
	case 'l': o->load = arg; return 0;
	case 'n': o->load_name = arg; return 0;
	case 'u': o->until = until_of(arg); return 0;
	case 'M': o->models = true; return 0;
	case 'I': o->icount = true; return 0;
	case 'S': o->stacks = true; return 0;
	case 'q': strlist_push(&o->qemu, arg); return 0;
	case 'p': o->guest.port = xlaunch_port(arg); return 0;
	case 'm': o->guest.memory = arg; return 0;
	case 'a': o->guest.append = *arg ? arg : NULL; return 0;
	case 'A': o->guest.arguments = *arg ? arg : NULL; return 0;
	case 't': o->timeout_s = seconds_of(arg); return 0;
	case 'i': o->guest.initrd = arg; return 0;
	case 'P':
		if (*arg == '=' || !strchr(arg, '='))
			argp_error(state, "--program takes NAME=ELF, not '%s'", arg);
		o->program = arg;
		return 0;
	case 'c': o->console = arg; return 0;
	case 'T': o->plugin = arg; return 0;
	case 'R': o->rules = arg; return 0;
	case ARGP_KEY_END:
		if (!o->generation || !o->output)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void settle_until(struct options *o)
{
	if (o->until == UNTIL_DEFAULT)
		o->until = o->load ? UNTIL_LOAD : UNTIL_READY;
	if (o->until == UNTIL_LOAD && !o->load)
		die_hint("give --load 'COMMAND', or record --until ready", "there is no load to "
									   "record");
	if (o->until != UNTIL_LOAD && o->load)
		die_hint("leave --until out", "a load is recorded with --until load only");
}

/* A file that comes with this program: beside it, or where its sources are. */
static const char *beside(const char *name)
{
	char *program = xfs_absolute("/proc/self/exe");

	return xasprintf("%s/%s", dirname(program), name);
}

static const char *of_generation(const struct record *r, const char *name)
{
	return xasprintf("%s/%s", r->o->generation, name);
}

/* Whatever way this process ends, nothing half is left. */
static void discard(void)
{
	if (record.new_directory)
		fs_remove(record.new_directory);
	if (record.scratch)
		fs_remove(record.scratch);
}

/* The output's place, ours alone until the end. */
static void take_output(struct record *r)
{
	char *lock = xasprintf("%s.lock", r->o->output), *above;
	struct strlist there = STRLIST_INIT;
	const char *base = getenv("TMPDIR");

	xfs_mkdirs_above(r->o->output);
	xfs_lock(lock, r->o->output);
	fs_list(&there, r->o->output);
	if (there.n || (fs_exists(r->o->output) && !fs_is_directory(r->o->output)))
		die_hint("remove it, or give another --output", "'%s' is there already",
			 r->o->output);
	above = xstrdup(r->o->output);
	atexit(discard);
	r->new_directory = xfs_absolute(xfs_temporary_directory(dirname(above), "recording"));
	r->scratch = xfs_temporary_directory(base ? base : "/tmp", "anneal-record");
}

static void read_subject(struct record *r)
{
	const char *rules = r->o->rules ? r->o->rules : beside("src/profiles/excluded.rules");

	xsubject_read(&r->subject, r->o->generation, r->spec.app, r->o->program);
	xexclusions_read(&r->exclusions, rules, r->subject.kernel);
	if (r->o->stacks)
		xfold_number(&r->fold, r->subject.regions, r->subject.region_count, &r->exclusions,
			     xasprintf("%s/functions", r->scratch));
}

/* With time counted in instructions, and no true random numbers, nothing of the host is left. */
static void add_qemu_words(struct guest_options *g, const struct record *r, const char *control)
{
	static const char *const icount[] = { "-icount", "shift=3,sleep=off",
					      "-rtc",	 "base=2020-01-01,clock=vm",
					      "-cpu",	 "max,rdrand=off,rdseed=off" };
	struct tracer_arguments a = {
		.plugin = r->o->plugin ? r->o->plugin : beside("tracer.so"),
		.out = r->o->until == UNTIL_END ? r->new_directory : NULL,
		.control = control,
		.functions = r->o->stacks ? xasprintf("%s/functions", r->scratch) : NULL,
		.whole = r->o->until != UNTIL_LOAD,
		.models = r->o->models,
		.regions = r->subject.regions,
		.region_count = r->subject.region_count,
		.kernel = r->subject.kernel,
		.exclusions = &r->exclusions,
	};

	/* where time is instructions, the TSC counts nanoseconds of them */
	g->tsc_khz = r->o->icount ? 1000000 : accelerator_tsc_khz();
	if (!fs_exists(a.plugin))
		die_hint("run 'make tools'", "the tracer '%s' is not there", a.plugin);
	for (size_t i = 0; r->o->icount && i < ARRAY_SIZE(icount); i++)
		strlist_push(&g->qemu, icount[i]);
	strlist_concat(&g->qemu, &r->o->qemu);
	strlist_push(&g->qemu, "-plugin");
	strlist_push(&g->qemu, tracer_arguments_word(&a));
}

static void write_record(const struct record *r)
{
	const struct options *o = r->o;
	json_t *record_json = json_pack(
		"{s:i, s:s, s:O, s:s?, s:O, s:s, s:s, s:o, s:s?, s:s?, s:s?, s:s, s:s, s:b, s:b, s:b, s:s}",
		"schema", 1, "app", r->spec.app, "generation", r->subject.generation, "peer",
		r->subject.peer, "build_ids", r->subject.build_ids, "machine", r->spec.machine,
		"memory", o->guest.memory, "qemu", json_from_strlist(&o->qemu), "append",
		o->guest.append, "arguments", o->guest.arguments, "load",
		o->load_name ? o->load_name : o->load, "method", "tracer", "accelerator", "tcg",
		"icount", o->icount, "models", o->models, "stacks", o->stacks, "window",
		until_names[o->until]);

	if (!record_json)
		die("cannot describe the recording");
	xjson_write(xasprintf("%s/record.json", r->new_directory), record_json);
}

static void write_symbols(const struct record *r)
{
	size_t count;
	struct tally_block *blocks =
		xblockfile_read(xasprintf("%s/blocks.txt", r->new_directory), &count);
	json_t *symbols = symbolize(blocks, count, r->subject.regions, r->subject.region_count,
				    &r->exclusions);

	xjson_write(xasprintf("%s/symbols.json", r->new_directory), symbols);
	json_decref(symbols);
	free(blocks);
}

static void write_stacks(const struct record *r)
{
	const char *contexts = xasprintf("%s/contexts.txt", r->new_directory);

	if (!r->o->stacks)
		return;
	xfold_write(&r->fold, contexts, xasprintf("%s/stacks.folded", r->new_directory));
	xfs_remove(contexts);
}

static void say_totals(const char *trace_path, const char *output)
{
	json_t *trace = xjson_read(trace_path), *region;
	size_t i;

	json_array_foreach(json_object_get(trace, "regions"), i, region)
		fprintf(stderr, "%s: %llu instructions, %llu taken branches\n",
			xjson_string(region, "name", trace_path),
			(unsigned long long)xjson_uint(region, "instructions", trace_path),
			(unsigned long long)xjson_uint(region, "taken_branches", trace_path));
	fprintf(stderr, "recorded: %s\n", output);
	json_decref(trace);
}

static void finish(struct record *r)
{
	const char *trace = xasprintf("%s/trace.json", r->new_directory);
	mode_t mask;

	if (!fs_exists(trace))
		die("the tracer wrote nothing");
	xannotate_trace(trace, &r->exclusions, &r->subject.left_out);
	write_symbols(r);
	write_stacks(r);
	write_record(r);
	mask = umask(0);
	umask(mask); /* the temporary one was for us alone */
	chmod(r->new_directory, 0777 & ~mask);
	if (rename(r->new_directory, r->o->output))
		die("cannot rename the recording to '%s': %s", r->o->output, strerror(errno));
	r->new_directory = NULL;
	say_totals(xasprintf("%s/trace.json", r->o->output), r->o->output);
}

static void run(struct record *r, struct guest_options *guest)
{
	struct recording g = {
		.options = guest,
		.probe = &r->probe,
		.console_path = r->o->console ? r->o->console : xasprintf("%s/console", r->scratch),
		.socket_path =
			r->o->until == UNTIL_END ? NULL : xasprintf("%s/control", r->scratch),
	};
	const char *write = xasprintf("write %s", r->new_directory);

	add_qemu_words(guest, r, g.socket_path);
	fprintf(stderr, "booting %s under the tracer\n", r->o->generation);
	xrecording_start(&g);
	if (r->o->until == UNTIL_END) {
		xrecording_end(&g, r->o->timeout_s);
		return;
	}
	fprintf(stderr, "ready after %.2f s\n",
		xrecording_ready(&g, r->o->timeout_s ? r->o->timeout_s : READY_TIMEOUT_S));
	if (r->o->until == UNTIL_LOAD) {
		xrecording_ask(&g, "start");
		fprintf(stderr, "load: %s\n", r->o->load);
		xrecording_load(&g, r->o->load);
	}
	xrecording_ask(&g, "stop");
	xrecording_ask(&g, write);
	xrecording_stop(&g);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option,
		NULL,	 "Boot a generation under the tracer, and keep what was executed.",
		NULL,	 NULL,
		NULL
	};
	struct options o = { 0 };
	struct record *r = &record;
	const char *accelerator = getenv("ACCEL");
	bool port_given;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	settle_until(&o);
	if (accelerator && !strcmp(accelerator, "kvm"))
		die_hint("unset it", "ACCEL=kvm: the tracer is part of QEMU's emulator (TCG)");
	r->o = &o;
	if (!fs_exists(of_generation(r, "image")))
		die_hint("give one that 'make image' has made: out/APP/N",
			 "'%s' is no generation: it has no image", o.generation);
	o.guest.image = of_generation(r, "image");
	port_given = o.guest.port;
	xlaunch_prepare(&o.guest, of_generation(r, "image.spec"), &r->spec, &r->probe);
	if (o.until == UNTIL_END && !port_given)
		o.guest.port = 0; /* nobody asks: a guest that nothing outside can reach */
	take_output(r);
	read_subject(r);
	run(r, &o.guest);
	finish(r);
	return EXIT_YES;
}
