/* SPDX-License-Identifier: MIT */
/*
 * hash.h - sha256, as 64 lower-case hexadecimal digits
 *
 * libcrypto does the arithmetic (FIPS 180-4), with the processor's instructions for it. A key made of several parts feeds
 * each part with its length in front, so that "ab"+"c" differs from "a"+"bc".
 */
#ifndef PIPELINE_HASH_H
#define PIPELINE_HASH_H

#include <stddef.h>

enum { HASH_HEX_BYTES = 65 }; /* with the NUL */

struct hash {
	void *context; /* between init and finish */
};

void hash_init(struct hash *h);
void hash_add(struct hash *h, const void *data, size_t bytes);
void hash_add_string(struct hash *h, const char *s);

/* Dies if the file cannot be read. Only contents count, not the name. */
void hash_add_file(struct hash *h, const char *path);
void hash_finish(struct hash *h, char hex[HASH_HEX_BYTES]);

/* sha256 of the plain bytes: what sha256sum(1) prints. */
void hash_bytes(const void *data, size_t bytes, char hex[HASH_HEX_BYTES]);

/* 0, or -errno if the file cannot be read. */
int hash_file(const char *path, char hex[HASH_HEX_BYTES]);
void xhash_file(const char *path, char hex[HASH_HEX_BYTES]);

#endif
