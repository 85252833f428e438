/* SPDX-License-Identifier: MIT */
#include "loadfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

/* Where the reader is, and the first thing that was wrong. */
struct parser {
	struct loadfile *l;
	const char *path;
	unsigned line;
	const char *at; /* the rest of the line */
	struct strlist seen;
	char *error;
};

/* The directives that are a number. */
static const struct number {
	const char *name;
	size_t offset;
	uint64_t least, most, otherwise;
} numbers[] = {
	{ "requests", offsetof(struct loadfile, requests), 1, LOADFILE_MOST_REQUESTS, 0 },
	{ "warmup", offsetof(struct loadfile, warmup), 0, LOADFILE_MOST_REQUESTS, 0 },
	{ "connections", offsetof(struct loadfile, connections), 1, LOADFILE_MOST_CONNECTIONS, 1 },
	{ "in-flight", offsetof(struct loadfile, in_flight), 1, LOADFILE_MOST_CONNECTIONS, 1 },
	{ "keep-alive", offsetof(struct loadfile, keep_alive), 0, LOADFILE_MOST_REQUESTS, 100 },
	{ "seed", offsetof(struct loadfile, seed), 0, UINT64_MAX, 1 },
};

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
static const char *const parts[] = { "bytes", "header", "body" };

static bool fault(struct parser *p, const char *format, ...) PRINTF(2, 3);

/* Note what is wrong with this line, unless something was before; always false. */
static bool fault(struct parser *p, const char *format, ...)
{
	va_list ap;
	char *what;

	if (p->error)
		return false;
	va_start(ap, format);
	if (vasprintf(&what, format, ap) < 0)
		die("out of memory");
	va_end(ap);
	p->error = xasprintf("%s:%u: %s", p->path, p->line, what);
	free(what);
	return false;
}

/* The same for a word that is none of `words`, with the one that may have been meant. */
static bool fault_word(struct parser *p, const char *what, const char *word,
		       const struct strlist *words)
{
	const char *nearest = strlist_nearest(words, word);
	char *all = strlist_join(words, " ");

	if (nearest)
		fault(p, "'%s' is not a %s; did you mean '%s'?", word, what, nearest);
	else
		fault(p, "'%s' is not a %s; there are: %s", word, what, all);
	free(all);
	return false;
}

/* What stands behind a backslash; 0 if that is nothing known. */
static char escaped(char c)
{
	switch (c) {
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case '"':
	case '\\': return c;
	default: return 0;
	}
}

/* A "text in quotes", p->at being at the first quote; NULL if it is not well formed. */
static char *quoted(struct parser *p)
{
	const char *c = p->at + 1;
	char *word = xmalloc(strlen(c) + 1), *to = word;

	for (; *c && *c != '"'; c++) {
		char plain = *c;

		if (plain == '\\' && !(plain = escaped(*++c))) {
			fault(p, "after a \\ comes one of n r t \" \\");
			break;
		}
		*to++ = plain;
	}
	*to = '\0';
	if (*c != '"')
		fault(p, "the closing \" is missing");
	else if (c[1] && !isblank((unsigned char)c[1]))
		fault(p, "a blank is missing behind the closing \"");
	p->at = *c ? c + 1 : c;
	if (!p->error)
		return word;
	free(word);
	return NULL;
}

/* The next word of the line, to be freed; NULL at its end, or with p->error if it is malformed. */
static char *next_word(struct parser *p)
{
	size_t length;
	char *word;

	p->at += strspn(p->at, " \t");
	if (!*p->at || *p->at == '#') {
		p->at = "";
		return NULL;
	}
	if (*p->at == '"')
		return quoted(p);
	length = strcspn(p->at, " \t");
	word = xstrndup(p->at, length);
	p->at += length;
	if (!strchr(word, '"'))
		return word;
	fault(p, "a \" in the middle of a word: put all of %s into quotes", word);
	free(word);
	return NULL;
}

/* The next word, that there must be: `what` is said if it is missing. */
static char *need_word(struct parser *p, const char *what)
{
	char *word = next_word(p);

	if (!word)
		fault(p, "%s is missing", what);
	return word;
}

static bool need_number(struct parser *p, const char *what, uint64_t least, uint64_t most,
			uint64_t *value)
{
	char *word = need_word(p, what), *end = NULL;
	unsigned long long number = 0;

	if (!word)
		return false;
	errno = 0;
	if (isdigit((unsigned char)*word))
		number = strtoull(word, &end, 10);
	if (!end || *end)
		fault(p, "%s is a number, not '%s'", what, word);
	else if (errno || number < least || number > most)
		fault(p, "%s is from %llu to %llu, not %s", what, (unsigned long long)least,
		      (unsigned long long)most, word);
	free(word);
	*value = number;
	return !p->error;
}

static bool is_token(const char *s, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("!#$%&'*+-.^_`|~", s[i]))
			return false;
	return length;
}

/* A well-formed header, unless there is one of that name. */
static void take_header(struct parser *p, struct load_request *r, const char *header,
			size_t name_length)
{
	char *name = xstrndup(header, name_length);

	if (load_request_header(r, name))
		fault(p, "a second header %s", name);
	else
		strlist_push(&r->headers, header);
	free(name);
}

/* "Name: value", which the client may send as it is. */
static bool parse_header(struct parser *p, struct load_request *r)
{
	static const char *const ours[] = { "content-length", "transfer-encoding", "expect" };
	char *header = need_word(p, "the header, as in header \"Name: value\",");
	size_t name_length;

	if (!header)
		return false;
	name_length = strcspn(header, ":");
	if (!is_token(header, name_length) || strncmp(header + name_length, ": ", 2) ||
	    !header[name_length + 2] || strpbrk(header, "\r\n"))
		fault(p, "a header is \"Name: value\", not \"%s\"", header);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (strlen(ours[i]) == name_length && !strncasecmp(header, ours[i], name_length))
			fault(p, "%s is set by the client itself", header);
	if (!p->error)
		take_header(p, r, header, name_length);
	free(header);
	return !p->error;
}

static bool parse_body(struct parser *p, struct load_request *r)
{
	if (r->body)
		return fault(p, "a second body");
	if (!strcmp(r->method, "GET") || !strcmp(r->method, "HEAD"))
		return fault(p, "%s has no body", r->method);
	r->body = need_word(p, "the body, as in body \"text\",");
	return r->body;
}

/* One of bytes, header, body, and what belongs to it; false at the end of the line, too. */
static bool parse_part(struct parser *p, struct load_request *r)
{
	struct strlist words = STRLIST_INIT;
	char *part = next_word(p);
	bool good = false;

	if (!part)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		strlist_push(&words, parts[i]);
	if (!strcmp(part, "header"))
		good = parse_header(p, r);
	else if (!strcmp(part, "body"))
		good = parse_body(p, r);
	else if (strcmp(part, "bytes"))
		fault_word(p, "part of a request", part, &words);
	else if (r->has_bytes)
		fault(p, "a second bytes");
	else
		good = r->has_bytes =
			need_number(p, "the number behind bytes", 0, 1ULL << 40, &r->bytes);
	strlist_release(&words);
	free(part);
	return good;
}

static bool parse_method(struct parser *p, struct load_request *r)
{
	struct strlist words = STRLIST_INIT;
	char *method = need_word(p, "the method");

	for (size_t i = 0; method && i < ARRAY_SIZE(methods); i++) {
		strlist_push(&words, methods[i]);
		if (!strcmp(method, methods[i]))
			r->method = methods[i];
	}
	if (method && !r->method)
		fault_word(p, "method", method, &words);
	strlist_release(&words);
	free(method);
	return r->method;
}

static bool parse_path(struct parser *p, struct load_request *r)
{
	r->path = need_word(p, "the path");
	if (!r->path)
		return false;
	if (*r->path != '/')
		return fault(p, "a path begins with a slash, unlike '%s'", r->path);
	for (const char *c = r->path; *c; c++)
		if (!isgraph((unsigned char)*c) || *c == '#')
			return fault(p,
				     "a path is ASCII without blanks and #: write %%%02X in '%s'",
				     (unsigned char)*c, r->path);
	return true;
}

/* WEIGHT METHOD PATH STATUS [bytes N] [header "Name: value"]... [body "text"] */
static bool parse_request(struct parser *p)
{
	struct loadfile *l = p->l;
	struct load_request *r;
	uint64_t status;

	l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	r = &l->v[l->n++];
	*r = (struct load_request){ .line = p->line };
	if (!need_number(p, "the weight", 1, 1000000, &r->weight) || !parse_method(p, r) ||
	    !parse_path(p, r) || !need_number(p, "the expected status", 200, 599, &status))
		return false;
	r->status = (unsigned)status;
	while (parse_part(p, r))
		;
	return !p->error;
}

static bool parse_number(struct parser *p, const struct number *n)
{
	uint64_t *value = (uint64_t *)((char *)p->l + n->offset);
	char *what, *more;

	if (strlist_has(&p->seen, n->name))
		return fault(p, "%s is given a second time", n->name);
	strlist_push(&p->seen, n->name);
	what = xasprintf("the number behind %s", n->name);
	need_number(p, what, n->least, n->most, value);
	free(what);
	if (p->error)
		return false;
	more = next_word(p);
	if (more)
		fault(p, "'%s' is too much: %s takes one number", more, n->name);
	free(more);
	return !p->error;
}

static bool parse_directive(struct parser *p, const char *directive)
{
	struct strlist words = STRLIST_INIT;

	if (!strcmp(directive, "request"))
		return parse_request(p);
	strlist_push(&words, "request");
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!strcmp(directive, numbers[i].name)) {
			strlist_release(&words);
			return parse_number(p, &numbers[i]);
		}
		strlist_push(&words, numbers[i].name);
	}
	fault_word(p, "directive", directive, &words);
	strlist_release(&words);
	return false;
}

static bool parse_line(struct parser *p)
{
	char *directive;

	for (const char *c = p->at; *c; c++)
		if (iscntrl((unsigned char)*c) && *c != '\t')
			return fault(p, "a control character (0x%02x)%s", (unsigned char)*c,
				     *c == '\r' ? ": lines end with a newline alone" : "");
	directive = next_word(p);
	if (!directive)
		return !p->error;
	parse_directive(p, directive);
	free(directive);
	return !p->error;
}

char *loadfile_conflict(const struct loadfile *l)
{
	if (l->in_flight > l->connections)
		return xasprintf("%llu requests in flight need as many connections, not %llu",
				 (unsigned long long)l->in_flight,
				 (unsigned long long)l->connections);
	return NULL;
}

static void check_whole(struct parser *p)
{
	char *conflict = loadfile_conflict(p->l);

	if (!strlist_has(&p->seen, "requests"))
		fault(p, "'requests N' is missing: how many to send");
	else if (!p->l->n)
		fault(p, "there is no request; one is 'request 1 GET / 200'");
	else if (conflict)
		fault(p, "%s", conflict);
	free(conflict);
}

bool loadfile_parse(struct loadfile *l, const char *path, const char *text, char **error)
{
	struct parser p = { .l = l, .path = path };

	*l = (struct loadfile){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		*(uint64_t *)((char *)l + numbers[i].offset) = numbers[i].otherwise;
	while (*text && !p.error) {
		size_t length = strcspn(text, "\n");
		char *line = xstrndup(text, length);

		p.line++;
		p.at = line;
		parse_line(&p);
		free(line);
		text += length + (text[length] == '\n');
	}
	if (!p.error)
		check_whole(&p);
	strlist_release(&p.seen);
	*error = p.error;
	return !p.error;
}

void xloadfile_read(struct loadfile *l, const char *path)
{
	size_t bytes;
	char *text = xfs_read(path, &bytes), *error;

	if (strlen(text) != bytes)
		die_hint("is it a load file?", "'%s' is not text: it holds a NUL byte", path);
	if (!loadfile_parse(l, path, text, &error))
		die_hint("docs/loads.md has the grammar", "%s", error);
	free(text);
}

const char *load_request_header(const struct load_request *r, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < r->headers.n; i++)
		if (!strncasecmp(r->headers.v[i], name, length) && r->headers.v[i][length] == ':')
			return r->headers.v[i] + length + 2;
	return NULL;
}

void loadfile_release(struct loadfile *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].body);
		strlist_release(&l->v[i].headers);
	}
	free(l->v);
	*l = (struct loadfile){ 0 };
}
