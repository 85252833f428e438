/* SPDX-License-Identifier: MIT */
/*
 * sample - what a running guest does, seen from outside: stacks of kernel and program
 *
 *   sample --running out/nginx/run.json --output x.folded		the guest of make run
 *   sample --running out/nginx/run.json --query			its generation; status 1 if none runs
 *   sample --generation out/nginx/0 --from unix:/tmp/x/gdb --output x.folded		any QEMU's
 *   sample --generation out/nginx/0 --from 127.0.0.1:1234 --seconds 30 --rate 50 ...
 *
 * There is no agent, no shell and no symbol in the guest: QEMU's gdb stub stops it again and
 * again, registers and stack are read and unwound with the ELF files of the generation (unwind.h),
 * and it goes on, also when this program is interrupted or killed. Every processor of the
 * guest gives a sample each time. Those in the kernel's idle loop (excluded.rules) are counted
 * and left out. Folded stacks come out (reports/folded.h); a stack whose beginning could not be
 * found is below a frame "[unknown]".
 *
 * A guest that is not this generation is refused.
 */
#include <argp.h>
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "exclusions.h"
#include "guestmemory.h"
#include "pipeline/imagespec.h"
#include "pipeline/lib/clock.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/number.h"
#include "pipeline/lib/strlist.h"
#include "pipeline/lib/util.h"
#include "pipeline/running.h"
#include "reports/folded.h"
#include "reports/symbol_name.h"
#include "unwind.h"

enum {
	RATE_HZ = 100,
	RATE_MAX_HZ = 10000,
	SECONDS = 10,
	SECONDS_MAX = 86400,
	TIMEOUT_MS = 5000,
	COMPARE_TURNS = 100,
};

struct options {
	const char *generation, *from, *running, *output, *rules;
	bool query;
	unsigned long seconds, rate_hz;
};

struct sampler {
	const struct options *o;
	struct gdbstub stub;
	struct guestmemory memory;
	struct elfmap kernel, app, init;
	struct imagespec spec;
	struct exclusions idle_code;
	struct unwinder *unwinder;
	struct unwound stack;
	struct folded folded;
	uint64_t samples, idle, incomplete;
	double seconds, stopped_seconds;
	uint64_t random;
};

static struct sampler sampler;
static volatile sig_atomic_t interrupted;

static const struct argp_option options[] = {
	{ "generation", 'g', "DIR", 0, "OUT/APP/N: what the guest runs", 0 },
	{ "from", 'f', "unix:PATH|HOST:PORT", 0, "QEMU's gdb stub", 0 },
	{ "running", 'R', "FILE", 0, "run.json, which make run writes: generation and gdb stub",
	  0 },
	{ "query", 'q', NULL, 0, "print the generation that runs, and stop", 0 },
	{ "seconds", 's', "N", 0, "how long; 10", 0 },
	{ "rate", 'r', "HZ", 0, "samples a second; 100", 0 },
	{ "rules", 'x', "FILE", 0, "code that waits; else profiles/excluded.rules", 0 },
	{ "output", 'o', "FILE", 0, "folded stacks", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'g': o->generation = arg; return 0;
	case 'f': o->from = arg; return 0;
	case 'R': o->running = arg; return 0;
	case 'q': o->query = true; return 0;
	case 's': o->seconds = number_option("--seconds", arg, 1, SECONDS_MAX); return 0;
	case 'r': o->rate_hz = number_option("--rate", arg, 1, RATE_MAX_HZ); return 0;
	case 'x': o->rules = arg; return 0;
	case 'o': o->output = arg; return 0;
	case ARGP_KEY_END:
		if (o->query ? !o->running
			     : !o->output || !(o->running || (o->generation && o->from)))
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void note_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* Whatever way this process ends, the guest goes on. */
static void let_go(void)
{
	gdbstub_close(&sampler.stub);
}

/* What run.json says where the command line does not. */
static void find_guest(struct options *o)
{
	struct running running;
	char *above = xstrdup(o->running);
	bool found = running_find(&running, o->running) && !strchr(running.generation, '/');

	if (o->query && !found)
		exit(EXIT_NO);
	if (!found)
		die_hint("start one: make run APP=..., or give --generation and --from",
			 "no guest is running: '%s' %s", o->running,
			 fs_exists(o->running) ? "is of one that has ended" : "is not there");
	if (o->query) {
		puts(running.generation);
		exit(EXIT_YES);
	}
	if (!o->generation)
		o->generation = xasprintf("%s/%s", dirname(above), running.generation);
	if (!o->from)
		o->from = running.gdb;
}

static void read_generation(struct sampler *s)
{
	const char *directory = s->o->generation, *rules = s->o->rules;

	if (!rules)
		rules = xasprintf("%s/src/profiles/excluded.rules",
				  dirname(xfs_absolute("/proc/self/exe")));
	ximagespec_read(&s->spec, xasprintf("%s/image.spec", directory));
	xelfmap_read(&s->kernel, xasprintf("%s/vmlinux.debug", directory));
	xelfmap_read(&s->app, xasprintf("%s/%s.debug", directory, s->spec.app));
	xelfmap_read(&s->init, xasprintf("%s/init.debug", directory));
	xexclusions_read(&s->idle_code, rules, &s->kernel);
	s->unwinder = xunwinder_new(&s->kernel, guestmemory_read, &s->memory);
	xunwinder_add_program(s->unwinder, s->spec.app, &s->app);
	xunwinder_add_program(s->unwinder, "init", &s->init);
}

static void check_stub(const struct sampler *s)
{
	if (s->stub.error)
		die("%s", s->stub.error);
}

static void pause_until(double time)
{
	double left = time - clock_s();
	struct timespec pause;

	if (left <= 0)
		return;
	pause.tv_sec = (time_t)left;
	pause.tv_nsec = (long)((left - (double)pause.tv_sec) * 1e9);
	nanosleep(&pause, NULL);
}

/* Where memory is not readable, the guest may soon be somewhere where it is. */
static bool is_generation(struct sampler *s)
{
	enum unwinder_kernel kernel = unwinder_compare_kernel(s->unwinder);

	for (int i = 0; i < COMPARE_TURNS && kernel == UNWINDER_UNREADABLE && !interrupted; i++) {
		if (gdbstub_continue(&s->stub))
			return false;
		pause_until(clock_s() + 0.01);
		if (gdbstub_stop(&s->stub))
			return false;
		guestmemory_forget(&s->memory);
		kernel = unwinder_compare_kernel(s->unwinder);
	}
	return kernel == UNWINDER_SAME;
}

static void connect_guest(struct sampler *s)
{
	s->memory.stub = &s->stub;
	if (gdbstub_open(&s->stub, s->o->from, TIMEOUT_MS))
		die_hint("'make run' gives its guest one; for another: qemu-system-x86_64 -gdb "
			 "unix:PATH,server=on,wait=off",
			 "%s", s->stub.error);
	atexit(let_go);
	if (!is_generation(s)) {
		check_stub(s);
		die_hint("give the generation that was booted: GEN=...",
			 "the guest at '%s' is not %s: the kernel's notes, with build id %s, are "
			 "not in its memory",
			 s->o->from, s->o->generation, s->kernel.build_id);
	}
}

static bool is_idle(const struct sampler *s, const struct guest_registers *r)
{
	uint64_t pc = r->v[REGISTER_RIP];

	for (size_t i = 0; i < s->idle_code.n && !r->user; i++)
		if (pc >= s->idle_code.v[i].start && pc < s->idle_code.v[i].end)
			return true;
	return false;
}

static char *frame_name(const struct sampler *s, const struct unwind_frame *f)
{
	const struct elfmap_symbol *symbol = f->map ? elfmap_find(f->map, f->address) : NULL;
	char *name = symbol ? symbol_frame(symbol->name) : xstrdup("[unknown]"), *of_kernel;

	if (!f->map)
		return xstrdup("[vdso]");
	if (f->map != &s->kernel)
		return name;
	of_kernel = xasprintf("%s_[k]", name);
	free(name);
	return of_kernel;
}

static void count_stack(struct sampler *s)
{
	struct strlist frames = STRLIST_INIT;
	const struct unwound *stack = &s->stack;
	char *text;

	if (stack->program)
		strlist_push(&frames, stack->program);
	else if (stack->complete)
		strlist_push(&frames, "[kernel]");
	if (!stack->complete) {
		strlist_push(&frames, "[unknown]");
		s->incomplete++;
	}
	for (size_t i = stack->n; i-- > 0;) {
		char *name = frame_name(s, &stack->v[i]);

		strlist_push(&frames, name);
		free(name);
	}
	text = strlist_join(&frames, ";");
	xfolded_add(&s->folded, text, 1);
	if (!stack->complete && verbosity() >= 2)
		fprintf(stderr, "ends early: %s\n", text);
	free(text);
	strlist_release(&frames);
}

/* The guest is stopped: a stack of each of its processors. */
static int take_samples(struct sampler *s)
{
	struct guest_registers registers;

	for (size_t i = 0; i < s->stub.cpu_count; i++) {
		guestmemory_forget(&s->memory);
		if (s->stub.cpu_count > 1 && gdbstub_choose_cpu(&s->stub, i))
			return -1;
		if (gdbstub_registers(&s->stub, &registers))
			return -1;
		s->samples++;
		if (is_idle(s, &registers)) {
			s->idle++;
			continue;
		}
		unwind(s->unwinder, &registers, &s->stack);
		if (s->stub.error)
			return -1;
		count_stack(s);
	}
	return 0;
}

/*
 * A half to one and a half of the period (xorshift64): what the guest does with a period of
 * its own must not be hit at the same point each time.
 */
static double next_pause(struct sampler *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (0.5 + (double)(s->random >> 11) / (double)(1ull << 53)) / (double)s->o->rate_hz;
}

static void sample(struct sampler *s)
{
	double start = clock_s(), due = start, end = start + (double)s->o->seconds;

	while (!interrupted && due < end) {
		double pause = next_pause(s), now;

		if (gdbstub_continue(&s->stub))
			return;
		/* where the stub is slow, the guest runs at least half of the time asked for */
		now = clock_s();
		due = due + pause > now + pause / 2 ? due + pause : now + pause / 2;
		pause_until(due);
		now = clock_s();
		if (gdbstub_stop(&s->stub) || take_samples(s))
			return;
		s->stopped_seconds += clock_s() - now;
	}
	s->seconds = clock_s() - start;
}

static void say_result(const struct sampler *s)
{
	uint64_t kept = s->samples - s->idle, processors = s->stub.cpu_count;
	double reached = (double)s->samples / (double)processors / s->seconds;

	fprintf(stderr,
		"%llu samples in %.1f s: %.0f a second%s%s; the guest stood still %.1f %% of the time\n",
		(unsigned long long)s->samples, s->seconds, reached,
		processors > 1 ? ", of each processor" : "",
		reached < 0.9 * (double)s->o->rate_hz ? ", not more could be had" : "",
		100 * s->stopped_seconds / s->seconds);
	fprintf(stderr,
		"idle: %llu (%.1f %%), left out; %llu stacks kept, %llu of them (%.1f %%) below "
		"[unknown]\n",
		(unsigned long long)s->idle, 100.0 * (double)s->idle / (double)s->samples,
		(unsigned long long)kept, (unsigned long long)s->incomplete,
		kept ? 100.0 * (double)s->incomplete / (double)kept : 0);
}

/* Nothing may leave the guest standing: what ends us is noted, what would stop us, or end us in the middle, ignored. */
static void prepare_signals(void)
{
	static const int interrupts[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note_interrupt };

	for (size_t i = 0; i < ARRAY_SIZE(interrupts); i++)
		sigaction(interrupts[i], &action, NULL);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

/* Minutes of samples should not end with the word that they cannot be kept. */
static void check_output(const char *path)
{
	char *above = xstrdup(path);
	const char *directory = dirname(above);
	struct stat st;
	bool is_there = !stat(path, &st);

	if (is_there && S_ISDIR(st.st_mode))
		die_hint("name a file", "cannot write '%s': it is a directory", path);
	/* a device or a pipe is written to, a file replaced */
	if (access(is_there && !S_ISREG(st.st_mode) ? path : directory, W_OK))
		die_hint("name another file with --output", "cannot write '%s': %s", path,
			 strerror(errno));
	free(above);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "What a running guest does, seen from outside.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { .seconds = SECONDS, .rate_hz = RATE_HZ };
	struct sampler *s = &sampler;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (o.running)
		find_guest(&o);
	s->o = &o;
	s->random = 88172645463325252ull;
	s->stub.fd = s->stub.guard_fd = -1;
	check_output(o.output);
	read_generation(s);
	prepare_signals();
	connect_guest(s);
	sample(s);
	let_go();
	check_stub(s);
	if (interrupted)
		die("interrupted; the guest goes on, and nothing was written");
	xfolded_write(&s->folded, o.output);
	say_result(s);
	return EXIT_YES;
}
