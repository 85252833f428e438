/* SPDX-License-Identifier: MIT */
#include "datafile.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "../../imports/perfdata.h"
#include "../../pipeline/lib/util.h"

#define HAS_INDEX (1u << 17) /* PERF_SAMPLE_BRANCH_HW_INDEX */

enum {
	EVENT_ID = 77,
	HEADER_BYTES = 104,
	ATTR_BYTES = 128,
	FEATURE_HOSTNAME = 3,
	FEATURE_CMDLINE = 11,
	FEATURE_COMPRESSED = 27
};

static void put_bytes(struct datafile *d, const void *from, size_t bytes)
{
	if (bytes > sizeof(d->record) - d->bytes)
		die("a record is too long");
	if (bytes)
		memcpy(d->record + d->bytes, from, bytes);
	d->bytes += bytes;
}

static void put_u64(struct datafile *d, uint64_t value)
{
	put_bytes(d, &value, 8);
}

static void put_u32(struct datafile *d, uint32_t value)
{
	put_bytes(d, &value, 4);
}

static void put_u16(struct datafile *d, uint16_t value)
{
	put_bytes(d, &value, 2);
}

/* With a NUL, and more of them up to a multiple of eight. */
static void put_text(struct datafile *d, const char *text)
{
	size_t bytes = (strlen(text) + 8) & ~(size_t)7;
	char *padded = xcalloc(1, bytes);

	memcpy(padded, text, strlen(text));
	put_bytes(d, padded, bytes);
	free(padded);
}

/* A string of a feature. */
static void put_string(struct datafile *d, const char *text)
{
	put_u32(d, (uint32_t)((strlen(text) + 8) & ~(size_t)7));
	put_text(d, text);
}

static void begin(struct datafile *d, uint32_t type, uint16_t misc)
{
	d->bytes = 0;
	put_u32(d, type);
	put_u16(d, misc);
	put_u16(d, 0); /* its size, at the end */
}

static void write_bytes(struct datafile *d, const void *from, size_t bytes)
{
	if (bytes && fwrite(from, bytes, 1, d->out) != 1)
		die("it cannot be written: %s", strerror(errno));
	d->written += bytes;
}

static void end_record(struct datafile *d)
{
	uint16_t bytes = (uint16_t)d->bytes;

	memcpy(d->record + 6, &bytes, 2);
	write_bytes(d, d->record, d->bytes);
}

/* What waits to be compressed becomes a record. */
static void flush_compressed(struct datafile *d)
{
	uint8_t packed[DATAFILE_RECORD_BYTES - 16];
	ZSTD_inBuffer in = { d->plain, d->plain_bytes, 0 };
	ZSTD_outBuffer out = { packed, sizeof(packed), 0 };

	if (!d->plain_bytes)
		return;
	if (ZSTD_isError(ZSTD_compressStream2(d->stream, &out, &in, ZSTD_e_flush)))
		die("it cannot be compressed");
	d->plain_bytes = 0;
	begin(d, PERFDATA_COMPRESSED, 0);
	put_bytes(d, packed, out.pos);
	end_record(d);
}

/* End a record that the kernel makes: those are compressed, whatever way they lie in blocks. */
static void end_event(struct datafile *d)
{
	uint16_t bytes = (uint16_t)d->bytes;
	size_t done = 0;

	memcpy(d->record + 6, &bytes, 2);
	if (!d->options.is_compressed) {
		write_bytes(d, d->record, d->bytes);
		return;
	}
	while (done < bytes) {
		size_t room = sizeof(d->plain) - d->plain_bytes;
		size_t part = bytes - done < room ? bytes - done : room;

		memcpy(d->plain + d->plain_bytes, d->record + done, part);
		d->plain_bytes += part;
		done += part;
		if (d->plain_bytes == sizeof(d->plain)) {
			uint8_t kept[DATAFILE_RECORD_BYTES];

			memcpy(kept, d->record, bytes);
			flush_compressed(d);
			memcpy(d->record, kept, bytes);
		}
	}
}

static uint64_t sample_type(const struct datafile *d)
{
	return PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
	       PERF_SAMPLE_PERIOD | (d->options.event.has_branches ? PERF_SAMPLE_BRANCH_STACK : 0u);
}

/* perf_event_attr, version 7 */
static void put_attr(struct datafile *d)
{
	const struct perf_event_kind *e = &d->options.event;
	uint64_t bits = (uint64_t)e->exclude_user << 4 | (uint64_t)e->exclude_kernel << 5 |
			(uint64_t)e->exclude_hypervisor << 6 | (uint64_t)e->is_frequency << 10 |
			1u << 18 | (uint64_t)e->exclude_host << 19 |
			(uint64_t)e->exclude_guest << 20;

	put_u32(d, e->type);
	put_u32(d, ATTR_BYTES);
	put_u64(d, e->config);
	put_u64(d, e->period_or_frequency);
	put_u64(d, sample_type(d));
	put_u64(d, PERF_FORMAT_ID);
	put_u64(d, bits);
	for (size_t i = 0; i < 3; i++)
		put_u64(d, 0);
	put_u64(d, e->branch_filter | (d->options.has_index ? HAS_INDEX : 0));
	for (size_t i = 0; i < 6; i++)
		put_u64(d, 0);
}

/* The contents of a feature; false if there is no such. */
static bool put_feature(struct datafile *d, unsigned int feature)
{
	switch (feature) {
	case FEATURE_HOSTNAME: put_string(d, "secret-host.example"); return true;
	case PERFDATA_FEATURE_ARCH: put_string(d, d->options.arch); return true;
	case PERFDATA_FEATURE_CPUDESC: put_string(d, d->options.cpu_description); return true;
	case PERFDATA_FEATURE_CPUID: put_string(d, d->options.cpuid); return true;
	case FEATURE_CMDLINE:
		put_u32(d, 3);
		put_string(d, "perf");
		put_string(d, "record");
		put_string(d, "secret-argument");
		return true;
	case PERFDATA_FEATURE_EVENT_DESC:
		put_u32(d, 1);
		put_u32(d, ATTR_BYTES);
		put_attr(d);
		put_u32(d, 1);
		put_string(d, d->options.event.name);
		put_u64(d, EVENT_ID);
		return true;
	case FEATURE_COMPRESSED:
		if (!d->options.is_compressed)
			return false;
		put_u32(d, 1);	    /* version */
		put_u32(d, 1);	    /* zstd */
		put_u32(d, 3);	    /* level */
		put_u32(d, 5);	    /* ratio */
		put_u32(d, 528384); /* bytes of the buffer it came from */
		return true;
	default: return false;
	}
}

static uint16_t misc_of(enum perf_mode mode)
{
	switch (mode) {
	case PERF_MODE_KERNEL: return PERF_RECORD_MISC_KERNEL;
	case PERF_MODE_USER: return PERF_RECORD_MISC_USER;
	case PERF_MODE_GUEST_KERNEL: return PERF_RECORD_MISC_GUEST_KERNEL;
	case PERF_MODE_GUEST_USER: return PERF_RECORD_MISC_GUEST_USER;
	default: return 0;
	}
}

static void put_build_id(struct datafile *d, const struct perf_build_id *b)
{
	uint8_t room[24] = { 0 };
	uint16_t bytes = (uint16_t)(8 + 4 + sizeof(room) + ((strlen(b->file) + 8) & ~(size_t)7));

	memcpy(room, b->id, b->bytes);
	room[20] = (uint8_t)b->bytes;
	put_u32(d, PERFDATA_BUILD_ID);
	put_u16(d, misc_of(b->mode) | 1u << 15);
	put_u16(d, bytes);
	put_u32(d, UINT32_MAX);
	put_bytes(d, room, sizeof(room));
	put_text(d, b->file);
}

static void start_stream(struct datafile *d)
{
	uint64_t head[2] = { PERFDATA_MAGIC, 16 };

	write_bytes(d, head, sizeof(head));
	begin(d, PERFDATA_HEADER_ATTR, 0);
	put_attr(d);
	put_u64(d, EVENT_ID);
	end_record(d);
	for (unsigned int feature = 0; feature < 32; feature++) {
		begin(d, PERFDATA_FEATURE, 0);
		put_u64(d, feature);
		if (put_feature(d, feature))
			end_record(d);
	}
}

/* The header; what is not known yet is written again at the end. */
static void write_header(struct datafile *d, uint64_t data_bytes, uint64_t features)
{
	uint64_t head[HEADER_BYTES / 8] = { PERFDATA_MAGIC,
					    HEADER_BYTES,
					    ATTR_BYTES + 16,
					    HEADER_BYTES + 8,
					    ATTR_BYTES + 16,
					    d->data_start,
					    data_bytes,
					    0,
					    0,
					    features };

	if (d->options.big_endian)
		for (size_t i = 0; i < ARRAY_SIZE(head); i++)
			head[i] = __builtin_bswap64(head[i]);
	write_bytes(d, head, sizeof(head));
}

void datafile_open(struct datafile *d, const char *path, const struct datafile_options *options)
{
	*d = (struct datafile){ .options = *options, .out = fopen(path, "we") };
	if (!d->out)
		die("%s cannot be written: %s", path, strerror(errno));
	if (options->is_compressed)
		d->stream = ZSTD_createCStream();
	if (options->is_stream) {
		start_stream(d);
		return;
	}
	d->data_start = HEADER_BYTES + 8 + ATTR_BYTES + 16;
	write_header(d, 0, 0);
	d->bytes = 0;
	put_u64(d, EVENT_ID);
	put_attr(d);
	put_u64(d, HEADER_BYTES); /* where its ids are */
	put_u64(d, 8);
	write_bytes(d, d->record, d->bytes);
}

void datafile_build_id(struct datafile *d, const struct perf_build_id *b)
{
	if (d->options.is_stream) {
		d->bytes = 0;
		put_build_id(d, b);
		write_bytes(d, d->record, d->bytes);
		return;
	}
	if (d->build_id_count == DATAFILE_BUILD_IDS)
		die("there are too many build ids");
	d->build_ids[d->build_id_count++] = *b;
}

/* What sample_id_all puts behind records that are no samples. */
static void put_sample_id(struct datafile *d)
{
	put_u32(d, 0);
	put_u32(d, 0);
	put_u64(d, d->time++);
	put_u64(d, EVENT_ID);
}

void datafile_mapping(struct datafile *d, const struct perf_mapping *m)
{
	uint8_t id[24] = { (uint8_t)m->build_id_bytes };

	if (m->build_id_bytes)
		memcpy(id + 4, m->build_id, m->build_id_bytes);
	begin(d, PERF_RECORD_MMAP2, misc_of(m->mode) | (m->build_id_bytes ? 1u << 14 : 0));
	put_u32(d, (uint32_t)m->pid);
	put_u32(d, (uint32_t)m->pid);
	put_u64(d, m->start);
	put_u64(d, m->bytes);
	put_u64(d, m->offset);
	put_bytes(d, id, sizeof(id));
	put_u32(d, m->executable ? 5 : 1);
	put_u32(d, 2);
	put_text(d, m->file);
	put_sample_id(d);
	end_record(d); /* perf makes these of what runs already: not compressed */
}

void datafile_exec(struct datafile *d, int32_t pid, const char *name)
{
	begin(d, PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC);
	put_u32(d, (uint32_t)pid);
	put_u32(d, (uint32_t)pid);
	put_text(d, name);
	put_sample_id(d);
	end_event(d);
}

void datafile_lost(struct datafile *d, uint64_t lost)
{
	begin(d, PERF_RECORD_LOST, 0);
	put_u64(d, EVENT_ID);
	put_u64(d, lost);
	put_sample_id(d);
	end_event(d);
}

void datafile_sample(struct datafile *d, const struct perf_sample *s)
{
	begin(d, PERF_RECORD_SAMPLE, misc_of(s->mode));
	put_u64(d, EVENT_ID);
	put_u64(d, s->address);
	put_u32(d, (uint32_t)s->pid);
	put_u32(d, (uint32_t)s->tid);
	put_u64(d, d->time++);
	put_u64(d, s->period);
	if (d->options.event.has_branches) {
		put_u64(d, s->branch_count);
		if (d->options.has_index)
			put_u64(d, UINT64_MAX);
		for (size_t i = 0; i < s->branch_count; i++) {
			const struct perf_branch *b = &s->branches[i];

			put_u64(d, b->from);
			put_u64(d, b->to);
			put_u64(d, (uint64_t)b->mispredicted | (uint64_t)b->predicted << 1 |
					   (uint64_t)b->aborted << 3);
		}
	}
	end_event(d);
}

static void write_features(struct datafile *d)
{
	uint64_t where[64][2], at;
	size_t n = 0;

	for (unsigned int feature = 0; feature < 32; feature++) {
		d->bytes = 0;
		if (feature == PERFDATA_FEATURE_BUILD_ID)
			for (size_t i = 0; i < d->build_id_count; i++)
				put_build_id(d, &d->build_ids[i]);
		else
			put_feature(d, feature);
		where[n][1] = d->bytes;
		n += d->bytes > 0;
	}
	at = d->written + 16 * n;
	for (size_t i = 0; i < n; at += where[i++][1])
		where[i][0] = at;
	for (size_t i = 0; i < n; i++)
		write_bytes(d, where[i], 16);
	for (unsigned int feature = 0; feature < 32; feature++) {
		d->bytes = 0;
		if (feature == PERFDATA_FEATURE_BUILD_ID)
			for (size_t i = 0; i < d->build_id_count; i++)
				put_build_id(d, &d->build_ids[i]);
		else
			put_feature(d, feature);
		write_bytes(d, d->record, d->bytes);
	}
}

void datafile_close(struct datafile *d)
{
	uint64_t end, features = 0;

	flush_compressed(d);
	end = d->written;
	if (!d->options.is_stream) {
		for (unsigned int feature = 0; feature < 32; feature++) {
			d->bytes = 0;
			if (put_feature(d, feature))
				features |= 1u << feature;
		}
		if (d->build_id_count)
			features |= 1u << PERFDATA_FEATURE_BUILD_ID;
		write_features(d);
		rewind(d->out);
		write_header(d, end - d->data_start, features);
	}
	if (fclose(d->out))
		die("it cannot be written: %s", strerror(errno));
	ZSTD_freeCStream(d->stream);
}
