/* SPDX-License-Identifier: MIT */
#include "loadfile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "loadparser.h"

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
	{ "pipeline", offsetof(struct loadfile, pipeline), 1, LOADFILE_MOST_PIPELINE, 1 },
	{ "seed", offsetof(struct loadfile, seed), 0, UINT64_MAX, 1 },
};

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
static const char *const protocols[] = { "http", "https", "tcp", "tls" };
static const char *const http_versions[] = { "1.1", "2" };
static const char *const tls_versions[] = { "any", "1.2", "1.3" };
static const char *const answers[] = { "no", "yes" };

/* The directives that are one of some words, counted from 0. */
static const struct choice {
	const char *name, *what;
	size_t offset;
	const char *const *words;
	size_t count;
} choices[] = {
	{ "protocol", "protocol", offsetof(struct loadfile, protocol), protocols,
	  ARRAY_SIZE(protocols) },
	{ "http", "version of HTTP", offsetof(struct loadfile, http_version), http_versions,
	  ARRAY_SIZE(http_versions) },
	{ "tls", "version of TLS", offsetof(struct loadfile, tls_version), tls_versions,
	  ARRAY_SIZE(tls_versions) },
	{ "resume", "answer", offsetof(struct loadfile, resume), answers, ARRAY_SIZE(answers) },
};
static const char *const parts[] = { "bytes", "header", "body" };

static bool is_token(const char *s, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("!#$%&'*+-.^_`|~", s[i]))
			return false;
	return length;
}

/* A well-formed header, unless there is one of that name. */
static void take_header(struct loadparser *p, struct load_request *r, const char *header,
			size_t name_length)
{
	char *name = xstrndup(header, name_length);

	if (load_request_header(r, name))
		loadparser_fault(p, "a second header %s", name);
	else
		strlist_push(&r->headers, header);
	free(name);
}

/* "Name: value", which the client may send as it is. */
static bool parse_header(struct loadparser *p, struct load_request *r)
{
	static const char *const ours[] = { "content-length", "transfer-encoding", "expect" };
	char *header = loadparser_need(p, "the header, as in header \"Name: value\",");
	size_t name_length;

	if (!header)
		return false;
	name_length = strcspn(header, ":");
	if (!is_token(header, name_length) || strncmp(header + name_length, ": ", 2) ||
	    !header[name_length + 2] || strpbrk(header, "\r\n"))
		loadparser_fault(p, "a header is \"Name: value\", not \"%s\"", header);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (strlen(ours[i]) == name_length && !strncasecmp(header, ours[i], name_length))
			loadparser_fault(p, "%s is set by the client itself", header);
	if (!p->error)
		take_header(p, r, header, name_length);
	free(header);
	return !p->error;
}

static bool parse_body(struct loadparser *p, struct load_request *r)
{
	if (r->body)
		return loadparser_fault(p, "a second body");
	if (!strcmp(r->method, "GET") || !strcmp(r->method, "HEAD"))
		return loadparser_fault(p, "%s has no body", r->method);
	r->body = loadparser_need(p, "the body, as in body \"text\",");
	return r->body;
}

/* One of bytes, header, body, and what belongs to it; false at the end of the line, too. */
static bool parse_part(struct loadparser *p, struct load_request *r)
{
	char *part = loadparser_word(p);
	bool good = false;

	if (!part)
		return false;
	if (!strcmp(part, "header"))
		good = parse_header(p, r);
	else if (!strcmp(part, "body"))
		good = parse_body(p, r);
	else if (strcmp(part, "bytes"))
		loadparser_fault_word(p, "part of a request", part, parts, ARRAY_SIZE(parts));
	else if (r->has_bytes)
		loadparser_fault(p, "a second bytes");
	else
		good = r->has_bytes =
			loadparser_number(p, "the number behind bytes", 0, 1ULL << 40, &r->bytes);
	free(part);
	return good;
}

static bool parse_method(struct loadparser *p, struct load_request *r)
{
	int method = loadparser_choice(p, "method", methods, ARRAY_SIZE(methods));

	if (method >= 0)
		r->method = methods[method];
	return r->method;
}

static bool parse_path(struct loadparser *p, struct load_request *r)
{
	r->path = loadparser_need(p, "the path");
	if (!r->path)
		return false;
	if (*r->path != '/')
		return loadparser_fault(p, "a path begins with a slash, unlike '%s'", r->path);
	for (const char *c = r->path; *c; c++)
		if (!isgraph((unsigned char)*c) || *c == '#')
			return loadparser_fault(
				p, "a path is ASCII without blanks and #: write %%%02X in '%s'",
				(unsigned char)*c, r->path);
	return true;
}

/* WEIGHT METHOD PATH STATUS [bytes N] [header "Name: value"]... [body "text"] */
static bool parse_request(struct loadparser *p)
{
	struct load_request *r = loadparser_add(p);
	uint64_t status;

	if (!loadparser_number(p, "the weight", 1, 1000000, &r->weight) || !parse_method(p, r) ||
	    !parse_path(p, r) || !loadparser_number(p, "the expected status", 200, 599, &status))
		return false;
	r->status = (unsigned)status;
	while (parse_part(p, r))
		;
	return !p->error;
}

/* Nothing is left of the line; `name` takes but one word. */
static bool nothing_more(struct loadparser *p, const char *name, const char *kind)
{
	char *more = p->error ? NULL : loadparser_word(p);

	if (more)
		loadparser_fault(p, "'%s' is too much: %s takes one %s", more, name, kind);
	free(more);
	return !p->error;
}

static bool parse_number(struct loadparser *p, const struct number *n)
{
	uint64_t *value = (uint64_t *)((char *)p->l + n->offset);
	char *what = xasprintf("the number behind %s", n->name);

	loadparser_number(p, what, n->least, n->most, value);
	free(what);
	return nothing_more(p, n->name, "number");
}

static bool parse_choice(struct loadparser *p, const struct choice *c)
{
	int chosen = loadparser_choice(p, c->what, c->words, c->count);

	if (chosen >= 0)
		*(unsigned *)((char *)p->l + c->offset) = (unsigned)chosen;
	return nothing_more(p, c->name, "word");
}

/* tcp:NUMBER */
static bool parse_port(struct loadparser *p)
{
	char *word = loadparser_need(p, "the port, as in tcp:6379,"), *end = NULL;
	unsigned long port = 0;

	if (!word)
		return false;
	if (!strncmp(word, "tcp:", 4) && isdigit((unsigned char)word[4]))
		port = strtoul(word + 4, &end, 10);
	if (!end || *end || !port || port > 65535)
		loadparser_fault(p, "a port is one of the guest's, as in tcp:6379, not '%s'", word);
	free(word);
	p->l->port = (unsigned)port;
	return nothing_more(p, "port", "word");
}

static const char *const others[] = { "request", "exchange", "port" };

/* What may come once only. */
static bool parse_setting(struct loadparser *p, const char *directive)
{
	if (strlist_has(&p->seen, directive))
		return loadparser_fault(p, "%s is given a second time", directive);
	strlist_push(&p->seen, directive);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(directive, numbers[i].name))
			return parse_number(p, &numbers[i]);
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++)
		if (!strcmp(directive, choices[i].name))
			return parse_choice(p, &choices[i]);
	return parse_port(p);
}

static bool parse_directive(struct loadparser *p, const char *directive)
{
	const char *words[ARRAY_SIZE(others) + ARRAY_SIZE(numbers) + ARRAY_SIZE(choices)];
	size_t n = 0;

	words[n++] = others[0];
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		words[n++] = numbers[i].name;
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++)
		words[n++] = choices[i].name;
	for (size_t i = 1; i < ARRAY_SIZE(others); i++)
		words[n++] = others[i];
	if (!strcmp(directive, "request"))
		return parse_request(p);
	if (!strcmp(directive, "exchange"))
		return loadparser_exchange(p);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(directive, words[i]))
			return parse_setting(p, directive);
	return loadparser_fault_word(p, "directive", directive, words, n);
}

static bool parse_line(struct loadparser *p)
{
	char *directive;

	for (const char *c = p->at; *c; c++)
		if (iscntrl((unsigned char)*c) && *c != '\t')
			return loadparser_fault(
				p, "a control character (0x%02x)%s", (unsigned char)*c,
				*c == '\r' ? ": lines end with a newline alone" : "");
	directive = loadparser_word(p);
	if (!directive)
		return !p->error;
	parse_directive(p, directive);
	free(directive);
	return !p->error;
}

bool loadfile_is_http(const struct loadfile *l)
{
	return l->protocol == LOAD_HTTP || l->protocol == LOAD_HTTPS;
}

bool loadfile_is_encrypted(const struct loadfile *l)
{
	return l->protocol == LOAD_HTTPS || l->protocol == LOAD_TLS;
}

const char *loadfile_scheme(const struct loadfile *l)
{
	return protocols[l->protocol];
}

char *loadfile_conflict(const struct loadfile *l)
{
	if (l->in_flight > l->connections)
		return xasprintf("%llu requests in flight need as many connections, not %llu",
				 (unsigned long long)l->in_flight,
				 (unsigned long long)l->connections);
	return NULL;
}

/* Directives that another protocol has, and lines that are not of this one. */
static void check_protocol(struct loadparser *p)
{
	const struct loadfile *l = p->l;
	const char *name = loadfile_scheme(l);

	for (size_t i = 0; i < l->n; i++) {
		p->line = l->v[i].line;
		if (!l->v[i].exchange != loadfile_is_http(l))
			loadparser_fault(p, "protocol %s is made of '%s' lines, not of '%s'", name,
					 loadfile_is_http(l) ? "request" : "exchange",
					 loadfile_is_http(l) ? "exchange" : "request");
	}
	if (loadfile_is_http(l) && strlist_has(&p->seen, "pipeline"))
		loadparser_fault(p, "'pipeline' is for protocol tcp and tls, not %s", name);
	if (!loadfile_is_http(l) && strlist_has(&p->seen, "http"))
		loadparser_fault(p, "'http' is for protocol http and https, not %s", name);
	if (!loadfile_is_encrypted(l) &&
	    (strlist_has(&p->seen, "tls") || strlist_has(&p->seen, "resume")))
		loadparser_fault(p, "'tls' and 'resume' are for protocol https and tls, not %s",
				 name);
}

static void check_whole(struct loadparser *p)
{
	char *conflict = loadfile_conflict(p->l);

	if (!strlist_has(&p->seen, "requests"))
		loadparser_fault(p, "'requests N' is missing: how many to send");
	else if (!p->l->n)
		loadparser_fault(p, "there is no request; one is 'request 1 GET / 200'");
	else if (conflict)
		loadparser_fault(p, "%s", conflict);
	free(conflict);
	check_protocol(p);
	if (!loadfile_is_http(p->l) && !strlist_has(&p->seen, "keep-alive"))
		p->l->keep_alive = LOADFILE_MOST_REQUESTS;
}

bool loadfile_parse(struct loadfile *l, const char *path, const char *text, char **error)
{
	struct loadparser p = { .l = l, .path = path };

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
		load_exchange_free(l->v[i].exchange);
		free(l->v[i].body);
		strlist_release(&l->v[i].headers);
	}
	free(l->v);
	*l = (struct loadfile){ 0 };
}
