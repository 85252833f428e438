/* SPDX-License-Identifier: MIT */
/* Compiled into the guest, too: no allocation, nothing of libc's but memcpy and memcmp. */
#include "protocol.h"

#include <string.h>

enum {
	VERSION_AT = 4,
	TYPE_AT = 5,
	BYTES_AT = 6,
	SEQUENCE_AT = 8,
	CRC_AT = 12,
	COUNTS_HEADER_BYTES = 4,
	VENDOR_BYTES = 12,
	HELLO_BYTES = 8 + UNITS * BUILD_ID_BYTES + 2 + VENDOR_BYTES,
	START_BYTES = 8 + 4 + 4,
	STATUS_BYTES = 6 * 8,
};

static void put(uint8_t *to, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get(const uint8_t *from, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)from[i] << (8 * i);
	return value;
}

/* CRC-32C (Castagnoli, RFC 3720 appendix B.4), reflected, four bits at a time. */
static uint32_t crc_add(uint32_t crc, const uint8_t *bytes, size_t n)
{
	static const uint32_t of_nibble[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
		0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};

	for (size_t i = 0; i < n; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ of_nibble[crc & 15];
		crc = crc >> 4 ^ of_nibble[crc & 15];
	}
	return crc;
}

static uint32_t frame_crc(const uint8_t *header, const uint8_t *payload, size_t payload_bytes)
{
	return ~crc_add(crc_add(~0u, header, CRC_AT), payload, payload_bytes);
}

/* How far to the next place, not this one, where a frame may begin. */
static size_t next_start(const uint8_t *bytes, size_t n)
{
	static const uint8_t magic[4] = { 'N', 'A', 'P', 'F' };
	size_t at = 1;

	while (at < n && memcmp(bytes + at, magic, n - at < 4 ? n - at : 4))
		at++;
	return at;
}

/* Can what is there of a header be that of a frame? */
static bool is_header(const uint8_t *bytes, size_t n)
{
	uint8_t magic[4];

	put(magic, FRAME_MAGIC, sizeof(magic));
	return !memcmp(bytes, magic, n < sizeof(magic) ? n : sizeof(magic)) &&
	       (n <= VERSION_AT || bytes[VERSION_AT] == FRAME_VERSION) &&
	       (n < SEQUENCE_AT || get(bytes + BYTES_AT, 2) <= FRAME_PAYLOAD_MAX);
}

int frame_read(struct frame *f, const uint8_t *bytes, size_t n, size_t *used)
{
	size_t payload_bytes;

	*used = 0;
	if (!n)
		return 0;
	if (!is_header(bytes, n)) {
		*used = next_start(bytes, n);
		return -1;
	}
	if (n < FRAME_HEADER_BYTES)
		return 0;
	payload_bytes = (size_t)get(bytes + BYTES_AT, 2);
	if (n < FRAME_HEADER_BYTES + payload_bytes)
		return 0;
	if (get(bytes + CRC_AT, 4) != frame_crc(bytes, bytes + FRAME_HEADER_BYTES, payload_bytes)) {
		*used = next_start(bytes, n);
		return -1;
	}
	*f = (struct frame){ bytes[TYPE_AT], (uint32_t)get(bytes + SEQUENCE_AT, 4),
			     bytes + FRAME_HEADER_BYTES, payload_bytes };
	*used = FRAME_HEADER_BYTES + payload_bytes;
	return 1;
}

size_t frame_write(uint8_t *to, enum frame_type type, uint32_t sequence, const void *payload,
		   size_t payload_bytes)
{
	put(to, FRAME_MAGIC, 4);
	to[VERSION_AT] = FRAME_VERSION;
	to[TYPE_AT] = (uint8_t)type;
	put(to + BYTES_AT, payload_bytes, 2);
	put(to + SEQUENCE_AT, sequence, 4);
	if (payload_bytes)
		memcpy(to + FRAME_HEADER_BYTES, payload, payload_bytes);
	put(to + CRC_AT, frame_crc(to, to + FRAME_HEADER_BYTES, payload_bytes), 4);
	return FRAME_HEADER_BYTES + payload_bytes;
}

/* Letters, digits and the like, then zeroes: it is printed, and kept. */
static bool is_vendor(const uint8_t *name)
{
	size_t length = 0;

	while (length < VENDOR_BYTES && name[length] >= ' ' && name[length] <= '~')
		length++;
	for (size_t i = length; i < VENDOR_BYTES; i++)
		if (name[i])
			return false;
	return true;
}

bool hello_read(struct hello *h, const struct frame *f)
{
	const uint8_t *at = f->payload;

	if (f->type != FRAME_HELLO || f->payload_bytes != HELLO_BYTES)
		return false;
	h->boot = get(at, 8);
	at += 8;
	memcpy(h->build_ids, at, sizeof(h->build_ids));
	at += sizeof(h->build_ids);
	h->event = at[0];
	h->processors = at[1];
	memcpy(h->cpu_vendor, at + 2, VENDOR_BYTES);
	return h->event <= EVENT_CPU_CLOCK && h->processors && is_vendor(at + 2);
}

size_t hello_write(uint8_t *to, const struct hello *h)
{
	uint8_t *at = to;

	put(at, h->boot, 8);
	at += 8;
	memcpy(at, h->build_ids, sizeof(h->build_ids));
	at += sizeof(h->build_ids);
	at[0] = h->event;
	at[1] = h->processors;
	memcpy(at + 2, h->cpu_vendor, VENDOR_BYTES);
	return HELLO_BYTES;
}

bool start_read(struct start *s, const struct frame *f)
{
	if (f->type != FRAME_START || f->payload_bytes != START_BYTES)
		return false;
	s->session = get(f->payload, 8);
	s->frequency_hz = (uint32_t)get(f->payload + 8, 4);
	s->seconds = (uint32_t)get(f->payload + 12, 4);
	return s->frequency_hz != 0;
}

size_t start_write(uint8_t *to, const struct start *s)
{
	put(to, s->session, 8);
	put(to + 8, s->frequency_hz, 4);
	put(to + 12, s->seconds, 4);
	return START_BYTES;
}

bool status_read(struct status *s, const struct frame *f)
{
	uint64_t *const fields[] = { &s->session, &s->samples, &s->excluded,
				     &s->lost,	  &s->sent,    &s->own_ns };

	if ((f->type != FRAME_STATUS && f->type != FRAME_END) || f->payload_bytes != STATUS_BYTES)
		return false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		*fields[i] = get(f->payload + 8 * i, 8);
	return true;
}

size_t status_write(uint8_t *to, const struct status *s)
{
	const uint64_t fields[] = {
		s->session, s->samples, s->excluded, s->lost, s->sent, s->own_ns
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		put(to + 8 * i, fields[i], 8);
	return STATUS_BYTES;
}

static size_t entry_bytes(unsigned kind)
{
	return kind == COUNT_ADDRESS ? 8 + 4 : 8 + 8 + 4;
}

bool counts_frame_read(enum unit *unit, enum count_kind *kind, size_t *entries,
		       const struct frame *f)
{
	if (f->type != FRAME_COUNTS || f->payload_bytes < COUNTS_HEADER_BYTES ||
	    f->payload[0] >= UNITS || f->payload[1] > COUNT_RANGE)
		return false;
	*unit = (enum unit)f->payload[0];
	*kind = (enum count_kind)f->payload[1];
	*entries = (size_t)get(f->payload + 2, 2);
	return f->payload_bytes == COUNTS_HEADER_BYTES + *entries * entry_bytes(*kind);
}

void counts_frame_entry(struct count_entry *e, const struct frame *f, size_t index)
{
	size_t bytes = entry_bytes(f->payload[1]);
	const uint8_t *at = f->payload + COUNTS_HEADER_BYTES + index * bytes;

	e->from = get(at, 8);
	e->to = f->payload[1] == COUNT_ADDRESS ? 0 : get(at + 8, 8);
	e->count = (uint32_t)get(at + bytes - 4, 4);
}

void counts_writer_begin(struct counts_writer *w, enum unit unit, enum count_kind kind)
{
	w->payload[0] = (uint8_t)unit;
	w->payload[1] = (uint8_t)kind;
	put(w->payload + 2, 0, 2);
	w->bytes = COUNTS_HEADER_BYTES;
	w->entries = 0;
}

bool counts_writer_add(struct counts_writer *w, const struct count_entry *e)
{
	size_t bytes = entry_bytes(w->payload[1]);
	uint8_t *at = w->payload + w->bytes;

	if (bytes > sizeof(w->payload) - w->bytes)
		return false;
	put(at, e->from, 8);
	if (w->payload[1] != COUNT_ADDRESS)
		put(at + 8, e->to, 8);
	put(at + bytes - 4, e->count, 4);
	w->bytes += bytes;
	put(w->payload + 2, ++w->entries, 2);
	return true;
}
