/* SPDX-License-Identifier: MIT */
#include "wrk.h"

#include <inttypes.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

static const char key[] = "anneal-wrk ";

/* setup() is called before each thread is made, done() at the end, both by the main thread. */
static const char script[] =
	"local ffi = require('ffi')\n"
	"ffi.cdef[[\n"
	"struct anneal_time { long s, ns; };\n"
	"int clock_gettime(int, struct anneal_time *);\n"
	"int poll(void *, unsigned long, int);\n"
	"]]\n"
	"local begun\n"
	"local function now_us()\n"
	"\tlocal t = ffi.new('struct anneal_time')\n"
	"\tffi.C.clock_gettime(1, t)\n"
	"\treturn tonumber(t.s) * 1000000 + tonumber(t.ns) / 1000\n"
	"end\n"
	"function setup(thread)\n"
	"\tif begun then ffi.C.poll(nil, 0, 10) end\n"
	"\tbegun = begun or now_us()\n"
	"end\n"
	"function done(summary, latency)\n"
	"\tlocal e = summary.errors\n"
	"\tio.write(string.format('\\nanneal-wrk {\"requests\": %d, \"duration_us\": %d,'\n"
	"\t\t.. ' \"connect\": %d, \"read\": %d, \"write\": %d, \"status\": %d, \"timeout\": %d,'\n"
	"\t\t.. ' \"p50\": %d, \"p90\": %d, \"p99\": %d, \"p999\": %d}\\n',\n"
	"\t\tsummary.requests, now_us() - begun, e.connect, e.read, e.write, e.status, e.timeout,\n"
	"\t\tlatency:percentile(50), latency:percentile(90), latency:percentile(99),\n"
	"\t\tlatency:percentile(99.9)))\n"
	"end\n";

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	{ "requests", offsetof(struct wrk_result, requests) },
	{ "duration_us", offsetof(struct wrk_result, duration_us) },
	{ "connect", offsetof(struct wrk_result, connect_errors) },
	{ "read", offsetof(struct wrk_result, read_errors) },
	{ "write", offsetof(struct wrk_result, write_errors) },
	{ "status", offsetof(struct wrk_result, status_errors) },
	{ "timeout", offsetof(struct wrk_result, timeouts) },
	{ "p50", offsetof(struct wrk_result, p50_us) },
	{ "p90", offsetof(struct wrk_result, p90_us) },
	{ "p99", offsetof(struct wrk_result, p99_us) },
	{ "p999", offsetof(struct wrk_result, p999_us) },
};

const struct load_request *wrk_request(const struct loadfile *l)
{
	const struct load_request *best = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct load_request *r = &l->v[i];

		if (!strcmp(r->method, "GET") && r->status >= 200 && r->status < 300 &&
		    (!best || r->weight > best->weight))
			best = r;
	}
	return best;
}

void xwrk_command(struct strlist *argv, const char *script_path, const struct load_request *r,
		  unsigned port, unsigned connections, unsigned seconds)
{
	xfs_write(script_path, script, strlen(script));
	strlist_push(argv, "wrk");
	strlist_pushf(argv, "--threads=%u", connections);
	strlist_pushf(argv, "--connections=%u", connections);
	strlist_pushf(argv, "--duration=%us", seconds);
	strlist_push(argv, "--timeout=2s");
	strlist_pushf(argv, "--script=%s", script_path);
	if (!load_request_header(r, "Host"))
		strlist_push(argv, "--header=Host: anneal");
	for (size_t i = 0; i < r->headers.n; i++)
		strlist_pushf(argv, "--header=%s", r->headers.v[i]);
	strlist_pushf(argv, "http://127.0.0.1:%u%s", port, r->path);
}

/* Our line, alone and whole; NULL: there is none, or more than one. */
static const char *find_line(const char *output)
{
	const char *found = NULL;

	for (const char *line = output; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, strlen(key)))
			continue;
		if (found || !strchr(line, '\n'))
			return NULL;
		found = line;
	}
	return found;
}

static bool take_fields(const json_t *object, struct wrk_result *r)
{
	if (json_object_size(object) != ARRAY_SIZE(fields))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const json_t *value = json_object_get(object, fields[i].name);

		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return false;
		*(uint64_t *)((char *)r + fields[i].offset) = (uint64_t)json_integer_value(value);
	}
	return r->duration_us && r->p50_us <= r->p90_us && r->p90_us <= r->p99_us &&
	       r->p99_us <= r->p999_us;
}

char *wrk_parse(const char *output, struct wrk_result *r)
{
	const char *line = find_line(output);
	json_t *object;
	bool good;

	*r = (struct wrk_result){ 0 };
	if (!line)
		return xasprintf("wrk's output has not the one line of results that our script "
				 "prints");
	line += strlen(key);
	object = json_loadb(line, strcspn(line, "\n"), JSON_REJECT_DUPLICATES, NULL);
	good = take_fields(object, r);
	json_decref(object);
	return good ? NULL : xasprintf("wrk's line of results cannot be understood");
}

static uint64_t failed(const struct wrk_result *r)
{
	return r->connect_errors + r->read_errors + r->write_errors + r->status_errors +
	       r->timeouts;
}

char *wrk_fault(const struct wrk_result *r)
{
	if (failed(r))
		return xasprintf("in the closed loop of %" PRIu64 " requests failed: %" PRIu64
				 " by their status, %" PRIu64 " by a timeout, and connections "
				 "%" PRIu64 " times when opened, %" PRIu64 " when read, %" PRIu64
				 " when written",
				 r->requests, r->status_errors, r->timeouts, r->connect_errors,
				 r->read_errors, r->write_errors);
	if (!r->requests)
		return xasprintf("in the closed loop no request was answered");
	return NULL;
}

json_t *wrk_describe(const struct wrk_result *r)
{
	return json_pack("{s:I, s:I, s:f, s:{s:I, s:I, s:I, s:I}}", "requests",
			 (json_int_t)r->requests, "failed", (json_int_t)failed(r), "throughput_rps",
			 (double)r->requests * 1e6 / (double)r->duration_us, "latency_ns", "p50",
			 (json_int_t)r->p50_us * 1000, "p90", (json_int_t)r->p90_us * 1000, "p99",
			 (json_int_t)r->p99_us * 1000, "p999", (json_int_t)r->p999_us * 1000);
}
