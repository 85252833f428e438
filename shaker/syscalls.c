/* SPDX-License-Identifier: MIT */
/*
 * syscalls - which system calls the programs of an image can make
 *
 *   syscalls --handlers handlers.json --program init.elf --program nginx.elf
 *            --files initramfs.cpio --allow syscalls.allow --output syscalls.json
 *
 * The module of program X.elf is beside it, X.bc. Lines of the file for --allow,
 * from recipes, say what this program cannot know; the program "*" stands for all:
 *
 *   PROGRAM SYSCALLS_AT FUNCTION NAME...	the number of the call in the function
 *   PROGRAM VALUES_AT FUNCTION.2 VALUE...	its third argument
 *   PROGRAM ONLY_IF FUNCTION TEXT...		the function is only entered if one of the
 *						texts is in a file of the image that is
 *						no program
 *
 * syscalls.json, schema 1:
 *   programs [ name ]
 *   kept     [ { number, name, sites [ { program, function, caller, file, line, how,
 *                arguments [ [ value ] or null, six of them ] } ] } ]
 *   excluded [ { program, function, texts } ]: by ONLY_IF, with the texts not found
 *   absent   [ like kept: called, but not in the kernel's configuration ]
 */
#include <argp.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../bitcode/module.h"
#include "../bitcode/results.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/report.h"
#include "../pipeline/lib/util.h"
#include "calls.h"
#include "dispatch.h"
#include "files.h"
#include "native_calls.h"
#include "syscall_name.h"
#include "unchanging.h"

enum { RESTART_SYSCALL = 219, MAX_VALUES = 64 };

struct options {
	const char *handlers, *allow, *files, *output, *cache;
	struct strlist programs;
};

static const struct argp_option options[] = {
	{ "handlers", 'h', "FILE", 0, "the kernel's system calls", 0 },
	{ "program", 'p', "ELF", 0, "a program, its module X.bc beside X.elf", 0 },
	{ "allow", 'a', "FILE", 0, "what recipes say about sites", 0 },
	{ "files", 'f', "CPIO", 0, "the files of the image", 0 },
	{ "output", 'o', "FILE", 0, "where the result goes", 0 },
	{ "cache", 'c', "DIR", 0, "where results are kept; none are without it", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'h': o->handlers = arg; return 0;
	case 'p': strlist_push(&o->programs, arg); return 0;
	case 'a': o->allow = arg; return 0;
	case 'f': o->files = arg; return 0;
	case 'o': o->output = arg; return 0;
	case 'c': o->cache = arg; return 0;
	case ARGP_KEY_END:
		if (!o->handlers || !o->programs.n || !o->output)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* "out/nginx/build/nginx.elf" -> "nginx" */
static char *program_name(const char *elf)
{
	const char *base = fs_base(elf), *dot = strrchr(base, '.');

	return dot ? xstrndup(base, (size_t)(dot - base)) : xstrdup(base);
}

static char *module_path(const char *elf)
{
	const char *dot = strrchr(elf, '.');

	if (!dot || strcmp(dot, ".elf"))
		die("a program is named X.elf, its module X.bc; '%s' is not", elf);
	return xasprintf("%.*s.bc", (int)(dot - elf), elf);
}

static void read_handlers(const char *path, bool has[DISPATCH_MAX])
{
	json_t *handlers = xjson_array(xjson_read(path), "handlers", path), *handler;
	size_t i;

	memset(has, 0, DISPATCH_MAX * sizeof(*has));
	json_array_foreach(handlers, i, handler) {
		uint64_t n = xjson_uint(handler, "number", path);

		if (n < DISPATCH_MAX)
			has[n] = json_is_true(json_object_get(handler, "implemented"));
	}
}

static bool is_for(const char *word, const char *program)
{
	return !strcmp(word, program) || !strcmp(word, "*");
}

/* What a recipe says of that kind about a function: the rest of the line, or NULL. */
static char *allowed_names(const char *allow, const char *program, const char *kind,
			   const char *function)
{
	struct strlist values = STRLIST_INIT;
	char *line, *rest, *names = NULL, *text;

	if (!allow)
		return NULL;
	text = xfs_read(allow, NULL);
	for (line = strtok_r(text, "\n", &rest); line && !names;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct strlist words = STRLIST_INIT;

		strlist_split(&words, line);
		if (words.n > 3 && is_for(words.v[0], program) && !strcmp(words.v[1], kind) &&
		    !strcmp(words.v[2], function)) {
			for (size_t i = 3; i < words.n; i++)
				strlist_push(&values, words.v[i]);
			names = strlist_join(&values, " ");
		}
		strlist_release(&words);
	}
	strlist_release(&values);
	free(text);
	return names;
}

static void resolve_by_recipe(struct call_site *site, const char *names)
{
	struct strlist words = STRLIST_INIT;

	values_release(&site->number);
	strlist_split(&words, names);
	for (size_t i = 0; i < words.n; i++) {
		int number = syscall_number(words.v[i]);

		if (number < 0)
			die("a recipe's SYSCALLS_AT_%s names '%s', which is no system call",
			    site->function, words.v[i]);
		values_add(&site->number, number);
	}
	strlist_release(&words);
	site->how = "the recipe says so";
}

/* What a recipe says about arguments: "PROGRAM VALUES_AT FUNCTION.ARGUMENT VALUE...". */
static void resolve_arguments(const char *allow, const char *program, struct call_site *site)
{
	for (unsigned a = 0; a < CALL_ARGUMENTS; a++) {
		char *place = xasprintf("%s.%u", site->function, a), *values = NULL;
		struct strlist words = STRLIST_INIT;

		if (site->arguments[a].unknown)
			values = allowed_names(allow, program, "VALUES_AT", place);
		free(place);
		if (!values)
			continue;
		values_release(&site->arguments[a]);
		strlist_split(&words, values);
		for (size_t i = 0; i < words.n; i++) {
			char *end;
			long long value = strtoll(words.v[i], &end, 0);

			if (*end)
				die("a recipe's VALUES_AT_%s.%u has '%s', which is no number",
				    site->function, a, words.v[i]);
			values_add(&site->arguments[a], value);
		}
		strlist_release(&words);
		free(values);
	}
}

static void resolve_sites(const struct options *o, const char *program, struct call_sites *sites)
{
	unsigned open = 0;

	for (size_t i = 0; i < sites->n; i++) {
		struct call_site *site = &sites->v[i];
		char *names;

		resolve_arguments(o->allow, program, site);
		if (!site->number.unknown && !site->number.n)
			site->number =
				(struct values){ .unknown = true,
						 .why = "no value was found that reaches it" };
		if (!site->number.unknown)
			continue;
		names = allowed_names(o->allow, program, "SYSCALLS_AT", site->function);
		if (names)
			resolve_by_recipe(site, names);
		else
			warn("%s: the number of the system call in %s()%s%s%s cannot be computed: %s",
			     program, site->function, *site->file ? ", " : "", site->file,
			     *site->file ? xasprintf(":%u", site->line) : "", site->number.why);
		open += !names;
		free(names);
	}
	if (open)
		die_hint("say in the recipe which they are, with the reason beside it: "
			 "APP_SYSCALLS_AT_<function> = name ...; or build with SHAKE=0",
			 "%s has %u system calls whose number is not known", program, open);
}

static json_t *describe_values(const struct values *v)
{
	json_t *list;

	if (v->unknown || v->n > MAX_VALUES)
		return json_null();
	list = json_array();
	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(list, json_integer(v->v[i]));
	return list;
}

static json_t *describe_site(const char *program, const struct call_site *site)
{
	json_t *arguments = json_array();

	for (unsigned a = 0; a < CALL_ARGUMENTS; a++)
		json_array_append_new(arguments, describe_values(&site->arguments[a]));
	return json_pack("{s:s, s:o, s:o, s:o, s:i, s:s, s:o}", "program", program, "function",
			 json_text(site->function), "caller", json_text(site->caller), "file",
			 json_text(site->file), "line", (int)site->line, "how", site->how,
			 "arguments", arguments);
}

/* One line of a file may be inlined many times; once is enough. */
static void append_once(json_t *list, json_t *item)
{
	json_t *other;
	size_t i;

	json_array_foreach(list, i, other)
		if (json_equal(other, item)) {
			json_decref(item);
			return;
		}
	json_array_append_new(list, item);
}

static void keep_site(json_t *sites[DISPATCH_MAX], const char *program,
		      const struct call_site *site)
{
	for (size_t i = 0; i < site->number.n; i++) {
		uint64_t n = (uint64_t)site->number.v[i] & UINT32_MAX;

		if (n >= DISPATCH_MAX)
			continue; /* no kernel has it: ENOSYS as ever */
		if (!sites[n])
			sites[n] = json_array();
		append_once(sites[n], describe_site(program, site));
	}
}

/* Every function whose code has the instruction must have it in bitcode as well. */
static void check_complete(const char *program, LLVMModuleRef module,
			   const struct strlist *in_bitcode)
{
	struct strlist seen = STRLIST_INIT;

	calls_functions(&seen, module);
	for (size_t i = 0; i < in_bitcode->n; i++)
		if (!strlist_has(&seen, in_bitcode->v[i]))
			die("%s: %s() contains the instruction syscall, which the analysis of its "
			    "bitcode did not see; please report this",
			    program, in_bitcode->v[i]);
	strlist_release(&seen);
}

/* Functions that no text of the image leads into; each is added to `report`, too. */
static void find_excluded(const struct options *o, const char *program, const char *texts,
			  struct strlist *functions, json_t *report)
{
	char *text = o->allow ? xfs_read(o->allow, NULL) : xstrdup(""), *rest, *line;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct strlist words = STRLIST_INIT;
		json_t *list = json_array();
		bool found = false;

		strlist_split(&words, line);
		if (words.n < 4 || !is_for(words.v[0], program) || strcmp(words.v[1], "ONLY_IF"))
			continue;
		for (size_t i = 3; i < words.n; i++) {
			found |= strstr(texts, words.v[i]) != NULL;
			json_array_append_new(list, json_string(words.v[i]));
		}
		if (!found) {
			strlist_push(functions, words.v[2]);
			json_array_append_new(report,
					      json_pack("{s:s, s:s, s:O}", "program", program,
							"function", words.v[2], "texts", list));
		}
		json_decref(list);
		strlist_release(&words);
	}
	free(text);
}

static void read_program(const struct options *o, const char *elf, const char *texts,
			 const bool has[DISPATCH_MAX], json_t *kept[DISPATCH_MAX], json_t *excluded)
{
	struct strlist functions = STRLIST_INIT, in_bitcode = STRLIST_INIT;
	char *name = program_name(elf), *path = module_path(elf);
	LLVMModuleRef module = xmodule_open(path, false);
	struct call_sites sites = { 0 };

	/* the program as it is, to see that nothing escapes the analysis */
	xnative_calls_find(&sites, module, elf, &in_bitcode);
	check_complete(name, module, &in_bitcode);

	find_excluded(o, name, texts, &functions, excluded);
	calls_exclude(module, &functions);
	calls_fold_enosys(module, has, DISPATCH_MAX);
	unchanging_fold(module);
	calls_find(&sites, module);
	resolve_sites(o, name, &sites);
	for (size_t i = 0; i < sites.n; i++)
		keep_site(kept, name, &sites.v[i]);
	calls_release(&sites);
	module_close(module);
	free(path);
}

static char *kept_result(const struct options *o)
{
	struct hash h;

	result_key(&h);
	result_key_file(&h, o->handlers);
	result_key_file(&h, o->allow);
	result_key_file(&h, o->files);
	for (size_t i = 0; i < o->programs.n; i++) {
		hash_add_string(&h, program_name(o->programs.v[i]));
		result_key_file(&h, o->programs.v[i]);
		result_key_file(&h, module_path(o->programs.v[i]));
	}
	return result_path(&h, o->cache);
}

static json_t *analyse(const struct options *o)
{
	static json_t *sites[DISPATCH_MAX];
	json_t *kept = json_array(), *absent = json_array(), *excluded = json_array();
	char *texts = o->files ? xfiles_text(o->files) : xstrdup("");
	struct call_sites kernels = { 0 };
	struct strlist names = STRLIST_INIT;
	bool has[DISPATCH_MAX];

	read_handlers(o->handlers, has);
	for (size_t i = 0; i < o->programs.n; i++) {
		read_program(o, o->programs.v[i], texts, has, sites, excluded);
		strlist_push(&names, program_name(o->programs.v[i]));
	}
	values_add(
		&calls_add(&kernels, "restart_syscall", "the kernel itself after a signal")->number,
		RESTART_SYSCALL);
	keep_site(sites, "kernel", &kernels.v[0]);
	for (unsigned n = 0; n < DISPATCH_MAX; n++)
		if (sites[n])
			json_array_append_new(has[n] ? kept : absent,
					      json_pack("{s:i, s:s, s:o}", "number", (int)n, "name",
							syscall_name(n), "sites", sites[n]));
	return json_pack("{s:i, s:o, s:o, s:o, s:o}", "schema", 1, "programs",
			 json_from_strlist(&names), "kept", kept, "excluded", excluded, "absent",
			 absent);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option, NULL, "List the system calls of programs.", NULL, NULL, NULL
	};
	struct options o = { 0 };
	char *kept;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	kept = o.cache ? kept_result(&o) : NULL;
	if (kept && fs_exists(kept)) {
		report_cached();
		xfs_copy(kept, o.output);
		return EXIT_YES;
	}
	xjson_write(o.output, analyse(&o));
	report_note("%zu can be called",
		    json_array_size(xjson_array(xjson_read(o.output), "kept", o.output)));
	if (kept)
		xfs_copy(o.output, kept);
	return EXIT_YES;
}
