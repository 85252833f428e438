/* SPDX-License-Identifier: MIT */
#include "recordfile.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"

static char *begin(const char *path)
{
	char *above = xstrdup(path), *temporary;

	xfs_mkdirs_above(path);
	if (strrchr(above, '/'))
		*strrchr(above, '/') = '\0';
	else
		strcpy(above, ".");
	temporary = xfs_temporary_directory(above, ".import");
	free(above);
	return temporary;
}

static json_t *build_ids(const struct recordfile *r, const bool has[UNITS])
{
	json_t *ids = json_object();

	for (enum unit unit = 0; unit < UNITS; unit++)
		if (has[unit])
			json_object_set_new(ids, builds_unit_name(r->builds, unit),
					    json_string(r->generation->units[unit].build_id));
	return ids;
}

static void finish(const struct recordfile *r, char *temporary, const char *path,
		   const bool has[UNITS])
{
	json_t *record = json_pack(
		"{s:i, s:s, s:i, s:o, s:s, s:s, s:o?, s:o?, s:s?, s:I, s:b, s:n, s:n, s:n, s:n}",
		"schema", 1, "app", r->builds->app, "generation", (int)r->generation->number,
		"build_ids", build_ids(r, has), "method", r->method, "kind", r->kind, "event",
		r->event, "samples", r->samples, "cpu", r->cpu, "weight", (json_int_t)r->weight,
		"partial", (int)r->partial, "load", "machine", "accelerator", "window");
	char *file = xasprintf("%s/record.json", temporary);

	if (!record)
		die("cannot describe the recording: a text in it is not UTF-8");
	xjson_write(file, record);
	xfs_remove(path);
	xfs_rename(temporary, path);
	json_decref(record);
	free(file);
	free(temporary);
}

void xrecordfile_write(const struct recordfile *r, const char *path, struct counts units[UNITS])
{
	char *temporary = begin(path);
	bool has[UNITS];

	for (enum unit unit = 0; unit < UNITS; unit++) {
		has[unit] = !counts_is_empty(&units[unit]);
		xcounts_write(&units[unit], temporary, builds_unit_name(r->builds, unit));
	}
	finish(r, temporary, path, has);
}

void xrecordfile_write_lines(const struct recordfile *r, const char *path, enum unit unit,
			     const char *lines)
{
	char *temporary = begin(path),
	     *to = xasprintf("%s/%s.prof", temporary, builds_unit_name(r->builds, unit));
	bool has[UNITS] = { 0 };

	has[unit] = true;
	xfs_copy(lines, to);
	finish(r, temporary, path, has);
	free(to);
}
