/* SPDX-License-Identifier: MIT */
/*
 * why - why something is in a kernel, or why not
 *
 *   why --generation out/nginx/0 --symbol tcp_sendmsg [--json]
 *
 * SYMBOL is a function or variable of the kernel, an initcall, or a system call. For
 * what is kept: the shortest chain from a system call, an initcall or another root. For
 * what was dropped: the cut that did it, and what went with it. Exit status 1 if
 * there is no such thing.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "recorded.h"

enum { SITES_SHOWN = 3 };

struct options {
	const char *generation, *symbol;
	bool json;
};

static const struct argp_option options[] = { { "generation", 'g', "DIR", 0,
						"the generation's directory", 0 },
					      { "symbol", 's', "NAME", 0, "what to explain", 0 },
					      { "json", 'j', NULL, 0, "print JSON", 0 },
					      { 0 } };

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'g': o->generation = arg; return 0;
	case 's': o->symbol = arg; return 0;
	case 'j': o->json = true; return 0;
	case ARGP_KEY_END:
		if (!o->generation || !o->symbol || !*o->symbol)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* A system call's handler by the call's name, or the function that is an initcall. */
static long find(const struct recorded *r, const char *name)
{
	static const char *const lists[] = { "kept", "dropped" };
	json_t *syscalls = json_object_get(r->shake, "syscalls"), *call;
	size_t i;

	for (size_t l = 0; l < 2; l++)
		json_array_foreach(json_object_get(syscalls, lists[l]), i, call)
			if (!strcmp(json_string_value(json_object_get(call, "name")), name))
				return recorded_find(
					r, json_string_value(json_object_get(call, "handler")));
	for (i = 0; i < r->rows.n; i++) {
		char *initcall = recorded_initcall(&r->nodes[i]);
		bool same = initcall && !strcmp(initcall, name);

		free(initcall);
		if (same)
			return (long)i;
	}
	return recorded_find(r, name);
}

static json_t *describe_node(const struct recorded *r, long node)
{
	const struct recorded_node *n = &r->nodes[node];
	char *initcall = recorded_initcall(n);
	json_t *result =
		json_pack("{s:s, s:s, s:s, s:I}", "kind", initcall ? "initcall" : n->kind, "name",
			  initcall   ? initcall
			  : *n->name ? n->name
				     : n->section,
			  "file", n->file, "bytes", (json_int_t)n->bytes);

	free(initcall);
	return result;
}

/* Chains begin where a reader would: at system calls and initcalls, then at true roots. */
static long *search(const struct recorded *r)
{
	long *parent = xcalloc(r->rows.n + 1, sizeof(*parent));
	unsigned *queue = xcalloc(r->rows.n + 1, sizeof(*queue));
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < r->rows.n; i++)
		parent[i] = -2;
	for (size_t i = 0; i < r->rows.n; i++) {
		char *initcall = recorded_initcall(&r->nodes[i]);
		bool kept = false;
		bool start = r->nodes[i].live &&
			     (initcall || (recorded_syscall_of(r, (long)i, &kept) && kept));

		free(initcall);
		if (!start)
			continue;
		parent[i] = -1;
		queue[tail++] = (unsigned)i;
	}
	for (size_t i = 0; i < r->root_count; i++)
		if (parent[r->roots[i]] == -2) {
			parent[r->roots[i]] = -1;
			queue[tail++] = r->roots[i];
		}
	while (head < tail) {
		unsigned from = queue[head++];

		for (unsigned e = r->rows.first[from]; e < r->rows.first[from + 1]; e++)
			if (parent[r->rows.to[e]] == -2) {
				parent[r->rows.to[e]] = (long)from;
				queue[tail++] = r->rows.to[e];
			}
	}
	free(queue);
	return parent;
}

/* Nodes from a start to `node`, first to last. */
static json_t *chain_to(const struct recorded *r, const long *parent, long node)
{
	json_t *chain = json_array();

	for (; node >= 0; node = parent[node])
		json_array_insert_new(chain, 0, describe_node(r, node));
	return chain;
}

static const char *root_reason(const struct recorded *r, long node)
{
	json_t *root;
	size_t i;

	json_array_foreach(json_object_get(r->shake, "roots"), i, root)
		if (json_integer_value(json_object_get(root, "node")) == node)
			return json_string_value(json_object_get(root, "why"));
	return NULL;
}

/* What begins a chain: a system call with its sites, an initcall, or another root. */
static json_t *describe_start(const struct recorded *r, long node)
{
	bool kept = false;
	const json_t *call = recorded_syscall_of(r, node, &kept);
	char *initcall = recorded_initcall(&r->nodes[node]);
	const char *reason = root_reason(r, node);
	json_t *other, *start = json_object();
	size_t i;

	if (call) {
		json_object_set_new(start, "kind", json_string("system call"));
		json_object_set(start, "name", json_object_get(call, "name"));
		json_array_foreach(json_object_get(r->syscalls, "kept"), i, other)
			if (json_equal(json_object_get(other, "number"),
				       json_object_get(call, "number")))
				json_object_set(start, "sites", json_object_get(other, "sites"));
	} else if (initcall) {
		json_object_set_new(start, "kind", json_string("initcall"));
		json_object_set_new(start, "name", json_string(initcall));
	} else {
		json_object_set_new(start, "kind", json_string("root"));
		json_object_set_new(start, "name", json_string(reason ? reason : "unknown"));
	}
	free(initcall);
	return start;
}

static json_t *explain_kept(const struct recorded *r, long node)
{
	long *parent = search(r), start = node;
	json_t *result;

	while (parent[start] >= 0)
		start = parent[start];
	result = json_pack("{s:b, s:b, s:o, s:o}", "kept", 1, "in_kernel", r->nodes[node].in_kernel,
			   "start", describe_start(r, start), "chain", chain_to(r, parent, node));
	free(parent);
	return result;
}

/* What nothing but the cut kept out: nodes whose way in is through it. */
static json_t *count_lost(const struct recorded *r, unsigned cut)
{
	json_int_t functions = 0, instructions = 0;

	for (size_t i = 0; i < r->rows.n; i++)
		if (!r->nodes[i].live && r->nodes[i].cut == cut &&
		    !strcmp(r->nodes[i].kind, "function")) {
			functions++;
			instructions += (json_int_t)r->nodes[i].instructions;
		}
	return json_pack("{s:I, s:I}", "functions", functions, "instructions", instructions);
}

static json_t *explain_dropped(const struct recorded *r, long node)
{
	unsigned cut = r->nodes[node].cut;
	json_t *chain = json_array();

	for (long at = node; at >= 0; at = r->nodes[at].live ? -1 : r->nodes[at].parent)
		json_array_insert_new(chain, 0, describe_node(r, at));
	if (!cut)
		return json_pack("{s:b, s:n, s:o}", "kept", 0, "cut", "chain", chain);
	return json_pack("{s:b, s:O, s:o, s:o}", "kept", 0, "cut", recorded_cut(r, cut),
			 "went_with_it", count_lost(r, cut), "chain", chain);
}

static void print_chain(const json_t *chain)
{
	json_t *node;
	size_t i;

	json_array_foreach(chain, i, node) {
		const char *file = json_string_value(json_object_get(node, "file"));
		const char *kind = json_string_value(json_object_get(node, "kind"));

		printf("  %s %s", i ? "->" : "  ",
		       json_string_value(json_object_get(node, "name")));
		if (strcmp(kind, "function"))
			printf(" (%s)", kind);
		printf("%s%s\n", *file ? "   " : "", file);
	}
}

static void print_sites(const json_t *sites)
{
	json_t *site;
	size_t i;

	json_array_foreach(sites, i, site) {
		const char *caller = json_string_value(json_object_get(site, "caller"));
		const char *file = json_string_value(json_object_get(site, "file"));

		if (i == SITES_SHOWN) {
			printf("    and %zu more\n", json_array_size(sites) - i);
			return;
		}
		printf("    %s: %s%s%s()", json_string_value(json_object_get(site, "program")),
		       caller, *caller ? "() by " : "",
		       json_string_value(json_object_get(site, "function")));
		if (*file)
			printf(", %s:%lld", file,
			       json_integer_value(json_object_get(site, "line")));
		printf("\n");
	}
}

static void print_kept(const char *name, const json_t *e)
{
	const json_t *start = json_object_get(e, "start"), *chain = json_object_get(e, "chain");
	const json_t *node = json_array_get(chain, json_array_size(chain) - 1);
	bool in_kernel = json_is_true(json_object_get(e, "in_kernel"));

	printf("%s is kept", name);
	if (in_kernel)
		printf(": %lld bytes\n", json_integer_value(json_object_get(node, "bytes")));
	else
		printf("; the optimizer put it into its callers, or found nothing left of it\n");
	printf("because of %s: %s\n", json_string_value(json_object_get(start, "kind")),
	       json_string_value(json_object_get(start, "name")));
	print_sites(json_object_get(start, "sites"));
	print_chain(chain);
}

static void print_dropped(const char *name, const json_t *e)
{
	const json_t *cut = json_object_get(e, "cut"), *lost = json_object_get(e, "went_with_it");

	if (!json_is_object(cut)) {
		printf("%s is dropped: nothing that runs refers to it\n", name);
		return;
	}
	printf("%s is dropped with %s %s: %s\n", name,
	       json_string_value(json_object_get(cut, "class")),
	       json_string_value(json_object_get(cut, "name")),
	       json_string_value(json_object_get(cut, "evidence")));
	printf("%lld functions went with that\n",
	       json_integer_value(json_object_get(lost, "functions")));
	print_chain(json_object_get(e, "chain"));
}

static _Noreturn void say_unknown(const struct recorded *r, const char *name)
{
	struct strlist names = STRLIST_INIT;
	const char *nearest;

	for (size_t i = 0; i < r->rows.n; i++)
		if (!strcmp(r->nodes[i].kind, "function"))
			strlist_push(&names, r->nodes[i].name);
	nearest = strlist_nearest(&names, name);
	fprintf(stderr,
		"the kernel never had '%s', as function, variable, initcall or system call%s%s%s\n",
		name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
		nearest ? "'?" : "");
	exit(EXIT_NO);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Say why something is in a kernel, or why not.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { 0 };
	struct recorded r;
	json_t *explanation;
	long node;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	xrecorded_read(&r, o.generation);
	node = find(&r, o.symbol);
	if (node < 0)
		say_unknown(&r, o.symbol);
	explanation = r.nodes[node].live ? explain_kept(&r, node) : explain_dropped(&r, node);
	json_object_set_new(explanation, "schema", json_integer(1));
	json_object_set_new(explanation, "name", json_string(o.symbol));
	if (o.json)
		json_print(explanation);
	else if (r.nodes[node].live)
		print_kept(o.symbol, explanation);
	else
		print_dropped(o.symbol, explanation);
	return EXIT_YES;
}
