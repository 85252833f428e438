/* SPDX-License-Identifier: MIT */
/* Requests of HTTP, in plain or over TLS, by libcurl. */
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>

#include "../pipeline/lib/util.h"
#include "load_answer.h"
#include "load_transport.h"

/* A connection has a curl handle of its own, whose cache holds it alone: no other may serve. */
struct http {
	struct load_client *client;
	CURL *easy;
	CURLM *multi;
	uint64_t body_bytes;
	uint64_t connections; /* opened with this handle, which has the session of the last one */
	bool noted;	      /* the handshake of this request, if there was one */
	bool resumed;
	char error[CURL_ERROR_SIZE];
};

/* Of each request; [1] for the last one of a connection. */
struct headers {
	struct curl_slist **of[2];
};

static void append(struct curl_slist **list, const char *header)
{
	*list = curl_slist_append(*list, header);
	if (!*list)
		die("out of memory");
}

static bool is_header(const char *header, const char *name)
{
	size_t length = strlen(name);

	return !strncasecmp(header, name, length) && header[length] == ':';
}

/*
 * The headers that curl does not make as we need them. Host must not tell the port, which
 * differs from run to run. HTTP/2 knows no Connection.
 */
static struct curl_slist *make_headers(const struct load_request *r, bool closes, bool http2)
{
	struct curl_slist *list = NULL;

	if (!load_request_header(r, "Host"))
		append(&list, "Host: anneal");
	append(&list, "Expect:");
	if (closes && !http2)
		append(&list, "Connection: close");
	for (size_t i = 0; i < r->headers.n; i++)
		if (!is_header(r->headers.v[i], "Accept-Encoding") &&
		    !((closes || http2) && is_header(r->headers.v[i], "Connection")))
			append(&list, r->headers.v[i]);
	return list;
}

static void begin(struct load_client *client)
{
	const struct loadfile *l = client->l;
	struct headers *h = xcalloc(1, sizeof(*h));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	for (int closes = 0; closes < 2; closes++) {
		h->of[closes] = xcalloc(l->n, sizeof(struct curl_slist *));
		for (size_t i = 0; i < l->n; i++)
			h->of[closes][i] = make_headers(&l->v[i], closes, l->http_version);
	}
	client->shared = h;
}

static void end(struct load_client *client)
{
	struct headers *h = client->shared;

	for (int closes = 0; closes < 2; closes++) {
		for (size_t i = 0; i < client->l->n; i++)
			curl_slist_free_all(h->of[closes][i]);
		free(h->of[closes]);
	}
	free(h);
}

static void open_handle(struct load_client *client, struct load_connection *c)
{
	struct http *http = xcalloc(1, sizeof(*http));

	http->client = client;
	http->easy = curl_easy_init();
	http->multi = curl_multi_init();
	if (!http->easy || !http->multi)
		die("out of memory");
	c->transport = http;
}

static void close_handle(struct load_client *client, struct load_connection *c)
{
	struct http *http = c->transport;

	(void)client;
	curl_easy_cleanup(http->easy);
	curl_multi_cleanup(http->multi);
	free(http);
}

/* While the answer comes: later there is no connection to ask, perhaps. */
static void note_handshake(struct http *http)
{
	const struct curl_tlssessioninfo *info = NULL;
	long opened = 0;
	SSL *ssl;

	if (http->noted || !loadfile_is_encrypted(http->client->l))
		return;
	http->noted = true;
	curl_easy_getinfo(http->easy, CURLINFO_NUM_CONNECTS, &opened);
	if (!opened || curl_easy_getinfo(http->easy, CURLINFO_TLS_SSL_PTR, &info) || !info ||
	    info->backend != CURLSSLBACKEND_OPENSSL || !info->internals)
		return;
	ssl = info->internals;
	http->resumed = SSL_session_reused(ssl);
	load_client_handshake(http->client, SSL_get_version(ssl), http->resumed);
}

static size_t count_body(char *data, size_t size, size_t count, void *context)
{
	struct http *http = context;

	(void)data;
	http->body_bytes += size * count;
	return size * count;
}

static size_t take_header(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	note_handshake(context);
	return size * count;
}

static void set_up_versions(const struct loadfile *l, CURL *easy)
{
	static const long tls[] = { CURL_SSLVERSION_DEFAULT,
				    CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2,
				    CURL_SSLVERSION_TLSv1_3 | CURL_SSLVERSION_MAX_TLSv1_3 };
	long version = CURL_HTTP_VERSION_1_1;

	if (l->http_version)
		version = l->protocol == LOAD_HTTPS ? CURL_HTTP_VERSION_2TLS
						    : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, loadfile_scheme(l));
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, tls[l->tls_version]);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, (long)l->resume);
}

/* Every option anew: what the last request set is gone, connection and TLS session stay. */
static void set_up(const struct load_client *client, struct load_connection *c)
{
	const struct load_request *r = load_client_request(client, c);
	const struct headers *h = client->shared;
	struct http *http = c->transport;
	CURL *easy = http->easy;

	curl_easy_reset(easy);
	set_up_versions(client->l, easy);
	curl_easy_setopt(easy, CURLOPT_URL, client->base);
	curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, r->path);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)client->timeout_s * 1000);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "anneal-load");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, h->of[c->closes][c->pending[c->done].request]);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, load_request_header(r, "Accept-Encoding"));
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)c->closes);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->error);
	if (!strcmp(r->method, "HEAD")) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (r->body || !strcmp(r->method, "POST")) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, r->body ? (long)strlen(r->body) : 0L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body ? r->body : "");
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
}

static void start(struct load_client *client, struct load_connection *c)
{
	struct http *http = c->transport;

	http->body_bytes = 0;
	http->noted = http->resumed = false;
	*http->error = '\0';
	set_up(client, c);
	if (curl_multi_add_handle(http->multi, http->easy))
		die("out of memory");
}

static const char *header_of(CURL *easy, const char *name)
{
	struct curl_header *header;

	return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) ? NULL : header->value;
}

/* Versions of HTTP and of TLS, and whether the session was resumed as the load wants it. */
static char *judge_versions(const struct load_client *client, const struct http *http, long opened)
{
	long version = 0;

	curl_easy_getinfo(http->easy, CURLINFO_HTTP_VERSION, &version);
	if (client->l->http_version && version != CURL_HTTP_VERSION_2_0)
		return xstrdup("was answered, but not by HTTP/2");
	if (opened && client->l->resume && http->connections && !http->resumed)
		return xstrdup(
			"the server did not resume the TLS session of the connection before");
	return NULL;
}

/* What is wrong with an answer that came whole; NULL: nothing. */
static char *judge(const struct load_client *client, const struct load_connection *c, long opened)
{
	const struct http *http = c->transport;
	struct load_answer a = { .body_bytes = http->body_bytes };
	curl_off_t length = -1;
	char *fault;
	long status = 0;

	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(http->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	a.status = (unsigned)status;
	a.content_length = length;
	a.encoding = header_of(http->easy, "Content-Encoding");
	a.range = header_of(http->easy, "Content-Range");
	a.reopened_after = opened ? c->carried : 0;
	fault = load_answer_fault(load_client_request(client, c), &a);
	return fault ? fault : judge_versions(client, http, opened);
}

/*
 * An answer that is none. The server is gone if it is silent or just closes; anything else is one answer
 * that is wrong.
 */
static char *judge_failure(const struct load_client *client, const struct load_connection *c,
			   CURLcode code, const char *what)
{
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT: load_client_silent(client, c);
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR: load_client_gone(client, c, what);
	case CURLE_SSL_CONNECT_ERROR:
		die_hint("does it speak TLS at this port, in the load's version?",
			 "the server at %s makes no TLS connection: %s", client->base, what);
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT: die("%s", what);
	default: return xasprintf("no proper answer: %s", what);
	}
}

static void finish(struct load_client *client, struct load_connection *c, CURLcode code)
{
	struct http *http = c->transport;
	struct load_outcome o = { .broken = code };
	curl_off_t wire_bytes = 0;
	long opened = 0;

	curl_multi_remove_handle(http->multi, http->easy);
	o.why = *http->error ? http->error : curl_easy_strerror(code);
	o.refused = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
	if (!o.refused) {
		curl_easy_getinfo(http->easy, CURLINFO_NUM_CONNECTS, &opened);
		curl_easy_getinfo(http->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire_bytes);
		o.fault = code ? judge_failure(client, c, code, o.why) : judge(client, c, opened);
		http->connections += (uint64_t)opened;
	}
	o.opened = o.reopened = opened;
	o.bytes = (uint64_t)wire_bytes;
	load_client_answered(client, c, &o);
}

static void work(struct load_client *client)
{
	for (uint64_t i = 0; i < client->l->connections; i++) {
		struct load_connection *c = &client->v[i];
		struct http *http = c->transport;
		int running, left;
		CURLMsg *message;

		if (!c->busy)
			continue;
		if (curl_multi_perform(http->multi, &running))
			die("out of memory");
		while ((message = curl_multi_info_read(http->multi, &left)))
			if (message->msg == CURLMSG_DONE)
				finish(client, c, message->data.result);
	}
}

static void wait_for_work(const struct load_client *client, uint64_t most_ns)
{
	struct timespec timeout;
	long timeout_ms = 1000;
	fd_set in, out, other;
	int last = -1;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&other);
	for (uint64_t i = 0; i < client->l->connections; i++) {
		const struct http *http = client->v[i].transport;
		int last_of_this = -1;
		long ms = -1;

		if (!client->v[i].busy)
			continue;
		curl_multi_fdset(http->multi, &in, &out, &other, &last_of_this);
		curl_multi_timeout(http->multi, &ms);
		if (last_of_this < 0 && (ms < 0 || ms > 5))
			ms = 5; /* a name is being looked up: there is nothing to wait for */
		if (ms >= 0 && ms < timeout_ms)
			timeout_ms = ms;
		last = last_of_this > last ? last_of_this : last;
	}
	if (most_ns > (uint64_t)timeout_ms * 1000000)
		most_ns = (uint64_t)timeout_ms * 1000000;
	timeout.tv_sec = (time_t)(most_ns / 1000000000);
	timeout.tv_nsec = (long)(most_ns % 1000000000);
	pselect(last + 1, &in, &out, &other, &timeout, NULL);
}

const struct load_transport load_http_transport = { begin, end,	 open_handle,  close_handle,
						    start, work, wait_for_work };
