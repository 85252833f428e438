/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

#define OWN_MANIFEST "etc/anneal/manifest.json"

static void take_file(struct archive *a, struct archive_entry *entry, FILE *out, const char *path)
{
	/* libarchive has read a link's target already, and says its length all the same */
	const char *target = archive_entry_symlink(entry);
	size_t bytes = target ? strlen(target) : (size_t)archive_entry_size(entry);
	char *data = target ? xstrdup(target) : xmalloc(bytes + 1);

	if (!target && archive_read_data(a, data, bytes) != (la_ssize_t)bytes)
		die("cannot read '%s' of '%s': %s", archive_entry_pathname(entry), path,
		    archive_error_string(a));
	fprintf(out, "%s\n", archive_entry_pathname(entry));
	if (!strcmp(archive_entry_pathname(entry), OWN_MANIFEST))
		bytes = 0; /* what pack.c wrote about the image; no program's input */
	if (bytes < 4 || memcmp(data, "\177ELF", 4)) {
		for (size_t i = 0; i < bytes; i++)
			fputc(data[i] ? data[i] : '\n', out);
		fputc('\n', out);
	}
	free(data);
}

char *xfiles_text(const char *path)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	int status;

	archive_read_support_format_cpio(a);
	if (!out || archive_read_open_filename(a, path, 1 << 16))
		die("cannot read '%s': %s", path, archive_error_string(a));
	while ((status = archive_read_next_header(a, &entry)) == ARCHIVE_OK)
		take_file(a, entry, out, path);
	if (status != ARCHIVE_EOF)
		die("cannot read '%s': %s", path, archive_error_string(a));
	archive_read_free(a);
	fclose(out);
	return text;
}
