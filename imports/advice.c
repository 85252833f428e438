/* SPDX-License-Identifier: MIT */
#include "advice.h"

#include <string.h>
#include <strings.h>

#include "../pipeline/lib/util.h"
#include "quality.h"

static const char intel[] = "perf record -e BR_INST_RETIRED.NEAR_TAKEN -b -a -N -c 500009 "
			    "-o perf.data -- sleep 60",
		  amd[] = "perf record --pfm-events RETIRED_TAKEN_BRANCH_INSTRUCTIONS -b -a -N "
			  "-c 500009 -o perf.data -- sleep 60",
		  amd_when[] = "if /proc/cpuinfo has brs (Zen 3) or amd_lbr_v2 (Zen 4 on), else "
			       "perf record -e cycles -a -N -F 4999 -o perf.data -- sleep 60";

static bool contains(const char *name, const char *word)
{
	size_t length = strlen(word);

	for (; name && *name; name++)
		if (!strncasecmp(name, word, length))
			return true;
	return false;
}

/* Sampled by the clock: that is what perf falls back to where there is no PMU. */
static bool is_clock(const char *event)
{
	return contains(event, "cpu-clock") || contains(event, "task-clock");
}

static bool counts_branches(const char *event)
{
	return contains(event, "near_taken") || contains(event, "taken_branch") ||
	       contains(event, "branch-brs") || contains(event, "br_inst");
}

static char *for_processor(const char *vendor)
{
	if (vendor && !strcmp(vendor, "GenuineIntel"))
		return xstrdup(intel);
	if (vendor && (!strcmp(vendor, "AuthenticAMD") || !strcmp(vendor, "HygonGenuine")))
		return xasprintf("%s; %s", amd, amd_when);
	return xasprintf("on Intel: %s; on AMD: %s; %s", intel, amd, amd_when);
}

/*
 * A guest has its own IA32_DEBUGCTL, loaded at entry: the host's branch records hold none of its
 * branches. So plain samples are the best from outside.
 */
static char *for_guest(const struct choice *c, const struct builds *builds, bool by_clock)
{
	char *vmlinux = c->generation ? xasprintf("%s/vmlinux.debug", c->generation->directory)
				      : xasprintf("%s/%s/GENERATION/vmlinux.debug", builds->out,
						  builds->app);

	return xasprintf("%sperf kvm --guest --guestvmlinux=%s record -e cycles -F 4999 -a "
			 "-o perf.data -- sleep 60; from inside the guest, branch records too: "
			 "make collect APP=%s",
			 by_clock ? "on a host with a PMU: " : "", vmlinux, builds->app);
}

char *advice_better(const struct choice *c, const struct perf_facts *facts, double density,
		    const struct builds *builds)
{
	const char *event = c->event < facts->event_count ? facts->events[c->event].name : NULL;
	const char *both =
		c->privilege == PRIVILEGE_KERNEL ? " (no :k, so that the app is counted, too)"
		: c->privilege == PRIVILEGE_USER ? " (no :u, so that the kernel is counted, too)"
						 : "";
	double times = density > 0 ? quality_dense / density : 0;

	if (c->guest && times <= 1 && !is_clock(event))
		return xasprintf("nothing from outside; from inside the guest: make collect APP=%s",
				 builds->app);
	if (c->guest)
		return for_guest(c, builds, is_clock(event));
	if (is_clock(event))
		return xasprintf(
			"this machine showed perf no PMU, and more than this it cannot give; "
			"where there is one: %s",
			for_processor(facts->cpu_vendor));
	if (c->with_branches && counts_branches(event) && !*both)
		return times > 1 ? xasprintf("the same, %.1f times as long", times)
				 : xstrdup("nothing: these are the records to have");
	return xasprintf("%s%s", for_processor(facts->cpu_vendor), both);
}
