/* SPDX-License-Identifier: MIT */
#include "profile_info.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/fs.h"
#include "lib/json.h"
#include "lib/util.h"

static double number(const json_t *report, const char *key)
{
	return json_number_value(json_object_get(report, key));
}

static json_t *percent(const json_t *report, const char *part, const char *whole)
{
	double all = number(report, whole);

	return json_real(all > 0 ? 100 * number(report, part) / all : 0);
}

static json_t *describe_unit(const json_t *report)
{
	static const char *const kept[] = { "counted_functions", "promoted_calls", "hot_bytes",
					    "split_bytes", "unlikely_bytes" };
	static const char *const functions[] = { "matched_functions", "salvaged_functions",
						 "lost_functions" };
	const json_t *fit = json_object_get(report, "fit");
	json_t *unit = json_object();

	json_object_set_new(unit, "matched_percent", percent(fit, "matched_samples", "samples"));
	json_object_set_new(unit, "salvaged_percent", percent(fit, "salvaged_samples", "samples"));
	json_object_set_new(unit, "lost_percent", percent(fit, "lost_samples", "samples"));
	json_object_set(unit, "compared", json_object_get(fit, "compared"));
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		json_object_set(unit, functions[i], json_object_get(fit, functions[i]));
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		json_object_set(unit, kept[i], json_object_get(report, kept[i]));
	return unit;
}

json_t *profile_info_describe(const char *profile_json)
{
	json_t *units, *reports, *report;
	const char *name;

	if (!fs_exists(profile_json))
		return json_null();
	units = json_object();
	reports = json_object_get(xjson_read(profile_json), "units");
	json_object_foreach(reports, name, report)
		json_object_set_new(units, name, describe_unit(report));
	return units;
}

static void print_bytes(const json_t *unit, const char *key, const char *name)
{
	char *bytes = fs_human_bytes((uint64_t)number(unit, key));

	printf(", %s %s", bytes, name);
	free(bytes);
}

/* Of generations that were built before salvaging, only what was matched is known. */
static void print_fit(const char *name, const json_t *unit)
{
	printf("    %-20s %.1f %% of samples matched", name, number(unit, "matched_percent"));
	if (json_object_get(unit, "lost_percent"))
		printf(", %.1f %% salvaged, %.1f %% lost; functions %.0f, %.0f, %.0f",
		       number(unit, "salvaged_percent"), number(unit, "lost_percent"),
		       number(unit, "matched_functions"), number(unit, "salvaged_functions"),
		       number(unit, "lost_functions"));
	putchar('\n');
}

void profile_info_print(const json_t *manifest)
{
	const json_t *id = json_object_get(manifest, "profile");
	json_t *unit;
	const char *name;

	printf("  %-22s %s\n", "profile", json_is_string(id) ? json_string_value(id) : "none");
	json_object_foreach(json_object_get(manifest, "profile_applied"), name, unit) {
		print_fit(name, unit);
		printf("    %-20s %.0f functions counted, %.0f calls promoted; code", "",
		       number(unit, "counted_functions"), number(unit, "promoted_calls"));
		print_bytes(unit, "hot_bytes", "hot");
		print_bytes(unit, "split_bytes", "split off");
		print_bytes(unit, "unlikely_bytes", "unlikely");
		putchar('\n');
	}
}
