/* SPDX-License-Identifier: MIT */
#include "link_profile.h"

#include <stddef.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

/*
 * LLVM would read the profile again where it places and splits machine code, and take a
 * block for cold whose samples it does not find: all that was inlined since the profile was
 * made. The counts that came with inlining are better. It does not read a profile that is
 * without discriminators of that kind (llvm/CodeGen/MIRSampleProfile.cpp), as this one is.
 */
static const char *xno_machine_profile(const char *output)
{
	static const char text[] = "anneal.none:1:1\n 0: 1\n";
	char *path = xasprintf("%s.none.prof", output);

	xfs_write(path, text, strlen(text));
	return path;
}

const char *link_profile_salvage(const struct profile *profile)
{
	return profile->by_name_only ? "-mllvm -salvage-stale-profile" : NULL;
}

void xlink_profile_flags(struct strlist *argv, const struct profile *profile, const char *output)
{
	strlist_split(argv, "-mllvm -enable-fs-discriminator=true "
			    "-mllvm -improved-fs-discriminator=true");
	if (!profile->path)
		return;
	strlist_pushf(argv, "--lto-sample-profile=%s", profile->path);
	if (link_profile_salvage(profile))
		strlist_split(argv, link_profile_salvage(profile));
	strlist_push(argv, "-mllvm");
	strlist_pushf(argv, "-fs-profile-file=%s", xno_machine_profile(output));
	/* cold blocks of hot functions go to .text.split.* */
	strlist_split(argv, "-mllvm -split-machine-functions --opt-remarks-passes pgo-icall-prom "
			    "--opt-remarks-filename");
	strlist_push(argv, link_profile_remarks(output));
}

char *link_profile_saved_module(const char *output)
{
	return xasprintf("%s.0.5.precodegen.bc", output);
}

char *link_profile_remarks(const char *output)
{
	return xasprintf("%s.remarks.yaml", output);
}
