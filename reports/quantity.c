/* SPDX-License-Identifier: MIT */
#include "quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

char *quantity_bytes_change(json_int_t bytes)
{
	char *size = fs_human_bytes((uint64_t)llabs(bytes)), *text;

	text = xasprintf("%s%s", bytes > 0 ? "+" : bytes < 0 ? "-" : "", size);
	free(size);
	return text;
}

char *quantity_integer(json_int_t n)
{
	char *digits = xasprintf("%llu", (unsigned long long)llabs(n));
	size_t length = strlen(digits), at = 0;
	char *text = xcalloc(2 * length + 2, 1);

	if (n < 0)
		text[at++] = '-';
	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	free(digits);
	return text;
}

/* Three digits of a value in the largest of the units that it has one of. */
static char *scaled(double value, const char *const *units, size_t n)
{
	size_t unit = 0;

	while (fabs(value) >= 999.5 && unit + 1 < n) {
		value /= 1000;
		unit++;
	}
	return xasprintf("%.*f%s",
			 fabs(value) < 9.995   ? 2
			 : fabs(value) < 99.95 ? 1
					       : 0,
			 value, units[unit]);
}

/* A count of any size: a miss a thousand requests must not look like none. */
static char *count(double value)
{
	if (fabs(value) >= 999.5 && fabs(value) < 9e15)
		return quantity_integer((json_int_t)llround(value));
	if (fabs(value) >= 99.95)
		return xasprintf("%.0f", value);
	return xasprintf("%.3g", value);
}

char *quantity_measure(double value, const char *unit)
{
	static const char *const times[] = { " ns", " us", " ms", " s" };
	static const char *const counts[] = { "", " k", " M", " G" };

	if (!strcmp(unit, "ns"))
		return scaled(value, times, ARRAY_SIZE(times));
	if (!strcmp(unit, "ms"))
		return xasprintf("%.0f ms", value);
	if (!strcmp(unit, "bytes"))
		return fs_human_bytes(value > 0 ? (uint64_t)value : 0);
	if (!strcmp(unit, "per second"))
		return xasprintf("%s/s", scaled(value, counts, ARRAY_SIZE(counts)));
	if (!strcmp(unit, "instructions"))
		return scaled(value, counts, ARRAY_SIZE(counts));
	return count(value);
}

char *quantity_percent(const json_t *percent)
{
	double value = json_number_value(percent);

	if (!json_is_number(percent))
		return xstrdup("");
	if (fabs(value) < 0.05)
		return xstrdup(value ? value < 0 ? "-0.0%" : "+0.0%" : "0.0%");
	return fabs(value) < 99999 ? xasprintf("%+.1f%%", value) : xasprintf("%+.0e%%", value);
}

char *quantity_percent_of(json_int_t from, json_int_t to)
{
	json_t *percent = from ? json_real(100.0 * (double)(to - from) / (double)from)
			  : to ? NULL
			       : json_real(0);
	char *text = percent ? quantity_percent(percent) : xstrdup("NEW");

	json_decref(percent);
	return text;
}
