/* SPDX-License-Identifier: MIT */
#include "annotate.h"

#include <stdlib.h>

#include "pipeline/lib/json.h"
#include "pipeline/lib/util.h"

static json_t *member(json_t *object, const char *key, const char *path)
{
	json_t *value = json_object_get(object, key);

	if (!value)
		die("'%s' lacks '%s': it is not what the tracer writes", path, key);
	return value;
}

void xannotate_trace(const char *path, const struct exclusions *e, const struct strlist *left_out)
{
	json_t *trace = xjson_read(path), *range;
	json_t *ranges = member(member(trace, "excluded", path), "ranges", path);
	size_t i;

	json_array_foreach(ranges, i, range) {
		const char *start = xjson_string(range, "start", path);
		const struct exclusion *found = exclusions_at(e, strtoull(start, NULL, 16));

		if (!found)
			continue;
		json_object_set_new(range, "symbol", json_string(found->symbol));
		json_object_set_new(range, "reason", json_string(found->reason));
	}
	json_object_set_new(trace, "left_out", json_from_strlist(left_out));
	xjson_write(path, trace);
	json_decref(trace);
}
