/* SPDX-License-Identifier: MIT */
#include "link_profile.h"

#include <stddef.h>

#include "../pipeline/lib/util.h"

void link_profile_flags(struct strlist *argv, const char *profile, const char *output)
{
	strlist_split(argv, "-mllvm -enable-fs-discriminator=true "
			    "-mllvm -improved-fs-discriminator=true");
	if (!profile)
		return;
	strlist_pushf(argv, "--lto-sample-profile=%s", profile);
	/* cold blocks of hot functions go to .text.split.* */
	strlist_split(argv, "-mllvm -split-machine-functions -mllvm -disable-layout-fsprofile-loader=true -mllvm -disable-ra-fsprofile-loader=true --opt-remarks-passes pgo-icall-prom");
	strlist_push(argv, "--opt-remarks-filename");
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
