/* SPDX-License-Identifier: MIT */
#include "march.h"

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* Each level has those before it, too. */
static const struct {
	const char *name, *adds;
} levels[] = {
	{ "x86-64", "" },
	{ "x86-64-v2", "cx16 sahf popcnt sse3 sse4.1 sse4.2 ssse3" },
	{ "x86-64-v3", "avx avx2 bmi bmi2 f16c fma lzcnt movbe xsave" },
	{ "x86-64-v4", "avx512f avx512bw avx512cd avx512dq avx512vl" },
};

static void resolve_native(struct march *m)
{
	char *features = LLVMGetHostCPUFeatures(), *save;
	char *copy = xstrdup(features);

	m->cpu = LLVMGetHostCPUName();
	m->tune = m->cpu;
	m->features = features;
	for (char *f = strtok_r(copy, ",", &save); f; f = strtok_r(NULL, ",", &save))
		if (*f == '+')
			strlist_push(&m->needs, f + 1);
	free(copy);
}

void xmarch_resolve(struct march *m, const char *name)
{
	*m = (struct march){ .tune = "generic", .features = "" };
	if (!strcmp(name, "native")) {
		resolve_native(m);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(levels) && !m->cpu; i++) {
		strlist_split(&m->needs, levels[i].adds);
		if (!strcmp(name, levels[i].name))
			m->cpu = levels[i].name;
	}
	if (!m->cpu)
		die_hint("use one of x86-64, x86-64-v2, x86-64-v3, x86-64-v4, native",
			 "MARCH=%s is not known", name);
}
