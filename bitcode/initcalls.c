/* SPDX-License-Identifier: MIT */
#include "initcalls.h"

#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "module.h"

void initcalls_scan(const char *assembly, size_t bytes, struct strlist *sections)
{
	static const char opening[] = ".section";
	const char *end = assembly + bytes;

	while ((assembly = memmem(assembly, (size_t)(end - assembly), opening, strlen(opening)))) {
		const char *name, *close;

		assembly += strlen(opening);
		name = memchr(assembly, '"', (size_t)(end - assembly));
		close = name ? memchr(name + 1, '"', (size_t)(end - name - 1)) : NULL;
		if (!close)
			return;
		name++;
		if (memmem(name, (size_t)(close - name), "initcall", 8) &&
		    memmem(name, (size_t)(close - name), ".init..", 7))
			strlist_pushf(sections, "%.*s", (int)(close - name), name);
		assembly = close;
	}
}

static void scan_module(const char *path, struct strlist *sections)
{
	LLVMModuleRef module = xmodule_open(path, true);
	const char *assembly;
	size_t bytes;

	assembly = LLVMGetModuleInlineAsm(module, &bytes);
	initcalls_scan(assembly, bytes, sections);
	module_close(module);
}

/* ".initcall6.init..NAME" belongs into ".initcall6.init". */
static size_t level_length(const char *section)
{
	return (size_t)(strstr(section, ".init..") - section) + strlen(".init");
}

char *xinitcalls_script(const struct strlist *modules)
{
	struct strlist sections = STRLIST_INIT, levels = STRLIST_INIT, lines = STRLIST_INIT;

	for (size_t i = 0; i < modules->n; i++)
		scan_module(modules->v[i], &sections);
	for (size_t i = 0; i < sections.n; i++) {
		char *level = xstrndup(sections.v[i], level_length(sections.v[i]));

		if (!strlist_has(&levels, level))
			strlist_push(&levels, level);
		free(level);
	}
	strlist_sort(&levels);
	strlist_push(&lines, "SECTIONS {");
	for (size_t l = 0; l < levels.n; l++) {
		strlist_pushf(&lines, "\t%s : {", levels.v[l]);
		for (size_t i = 0; i < sections.n; i++)
			if (level_length(sections.v[i]) == strlen(levels.v[l]) &&
			    !strncmp(sections.v[i], levels.v[l], strlen(levels.v[l])))
				strlist_pushf(&lines, "\t\t*(%s) ;", sections.v[i]);
		strlist_push(&lines, "\t}");
	}
	strlist_push(&lines, "}\n");
	return strlist_join(&lines, "\n");
}
