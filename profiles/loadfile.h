/* SPDX-License-Identifier: MIT */
/*
 * loadfile.h - a load as a file says it: which requests, how often, over what connections
 *
 * Plain text, a directive a line, # begins a comment; docs/loads.md has the grammar. The reader is
 * strict: what it does not understand is an error with file and line, never skipped.
 */
#ifndef PROFILES_LOADFILE_H
#define PROFILES_LOADFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../pipeline/lib/strlist.h"
#include "load_exchange.h"

enum {
	LOADFILE_MOST_REQUESTS = 10000000,
	LOADFILE_MOST_CONNECTIONS = 250, /* three descriptors each, and select() has 1024 */
	LOADFILE_MOST_PIPELINE = 1000,
};

/* One "request" line, or "exchange": then method is that word, and path what is sent, to name it. */
struct load_request {
	unsigned line;	 /* in the file */
	uint64_t weight; /* its share of the load is this, of the sum of all weights */
	const char *method;
	char *path;
	unsigned status;		/* that the answer must have */
	bool has_bytes;			/* and the length of its body, decoded, if this is set */
	uint64_t bytes;			/* for HEAD: what Content-Length says */
	struct strlist headers;		/* "Name: value" */
	char *body;			/* NULL: none */
	struct load_exchange *exchange; /* NULL: a request */
};

enum load_protocol { LOAD_HTTP, LOAD_HTTPS, LOAD_TCP, LOAD_TLS };

struct loadfile {
	unsigned protocol;     /* enum load_protocol */
	unsigned port;	       /* of the guest; 0: its first */
	unsigned http_version; /* 0: 1.1, 1: 2 */
	unsigned tls_version;  /* 0: what both sides like best, 1: 1.2, 2: 1.3 */
	unsigned resume;       /* 1: a later connection resumes the session of the one before */
	uint64_t requests;     /* counted ones */
	uint64_t warmup;       /* sent before them */
	uint64_t connections;  /* used in turn */
	uint64_t in_flight;    /* requests under way at once, at most one a connection */
	uint64_t keep_alive;   /* requests a connection carries before it is closed; 0 is 1 */
	uint64_t pipeline;     /* exchanges that go out at once on a connection */
	uint64_t seed;
	struct load_request *v;
	size_t n; /* at least one */
};

/*
 * Read `text`, whose name is `path` in messages. False if something is wrong: then `*error` is a
 * sentence that begins with "path:line: ", to be freed.
 */
bool loadfile_parse(struct loadfile *l, const char *path, const char *text, char **error);

/* The same for a file; dies with the sentence. */
void xloadfile_read(struct loadfile *l, const char *path);

/* http or https; https or tls. */
bool loadfile_is_http(const struct loadfile *l);
bool loadfile_is_encrypted(const struct loadfile *l);

/* "http", "https", "tcp" or "tls". */
const char *loadfile_scheme(const struct loadfile *l);

/* NULL, or why these numbers do not go together: a sentence, to be freed. */
char *loadfile_conflict(const struct loadfile *l);

/* The value of a header of a request, or NULL; `name` in any case. */
const char *load_request_header(const struct load_request *r, const char *name);

void loadfile_release(struct loadfile *l);

#endif
