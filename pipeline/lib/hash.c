/* SPDX-License-Identifier: MIT */
#include "hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "util.h"

enum { DIGEST_BYTES = 32 };

void hash_init(struct hash *h)
{
	h->context = EVP_MD_CTX_new();
	if (!h->context || !EVP_DigestInit_ex(h->context, EVP_sha256(), NULL))
		die("libcrypto has no sha256");
}

static void add_plain(struct hash *h, const void *data, size_t bytes)
{
	EVP_DigestUpdate(h->context, data, bytes);
}

void hash_add(struct hash *h, const void *data, size_t bytes)
{
	uint64_t length = bytes;

	add_plain(h, &length, sizeof(length));
	add_plain(h, data, bytes);
}

void hash_add_string(struct hash *h, const char *s)
{
	hash_add(h, s, strlen(s));
}

void hash_add_file(struct hash *h, const char *path)
{
	size_t bytes;
	char *data = xfs_read(path, &bytes);

	hash_add(h, data, bytes);
	free(data);
}

void hash_finish(struct hash *h, char hex[HASH_HEX_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[DIGEST_BYTES];

	EVP_DigestFinal_ex(h->context, digest, NULL);
	EVP_MD_CTX_free(h->context);
	h->context = NULL;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[2 * DIGEST_BYTES] = '\0';
}

void hash_bytes(const void *data, size_t bytes, char hex[HASH_HEX_BYTES])
{
	struct hash h;

	hash_init(&h);
	add_plain(&h, data, bytes);
	hash_finish(&h, hex);
}

int hash_file(const char *path, char hex[HASH_HEX_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	static char buffer[1 << 16];
	struct hash h;
	ssize_t got;

	if (fd < 0)
		return -errno;
	hash_init(&h);
	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		add_plain(&h, buffer, (size_t)got);
	if (got < 0)
		error = -errno;
	hash_finish(&h, hex);
	close(fd);
	return error;
}

void xhash_file(const char *path, char hex[HASH_HEX_BYTES])
{
	int error = hash_file(path, hex);

	if (error)
		die("cannot read '%s': %s", path, strerror(-error));
}
