/* SPDX-License-Identifier: MIT */
#include "outbox.h"

static unsigned writer_of(enum unit unit, enum count_kind kind)
{
	return (unsigned)unit * (COUNT_RANGE + 1) + (unsigned)kind;
}

static void begin_writer(struct outbox *o, unsigned i)
{
	counts_writer_begin(&o->writers[i], (enum unit)(i / (COUNT_RANGE + 1)),
			    (enum count_kind)(i % (COUNT_RANGE + 1)));
	o->sums[i] = 0;
}

void outbox_begin(struct outbox *o, struct table *t)
{
	o->table = t;
	o->line = 0;
	for (unsigned i = 0; i < OUTBOX_WRITERS; i++)
		begin_writer(o, i);
}

static enum channel_result send_writer(struct outbox *o, unsigned i, struct channel *c,
				       size_t *budget)
{
	const struct counts_writer *w = &o->writers[i];
	enum channel_result result;

	if (*budget < FRAME_HEADER_BYTES + w->bytes)
		return CHANNEL_BUSY;
	result = channel_send(c, FRAME_COUNTS, w->payload, w->bytes);
	if (result != CHANNEL_DONE)
		return result;
	*budget -= FRAME_HEADER_BYTES + w->bytes;
	o->sent += o->sums[i];
	begin_writer(o, i);
	return CHANNEL_DONE;
}

/* One line goes into its writer, which is sent before if it is full. */
static enum channel_result pump_line(struct outbox *o, const struct units *u, struct channel *c,
				     size_t *budget)
{
	enum channel_result result;
	struct place p;
	uint32_t count;
	unsigned i;

	if (!table_line(o->table, u, o->line, &p, &count))
		return CHANNEL_DONE;
	i = writer_of(p.unit, p.kind);
	while (!counts_writer_add(&o->writers[i], &(struct count_entry){ p.from, p.to, count })) {
		result = send_writer(o, i, c, budget);
		if (result != CHANNEL_DONE)
			return result;
	}
	o->sums[i] += count;
	return CHANNEL_DONE;
}

enum channel_result outbox_pump(struct outbox *o, const struct units *u, struct channel *c,
				size_t *budget)
{
	enum channel_result result;

	if (!o->table)
		return CHANNEL_DONE;
	for (; o->line < TABLE_LINES; o->line++) {
		result = pump_line(o, u, c, budget);
		if (result != CHANNEL_DONE)
			return result;
	}
	for (unsigned i = 0; i < OUTBOX_WRITERS; i++) {
		result = o->writers[i].entries ? send_writer(o, i, c, budget) : CHANNEL_DONE;
		if (result != CHANNEL_DONE)
			return result;
	}
	table_clear(o->table);
	o->table = NULL;
	return CHANNEL_DONE;
}
