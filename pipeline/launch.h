/* SPDX-License-Identifier: MIT */
/*
 * launch.h - what every tool that boots an image settles before it does
 */
#ifndef PIPELINE_LAUNCH_H
#define PIPELINE_LAUNCH_H

#include "guest.h"
#include "imagespec.h"
#include "probe.h"

/* A port's number from the command line; dies if it is none. */
unsigned xlaunch_port(const char *text);

/*
 * Read what the recipe says, and fill in what the caller left open of `o`: machine, memory, the
 * initrd, the ports (a free one of 127.0.0.1 if o->port is 0). The words of the spec for the kernel
 * come before the caller's. Dies if something is not understood,
 * or if the port is in use.
 */
void xlaunch_prepare(struct guest_options *o, const char *spec_path, struct imagespec *spec,
		     struct probe *probe);

#endif
