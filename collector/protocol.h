/* SPDX-License-Identifier: MIT */
/*
 * protocol.h - what the collector in a guest and the receiver on a host say to each other
 *
 * Frames over a stream (a port of virtio-serial, TCP) or one frame a datagram (UDP). All numbers
 * are little-endian. A frame:
 *
 *   u32 magic   u8 version   u8 type   u16 payload bytes   u32 sequence   u32 CRC-32C of all else
 *   payload, at most FRAME_PAYLOAD_MAX bytes
 *
 * The guest says HELLO until it is told START, more and more rarely; counts only while it is
 * collecting; nothing at all once nobody has answered for a while. Nothing that comes from the
 * other side is believed: lengths, addresses and counts are checked by whoever reads them.
 */
#ifndef COLLECTOR_PROTOCOL_H
#define COLLECTOR_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unit.h"

enum {
	FRAME_MAGIC = 0x4650414e, /* "NAPF" as bytes */
	FRAME_VERSION = 1,
	FRAME_HEADER_BYTES = 16,
	FRAME_PAYLOAD_MAX = 1200, /* fits a datagram on every network */
	BUILD_ID_BYTES = 20,
};

enum frame_type {
	/* guest to host */
	FRAME_HELLO = 1, /* struct hello */
	FRAME_COUNTS,	 /* u8 unit, u8 count_kind, u16 how many, then entries */
	FRAME_STATUS,	 /* struct status: once a second while collecting, and last */
	FRAME_END,	 /* struct status: the collection is over, all counts were sent */
	/* host to guest */
	FRAME_START = 16, /* struct start */
	FRAME_STOP,	  /* no payload: send what there is, then END */
	FRAME_ALIVE, /* no payload: once a second; without it the guest stops after ALIVE_TIMEOUT_S */
};

enum { ALIVE_TIMEOUT_S = 10 };

enum count_kind {
	COUNT_ADDRESS, /* u64 address, u32 count */
	COUNT_BRANCH,  /* u64 from, u64 to, u32 count */
	COUNT_RANGE,   /* u64 first, u64 last instruction, u32 count */
};
enum collector_event { EVENT_BRANCH_STACKS, EVENT_CYCLES, EVENT_CPU_CLOCK };

struct hello {
	uint64_t boot; /* random, the same from boot to power-off: tells guests apart */
	uint8_t build_ids[UNITS][BUILD_ID_BYTES]; /* zeroes: there is none */
	uint8_t event;				  /* enum collector_event: what it would use */
	uint8_t processors;
	char cpu_vendor[12]; /* CPUID leaf 0, e.g. "GenuineIntel" */
};

struct start {
	uint64_t session;      /* random, of the receiver; repeated in STATUS */
	uint32_t frequency_hz; /* samples a second and processor; bounded by the guest */
	uint32_t seconds;      /* bounded by the guest; 0: until STOP */
};

struct status {
	uint64_t session;
	uint64_t samples, /* taken */
		excluded, /* the collector's own, not sent */
		lost,	  /* by the kernel's ring or for want of memory */
		sent,	  /* counts sent, added up */
		own_ns;	  /* processor time of the collector */
};

struct frame {
	uint8_t type;
	uint32_t sequence;
	const uint8_t *payload;
	size_t payload_bytes;
};

struct count_entry {
	uint64_t from, to; /* `to` unused for COUNT_ADDRESS */
	uint32_t count;
};

/*
 * Is there a whole frame at `bytes`? 1 and `*used`; 0 if more is needed; -1 if this is no frame:
 * skip `*used` bytes (at least one) and look again.
 */
int frame_read(struct frame *f, const uint8_t *bytes, size_t n, size_t *used);

/* Write one; `to` has room for FRAME_HEADER_BYTES + payload_bytes. Returns the bytes written. */
size_t frame_write(uint8_t *to, enum frame_type type, uint32_t sequence, const void *payload,
		   size_t payload_bytes);

/* Payloads, to and from bytes. The readers return false if the length or a value is not possible. */
bool hello_read(struct hello *h, const struct frame *f);
size_t hello_write(uint8_t *to, const struct hello *h);
bool start_read(struct start *s, const struct frame *f);
size_t start_write(uint8_t *to, const struct start *s);
bool status_read(struct status *s, const struct frame *f);
size_t status_write(uint8_t *to, const struct status *s);
bool counts_frame_read(enum unit *unit, enum count_kind *kind, size_t *entries,
		       const struct frame *f);
void counts_frame_entry(struct count_entry *e, const struct frame *f, size_t index);
/* Begin, add, until it says that it is full. */
struct counts_writer {
	uint8_t payload[FRAME_PAYLOAD_MAX];
	size_t bytes;
	uint16_t entries;
};
void counts_writer_begin(struct counts_writer *w, enum unit unit, enum count_kind kind);
bool counts_writer_add(struct counts_writer *w, const struct count_entry *e);

#endif
