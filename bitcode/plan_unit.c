/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"

json_t *xplan_unit(const json_t *plan, const char *name, const char *plan_path)
{
	json_t *unit;
	size_t i;

	json_array_foreach(xjson_array(plan, "units", plan_path), i, unit)
		if (!strcmp(xjson_string(unit, "name", plan_path), name))
			return unit;
	die("'%s' has no unit '%s'", plan_path, name);
}
