/* SPDX-License-Identifier: MIT */
#include "exact.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "components.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/process.h"
#include "pipeline/lib/strlist.h"
#include "pipeline/lib/util.h"
#include "profiles/blockfile.h"
#include "scratch.h"

struct figures {
	uint64_t v[EXACT_FIGURES];
};

/* The last sentence that the child said, without "error: ". */
static char *last_error(const char *text)
{
	static const char key[] = "error: ";
	const char *found = NULL;

	for (const char *at = text; (at = strstr(at, key)); at += strlen(key))
		found = at + strlen(key);
	return found ? xstrndup(found, strcspn(found, "\n")) : NULL;
}

static json_t *invalid(const char *said, int status)
{
	char *sentence = said ? last_error(said) : NULL;
	json_t *result;

	if (!sentence)
		sentence = xasprintf("record ended with status %d and said nothing", status);
	result = json_pack("{s:o}", "invalid", json_text(sentence));
	free(sentence);
	return result;
}

/* Run `argv` with all that it says in `log`, from there on to be read again. */
static json_t *run_logged(char *const *argv, const char *log)
{
	struct process p = PROCESS_INIT;
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), status;
	off_t before = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	char *command = process_quote(argv), *said;
	json_t *result = NULL;

	if (fd < 0)
		die("cannot write '%s': %s", log, strerror(errno));
	dprintf(fd, "+ %s\n", command);
	p.argv = argv;
	p.out_fd = fd;
	p.err_fd = fd;
	status = scratch_run(&p);
	close(fd);
	if (status) {
		said = before < 0 ? NULL : fs_read(log, NULL); /* a pipe cannot be read again */
		result = invalid(said ? said + before : NULL, status);
		free(said);
	}
	free(command);
	return result;
}

/* Paths go to sh in single quotes. */
static char *quoted(const char *path)
{
	char *const argv[] = { (char *)path, NULL };

	return process_quote(argv);
}

static void load_words(struct strlist *argv, const struct exact_options *o)
{
	char *load = xasprintf("%s/load", o->tools), *program = quoted(load);
	char *file = quoted(o->load_path);

	strlist_push(argv, "--load-name");
	strlist_push(argv, o->load_name);
	strlist_push(argv, "--load");
	strlist_pushf(argv, "%s --file %s --ports \"$PORTS\" --requests %" PRIu64, program, file,
		      o->requests);
	free(load);
	free(program);
	free(file);
}

/* One boot under record, and the recording that it leaves. */
struct job {
	char *scratch, *recording, *trace_path;
	json_t *failed; /* NULL, or why: what the caller returns */
};

/* `words` are record's options besides; the last one is NULL. */
static void begin(struct job *j, const struct exact_options *o, const char *const *words,
		  bool with_load)
{
	struct strlist argv = STRLIST_INIT;

	j->scratch = xscratch_make();
	j->recording = xasprintf("%s/recording", j->scratch);
	j->trace_path = xasprintf("%s/trace.json", j->recording);
	strlist_pushf(&argv, "%s/record", o->tools);
	strlist_push(&argv, "--generation");
	strlist_push(&argv, o->directory);
	strlist_push(&argv, "--output");
	strlist_push(&argv, j->recording);
	for (; *words; words++)
		strlist_push(&argv, *words);
	if (with_load)
		load_words(&argv, o);
	j->failed = run_logged(argv.v, o->log);
	strlist_release(&argv);
}

static void end(struct job *j)
{
	scratch_remove(j->scratch);
	free(j->recording);
	free(j->trace_path);
}

static json_t *per_request(const struct figures *f, double requests)
{
	json_t *object = json_object();

	for (int i = 0; i < EXACT_FIGURES; i++)
		json_object_set_new(object, exact_figures[i],
				    json_real((double)f->v[i] / requests));
	return object;
}

static void add_block(struct figures *f, const struct tally_block *b)
{
	f->v[0] += b->instructions;
	f->v[1] += b->taken;
	f->v[2] += b->misses[MISS_L1I];
	f->v[3] += b->misses[MISS_L1D];
	f->v[4] += b->misses[MISS_ITLB];
}

/* Components in their order, those that have nothing left out; what is in no file is other's. */
static json_t *by_component(const char *recording, const char *directory,
			    const struct figures *total, double requests)
{
	struct figures by[COMPONENT_COUNT] = { 0 };
	char *path = xasprintf("%s/blocks.txt", recording);
	struct components components;
	struct tally_block *blocks;
	json_t *all = json_array();
	size_t count;

	xcomponents_read(&components, directory);
	blocks = xblockfile_read(path, &count);
	for (size_t i = 0; i < count; i++)
		add_block(&by[component_of(&components, blocks[i].start)], &blocks[i]);
	for (int f = 0; f < EXACT_FIGURES; f++) {
		uint64_t sum = 0;

		for (int c = 0; c < COMPONENT_COUNT; c++)
			sum += by[c].v[f];
		by[COMPONENT_OTHER].v[f] += total->v[f] > sum ? total->v[f] - sum : 0;
	}
	for (int c = 0; c < COMPONENT_COUNT; c++) {
		json_t *one;

		if (!by[c].v[0])
			continue;
		one = per_request(&by[c], requests);
		json_object_set_new(one, "name", json_string(component_names[c]));
		json_array_append_new(all, one);
	}
	free(blocks);
	components_release(&components);
	free(path);
	return all;
}

static json_t *read_load(const struct exact_options *o, const struct job *j, json_t **models,
			 json_t **symbols)
{
	char *symbols_path = xasprintf("%s/symbols.json", j->recording);
	double requests = (double)(o->requests + o->warmup);
	json_t *trace = xjson_read(j->trace_path), *result;
	const json_t *total = json_object_get(trace, "total");
	struct figures figures;

	for (int i = 0; i < EXACT_FIGURES; i++)
		figures.v[i] = xjson_uint(total, exact_figures[i], j->trace_path);
	result = per_request(&figures, requests);
	json_object_set_new(result, "by",
			    by_component(j->recording, o->directory, &figures, requests));
	*models = json_incref(json_object_get(trace, "models"));
	*symbols = xjson_read(symbols_path);
	json_object_set_new(*symbols, "requests",
			    json_integer((json_int_t)(o->requests + o->warmup)));
	json_decref(trace);
	free(symbols_path);
	return result;
}

json_t *exact_load(const struct exact_options *o, json_t **models, json_t **symbols)
{
	struct job j;
	json_t *result;

	begin(&j, o, (const char *const[]){ "--models", NULL }, true);
	result = j.failed ? j.failed : read_load(o, &j, models, symbols);
	end(&j);
	return result;
}

json_t *exact_boot(const struct exact_options *o)
{
	json_t *result, *trace;
	uint64_t all, waiting;
	struct job j;

	begin(&j, o, (const char *const[]){ "--until", "ready", NULL }, false);
	result = j.failed;
	if (!result) {
		trace = xjson_read(j.trace_path);
		all = xjson_uint(json_object_get(trace, "total"), "instructions", j.trace_path);
		waiting = xjson_uint(json_object_get(trace, "excluded"), "instructions",
				     j.trace_path);
		result = json_pack("{s:I, s:I}", "instructions", (json_int_t)(all - waiting),
				   "waiting_instructions", (json_int_t)waiting);
		json_decref(trace);
	}
	end(&j);
	return result;
}

json_t *exact_stacks(const struct exact_options *o, const char *path)
{
	char *folded;
	struct job j;

	begin(&j, o, (const char *const[]){ "--stacks", NULL }, true);
	folded = xasprintf("%s/stacks.folded", j.recording);
	if (!j.failed)
		xfs_copy(folded, path);
	free(folded);
	end(&j);
	return j.failed;
}
