/* SPDX-License-Identifier: MIT */
/*
 * origin.h - what a manifest records of the recipe and the files that an image was made from
 *
 * So that two generations can be compared without the tree that made them: hashes only,
 * no path of this machine.
 */
#ifndef PIPELINE_ORIGIN_H
#define PIPELINE_ORIGIN_H

#include <jansson.h>

#include "lib/hash.h"
#include "lib/strlist.h"

/*
 * { sha256, count, bytes } of the files in `rootfs`, directories laid over each other in
 * order: the same whether a file came from the recipe or from FILES=.
 */
json_t *xorigin_files(const struct strlist *rootfs);

/* Where "pack" writes that, beside the archive: "initramfs.cpio" -> "initramfs.files.json". */
char *origin_files_path(const char *archive);

/*
 * sha256 of what the recipe says about the app's image: image.spec without the directories
 * of files, and syscalls.allow beside it, if there is one.
 */
void xorigin_recipe(const char *spec, char hex[HASH_HEX_BYTES]);

#endif
