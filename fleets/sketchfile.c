/* SPDX-License-Identifier: MIT */
/* Sketches as text, and back: what comes back is checked as if it were anyone's. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "facts.h"
#include "fields.h"
#include "sketch.h"

enum { DIGITS = 8 };

static const char *const hex_digits = "0123456789abcdef";

static json_t *pack_histogram(const uint32_t *v, size_t n)
{
	char *text = xmalloc(n * DIGITS + 1);
	json_t *string;

	for (size_t i = 0; i < n; i++)
		for (size_t digit = 0; digit < DIGITS; digit++)
			text[i * DIGITS + digit] = hex_digits[v[i] >> (28 - 4 * digit) & 15];
	text[n * DIGITS] = '\0';
	string = json_string(text);
	free(text);
	return string;
}

/* As many as there must be, which together are no more than one. */
static bool unpack_histogram(uint32_t *v, size_t n, const json_t *string)
{
	const char *text = json_string_value(string);
	uint64_t sum = 0;

	if (!text || json_string_length(string) != n * DIGITS)
		return false;
	for (size_t i = 0; i < n * DIGITS; i++) {
		const char *digit = strchr(hex_digits, text[i]);

		if (!digit || !*digit)
			return false;
		v[i / DIGITS] = v[i / DIGITS] << 4 | (uint32_t)(digit - hex_digits);
	}
	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum <= SKETCH_ONE;
}

static json_t *pack_peaks(const struct sketch *s)
{
	json_t *peaks = json_array();

	for (size_t i = 0; i < s->peak_count; i++) {
		const struct sketch_peak *p = &s->peaks[i];
		char *address = xasprintf("%llx", (unsigned long long)p->address);

		json_array_append_new(peaks, json_pack("{s:I, s:s, s:i, s:i, s:s}", "share",
						       (json_int_t)p->share, "address", address,
						       "function_bucket", (int)p->function_bucket,
						       "block_bucket", (int)p->block_bucket,
						       "function", p->function));
		free(address);
	}
	return peaks;
}

static bool unpack_peak(struct sketch_peak *p, json_t *from)
{
	const char *address, *function;
	json_int_t share, function_bucket, block_bucket;
	char *end;

	if (json_unpack(from, "{s:I, s:s, s:I, s:I, s:s}", "share", &share, "address", &address,
			"function_bucket", &function_bucket, "block_bucket", &block_bucket,
			"function", &function) ||
	    share < 0 || share > UINT32_MAX || function_bucket < 0 ||
	    function_bucket >= SKETCH_FUNCTIONS || block_bucket < 0 ||
	    block_bucket >= SKETCH_BLOCKS)
		return false;
	*p = (struct sketch_peak){ .share = (uint64_t)share,
				   .address = strtoull(address, &end, 16),
				   .function_bucket = (unsigned)function_bucket,
				   .block_bucket = (unsigned)block_bucket };
	if (!*address || *end)
		return false;
	p->function = xstrdup(function);
	return true;
}

static bool unpack_peaks(struct sketch *s, const json_t *peaks)
{
	if (!json_is_array(peaks) || json_array_size(peaks) > SKETCH_PEAKS)
		return false;
	for (size_t i = 0; i < json_array_size(peaks); i++, s->peak_count++)
		if (!unpack_peak(&s->peaks[i], json_array_get(peaks, i)))
			return false;
	return true;
}

/* A path may be of any bytes, which JSON strings may not: as hexadecimal, if it is not UTF-8. */
static void pack_label(json_t *to, const char *label)
{
	json_t *string = json_string(label);
	char *text;

	if (string) {
		json_object_set_new(to, "label", string);
		return;
	}
	text = xmalloc(2 * strlen(label) + 1);
	for (size_t i = 0; i <= strlen(label); i++)
		sprintf(text + 2 * i, "%02x", (unsigned char)label[i]);
	text[2 * strlen(label)] = '\0';
	json_object_set_new(to, "label_bytes", json_string(text));
	free(text);
}

static char *unpack_label(const json_t *from)
{
	const char *label = json_string_value(json_object_get(from, "label")),
		   *hex = json_string_value(json_object_get(from, "label_bytes"));
	char *bytes;
	size_t n;

	if (label && *label)
		return xstrdup(label);
	if (!hex || !*hex || strlen(hex) % 2 || hex[strspn(hex, hex_digits)])
		return NULL;
	n = strlen(hex) / 2;
	bytes = xcalloc(n + 1, 1);
	for (size_t i = 0; i < 2 * n; i++)
		bytes[i / 2] =
			(char)(bytes[i / 2] << 4 | (strchr(hex_digits, hex[i]) - hex_digits));
	if (!memchr(bytes, '\0', n))
		return bytes;
	free(bytes);
	return NULL;
}

static json_t *pack(const struct sketch *s)
{
	json_t *to = json_pack("{s:s, s:f, s:s, s:f}", "host", s->about.host, "age_days",
			       s->about.age_days, "load", s->about.load ? s->about.load : "",
			       "list_weight", s->about.weight);

	pack_label(to, s->about.label);
	if (s->refused) {
		json_object_set_new(to, "refused", json_text(s->refused));
		return to;
	}
	json_object_set_new(to, "id", json_string(s->id));
	json_object_set_new(to, "generation", json_integer((json_int_t)s->generation));
	json_object_set_new(to, "kind", json_string(reading_kind_names[s->kind]));
	json_object_set(to, "build_ids", s->build_ids);
	json_object_set(to, "facts", s->facts);
	json_object_set_new(to, "instructions", json_integer((json_int_t)s->instructions));
	json_object_set_new(to, "weight", json_real(s->weight));
	json_object_set_new(to, "peaks", pack_peaks(s));
	json_object_set_new(to, "functions", pack_histogram(s->functions, SKETCH_FUNCTIONS));
	json_object_set_new(to, "blocks", pack_histogram(s->blocks, SKETCH_BLOCKS));
	return to;
}

static bool in_range(double value, double least, double most)
{
	return value >= least && value <= most;
}

static bool is_hex(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, hex_digits) == length;
}

static bool unpack_about(struct record *about, json_t *from)
{
	const char *host, *load;
	double age_days, weight;

	if (json_unpack(from, "{s:s, s:F, s:s, s:F}", "host", &host, "age_days", &age_days, "load",
			&load, "list_weight", &weight) ||
	    (*host && !is_hex(host, HOST_DIGEST_BYTES - 1)) || (*load && !fields_is_word(load)) ||
	    !in_range(age_days, 0, 1e6) || !in_range(weight, 1e-9, 1e9))
		return false;
	*about = (struct record){ .age_days = age_days, .weight = weight };
	about->label = unpack_label(from);
	if (!about->label)
		return false;
	strcpy(about->host, host);
	about->load = *load ? xstrdup(load) : NULL;
	return true;
}

static bool are_build_ids(json_t *ids)
{
	const char *unit;
	json_t *id;

	if (!json_is_object(ids) || !json_object_size(ids))
		return false;
	json_object_foreach(ids, unit, id)
		if (!json_is_string(id) || strchr(unit, '/') || !*unit || *unit == '.')
			return false;
	return true;
}

static bool unpack(struct sketch *s, json_t *from)
{
	const char *refused = json_string_value(json_object_get(from, "refused")), *id, *kind;
	json_t *ids = json_object_get(from, "build_ids"), *facts = json_object_get(from, "facts");
	json_int_t generation, instructions;

	if (!unpack_about(&s->about, from))
		return false;
	if (refused) {
		s->refused = xstrdup(refused);
		return true;
	}
	if (json_unpack(from, "{s:s, s:I, s:s, s:I, s:F}", "id", &id, "generation", &generation,
			"kind", &kind, "instructions", &instructions, "weight", &s->weight) ||
	    !is_hex(id, HASH_HEX_BYTES - 1) || generation < 0 || generation > 99999999 ||
	    instructions <= 0 || !in_range(s->weight, 1e-300, 1e9) || !are_build_ids(ids) ||
	    !json_is_object(facts))
		return false;
	s->kind = reading_kind_of(kind);
	s->generation = (unsigned)generation;
	s->instructions = (uint64_t)instructions;
	strcpy(s->id, id);
	s->build_ids = json_incref(ids);
	s->facts = facts_read(facts);
	return s->kind != READING_KINDS && unpack_peaks(s, json_object_get(from, "peaks")) &&
	       unpack_histogram(s->functions, SKETCH_FUNCTIONS,
				json_object_get(from, "functions")) &&
	       unpack_histogram(s->blocks, SKETCH_BLOCKS, json_object_get(from, "blocks"));
}

static void print_line(FILE *out, json_t *value)
{
	/* 17 digits give a double back as it was */
	if (json_dumpf(value, out, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)))
		die("cannot encode JSON");
	putc('\n', out);
	json_decref(value);
}

char *sketches_format(const struct sketches *all, size_t *bytes)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, bytes);

	if (!out)
		die("out of memory");
	print_line(out, json_pack("{s:i, s:s}", "schema", 1, "app", all->app));
	for (size_t i = 0; i < all->n; i++)
		print_line(out, pack(&all->v[i]));
	if (fclose(out))
		die("out of memory");
	return text;
}

static bool read_head(struct sketches *all, json_t *line)
{
	const char *app = json_string_value(json_object_get(line, "app"));

	if (json_integer_value(json_object_get(line, "schema")) != 1 || !app || !*app)
		return false;
	if (!all->app)
		all->app = xstrdup(app);
	return !strcmp(all->app, app);
}

char *sketches_parse(struct sketches *all, const char *name, const char *text, size_t bytes)
{
	const char *end = text + bytes, *line_end;
	struct sketch s;
	size_t number = 0;

	for (const char *at = text; at < end; at = line_end + 1) {
		json_t *line = NULL;
		bool good;

		number++;
		line_end = memchr(at, '\n', (size_t)(end - at));
		if (!line_end)
			return xasprintf("%s:%zu: the line is cut off: it has no end", name,
					 number);
		line = json_loadb(at, (size_t)(line_end - at), JSON_REJECT_DUPLICATES, NULL);
		s = (struct sketch){ 0 };
		good = line && (number == 1 ? read_head(all, line) : unpack(&s, line));
		json_decref(line);
		if (!good) {
			sketch_release(&s);
			return number == 1
				       ? xasprintf("%s: it is no file of sketches, of schema 1 and "
						   "the same app as the others",
						   name)
				       : xasprintf("%s:%zu: this is not a sketch", name, number);
		}
		if (number > 1)
			sketches_push(all, &s);
	}
	return number ? NULL : xasprintf("%s: it is empty: whatever wrote it did not finish", name);
}
