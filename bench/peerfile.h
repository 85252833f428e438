/* SPDX-License-Identifier: MIT */
/*
 * peerfile.h - peer.json: what a peer is, what it ships, where its code is
 *
 * Schema 1:
 *
 *   name	"debian": the directory's name; letters, digits, '-'
 *   title	for a table's head
 *   describe	one sentence
 *   shipped[]	name, bytes, xz_bytes: kernel, modules, app, libraries
 *   sources[]	name, version
 *   regions[]	name, and a file "elf" with the code at its own addresses (or, with "base", moved
 *		there), or "start" and "end"; addresses are strings, hexadecimal. Regions of one
 *		name are one region, of which the first may have an ELF. Names that mean something:
 *		kernel (there must be one), libc, app, libraries
 */
#ifndef BENCH_PEERFILE_H
#define BENCH_PEERFILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer_region {
	const char *name;
	const char *elf;     /* relative to the peer's directory, or NULL */
	uint64_t base;	     /* added to the ELF's addresses */
	uint64_t start, end; /* where there is no ELF */
};

struct peerfile {
	const char *name, *title, *describe;
	struct peer_region *regions; /* as they stand in the file */
	size_t region_count;
	json_t *json; /* the whole of it; strings point into it */
};

/* Whether `directory` is a peer's. */
bool peerfile_is_peer(const char *directory);

/*
 * Read DIRECTORY/peer.json. NULL, or a sentence why it is none; the caller frees that. Does not look
 * at other files.
 */
char *peerfile_read(struct peerfile *p, const char *directory);

/* The same; dies with the sentence. */
void xpeerfile_read(struct peerfile *p, const char *directory);

#endif
