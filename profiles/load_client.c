/* SPDX-License-Identifier: MIT */
#include "load_client.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <time.h>

#include "../pipeline/lib/util.h"
#include "load_answer.h"
#include "load_schedule.h"
#include "load_sequence.h"

enum {
	CONNECT_TRIES = 40,
	CONNECT_PAUSE_MS = 50,
	FAULTS_SHOWN = 5,
};

/* A connection has a curl handle of its own, whose cache holds it alone: no other may serve. */
struct connection {
	CURL *easy;
	CURLM *multi;
	uint64_t carried; /* requests since it was opened; 0: it is not open */
	unsigned tries;	  /* to open it */

	/* the request under way */
	bool busy, closes;
	size_t request; /* its place in the load file */
	uint64_t number, body_bytes;
	uint64_t began_ns; /* when its latency began: when it was sent, or due */
	char error[CURL_ERROR_SIZE];
};

struct client {
	const struct loadfile *l;
	const char *base;
	unsigned timeout_s;
	struct curl_slist **headers[2]; /* of each request; [1] for the last one of a connection */
	struct connection *v;
	uint64_t answered, in_flight, opening;
	struct load_result *result;
	bool counted; /* not the warm-up */
	bool open;    /* requests go out when they are due */
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

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
 * differs from run to run.
 */
static struct curl_slist *make_headers(const struct load_request *r, bool closes)
{
	struct curl_slist *list = NULL;

	if (!load_request_header(r, "Host"))
		append(&list, "Host: anneal");
	append(&list, "Expect:");
	if (closes)
		append(&list, "Connection: close");
	for (size_t i = 0; i < r->headers.n; i++)
		if (!is_header(r->headers.v[i], "Accept-Encoding") &&
		    !(closes && is_header(r->headers.v[i], "Connection")))
			append(&list, r->headers.v[i]);
	return list;
}

static bool asks_to_close(const struct load_request *r)
{
	const char *value = load_request_header(r, "Connection");

	return value && !strcasecmp(value, "close");
}

static size_t count_body(char *data, size_t size, size_t count, void *context)
{
	struct connection *c = context;

	(void)data;
	c->body_bytes += size * count;
	return size * count;
}

/* Every option anew: what the last request set is gone, the connection stays. */
static void set_up(struct client *client, struct connection *c)
{
	const struct load_request *r = &client->l->v[c->request];

	curl_easy_reset(c->easy);
	curl_easy_setopt(c->easy, CURLOPT_URL, client->base);
	curl_easy_setopt(c->easy, CURLOPT_REQUEST_TARGET, r->path);
	curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(c->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)client->timeout_s * 1000);
	curl_easy_setopt(c->easy, CURLOPT_USERAGENT, "anneal-load");
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, client->headers[c->closes][c->request]);
	curl_easy_setopt(c->easy, CURLOPT_ACCEPT_ENCODING,
			 load_request_header(r, "Accept-Encoding"));
	curl_easy_setopt(c->easy, CURLOPT_FORBID_REUSE, (long)c->closes);
	curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, count_body);
	curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	if (!strcmp(r->method, "HEAD")) {
		curl_easy_setopt(c->easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (r->body || !strcmp(r->method, "POST")) {
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE,
				 r->body ? (long)strlen(r->body) : 0L);
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, r->body ? r->body : "");
	}
	curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, r->method);
}

static void start(struct client *client, struct connection *c)
{
	const struct load_request *r = &client->l->v[c->request];

	c->closes = c->carried + 1 >= client->l->keep_alive || asks_to_close(r);
	c->busy = true;
	c->body_bytes = 0;
	*c->error = '\0';
	client->in_flight++;
	client->opening += !c->carried;
	set_up(client, c);
	if (!client->open)
		c->began_ns = now_ns();
	if (curl_multi_add_handle(c->multi, c->easy))
		die("out of memory");
}

/* "GET /1k.txt, line 7 of the load": a request in a sentence; to be freed. */
static char *name_of(const struct client *client, const struct connection *c)
{
	const struct load_request *r = &client->l->v[c->request];

	return xasprintf("%s %s, line %u of the load,", r->method, r->path, r->line);
}

/* One answer more that is not good. */
static void note_fault(struct client *client, const struct connection *c, const char *fault)
{
	struct load_result *result = client->result;
	char *name = name_of(client, c);

	if (result->failed + result->warmup_failed < FAULTS_SHOWN)
		fprintf(stderr, "failed: request %" PRIu64 "%s, %s %s\n", c->number,
			client->counted ? "" : " of the warm-up", name, fault);
	free(name);
	if (!client->counted) {
		result->warmup_failed++;
		return;
	}
	result->failed++;
	result->by_request[c->request].failed++;
}

static const char *header_of(CURL *easy, const char *name)
{
	struct curl_header *header;

	return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) ? NULL : header->value;
}

/* What is wrong with an answer that came whole; NULL: nothing. */
static char *judge(const struct client *client, const struct connection *c, long opened)
{
	struct load_answer a = { .body_bytes = c->body_bytes };
	curl_off_t length = -1;
	long status = 0;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	a.status = (unsigned)status;
	a.content_length = length;
	a.encoding = header_of(c->easy, "Content-Encoding");
	a.range = header_of(c->easy, "Content-Range");
	a.reopened_after = opened ? c->carried : 0;
	return load_answer_fault(&client->l->v[c->request], &a);
}

/*
 * An answer that is none. The server is gone if it refuses, is silent or just closes; anything
 * else is one answer that is wrong.
 */
static char *judge_failure(const struct client *client, const struct connection *c, CURLcode code)
{
	static const char hint[] = "is the server still running? its console may say more";
	const char *what = *c->error ? c->error : curl_easy_strerror(code);
	char *name = name_of(client, c);

	switch (code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		die_hint(hint, "cannot connect to %s after %" PRIu64 " answers: %s", client->base,
			 client->answered, what);
	case CURLE_OPERATION_TIMEDOUT:
		die_hint("--timeout-s allows more",
			 "%s got no whole answer within %u s, "
			 "after %" PRIu64 " answers",
			 name, client->timeout_s, client->answered);
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		die_hint(hint, "%s got no answer, after %" PRIu64 " answers: %s", name,
			 client->answered, what);
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT: die("%s", what);
	default: break;
	}
	free(name);
	return xasprintf("no proper answer: %s", what);
}

/* A connection that is refused is tried again for a while: a guest is slow to take them. */
static bool try_again(struct client *client, struct connection *c)
{
	struct timespec pause = { .tv_nsec = CONNECT_PAUSE_MS * 1000000 };

	if (++c->tries >= CONNECT_TRIES)
		return false;
	nanosleep(&pause, NULL);
	start(client, c);
	return true;
}

static void finish(struct client *client, struct connection *c, CURLcode code)
{
	struct load_result *result = client->result;
	uint64_t latency_ns = now_ns() - c->began_ns;
	curl_off_t wire_bytes = 0;
	long opened = 0;
	char *fault;

	curl_multi_remove_handle(c->multi, c->easy);
	c->busy = false;
	client->in_flight--;
	client->opening -= !c->carried;
	if (code == CURLE_COULDNT_CONNECT && try_again(client, c))
		return;
	c->tries = 0;
	curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &opened);
	curl_easy_getinfo(c->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire_bytes);
	fault = code ? judge_failure(client, c, code) : judge(client, c, opened);
	client->answered++;
	if (fault)
		note_fault(client, c, fault);
	free(fault);
	if (opened)
		c->carried = 0;
	c->carried = code || c->closes ? 0 : c->carried + 1;
	if (!client->counted)
		return;
	result->by_request[c->request].sent++;
	result->by_request[c->request].bytes += (uint64_t)wire_bytes;
	result->connections += (uint64_t)opened;
	result->latency_ns[result->latencies++] = latency_ns;
}

/* Let every connection go on as far as it can. */
static void work(struct client *client)
{
	for (uint64_t i = 0; i < client->l->connections; i++) {
		struct connection *c = &client->v[i];
		int running, left;
		CURLMsg *message;

		if (!c->busy)
			continue;
		if (curl_multi_perform(c->multi, &running))
			die("out of memory");
		while ((message = curl_multi_info_read(c->multi, &left)))
			if (message->msg == CURLMSG_DONE)
				finish(client, c, message->data.result);
	}
}

/* Until one of the connections under way has something to do, for `most_ns` at most. */
static void wait_for_work(const struct client *client, uint64_t most_ns)
{
	struct timespec timeout;
	long timeout_ms = 1000;
	fd_set in, out, other;
	int last = -1;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&other);
	for (uint64_t i = 0; i < client->l->connections; i++) {
		const struct connection *c = &client->v[i];
		int last_of_this = -1;
		long ms = -1;

		if (!c->busy)
			continue;
		curl_multi_fdset(c->multi, &in, &out, &other, &last_of_this);
		curl_multi_timeout(c->multi, &ms);
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

static void open_all(struct client *client)
{
	client->v = xcalloc(client->l->connections, sizeof(*client->v));
	for (uint64_t i = 0; i < client->l->connections; i++) {
		client->v[i].easy = curl_easy_init();
		client->v[i].multi = curl_multi_init();
		if (!client->v[i].easy || !client->v[i].multi)
			die("out of memory");
	}
}

static void close_all(struct client *client)
{
	for (uint64_t i = 0; i < client->l->connections; i++) {
		curl_easy_cleanup(client->v[i].easy);
		curl_multi_cleanup(client->v[i].multi);
	}
	free(client->v);
}

/* `count` requests from the beginning of the sequence, over new connections. */
static void send_all(struct client *client, uint64_t count)
{
	struct load_sequence sequence;
	uint64_t sent = 0, before;

	load_sequence_begin(&sequence, client->l);
	open_all(client);
	client->answered = 0;
	while (client->answered < count) {
		struct connection *c = &client->v[sent % client->l->connections];

		if (sent < count && client->in_flight < client->l->in_flight && !c->busy &&
		    (c->carried || !client->opening)) {
			c->request = load_sequence_next(&sequence);
			c->number = ++sent;
			start(client, c);
			continue;
		}
		before = client->answered;
		work(client);
		if (client->answered == before)
			wait_for_work(client, UINT64_MAX);
	}
	close_all(client);
}

/* One that the request may go out on now, in turn as far as they are free; NULL: it has to wait. */
static struct connection *free_connection(struct client *client, uint64_t number)
{
	for (uint64_t i = 0; i < client->l->connections; i++) {
		struct connection *c = &client->v[(number + i) % client->l->connections];

		if (!c->busy && (c->carried || !client->opening))
			return c;
	}
	return NULL;
}

/*
 * All counted requests at times that were settled before, over new connections. What is due while
 * none is free waits, in the sequence's order. Gives up once the queue is `client->timeout_s` long.
 */
static void send_open(struct client *client, struct load_schedule *schedule)
{
	uint64_t begin_ns = now_ns(), count = client->l->requests, before;
	uint64_t longest_ns = client->timeout_s * UINT64_C(1000000000);
	struct load_sequence sequence;

	prctl(PR_SET_TIMERSLACK, 1UL); /* or each wait is 50 us too long */
	load_sequence_begin(&sequence, client->l);
	client->answered = 0;
	while (client->answered < count) {
		uint64_t now = now_ns() - begin_ns, wait_ns = UINT64_MAX;
		uint64_t due_ns = load_schedule_due_ns(schedule, schedule->sent);
		struct connection *c = NULL;

		if (schedule->sent < count && due_ns <= now) {
			if (now - due_ns > longest_ns)
				count = schedule->sent;
			else
				c = free_connection(client, schedule->sent);
		} else if (schedule->sent < count) {
			wait_ns = due_ns - now;
		}
		if (c) {
			c->request = load_sequence_next(&sequence);
			c->number = schedule->sent + 1;
			c->began_ns = begin_ns + due_ns;
			load_schedule_note(schedule, now);
			start(client, c);
			continue;
		}
		before = client->answered;
		work(client);
		if (client->answered == before)
			wait_for_work(client, wait_ns);
	}
}

static void run_open(struct client *client)
{
	struct load_result *result = client->result;
	struct load_schedule schedule;
	uint64_t began_ns, planned_ns;

	client->open = true;
	load_schedule_begin(&schedule, result->rate_rps, client->l->requests);
	open_all(client);
	began_ns = now_ns();
	send_open(client, &schedule);
	result->elapsed_ns = now_ns() - began_ns;
	planned_ns = load_schedule_due_ns(&schedule, schedule.sent);
	if (result->elapsed_ns < planned_ns)
		result->elapsed_ns = planned_ns;
	result->held = load_schedule_held(&schedule);
	close_all(client);
}

static void run_closed(struct client *client)
{
	uint64_t began_ns = now_ns();

	send_all(client, client->l->requests);
	client->result->elapsed_ns = now_ns() - began_ns;
}

void xload_client_run(const struct loadfile *l, const char *base, unsigned timeout_s,
		      struct load_result *result)
{
	struct client client = { l, base, timeout_s, .result = result };
	uint64_t faults;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	for (int closes = 0; closes < 2; closes++) {
		client.headers[closes] = xcalloc(l->n, sizeof(struct curl_slist *));
		for (size_t i = 0; i < l->n; i++)
			client.headers[closes][i] = make_headers(&l->v[i], closes);
	}
	send_all(&client, l->warmup);
	client.counted = true;
	if (result->rate_rps > 0)
		run_open(&client);
	else
		run_closed(&client);
	faults = result->failed + result->warmup_failed;
	if (faults > FAULTS_SHOWN)
		fprintf(stderr, "failed: %" PRIu64 " more\n", faults - FAULTS_SHOWN);
	for (int closes = 0; closes < 2; closes++) {
		for (size_t i = 0; i < l->n; i++)
			curl_slist_free_all(client.headers[closes][i]);
		free(client.headers[closes]);
	}
}

void xload_client_check_base(const char *base)
{
	static const CURLUPart none[] = { CURLUPART_USER, CURLUPART_QUERY, CURLUPART_FRAGMENT };
	char *scheme = NULL, *path = NULL, *part = NULL;
	CURLU *url = curl_url();
	bool good = url && !curl_url_set(url, CURLUPART_URL, base, 0) &&
		    !curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) && !strcmp(scheme, "http") &&
		    !curl_url_get(url, CURLUPART_PATH, &path, 0) && !strcmp(path, "/");

	for (size_t i = 0; good && i < ARRAY_SIZE(none); i++)
		good = curl_url_get(url, none[i], &part, 0) != CURLUE_OK;
	if (!good)
		die_hint("the paths are in the load file",
			 "'%s' is not the address of a server, as in http://127.0.0.1:8080", base);
	curl_free(scheme);
	curl_free(path);
	curl_url_cleanup(url);
}
