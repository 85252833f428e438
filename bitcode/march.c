/* SPDX-License-Identifier: MIT */
#include "march.h"

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>
#include <stdbool.h>
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

/*
 * What this machine has beyond the highest level it reaches, of what init can
 * check (kernel/init/cpu.c). The rest is for the kernel, or is used only by code
 * that asks for it by intrinsics.
 */
static const char native_extras[] =
	"adx aes avx512bitalg avx512ifma avx512vbmi avx512vbmi2 avx512vnni avx512vpopcntdq fma4 gfni "
	"pclmul prfchw rdrnd rdseed sha sse4a vaes vpclmulqdq xop";

static bool has_all(const struct strlist *have, const char *words)
{
	struct strlist wanted = STRLIST_INIT;
	bool all = true;

	strlist_split(&wanted, words);
	for (size_t i = 0; i < wanted.n; i++)
		all &= strlist_has(have, wanted.v[i]);
	strlist_release(&wanted);
	return all;
}

/* The highest level of this machine, tuned for it, with what it has besides. */
static void resolve_native(struct march *m)
{
	struct strlist have = STRLIST_INIT, extras = STRLIST_INIT, added = STRLIST_INIT;
	char *features = LLVMGetHostCPUFeatures(), *save;

	for (char *f = strtok_r(features, ",", &save); f; f = strtok_r(NULL, ",", &save))
		if (*f == '+')
			strlist_push(&have, f + 1);
	for (size_t i = 0; i < ARRAY_SIZE(levels) && has_all(&have, levels[i].adds); i++) {
		m->cpu = levels[i].name;
		strlist_split(&m->needs, levels[i].adds);
	}
	m->tune = LLVMGetHostCPUName();
	strlist_split(&extras, native_extras);
	for (size_t i = 0; i < extras.n; i++)
		if (strlist_has(&have, extras.v[i])) {
			strlist_push(&m->needs, extras.v[i]);
			strlist_pushf(&added, "+%s", extras.v[i]);
		}
	m->features = strlist_join(&added, ",");
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
