/* SPDX-License-Identifier: MIT */
#include "blockfile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

char *blockfile_text(const struct tally *t, size_t *bytes)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, bytes);

	if (!f)
		die("out of memory");
	for (size_t i = 0; i < t->block_count; i++) {
		const struct tally_block *b = &t->blocks[i];

		if (!b->physical)
			fprintf(f,
				"%" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIu64 " %" PRIu64
				" %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
				b->start, b->last, b->end, b->instructions, b->executions, b->taken,
				b->misses[MISS_L1I], b->misses[MISS_L1D], b->misses[MISS_ITLB]);
	}
	if (fclose(f))
		die("out of memory");
	return text;
}

static bool read_line(const char *line, struct tally_block *b)
{
	int used = 0;

	*b = (struct tally_block){ 0 };
	return sscanf(line,
		      "%" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		      " %" SCNu64 " %" SCNu64 " %" SCNu64 "%n",
		      &b->start, &b->last, &b->end, &b->instructions, &b->executions, &b->taken,
		      &b->misses[MISS_L1I], &b->misses[MISS_L1D], &b->misses[MISS_ITLB],
		      &used) == 9 &&
	       !line[used] && b->start <= b->last && b->last < b->end;
}

struct tally_block *xblockfile_read(const char *path, size_t *count)
{
	char *text = xfs_read(path, NULL), *save;
	struct tally_block *blocks = NULL;
	size_t room = 0;

	*count = 0;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (*count == room) {
			room = room ? room * 2 : 4096;
			blocks = xrealloc(blocks, room * sizeof(*blocks));
		}
		if (!read_line(line, &blocks[(*count)++]))
			die("%s:%zu: this is no line of a list of blocks", path, *count);
	}
	free(text);
	return blocks;
}
