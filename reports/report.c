/* SPDX-License-Identifier: MIT */
/*
 * report - one HTML file about an app's generations, that needs nothing besides
 *
 *   report --out out --app nginx [--from A --to B] [--diff PROGRAM] --output out/nginx/report.html
 *
 * Reads the JSON files of the generations, bench's figures and stacks, the comparison
 * diff-A-B.json (made anew by PROGRAM, if it is given) and the symbols of *.debug. Never measures.
 * The same files give the same bytes. The file appears whole or not at all, and has at most
 * three megabytes: limits are lowered until it fits.
 *
 * The page loads nothing: a content security policy forbids it, and lets only
 * the one script and the one style sheet in that are in the page, by their sha256.
 */
#include <argp.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "report_sections.h"

enum { REPORT_BYTES_MAX = 3000000 };

#pragma clang diagnostic ignored "-Wc23-extensions"
static const char page[] = {
#embed "report.html"
	, 0
};
static const char style[] = {
#embed "report.css"
	, 0
};
static const char script[] = {
#embed "report.js"
	, 0
};

struct options {
	const char *out, *app, *from, *to, *diff, *output;
};

static const struct argp_option options[] = {
	{ "out", 'o', "DIR", 0, "where generations are kept", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "from", 'f', "N", 0, "the older generation; the one before --to if left out", 0 },
	{ "to", 't', "N", 0, "the newer generation; the newest if left out", 0 },
	{ "diff", 'd', "PROGRAM", 0,
	  "compares the two; without it only a comparison that is there is shown", 0 },
	{ "output", 'O', "FILE", 0, "the page", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o': o->out = arg; return 0;
	case 'a': o->app = arg; return 0;
	case 'f': o->from = arg; return 0;
	case 't': o->to = arg; return 0;
	case 'd': o->diff = arg; return 0;
	case 'O': o->output = arg; return 0;
	case ARGP_KEY_END:
		if (!o->out || !o->app || !o->output)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

void report_section_begin(struct html *h, const char *id, const char *title)
{
	html_add(h,
		 "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n",
		 id, id, id, title);
}

void report_section_end(struct html *h)
{
	html_raw(h, "</section>\n");
}

void report_missing(struct html *h, const char *why, const char *command)
{
	html_raw(h, "<p class=\"missing\">Nothing to show: ");
	html_text(h, why ? why : "it was not measured");
	html_raw(h, ". Run: <code>");
	html_text(h, command);
	html_raw(h, "</code></p>\n");
}

void report_left_out(struct html *h, size_t all, size_t shown, const char *what)
{
	if (all > shown)
		html_paragraph(h, "note",
			       "%zu more %s are left out, so that this file stays small.",
			       all - shown, what);
}

char *report_bench_command(const struct report_data *d, const struct report_generation *g)
{
	return g ? xasprintf("make bench APP=%s GEN=%u", d->app, g->number)
		 : xasprintf("make bench APP=%s", d->app);
}

static void heading(struct html *h, const struct report_data *d)
{
	const char *verdict = report_string(d->diff, "verdict.text");
	const char *profile = report_string(d->to->manifest, "profile");

	html_raw(h, "<h1>");
	html_text(h, d->app);
	html_add(h, ", generation %u</h1>\n<p class=\"lead\">", d->to->number);
	if (profile) {
		html_raw(h, "Linked with profile ");
		html_name(h, profile);
	} else {
		html_raw(h, "Linked without a profile");
	}
	if (d->from)
		html_add(h, "; compared with generation %u", d->from->number);
	html_add(h, "; %zu generation%s in all.</p>\n", d->generation_count,
		 d->generation_count == 1 ? "" : "s");
	if (verdict)
		html_paragraph(h, "verdict", "%s", verdict);
}

static void body(struct html *h, const struct report_data *d, const struct report_contents *c,
		 const struct report_limits *l)
{
	h->name_bytes = l->name_bytes;
	report_figures(h, d);
	report_sizes(h, d, c, l);
	report_flames(h, d, c, l);
	report_latency(h, d);
	report_functions(h, d, l);
	report_syscalls(h, d, l);
	report_peers(h, d);
	report_tests(h, d, l);
	report_diff(h, d, l);
	report_conditions(h, d);
	report_explanation(h, d);
}

/* A link for each section that was written. */
static void navigation(struct html *h, const char *sections)
{
	static const char mark[] = "<section id=\"", title[] = "-title\">";

	for (const char *s = sections; (s = strstr(s, mark));) {
		const char *text = strstr(s, "<h2 id=");

		s += strlen(mark);
		text = strstr(text, title) + strlen(title);
		html_add(h, "<a href=\"#%.*s\">%.*s</a>\n", (int)strcspn(s, "\""), s,
			 (int)strcspn(text, "<"), text);
	}
}

/* 'sha256-...' in base64, as a content security policy names a script. */
static void policy_hash(struct html *h, const char *text)
{
	unsigned char digest[EVP_MAX_MD_SIZE], base64[2 * EVP_MAX_MD_SIZE];
	unsigned bytes = 0;

	if (!EVP_Digest(text, strlen(text), digest, &bytes, EVP_sha256(), NULL))
		die("libcrypto cannot compute a sha256");
	EVP_EncodeBlock(base64, digest, (int)bytes);
	html_add(h, "'sha256-%s'", (const char *)base64);
}

static bool is_place(const char *name, size_t length, const char *place)
{
	return length == strlen(place) && !strncmp(name, place, length);
}

static void fill(struct html *h, const char *name, size_t length, const struct report_data *d,
		 const struct html *sections)
{
	if (is_place(name, length, "TITLE"))
		html_text(h, xasprintf("%s, generation %u", d->app, d->to->number));
	else if (is_place(name, length, "SCRIPT-HASH"))
		policy_hash(h, script);
	else if (is_place(name, length, "STYLE-HASH"))
		policy_hash(h, style);
	else if (is_place(name, length, "STYLE"))
		html_raw(h, style);
	else if (is_place(name, length, "SCRIPT"))
		html_raw(h, script);
	else if (is_place(name, length, "NAVIGATION"))
		navigation(h, sections->bytes);
	else if (is_place(name, length, "HEADING"))
		heading(h, d);
	else if (is_place(name, length, "SECTIONS"))
		html_bytes(h, sections->bytes, sections->n);
	else
		die("report.html has an unknown place '%.*s'", (int)length, name);
}

/* The template, with each @NAME@ filled. */
static void assemble(struct html *h, const struct report_data *d, const struct html *sections)
{
	for (const char *c = page; *c;) {
		size_t plain = strcspn(c, "@"), length;

		html_bytes(h, c, plain);
		c += plain;
		if (!*c)
			break;
		length = strcspn(++c, "@");
		fill(h, c, length, d, sections);
		c += length + 1;
	}
}

/* Lower limits until the page is small enough. */
static struct html render(const struct report_data *d)
{
	struct report_limits l = {
		.size_arrays = 12000, .flame_nodes = 10000, .rows = 1500, .name_bytes = 1000
	};
	struct report_contents c = { 0 };

	report_size_read(&c.size, d->to);
	report_flames_read(&c, d);
	for (;;) {
		struct html sections = { .n = 0 }, whole = { .n = 0 };

		body(&sections, d, &c, &l);
		whole.name_bytes = l.name_bytes;
		assemble(&whole, d, &sections);
		free(sections.bytes);
		if (whole.n <= REPORT_BYTES_MAX)
			return whole;
		if (l.rows < 8)
			die("the report has %zu bytes with the lowest limits, and should have %d: is a manifest.json "
			    "or bench.json damaged?",
			    whole.n, REPORT_BYTES_MAX);
		say(2, "%zu bytes are too many, once more with lower limits", whole.n);
		free(whole.bytes);
		if (l.name_bytes > 100) {
			l.name_bytes = l.name_bytes > 250 ? 250 : 100;
			continue;
		}
		l.size_arrays /= 2;
		l.flame_nodes /= 2;
		l.rows /= 2;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option, NULL, "Write one HTML file about an app's generations.",
		NULL,	 NULL,	       NULL
	};
	struct options o = { 0 };
	struct report_data d = { 0 };
	struct html whole;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	d.out = o.out;
	d.app = o.app;
	d.diff_program = o.diff;
	xreport_data_read(&d, o.from, o.to);
	whole = render(&d);
	xfs_write(o.output, whole.bytes, whole.n);
	puts(o.output);
	return EXIT_YES;
}
