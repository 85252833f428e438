/* SPDX-License-Identifier: MIT */
#include "toolchain.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"

char *toolchain_version(void)
{
	static char *known;
	char *argv[] = { TOOLCHAIN_CLANG, "--version", NULL };
	char *program;

	if (known)
		return known;
	known = getenv("ANNEAL_CLANG_VERSION");
	if (known && *known)
		return known;
	program = process_find(TOOLCHAIN_CLANG);
	if (!program)
		die_hint("run 'make setup'", "'%s' is not installed", TOOLCHAIN_CLANG);
	known = xprocess_output(argv);
	known[strcspn(known, "\n")] = '\0';
	return known;
}
