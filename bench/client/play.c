/* SPDX-License-Identifier: MIT */
#include "play.h"

#include <stdbool.h>
#include <stddef.h>

#include "app.h"
#include "console.h"
#include "protocol.h"
#include "system.h"

enum { FAILURES_SHOWN = 5, BUFFER_BYTES = 65536, DEATH_MS = 100 };

static const struct protocol *const protocols[] = {
	[SCRIPT_HTTP] = &http_protocol, [SCRIPT_TCP] = &tcp_protocol
};

struct connection {
	int fd;
	uint32_t carried; /* requests since it was opened; 0: it is not open */

	/* the request under way, and how many behind it went out with it */
	bool busy, closes;
	uint32_t number; /* in its part, from 1 */
	uint32_t behind;
	uint64_t started_ns;
	const struct script_request *request;
	struct answer answer;
};

/* One part of the load. */
struct part {
	const struct script_header *script;
	const struct protocol *protocol;
	struct play *play;
	uint32_t count; /* of its requests */
	uint32_t sent, answered, in_flight, batches;
};

static struct connection connections[SCRIPT_MOST_CONNECTIONS];
static char buffer[BUFFER_BYTES];

static void drop(struct connection *c)
{
	if (c->carried)
		system_close(c->fd);
	c->carried = 0;
}

static const struct script_request *request_at(const struct part *part, uint32_t place)
{
	const struct script_request *requests = (const void *)(part->script + 1);
	const uint32_t *sequence = (const void *)(requests + part->script->requests);

	return &requests[sequence[place]];
}

static void say_failure(const struct part *part, const struct connection *c, const char *what)
{
	struct line l;

	if (++part->play->failed > FAILURES_SHOWN)
		return;
	line_begin(&l);
	line_text(&l, "failed: request ");
	line_number(&l, c->number, 1);
	line_text(&l, part->play->latency_ns ? "" : " of the warm-up");
	line_text(&l, ", ");
	line_text(&l, (const char *)part->script + c->request->name_offset);
	line_text(&l, ": ");
	line_text(&l, what);
	line_text(&l, "; status ");
	line_number(&l, part->protocol->status(&c->answer), 1);
	line_text(&l, ", ");
	line_number(&l, part->protocol->body_bytes(&c->answer), 1);
	line_text(&l, " bytes");
	line_end(&l);
}

/* One answer, good (`fault` is NULL) or not. */
static void count_answer(struct part *part, const struct connection *c, const char *fault)
{
	if (part->play->latency_ns)
		part->play->latency_ns[part->answered] = system_now_ns() - c->started_ns;
	part->answered++;
	if (fault)
		say_failure(part, c, fault);
}

/* The one behind it is waited for now. */
static void next_of_batch(struct part *part, struct connection *c)
{
	c->behind--;
	c->request = request_at(part, c->number++);
	part->protocol->begin(&c->answer, part->script, c->request);
}

/* The request under way is over, well (`fault` is NULL) or not. */
static void finish(struct part *part, struct connection *c, const char *fault)
{
	if (!fault)
		fault = part->protocol->fault(&c->answer, c->request);
	if (!fault && !c->closes && part->protocol->closes(&c->answer))
		fault = "the server closes the connection, unasked";
	count_answer(part, c, fault);
	if (fault)
		app_check();
	while (fault && c->behind) {
		next_of_batch(part, c);
		count_answer(part, c, "is lost with the one before it");
	}
	if (c->behind) {
		next_of_batch(part, c);
		return;
	}
	c->busy = false;
	part->in_flight--;
	if (fault || c->closes)
		drop(c);
}

static void open_connection(const struct part *part, struct connection *c)
{
	c->fd = (int)system_socket();
	if (c->fd >= 0 && !system_connect(c->fd, part->script->port))
		return;
	system_poll(NULL, 0, DEATH_MS); /* an app that dies closes its sockets first */
	app_check();
	fatal("the app takes no connection any more", NULL);
}

/* `batch` requests, whose texts lie one behind the other. */
static void send_requests(const struct part *part, struct connection *c, uint32_t batch)
{
	const char *text = (const char *)part->script + c->request->text_offset[c->closes];
	size_t left = 0;

	for (uint32_t i = 0; i < batch; i++)
		left += request_at(part, c->number - 1 + i)->text_bytes[c->closes];
	while (left) {
		long put = system_write(c->fd, text, left);

		if (put <= 0)
			return; /* the server has closed it: reading will say so */
		text += put;
		left -= (size_t)put;
	}
}

/* How many go out at once from where the part is; whether the connection closes behind them. */
static uint32_t next_batch(const struct part *part, const struct connection *c, bool *closes)
{
	const struct script_header *script = part->script;
	uint32_t lasts = script->keep_alive > c->carried ? script->keep_alive - c->carried : 1;
	uint32_t batch = 0;

	*closes = false;
	while (batch < script->pipeline && batch < lasts && part->sent + batch < part->count &&
	       !*closes)
		*closes = request_at(part, part->sent + batch++)->flags & SCRIPT_CLOSES;
	*closes = *closes || batch == lasts;
	return batch;
}

static void start(struct part *part, struct connection *c)
{
	uint32_t batch = next_batch(part, c, &c->closes);

	c->request = request_at(part, part->sent);
	c->number = part->sent + 1;
	c->behind = batch - 1;
	c->busy = true;
	part->sent += batch;
	part->batches++;
	part->in_flight++;
	part->protocol->begin(&c->answer, part->script, c->request);
	c->started_ns = system_now_ns();
	if (!c->carried)
		open_connection(part, c);
	c->carried += batch;
	send_requests(part, c, batch);
}
/* Read what has come on one connection; waits if nothing has. */
static void receive(struct part *part, struct connection *c)
{
	long got = system_read(c->fd, buffer, sizeof(buffer));
	const char *at = buffer;

	if (got <= 0) {
		part->protocol->end(&c->answer);
		finish(part, c, c->answer.is == ANSWER_BAD ? c->answer.bad : NULL);
		return;
	}
	while (got && c->busy) {
		bool last = !c->behind;
		size_t taken = part->protocol->feed(&c->answer, at, (size_t)got);

		at += taken;
		got -= (long)taken;
		if (c->answer.is == ANSWER_WHOLE && last && got)
			finish(part, c, "more came than the answer");
		else if (c->answer.is != ANSWER_PART)
			finish(part, c, c->answer.is == ANSWER_BAD ? c->answer.bad : NULL);
	}
}

/* With several under way, whichever has something. */
static void receive_some(struct part *part)
{
	static struct system_poll polls[SCRIPT_MOST_CONNECTIONS];
	static struct connection *polled[SCRIPT_MOST_CONNECTIONS];
	size_t count = 0;

	for (uint32_t i = 0; i < part->script->connections; i++)
		if (connections[i].busy) {
			polled[count] = &connections[i];
			polls[count++] =
				(struct system_poll){ connections[i].fd, SYSTEM_POLLIN, 0 };
		}
	if (count == 1) {
		receive(part, polled[0]);
		return;
	}
	if (system_poll(polls, count, -1) < 0)
		fatal("cannot wait for answers", NULL);
	for (size_t i = 0; i < count; i++)
		if (polls[i].revents)
			receive(part, polled[i]);
}

void play(const struct script_header *script, uint32_t count, struct play *p)
{
	struct part part = { script, protocols[script->protocol], p, count, 0, 0, 0, 0 };

	while (part.answered < count) {
		struct connection *c = &connections[part.batches % script->connections];

		if (part.sent < count && part.in_flight < script->in_flight && !c->busy)
			start(&part, c);
		else
			receive_some(&part);
	}
	for (uint32_t i = 0; i < script->connections; i++)
		drop(&connections[i]);
}
