/* SPDX-License-Identifier: MIT */
/*
 * client - plays a load against the app of an image, from inside the image
 *
 * init starts it in place of the app, with the script beside it. It starts the app, plays the
 * warm-up and the counted part, stops the app, and ends with status 0 if all answers were good.
 * Its last line is the report; other lines say what went wrong (console.h):
 *
 *   anneal: client requests N failed N p50_ns N p90_ns N p99_ns N max_ns N latencies HEX
 *
 * Times are CLOCK_MONOTONIC's, from before a request is sent (before its connection is opened, if
 * that is new) to the last byte of its answer. `latencies` is FNV-1a (64 bits) over all of them in
 * their order, each as eight bytes, low one first.
 */
#include <stddef.h>

#include "app.h"
#include "console.h"
#include "play.h"
#include "system.h"

int client_main(int argc, char **argv, char **environment);

static union {
	struct script_header header;
	char bytes[SCRIPT_MOST_BYTES];
} script;
static uint64_t latency_ns[SCRIPT_MOST_REQUESTS];

static void read_script(const char *path)
{
	const struct script_header *h = &script.header;
	long fd = system_open(path), got = 1;
	size_t bytes = 0;

	while (fd >= 0 && got > 0 && bytes < sizeof(script)) {
		got = system_read((int)fd, script.bytes + bytes, sizeof(script) - bytes);
		bytes += got > 0 ? (size_t)got : 0;
	}
	if (fd < 0 || got < 0)
		fatal("cannot read '", path, "'", NULL);
	system_close((int)fd);
	if (bytes < sizeof(*h) || bytes != h->total_bytes || h->protocol > SCRIPT_TCP ||
	    !h->pipeline || h->sequence > SCRIPT_MOST_REQUESTS || h->warmup > h->sequence ||
	    h->counted > h->sequence || !h->connections ||
	    h->connections > SCRIPT_MOST_CONNECTIONS || !h->arguments ||
	    h->arguments > SCRIPT_MOST_ARGUMENTS || h->arguments_offset >= bytes)
		fatal("'", path, "' is no script for this client", NULL);
	for (size_t i = 0; i < sizeof(SCRIPT_MAGIC); i++)
		if (h->magic[i] != SCRIPT_MAGIC[i])
			fatal("'", path, "' is no script", NULL);
}

/* Down from `root`, so that no value is below a smaller one. */
static void sift(uint64_t *v, size_t root, size_t count)
{
	for (size_t child; (child = 2 * root + 1) < count; root = child) {
		uint64_t swap = v[root];

		child += child + 1 < count && v[child + 1] > v[child];
		if (v[child] <= swap)
			return;
		v[root] = v[child];
		v[child] = swap;
	}
}

/* Heap sort: in place, and no input makes it slow. */
static void sort(uint64_t *v, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift(v, i, count);
	for (size_t i = count; i-- > 1;) {
		uint64_t swap = v[0];

		v[0] = v[i];
		v[i] = swap;
		sift(v, 0, i);
	}
}

static uint64_t checksum(const uint64_t *v, size_t count)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i < count; i++)
		for (unsigned shift = 0; shift < 64; shift += 8)
			sum = (sum ^ (v[i] >> shift & 0xff)) * 0x100000001b3;
	return sum;
}

/* The latency that `percent` of all do not exceed (nearest rank). */
static uint64_t percentile(const uint64_t *sorted, size_t count, unsigned percent)
{
	return count ? sorted[(count * percent + 99) / 100 - 1] : 0;
}

static void put(struct line *l, const char *name, uint64_t number)
{
	line_text(l, name);
	line_number(l, number, 20);
}

static void report(uint64_t *v, size_t count, uint64_t failed)
{
	uint64_t sum = checksum(v, count);
	struct line l;

	sort(v, count);
	line_begin(&l);
	put(&l, "requests ", count);
	put(&l, " failed ", failed);
	put(&l, " p50_ns ", percentile(v, count, 50));
	put(&l, " p90_ns ", percentile(v, count, 90));
	put(&l, " p99_ns ", percentile(v, count, 99));
	put(&l, " max_ns ", percentile(v, count, 100));
	line_text(&l, " latencies ");
	line_hex(&l, sum);
	line_end(&l);
}

int client_main(int argc, char **argv, char **environment)
{
	const struct script_header *h = &script.header;
	struct play warmup = { 0, NULL }, counted = { 0, latency_ns };

	if (argc < 2)
		fatal("no script was given", NULL);
	read_script(argv[1]);
	/* pages are taken before anything is counted: as many in each run */
	for (size_t i = 0; i < h->sequence; i++)
		((volatile uint64_t *)latency_ns)[i] = 0;
	app_start(h, environment);
	play(h, h->warmup, &warmup);
	play(h, h->counted, &counted);
	app_stop(h);
	report(latency_ns, h->counted, warmup.failed + counted.failed);
	return warmup.failed + counted.failed ? 1 : 0;
}
