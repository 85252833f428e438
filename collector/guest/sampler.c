/* SPDX-License-Identifier: MIT */
#include "sampler.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	PAGE_BYTES = 4096,
	RECORD_BYTES_MAX = 2048,
	/* header, address, process and thread; a stack of 32 branches */
	PLAIN_RECORD_BYTES = 24,
	BRANCH_RECORD_BYTES = 32 + 32 * 24,
	PLAIN_RING_BYTES = 64 << 10,
	BRANCH_RING_BYTES = 256 << 10,
	WAIT_MS_MIN = 20,
	WAIT_MS_MAX = 1000,
	/* of an event that has no frequency: so many of them happen in a second, about */
	TAKEN_BRANCHES_HZ = 100000000,
};

/*
 * In the order of what is wanted. AMD PPR for family 19h, PMCx0C4: retired taken branches, the only
 * event that Zen 3 records branches by, and only with a fixed period.
 */
static const struct {
	enum collector_event event;
	uint32_t type;
	uint64_t config;
	bool fixed_period;
} candidates[] = {
	{ EVENT_BRANCH_STACKS, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, false },
	{ EVENT_BRANCH_STACKS, PERF_TYPE_RAW, 0xc4, true },
	{ EVENT_CYCLES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, false },
	{ EVENT_CPU_CLOCK, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, false },
};
enum { CANDIDATES = sizeof(candidates) / sizeof(candidates[0]) };

/* The one that was found; there is one sampler in a process. */
static unsigned chosen;

static int open_event(unsigned candidate, unsigned processor, uint32_t hz)
{
	struct perf_attr attr = {
		.size = sizeof(attr),
		.type = candidates[candidate].type,
		.config = candidates[candidate].config,
		.sample_type = SAMPLE_TYPE,
		.flags = PERF_ATTR_EXCLUDE_IDLE | PERF_ATTR_EXCLUDE_HYPERVISOR,
		.period_or_hz = hz,
	};

	if (candidates[candidate].event == EVENT_BRANCH_STACKS) {
		attr.sample_type |= PERF_SAMPLE_BRANCH_STACK;
		attr.branch_sample_type = PERF_SAMPLE_BRANCH_ANY | PERF_SAMPLE_BRANCH_USER |
					  PERF_SAMPLE_BRANCH_KERNEL;
	}
	if (candidates[candidate].fixed_period)
		attr.period_or_hz = TAKEN_BRANCHES_HZ / hz;
	else
		attr.flags |= PERF_ATTR_FREQUENCY;
	return (int)syscall(SYS_perf_event_open, &attr, -1, processor, -1, PERF_FLAG_FD_CLOEXEC);
}

bool sampler_probe(struct sampler *s)
{
	for (chosen = 0; chosen < CANDIDATES; chosen++) {
		int fd = -1;

		for (s->processors = 0; s->processors < SAMPLER_PROCESSORS_MAX; s->processors++) {
			fd = open_event(chosen, s->processors, 1);
			if (fd < 0)
				break;
			close(fd);
		}
		if (!s->processors)
			continue;
		s->event = candidates[chosen].event;
		return true;
	}
	return false;
}

static size_t ring_size(const struct sampler *s)
{
	size_t bytes = s->event == EVENT_BRANCH_STACKS ? BRANCH_RING_BYTES : PLAIN_RING_BYTES;

	while (bytes > PAGE_BYTES && bytes * s->processors > SAMPLER_RING_BYTES_MAX)
		bytes /= 2;
	return bytes;
}

static unsigned wait_of(const struct sampler *s, uint32_t hz)
{
	size_t record = s->event == EVENT_BRANCH_STACKS ? BRANCH_RECORD_BYTES : PLAIN_RECORD_BYTES;
	uint64_t ms = s->ring_bytes / 2 * 1000 / (hz * record);

	if (ms < WAIT_MS_MIN)
		return WAIT_MS_MIN;
	return ms > WAIT_MS_MAX ? WAIT_MS_MAX : (unsigned)ms;
}

bool sampler_open(struct sampler *s, uint32_t hz)
{
	unsigned wanted = s->processors;

	if (hz > SAMPLER_HZ_MAX)
		hz = SAMPLER_HZ_MAX;
	s->ring_bytes = ring_size(s);
	s->wait_ms = wait_of(s, hz);
	s->lost = 0;
	for (s->processors = 0; s->processors < wanted; s->processors++) {
		int fd = open_event(chosen, s->processors, hz);
		void *ring = fd < 0 ? MAP_FAILED
				    : mmap(NULL, PAGE_BYTES + s->ring_bytes, PROT_READ | PROT_WRITE,
					   MAP_SHARED, fd, 0);

		if (ring == MAP_FAILED) {
			if (fd >= 0)
				close(fd);
			sampler_close(s);
			s->processors = wanted;
			return false;
		}
		s->fds[s->processors] = fd;
		s->rings[s->processors] = ring;
	}
	return true;
}

/* `bytes` of the ring from `at` on, which may go over its end. */
static void copy(void *to, const char *data, size_t ring_bytes, uint64_t at, size_t bytes)
{
	size_t start = (size_t)(at & (ring_bytes - 1)), first = ring_bytes - start;

	if (first > bytes)
		first = bytes;
	memcpy(to, data + start, first);
	memcpy((char *)to + first, data, bytes - first);
}

static void take_record(struct sampler *s, const struct perf_record *record,
			void (*take)(void *user, const struct sample *sample), void *user)
{
	struct sample sample;

	if (record->type == PERF_RECORD_LOST && record->bytes >= sizeof(struct perf_lost))
		s->lost += ((const struct perf_lost *)record)->lost;
	else if (record->type == PERF_RECORD_SAMPLE &&
		 sample_read(&sample, record, s->event == EVENT_BRANCH_STACKS))
		take(user, &sample);
	else if (record->type == PERF_RECORD_SAMPLE)
		s->lost++;
}

static void drain_ring(struct sampler *s, struct perf_ring *ring,
		       void (*take)(void *user, const struct sample *sample), void *user)
{
	static union {
		struct perf_record header;
		uint64_t aligned;
		char bytes[RECORD_BYTES_MAX];
	} record;
	const char *data = (const char *)ring + PAGE_BYTES;
	uint64_t head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE), at = ring->data_tail;

	while (at < head) {
		copy(&record, data, s->ring_bytes, at, sizeof(record.header));
		if (record.header.bytes < sizeof(record.header) ||
		    record.header.bytes > head - at) {
			s->lost++; /* the kernel writes no such thing; what follows cannot be found */
			at = head;
			break;
		}
		if (record.header.bytes <= sizeof(record)) {
			copy(&record, data, s->ring_bytes, at, record.header.bytes);
			take_record(s, &record.header, take, user);
		} else {
			s->lost++;
		}
		at += record.header.bytes;
	}
	__atomic_store_n(&ring->data_tail, at, __ATOMIC_RELEASE);
}

void sampler_drain(struct sampler *s, void (*take)(void *user, const struct sample *sample),
		   void *user)
{
	for (unsigned i = 0; i < s->processors; i++)
		drain_ring(s, s->rings[i], take, user);
}

void sampler_close(struct sampler *s)
{
	for (unsigned i = 0; i < s->processors; i++) {
		munmap(s->rings[i], PAGE_BYTES + s->ring_bytes);
		close(s->fds[i]);
	}
}
