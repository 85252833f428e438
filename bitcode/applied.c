/* SPDX-License-Identifier: MIT */
#include "applied.h"

#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "link_profile.h"
#include "module.h"

enum { MOST_LOST = 50 };

const char *const applied_remarks = "-mllvm -report-profile-staleness";

/* Numbers of the report, in the order in which it has them. */
struct counts {
	uint64_t functions, samples, matched_functions, matched_samples;
	uint64_t callsites, stale_callsites, callsite_samples, stale_samples, promoted_calls;
	uint64_t recovered_callsites, recovered_samples;
	uint64_t linked_functions, counted_functions;
	uint64_t hot_bytes, split_bytes, unlikely_bytes, text_bytes;
};

char *applied_remarks_path(const char *object)
{
	return xasprintf("%s.remarks", object);
}

/*
 * "(1/20) of callsites' profile are invalid and (5/900) of samples are discarded due to
 * callsite location mismatch.", "(1/1) of callsites and (5/5) of samples are recovered by stale profile
 * matching." (llvm/Transforms/IPO/SampleProfileMatcher.cpp)
 */
static void count_remark(struct counts *c, const char *line)
{
	uint64_t stale, all, stale_samples, all_samples;

	if (sscanf(line,
		   "(%" SCNu64 "/%" SCNu64 ") of callsites and (%" SCNu64 "/%" SCNu64
		   ") of samples are recovered",
		   &stale, &all, &stale_samples, &all_samples) == 4) {
		c->recovered_callsites += stale;
		c->recovered_samples += stale_samples;
		return;
	}

	if (sscanf(line,
		   "(%" SCNu64 "/%" SCNu64 ") of callsites' profile are invalid and (%" SCNu64
		   "/%" SCNu64 ")",
		   &stale, &all, &stale_samples, &all_samples) == 4) {
		c->stale_callsites += stale;
		c->callsites += all;
		c->stale_samples += stale_samples;
		c->callsite_samples += all_samples;
	}
}

static void count_remarks(struct counts *c, const struct strlist *objects)
{
	for (size_t i = 0; i < objects->n; i++) {
		char *path = applied_remarks_path(objects->v[i]), *rest, *line;
		char *text = fs_read(path, NULL);

		if (text)
			for (line = strtok_r(text, "\n", &rest); line;
			     line = strtok_r(NULL, "\n", &rest))
				count_remark(c, line);
		free(text);
		free(path);
	}
}

/* One YAML document a remark; of the pass that promotes calls only (link_profile.h). */
static void count_promoted(struct counts *c, const char *elf)
{
	char *path = link_profile_remarks(elf), *text = fs_read(path, NULL);

	for (const char *at = text; at && (at = strstr(at, "\nName:")); at++)
		c->promoted_calls += !strncmp(at + 6 + strspn(at + 6, " "), "Promoted\n", 9);
	unlink(path);
	free(text);
	free(path);
}

static int by_samples(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	json_int_t s = json_integer_value(json_object_get(x, "samples"));
	json_int_t t = json_integer_value(json_object_get(y, "samples"));

	if (s != t)
		return s < t ? 1 : -1;
	return strcmp(json_string_value(json_object_get(x, "name")),
		      json_string_value(json_object_get(y, "name")));
}

/* The functions with the most samples, in order. */
static json_t *most(json_t **lost, size_t n)
{
	json_t *list = json_array();

	qsort(lost, n, sizeof(json_t *), by_samples);
	for (size_t i = 0; i < n && i < MOST_LOST; i++)
		json_array_append(list, lost[i]);
	return list;
}

/* Counts of exact recordings are large, and merging multiplies them. */
static uint64_t add(uint64_t a, uint64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static json_t *count_functions(struct counts *c, const struct names *names,
			       const struct profile *profile)
{
	json_t **lost = xcalloc(json_object_size(profile->functions) + 1, sizeof(json_t *));
	json_t *defined = names_defined(names), *samples, *list;
	const char *name;
	size_t n = 0;

	json_object_foreach(profile->functions, name, samples) {
		uint64_t count = (uint64_t)json_integer_value(samples);

		c->functions++;
		c->samples = add(c->samples, count);
		if (json_object_get(defined, name)) {
			c->matched_functions++;
			c->matched_samples = add(c->matched_samples, count);
		} else {
			lost[n++] = json_pack("{s:s, s:O}", "name", name, "samples", samples);
		}
	}
	list = most(lost, n);
	free(lost);
	json_decref(defined);
	return list;
}

/*
 * An entry count that says something: the reader marks functions that the profile does not
 * have with -1. The node is { "function_entry_count", count, ... }.
 */
static bool is_counted(LLVMContextRef context, LLVMMetadataRef node)
{
	LLVMValueRef operands[2], value = LLVMMetadataAsValue(context, node);

	if (LLVMGetMDNodeNumOperands(value) != ARRAY_SIZE(operands))
		return false;
	LLVMGetMDNodeOperands(value, operands);
	return LLVMIsAConstantInt(operands[1]) &&
	       LLVMConstIntGetZExtValue(operands[1]) != UINT64_MAX;
}

static bool has_entry_count(LLVMContextRef context, LLVMValueRef function, unsigned prof)
{
	size_t n;
	LLVMValueMetadataEntry *entries = LLVMGlobalCopyAllMetadata(function, &n);
	bool found = false;

	for (unsigned i = 0; i < n; i++)
		found |= LLVMValueMetadataEntriesGetKind(entries, i) == prof &&
			 is_counted(context, LLVMValueMetadataEntriesGetMetadata(entries, i));
	LLVMDisposeValueMetadataEntries(entries);
	return found;
}

static void count_entries(struct counts *c, const char *path)
{
	LLVMModuleRef module = xmodule_open(path, false); /* what is attached comes with bodies */
	LLVMContextRef context = LLVMGetModuleContext(module);
	unsigned prof = LLVMGetMDKindIDInContext(context, "prof", 4);

	for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
		if (LLVMIsDeclaration(f))
			continue;
		c->linked_functions++;
		c->counted_functions += has_entry_count(context, f, prof);
	}
	module_close(module);
}

/* ".text.hot" and ".text.hot.f", but not ".text.hotel". */
static bool is_part(const char *section, const char *part)
{
	size_t length = strlen(part);

	return !strncmp(section, part, length) && (!section[length] || section[length] == '.');
}

static void count_section(struct counts *c, const char *name, uint64_t bytes)
{
	c->text_bytes += bytes;
	if (is_part(name, ".text.hot"))
		c->hot_bytes += bytes;
	else if (is_part(name, ".text.split"))
		c->split_bytes += bytes;
	else if (is_part(name, ".text.unlikely"))
		c->unlikely_bytes += bytes;
}

static void count_sections(struct counts *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf_Scn *section = NULL;
	size_t strings;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_getshdrstrndx(elf, &strings))
		die("'%s', which was just linked, is no ELF file", path);
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_flags & SHF_EXECINSTR)
			count_section(c, elf_strptr(elf, strings, header.sh_name), header.sh_size);
	}
	elf_end(elf);
	close(fd);
}

/* A profile that does nothing is a mistake somewhere: LLVM would not say a word. */
static void check(const struct counts *c, const char *unit, const char *path)
{
	if (!c->counted_functions)
		die_hint(
			"the capsules were made without the attribute \"use-sample-profile\": remove "
			"them from the cache and repeat",
			"the profile '%s' was not applied to %s: no function has an entry count",
			path, unit);
}

json_t *xapplied_report(const json_t *unit, const struct names *names,
			const struct profile *profile, const struct strlist *objects,
			const char *elf, const char *module)
{
	const char *name = xjson_string(unit, "name", "the plan");
	struct counts c = { 0 };
	json_t *lost = count_functions(&c, names, profile);

	count_remarks(&c, objects);
	count_promoted(&c, elf);
	count_entries(&c, module);
	count_sections(&c, elf);
	check(&c, name, profile->name);
	return json_pack(
		"{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
		"s:I, s:I, s:I, s:o, s:O}",
		"schema", 1, "unit", name, "functions", (json_int_t)c.functions, "samples",
		(json_int_t)c.samples, "matched_functions", (json_int_t)c.matched_functions,
		"matched_samples", (json_int_t)c.matched_samples, "callsites",
		(json_int_t)c.callsites, "stale_callsites", (json_int_t)c.stale_callsites,
		"callsite_samples", (json_int_t)c.callsite_samples, "stale_samples",
		(json_int_t)c.stale_samples, "promoted_calls", (json_int_t)c.promoted_calls,
		"linked_functions", (json_int_t)c.linked_functions, "counted_functions",
		(json_int_t)c.counted_functions, "hot_bytes", (json_int_t)c.hot_bytes,
		"split_bytes", (json_int_t)c.split_bytes, "unlikely_bytes",
		(json_int_t)c.unlikely_bytes, "text_bytes", (json_int_t)c.text_bytes,
		"recovered_callsites", (json_int_t)c.recovered_callsites, "recovered_samples",
		(json_int_t)c.recovered_samples, "lost", lost, "fit", profile->fit);
}
