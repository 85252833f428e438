/* SPDX-License-Identifier: MIT */
#include "flags.h"

#include "../pipeline/lib/util.h"
#include "toolchain.h"

/* The last one wins in clang, so these stand behind the build system's own. */
void flags_bitcode(struct strlist *l)
{
	static const char *const flags[] = {
		/* the front end only, as for -O2: no pass runs, no function is "optnone" */
		"-O2",
		"-flto=full",
		"-Xclang",
		"-disable-llvm-passes",
		/* what a profile is matched by: lines, and discriminators within a line */
		"-gmlt",
		"-fdebug-info-for-profiling",
		"-mllvm",
		"-enable-fs-discriminator=true",
		"-mllvm",
		"-improved-fs-discriminator=true",
		/* no profile yet: this marks functions "use-sample-profile", without
		 * which a later relink ignores any profile and says nothing */
		"-fprofile-sample-use=/dev/null",
		"-fno-ident",
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		strlist_push(l, flags[i]);
}

void flags_program(struct strlist *l)
{
	static const char *const flags[] = {
		TOOLCHAIN_PROGRAM_TARGET,
		/* one static program at a fixed address: nothing to interpose */
		"-fno-pic",
		"-fno-pie",
		"-fno-plt",
		/* nobody unwinds C; perf uses the debug ELF outside the image */
		"-fno-asynchronous-unwind-tables",
		"-fno-unwind-tables",
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		strlist_push(l, flags[i]);
}
