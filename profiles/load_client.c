/* SPDX-License-Identifier: MIT */
#include "load_client.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <time.h>

#include "../pipeline/lib/util.h"
#include "load_schedule.h"
#include "load_sequence.h"
#include "load_transport.h"

enum {
	CONNECT_TRIES = 40,
	CONNECT_PAUSE_MS = 50,
	FAULTS_SHOWN = 5,
};

static const char server_hint[] = "is the server still running? its console may say more";

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

const struct load_request *load_client_request(const struct load_client *client,
					       const struct load_connection *c)
{
	return &client->l->v[c->pending[c->done].request];
}

char *load_client_name(const struct load_client *client, const struct load_connection *c)
{
	const struct load_request *r = load_client_request(client, c);

	return xasprintf("%s %s, line %u of the load,", r->method, r->path, r->line);
}

void load_client_silent(const struct load_client *client, const struct load_connection *c)
{
	die_hint("--timeout-s allows more",
		 "%s got no whole answer within %u s, after %" PRIu64 " answers",
		 load_client_name(client, c), client->timeout_s, client->answered);
}

void load_client_gone(const struct load_client *client, const struct load_connection *c,
		      const char *what)
{
	die_hint(server_hint, "%s got no answer, after %" PRIu64 " answers: %s",
		 load_client_name(client, c), client->answered, what);
}

void load_client_handshake(struct load_client *client, const char *version, bool resumed)
{
	if (client->counted)
		load_result_handshake(client->result, version, resumed);
}

static bool asks_to_close(const struct load_request *r)
{
	const char *value;

	if (r->exchange)
		return r->exchange->end == EXCHANGE_CLOSE;
	value = load_request_header(r, "Connection");
	return value && !strcasecmp(value, "close");
}

/* Put the next requests of the sequence on a connection: up to `most` that go out at once. */
static void take_batch(struct load_client *client, struct load_connection *c,
		       struct load_sequence *sequence, uint64_t number, uint64_t most)
{
	uint64_t lasts =
		client->l->keep_alive > c->carried ? client->l->keep_alive - c->carried : 1;

	c->batch = c->done = 0;
	c->closes = false;
	while (c->batch < most && c->batch < lasts && !c->closes) {
		struct load_pending *p = &c->pending[c->batch++];

		p->request = load_sequence_next(sequence);
		p->number = number++;
		memcpy(p->drawn, sequence->drawn, sizeof(p->drawn));
		c->closes = asks_to_close(&client->l->v[p->request]);
	}
	c->closes = c->closes || c->batch == lasts;
}

static void start(struct load_client *client, struct load_connection *c)
{
	c->busy = true;
	client->in_flight++;
	client->opening += !c->carried;
	client->transport->start(client, c);
	if (!client->open)
		c->began_ns = now_ns();
}

/* One answer more that is not good. */
static void note_fault(struct load_client *client, const struct load_connection *c,
		       const char *fault)
{
	struct load_result *result = client->result;
	char *name = load_client_name(client, c);

	if (result->failed + result->warmup_failed < FAULTS_SHOWN)
		fprintf(stderr, "failed: request %" PRIu64 "%s, %s %s\n",
			c->pending[c->done].number, client->counted ? "" : " of the warm-up", name,
			fault);
	free(name);
	if (!client->counted) {
		result->warmup_failed++;
		return;
	}
	result->failed++;
	result->by_request[c->pending[c->done].request].failed++;
}

/* A connection that is refused is tried again for a while: a guest is slow to take them. */
static void try_again(struct load_client *client, struct load_connection *c, const char *why)
{
	struct timespec pause = { .tv_nsec = CONNECT_PAUSE_MS * 1000000 };

	client->in_flight--;
	client->opening -= !c->carried;
	if (++c->tries >= CONNECT_TRIES)
		die_hint(server_hint, "cannot connect to %s after %" PRIu64 " answers: %s",
			 client->base, client->answered, why);
	nanosleep(&pause, NULL);
	start(client, c);
}

/* One answer, for good or ill. */
static void count(struct load_client *client, struct load_connection *c,
		  const struct load_outcome *o, const char *fault)
{
	struct load_result *result = client->result;
	struct load_tally *tally = &result->by_request[c->pending[c->done].request];

	client->answered++;
	if (fault)
		note_fault(client, c, fault);
	c->done++;
	if (!client->counted)
		return;
	tally->sent++;
	tally->bytes += o->bytes;
	result->connections += o->opened;
	result->latency_ns[result->latencies++] = now_ns() - c->began_ns;
}

void load_client_answered(struct load_client *client, struct load_connection *c,
			  const struct load_outcome *o)
{
	static const struct load_outcome lost;

	if (o->refused) {
		try_again(client, c, o->why);
		return;
	}
	c->tries = 0;
	count(client, c, o, o->fault);
	free(o->fault);
	while (o->broken && c->done < c->batch)
		count(client, c, &lost, "is lost with the one before it");
	if (c->done < c->batch)
		return;
	c->busy = false;
	client->in_flight--;
	client->opening -= !c->carried;
	if (o->reopened)
		c->carried = 0;
	c->carried = o->broken || c->closes ? 0 : c->carried + c->batch;
}

static void open_all(struct load_client *client)
{
	client->v = xcalloc(client->l->connections, sizeof(*client->v));
	for (uint64_t i = 0; i < client->l->connections; i++) {
		client->v[i].pending = xcalloc(client->l->pipeline, sizeof(*client->v[i].pending));
		client->transport->open(client, &client->v[i]);
	}
}

static void close_all(struct load_client *client)
{
	for (uint64_t i = 0; i < client->l->connections; i++) {
		client->transport->close(client, &client->v[i]);
		free(client->v[i].pending);
	}
	free(client->v);
}

static bool is_free(const struct load_client *client, const struct load_connection *c)
{
	return !c->busy && (c->carried || !client->opening);
}

/*
 * `count` requests from the beginning of the sequence, over new connections; fewer if `seconds` pass
 * first, unless they are 0.
 */
static void send_all(struct load_client *client, uint64_t requests, unsigned seconds)
{
	uint64_t sent = 0, batches = 0, before, end_ns = now_ns() + seconds * UINT64_C(1000000000);
	struct load_sequence sequence;

	load_sequence_begin(&sequence, client->l);
	open_all(client);
	client->answered = 0;
	while (client->answered < requests) {
		struct load_connection *c = &client->v[batches % client->l->connections];

		if (seconds && sent < requests && now_ns() >= end_ns)
			requests = sent;
		if (sent < requests && client->in_flight < client->l->in_flight &&
		    is_free(client, c)) {
			uint64_t left = requests - sent;

			take_batch(client, c, &sequence, sent + 1,
				   left < client->l->pipeline ? left : client->l->pipeline);
			sent += c->batch;
			batches++;
			start(client, c);
			continue;
		}
		before = client->answered;
		client->transport->work(client);
		if (client->answered == before)
			client->transport->wait(client, UINT64_MAX);
	}
	close_all(client);
}

/* One that the request may go out on now, in turn as far as they are free; NULL: it has to wait. */
static struct load_connection *free_connection(struct load_client *client, uint64_t number)
{
	for (uint64_t i = 0; i < client->l->connections; i++) {
		struct load_connection *c = &client->v[(number + i) % client->l->connections];

		if (is_free(client, c))
			return c;
	}
	return NULL;
}

/*
 * All counted requests at times that were settled before, over new connections. What is due while
 * none is free waits, in the sequence's order. Gives up once the queue is `client->timeout_s` long.
 */
static void send_open(struct load_client *client, struct load_schedule *schedule)
{
	uint64_t begin_ns = now_ns(), requests = client->l->requests, before;
	uint64_t longest_ns = client->timeout_s * UINT64_C(1000000000);
	struct load_sequence sequence;

	prctl(PR_SET_TIMERSLACK, 1UL); /* or each wait is 50 us too long */
	load_sequence_begin(&sequence, client->l);
	client->answered = 0;
	while (client->answered < requests) {
		uint64_t now = now_ns() - begin_ns, wait_ns = UINT64_MAX;
		uint64_t due_ns = load_schedule_due_ns(schedule, schedule->sent);
		struct load_connection *c = NULL;

		if (schedule->sent < requests && due_ns <= now) {
			if (now - due_ns > longest_ns)
				requests = schedule->sent;
			else
				c = free_connection(client, schedule->sent);
		} else if (schedule->sent < requests) {
			wait_ns = due_ns - now;
		}
		if (c) {
			take_batch(client, c, &sequence, schedule->sent + 1, 1);
			c->began_ns = begin_ns + due_ns;
			load_schedule_note(schedule, now);
			start(client, c);
			continue;
		}
		before = client->answered;
		client->transport->work(client);
		if (client->answered == before)
			client->transport->wait(client, wait_ns);
	}
}

static void run_open(struct load_client *client)
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

static void run_closed(struct load_client *client)
{
	uint64_t began_ns = now_ns();

	send_all(client, client->l->requests, client->result->seconds);
	client->result->elapsed_ns = now_ns() - began_ns;
}

void xload_client_run(const struct loadfile *l, const char *base, unsigned timeout_s,
		      struct load_result *result)
{
	struct load_client client = { l, base, timeout_s, .result = result };
	uint64_t faults;

	client.transport = loadfile_is_http(l) ? &load_http_transport : &load_tcp_transport;
	client.transport->begin(&client);
	send_all(&client, l->warmup, 0);
	client.counted = true;
	if (result->rate_rps > 0)
		run_open(&client);
	else
		run_closed(&client);
	client.transport->end(&client);
	faults = result->failed + result->warmup_failed;
	if (faults > FAULTS_SHOWN)
		fprintf(stderr, "failed: %" PRIu64 " more\n", faults - FAULTS_SHOWN);
}

static bool is_base(CURLU *url, const char *base, const char *wanted)
{
	static const CURLUPart none[] = { CURLUPART_USER, CURLUPART_QUERY, CURLUPART_FRAGMENT };
	char *scheme = NULL, *path = NULL, *port = NULL, *part = NULL;
	bool http = !strncmp(wanted, "http", 4);
	bool good = !curl_url_set(url, CURLUPART_URL, base, CURLU_NON_SUPPORT_SCHEME) &&
		    !curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) && !strcmp(scheme, wanted) &&
		    !curl_url_get(url, CURLUPART_PATH, &path, 0) && !strcmp(path, "/") &&
		    (http || !curl_url_get(url, CURLUPART_PORT, &port, 0));

	for (size_t i = 0; good && i < ARRAY_SIZE(none); i++)
		good = curl_url_get(url, none[i], &part, 0) != CURLUE_OK;
	curl_free(scheme);
	curl_free(path);
	curl_free(port);
	return good;
}

void xload_client_check_base(const struct loadfile *l, const char *base)
{
	CURLU *url = curl_url();

	if (!url)
		die("out of memory");
	if (!is_base(url, base, loadfile_scheme(l)))
		die_hint(loadfile_is_http(l) ? "the paths are in the load file"
					     : "the load's protocol is that of the address",
			 "'%s' is not the address of a server, as in %s://127.0.0.1:8080", base,
			 loadfile_scheme(l));
	curl_url_cleanup(url);
}
