/* SPDX-License-Identifier: MIT */
#include "play.h"

#include <stdbool.h>
#include <stddef.h>

#include "app.h"
#include "console.h"
#include "protocol.h"
#include "system.h"

enum { FAILURES_SHOWN = 5, BUFFER_BYTES = 65536, DEATH_MS = 100 };

static const struct protocol *const protocols[] = { [SCRIPT_HTTP] = &http_protocol };

struct connection {
	int fd;
	uint32_t carried; /* requests since it was opened; 0: it is not open */

	/* the request under way */
	bool busy, closes;
	uint32_t number; /* in its part, from 1 */
	uint64_t started_ns;
	const struct script_request *request;
	struct answer answer;
};

/* One part of the load. */
struct part {
	const struct script_header *script;
	const struct protocol *protocol;
	struct play *play;
	uint32_t sent, answered, in_flight;
};

static struct connection connections[SCRIPT_MOST_CONNECTIONS];
static char buffer[BUFFER_BYTES];

static void drop(struct connection *c)
{
	if (c->carried)
		system_close(c->fd);
	c->carried = 0;
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

/* The request under way is over, well (`fault` is NULL) or not. */
static void finish(struct part *part, struct connection *c, const char *fault)
{
	uint64_t now_ns = system_now_ns();

	if (part->play->latency_ns)
		part->play->latency_ns[part->answered] = now_ns - c->started_ns;
	if (!fault)
		fault = part->protocol->fault(&c->answer, c->request);
	if (!fault && !c->closes && part->protocol->closes(&c->answer))
		fault = "the server closes the connection, unasked";
	if (fault) {
		say_failure(part, c, fault);
		app_check();
	}
	c->busy = false;
	part->in_flight--;
	part->answered++;
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

static void send_request(const struct part *part, struct connection *c)
{
	const char *text = (const char *)part->script + c->request->text_offset[c->closes];
	size_t left = c->request->text_bytes[c->closes];

	while (left) {
		long put = system_write(c->fd, text, left);

		if (put <= 0)
			return; /* the server has closed it: reading will say so */
		text += put;
		left -= (size_t)put;
	}
}

static void start(struct part *part, struct connection *c)
{
	const struct script_header *script = part->script;
	const struct script_request *requests = (const void *)(script + 1);
	const uint32_t *sequence = (const void *)(requests + script->requests);

	c->request = &requests[sequence[part->sent]];
	c->number = ++part->sent;
	c->closes = c->carried + 1 >= script->keep_alive || c->request->flags & SCRIPT_CLOSES;
	c->busy = true;
	part->in_flight++;
	part->protocol->begin(&c->answer, c->request);
	c->started_ns = system_now_ns();
	if (!c->carried)
		open_connection(part, c);
	c->carried++;
	send_request(part, c);
}

/* Read what has come on one connection; waits if nothing has. */
static void receive(struct part *part, struct connection *c)
{
	long got = system_read(c->fd, buffer, sizeof(buffer));
	size_t taken;

	if (got <= 0) {
		part->protocol->end(&c->answer);
	} else {
		taken = part->protocol->feed(&c->answer, buffer, (size_t)got);
		if (c->answer.is == ANSWER_WHOLE && taken < (size_t)got)
			finish(part, c, "more came than the answer");
	}
	if (c->busy && c->answer.is != ANSWER_PART)
		finish(part, c, c->answer.is == ANSWER_BAD ? c->answer.bad : NULL);
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
	struct part part = { script, protocols[script->protocol], p, 0, 0, 0 };

	while (part.answered < count) {
		struct connection *c = &connections[part.sent % script->connections];

		if (part.sent < count && part.in_flight < script->in_flight && !c->busy)
			start(&part, c);
		else
			receive_some(&part);
	}
	for (uint32_t i = 0; i < script->connections; i++)
		drop(&connections[i]);
}
