/* SPDX-License-Identifier: MIT */
#include "load_result.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"

void load_result_init(struct load_result *r, const struct loadfile *l)
{
	*r = (struct load_result){ .l = l };
	r->by_request = xcalloc(l->n, sizeof(*r->by_request));
	r->latency_ns = xcalloc(l->requests, sizeof(*r->latency_ns));
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t load_result_percentile(struct load_result *r, unsigned percent)
{
	uint64_t rank = (r->latencies * percent + 99) / 100;

	if (!r->latencies)
		return 0;
	qsort(r->latency_ns, r->latencies, sizeof(*r->latency_ns), compare);
	return r->latency_ns[rank ? rank - 1 : 0];
}

static uint64_t bytes_of(const struct load_result *r)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < r->l->n; i++)
		bytes += r->by_request[i].bytes;
	return bytes;
}

static json_t *describe_requests(const struct load_result *r)
{
	json_t *all = json_array();

	for (size_t i = 0; i < r->l->n; i++) {
		const struct load_request *request = &r->l->v[i];
		const struct load_tally *t = &r->by_request[i];

		json_array_append_new(
			all,
			json_pack("{s:i, s:s, s:s, s:i, s:I, s:I, s:I}", "line", (int)request->line,
				  "method", request->method, "path", request->path, "status",
				  (int)request->status, "sent", (json_int_t)t->sent, "failed",
				  (json_int_t)t->failed, "bytes", (json_int_t)t->bytes));
	}
	return all;
}

static json_t *describe_times(struct load_result *r)
{
	return json_pack("{s:I, s:I, s:I}", "p50", (json_int_t)load_result_percentile(r, 50), "p90",
			 (json_int_t)load_result_percentile(r, 90), "p99",
			 (json_int_t)load_result_percentile(r, 99));
}

void xload_result_write(struct load_result *r, const char *path, const char *output)
{
	char hex[HASH_HEX_BYTES], seed[24];
	json_t *result;

	xhash_file(path, hex);
	/* JSON's integers are signed here; a seed has all 64 bits */
	snprintf(seed, sizeof(seed), "%" PRIu64, r->l->seed);
	result = json_pack("{s:i, s:{s:s, s:s, s:s}, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:I}",
			   "schema", 1, "load", "name", fs_base(path), "sha256", hex, "seed", seed,
			   "requests", (json_int_t)r->latencies, "failed", (json_int_t)r->failed,
			   "warmup_failed", (json_int_t)r->warmup_failed, "bytes",
			   (json_int_t)bytes_of(r), "connections", (json_int_t)r->connections,
			   "by_request", describe_requests(r), "latency_ns", describe_times(r),
			   "elapsed_ns", (json_int_t)r->elapsed_ns);
	xjson_write(output, result);
	json_decref(result);
}

void load_result_print(struct load_result *r)
{
	char *bytes = fs_human_bytes(bytes_of(r));

	printf("%" PRIu64 " requests, %" PRIu64 " failed, %s over %" PRIu64
	       " connection%s in %.1f s, "
	       "half of them within %.2f ms\n",
	       r->latencies, r->failed + r->warmup_failed, bytes, r->connections,
	       r->connections == 1 ? "" : "s", (double)r->elapsed_ns / 1e9,
	       (double)load_result_percentile(r, 50) / 1e6);
	free(bytes);
}

void load_result_release(struct load_result *r)
{
	free(r->by_request);
	free(r->latency_ns);
	*r = (struct load_result){ 0 };
}
