/* SPDX-License-Identifier: MIT */
/*
 * http.h - answers of HTTP/1.1 (RFC 9112): by Content-Length, in chunks, or up to the end
 *
 * Bodies are counted, not kept. Of a gzip body the last four bytes are the length of what was
 * compressed (RFC 1952, ISIZE): so its decoded length is checked without decompressing it.
 */
#ifndef CLIENT_HTTP_H
#define CLIENT_HTTP_H

#include <stdbool.h>
#include <stdint.h>

enum { HTTP_LINE_BYTES = 256, HTTP_MOST_HEAD_BYTES = 65536 };

struct http_answer {
	enum {
		HTTP_STATUS_LINE,
		HTTP_HEADER,
		HTTP_BODY,	  /* `left` bytes of it are to come */
		HTTP_BODY_TO_END, /* of the connection */
		HTTP_CHUNK_SIZE,
		HTTP_CHUNK,
		HTTP_CHUNK_END, /* the line end behind a chunk */
		HTTP_TRAILER,
	} at;
	char line[HTTP_LINE_BYTES]; /* what came of it so far; a longer one is cut */
	unsigned line_bytes, head_bytes;

	unsigned status;
	bool no_body;			 /* HEAD was asked */
	bool gzip, chunked, closes, old; /* old: HTTP/1.0 */
	bool has_length, has_range;
	uint64_t length;     /* Content-Length */
	uint64_t range[3];   /* Content-Range: first, last, whole */
	uint64_t left;	     /* bytes of this body or chunk */
	uint64_t body_bytes; /* without the chunks' frames */
	uint8_t tail[4];     /* the body's last bytes */
};

struct protocol;
extern const struct protocol http_protocol;

#endif
