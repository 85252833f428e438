/* SPDX-License-Identifier: MIT */
/*
 * flamegraph - folded stacks as one SVG that needs nothing besides
 *
 *   flamegraph --unit instructions --output X.svg IN.folded
 *   flamegraph --before OLD.folded --output new.svg NEW.folded		what grew is red
 *   flamegraph --before NEW.folded --negate --output old.svg OLD.folded	the same, as wide as it was
 *   flamegraph --json --output X.json IN.folded				the tree (flamegraph.h)
 *
 * With --before widths are those of IN, and colours are changes of a frame's share, the
 * totals scaled to be equal (difffolded.pl -n). What is only in the other profile cannot be seen,
 * so two pictures are one answer: the second one has the inputs swapped, and --negate keeps
 * the colours' meaning.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "flamegraph.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/number.h"
#include "pipeline/lib/util.h"

struct options {
	struct flamegraph graph;
	const char *in, *before, *output;
	size_t max_nodes;
	bool json;
};

static const struct argp_option options[] = {
	{ "title", 't', "TEXT", 0, "above the picture; else the name of the input", 0 },
	{ "unit", 'u', "instructions|samples", 0, "what is counted; samples", 0 },
	{ "before", 'b', "OTHER.folded", 0, "colour by the change against this one", 0 },
	{ "negate", 'n', NULL, 0, "IN is the older of the two", 0 },
	{ "json", 'j', NULL, 0, "write the tree of frames as JSON", 0 },
	{ "nodes", 'N', "COUNT", 0, "frames that --json keeps; 10000", 0 },
	{ "output", 'o', "FILE", 0, "the picture", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 't': o->graph.title = arg; return 0;
	case 'u':
		if (strcmp(arg, "instructions") && strcmp(arg, "samples"))
			die_hint("give instructions or samples", "'%s' is no unit of counts", arg);
		o->graph.unit = arg;
		return 0;
	case 'b': o->before = arg; return 0;
	case 'n': o->graph.negate = true; return 0;
	case 'j': o->json = true; return 0;
	case 'N': o->max_nodes = number_option("--nodes", arg, 1, 100000000); return 0;
	case 'o': o->output = arg; return 0;
	case ARGP_KEY_ARG:
		if (o->in)
			argp_usage(state);
		o->in = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->in || !o->output)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/*
 * What a profile is called in the picture: its file's name without ".folded"; with the directory's
 * name, which is often a generation's number, if the other's would be the same.
 */
static char *name_of(const char *path, bool with_directory)
{
	char *name = xstrdup(path), *start;
	size_t bytes = strlen(name);

	if (bytes > 7 && !strcmp(name + bytes - 7, ".folded"))
		name[bytes - 7] = '\0';
	start = strrchr(name, '/');
	if (!start)
		return name;
	while (with_directory && start > name && start[-1] != '/')
		start--;
	return *start == '/' ? start + 1 : start;
}

static void write_json(const char *path, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT), *line;

	if (!text)
		die("cannot encode JSON");
	line = xasprintf("%s\n", text);
	xfs_write(path, line, strlen(line));
	json_decref(json);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option, "IN.folded", "Folded stacks as one SVG.", NULL, NULL, NULL
	};
	struct options o = { .graph.unit = "samples" };
	struct folded now = FOLDED_INIT, before = FOLDED_INIT;
	char *svg;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (o.graph.negate && !o.before)
		die_hint("give --before OTHER.folded", "--negate is for a comparison");
	xfolded_read(&now, o.in);
	o.graph.name = name_of(o.in, false);
	if (o.before) {
		bool alike = !strcmp(o.graph.name, name_of(o.before, false));

		xfolded_read(&before, o.before);
		o.graph.name = name_of(o.in, alike);
		o.graph.before_name = name_of(o.before, alike);
	}
	if (!now.total)
		warn("'%s' has no stacks", o.in);
	if (o.json) {
		write_json(o.output, flamegraph_json(&now, o.before ? &before : NULL, o.max_nodes));
		return EXIT_YES;
	}
	svg = flamegraph_svg(&now, o.before ? &before : NULL, &o.graph);
	xfs_write(o.output, svg, strlen(svg));
	return EXIT_YES;
}
