/* SPDX-License-Identifier: MIT */
#include "load_result.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void load_result_handshake(struct load_result *r, const char *version, bool resumed)
{
	struct load_handshakes *h = r->tls;

	while (h < r->tls + LOAD_TLS_VERSIONS - 1 && *h->version && strcmp(h->version, version))
		h++;
	snprintf(h->version, sizeof(h->version), "%s", version);
	h->full += !resumed;
	h->resumed += resumed;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t load_result_percentile(struct load_result *r, unsigned permille)
{
	uint64_t rank = (r->latencies * permille + 999) / 1000;

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

static json_t *describe_request(const struct load_request *r)
{
	if (r->exchange)
		return json_pack("{s:i, s:o}", "line", (int)r->line, "exchange",
				 json_text(r->path));
	return json_pack("{s:i, s:s, s:s, s:i}", "line", (int)r->line, "method", r->method, "path",
			 r->path, "status", (int)r->status);
}

static json_t *describe_requests(const struct load_result *r)
{
	json_t *all = json_array();

	for (size_t i = 0; i < r->l->n; i++) {
		const struct load_tally *t = &r->by_request[i];
		json_t *one = describe_request(&r->l->v[i]);

		json_object_set_new(one, "sent", json_integer((json_int_t)t->sent));
		json_object_set_new(one, "failed", json_integer((json_int_t)t->failed));
		json_object_set_new(one, "bytes", json_integer((json_int_t)t->bytes));
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *describe_tls(const struct load_result *r)
{
	json_t *all = json_object();

	for (size_t i = 0; i < LOAD_TLS_VERSIONS && *r->tls[i].version; i++)
		json_object_set_new(all, r->tls[i].version,
				    json_pack("{s:I, s:I}", "full", (json_int_t)r->tls[i].full,
					      "resumed", (json_int_t)r->tls[i].resumed));
	return all;
}

static json_t *describe_times(struct load_result *r)
{
	static const struct {
		const char *name;
		unsigned permille;
	} percentiles[] = { { "p50", 500 }, { "p90", 900 }, { "p99", 990 }, { "p999", 999 } };
	json_t *times = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		json_object_set_new(times, percentiles[i].name,
				    json_integer((json_int_t)load_result_percentile(
					    r, percentiles[i].permille)));
	return times;
}

static double reached_rps(const struct load_result *r)
{
	return (double)r->latencies * 1e9 / (double)r->elapsed_ns;
}

static void describe_mode(const struct load_result *r, json_t *result)
{
	json_object_set_new(result, "mode", json_string(r->rate_rps > 0 ? "open" : "closed"));
	if (r->rate_rps > 0) {
		json_object_set_new(result, "rate_rps", json_real(r->rate_rps));
		json_object_set_new(result, "reached_rps", json_real(reached_rps(r)));
		json_object_set_new(result, "held", json_boolean(r->held));
	}
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
	json_object_set_new(result, "protocol", json_string(loadfile_scheme(r->l)));
	if (loadfile_is_encrypted(r->l))
		json_object_set_new(result, "handshakes", describe_tls(r));
	describe_mode(r, result);
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
	       (double)load_result_percentile(r, 500) / 1e6);
	free(bytes);
	if (r->rate_rps > 0 && !r->held)
		fprintf(stderr,
			"the rate was not held: %.1f requests/s were planned, %.1f were answered; what "
			"was due waited longer and longer, and that is in the latencies\n",
			r->rate_rps, reached_rps(r));
}

void load_result_release(struct load_result *r)
{
	free(r->by_request);
	free(r->latency_ns);
	*r = (struct load_result){ 0 };
}
