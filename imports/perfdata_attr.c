/* SPDX-License-Identifier: MIT */
/* perfdata_attr.c - the events of a perf.data, and whose a sample is */
#include "perfdata.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* Bits behind sample_type, in the order of the bit field in linux/perf_event.h. */
enum {
	ATTR_EXCLUDE_USER = 4,
	ATTR_EXCLUDE_KERNEL = 5,
	ATTR_EXCLUDE_HYPERVISOR = 6,
	ATTR_FREQUENCY = 10,
	ATTR_EXCLUDE_HOST = 19,
	ATTR_EXCLUDE_GUEST = 20,
};

static bool bit(uint64_t bits, unsigned int n)
{
	return bits >> n & 1;
}

bool perfdata_add_event(struct perfdata *d, const uint8_t *attr, size_t bytes)
{
	struct perfcursor c = { attr, attr + bytes, false };
	struct perf_facts *facts = d->facts;
	struct perf_event_kind e = { 0 };
	struct perfdata_layout l = { 0 };
	uint64_t bits;

	if (bytes < PERF_ATTR_SIZE_VER0)
		return perfdata_fail(d, "an event is described in %zu bytes; %d are the least",
				     bytes, PERF_ATTR_SIZE_VER0);
	if (facts->event_count >= PERFDATA_MOST_EVENTS)
		return perfdata_fail(d, "there are more than %d events", PERFDATA_MOST_EVENTS);
	e.type = perfcursor_u32(&c);
	perfcursor_skip(&c, 4); /* its size: the caller knows */
	e.config = perfcursor_u64(&c);
	e.period_or_frequency = perfcursor_u64(&c);
	l.sample_type = perfcursor_u64(&c);
	l.read_format = perfcursor_u64(&c);
	bits = perfcursor_u64(&c);
	if (bytes >= PERF_ATTR_SIZE_VER2) {
		perfcursor_skip(&c, 24); /* wakeup, breakpoint, config1, config2 */
		l.branch_filter = perfcursor_u64(&c);
	}
	e.exclude_user = bit(bits, ATTR_EXCLUDE_USER);
	e.exclude_kernel = bit(bits, ATTR_EXCLUDE_KERNEL);
	e.exclude_hypervisor = bit(bits, ATTR_EXCLUDE_HYPERVISOR);
	e.is_frequency = bit(bits, ATTR_FREQUENCY);
	e.exclude_host = bit(bits, ATTR_EXCLUDE_HOST);
	e.exclude_guest = bit(bits, ATTR_EXCLUDE_GUEST);
	e.has_branches = l.sample_type & PERF_SAMPLE_BRANCH_STACK;
	e.branch_filter = l.branch_filter;

	facts->events = xrealloc(facts->events, (facts->event_count + 1) * sizeof(e));
	d->layouts = xrealloc(d->layouts, (facts->event_count + 1) * sizeof(l));
	facts->events[facts->event_count] = e;
	d->layouts[facts->event_count++] = l;
	d->layouts_checked = false;
	return true;
}

bool perfdata_add_id(struct perfdata *d, uint64_t id, size_t event)
{
	if (d->id_count >= PERFDATA_MOST_IDS)
		return perfdata_fail(d, "its events have more than %d ids", PERFDATA_MOST_IDS);
	if (d->id_count == d->id_room) {
		d->id_room = d->id_room ? 2 * d->id_room : 64;
		d->ids = xrealloc(d->ids, d->id_room * sizeof(*d->ids));
	}
	d->ids[d->id_count++] = (struct perfdata_id){ id, event };
	d->ids_sorted = false;
	return true;
}

/* The same id twice: the event that came first has it. */
static int compare(const void *a, const void *b)
{
	const struct perfdata_id *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->event > y->event) - (x->event < y->event);
}

bool perfdata_find_event(struct perfdata *d, uint64_t id, size_t *event)
{
	size_t low = 0, high = d->id_count;

	if (!d->ids_sorted && d->id_count)
		qsort(d->ids, d->id_count, sizeof(*d->ids), compare);
	d->ids_sorted = true;
	if (d->last_id >= d->id_count || d->ids[d->last_id].id != id) {
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (d->ids[middle].id < id)
				low = middle + 1;
			else
				high = middle;
		}
		if (low == d->id_count || d->ids[low].id != id)
			return false;
		d->last_id = low;
	}
	*event = d->ids[d->last_id].event;
	return true;
}

/* Where in a sample its id is, in bytes; SIZE_MAX if it has none. */
static size_t id_position(uint64_t sample_type)
{
	static const uint64_t before[] = { PERF_SAMPLE_IP, PERF_SAMPLE_TID, PERF_SAMPLE_TIME,
					   PERF_SAMPLE_ADDR };
	size_t position = 0;

	if (sample_type & PERF_SAMPLE_IDENTIFIER)
		return 0;
	if (!(sample_type & PERF_SAMPLE_ID))
		return SIZE_MAX;
	for (size_t i = 0; i < ARRAY_SIZE(before); i++)
		if (sample_type & before[i])
			position += 8;
	return position;
}

bool perfdata_check_layouts(struct perfdata *d)
{
	size_t position;

	if (d->layouts_checked)
		return true;
	if (!d->facts->event_count)
		return perfdata_fail(d, "there is a sample before any event is described");
	position = id_position(d->layouts[0].sample_type);
	for (size_t i = 1; i < d->facts->event_count; i++)
		if (position == SIZE_MAX || id_position(d->layouts[i].sample_type) != position)
			return perfdata_fail(d,
					     "it has %zu events, and its samples do not say of "
					     "which they are; record one event alone",
					     d->facts->event_count);
	d->layouts_checked = true;
	return true;
}

static const char *general_name(uint32_t type, uint64_t config)
{
	static const char *const hardware[] = {
		"cycles",
		"instructions",
		"cache-references",
		"cache-misses",
		"branches",
		"branch-misses",
		"bus-cycles",
		"stalled-cycles-frontend",
		"stalled-cycles-backend",
		"ref-cycles",
	};
	static const char *const software[] = {
		"cpu-clock",	    "task-clock",   "page-faults",  "context-switches",
		"cpu-migrations",   "minor-faults", "major-faults", "alignment-faults",
		"emulation-faults", "dummy",
	};

	/* above 32 bits: which kind of core of a processor that has several */
	config &= UINT32_MAX;
	if (type == PERF_TYPE_HARDWARE && config < ARRAY_SIZE(hardware))
		return hardware[config];
	if (type == PERF_TYPE_SOFTWARE && config < ARRAY_SIZE(software))
		return software[config];
	return NULL;
}

void perfdata_name_events(struct perf_facts *facts)
{
	for (size_t i = 0; i < facts->event_count; i++) {
		struct perf_event_kind *e = &facts->events[i];
		const char *name = general_name(e->type, e->config);

		if (e->name)
			continue;
		if (name)
			e->name = xstrdup(name);
		else if (e->type == PERF_TYPE_RAW)
			e->name = xasprintf("r%" PRIx64, e->config);
		else
			e->name =
				xasprintf("type %" PRIu32 " config 0x%" PRIx64, e->type, e->config);
	}
}
