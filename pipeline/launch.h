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
 * Read what the recipe says, and fill in what the caller left open of `o`: machine, memory, processors, the
 * initrd, a disk that is made for each boot, the ports: all free ones of 127.0.0.1 if o->port is 0, else
 * that for the first port of the recipe, the next for the second, and so on. o->port is then the
 * one of READY's port. The words of the spec for the kernel come before the caller's. Dies if something is
 * not understood, if a port is in use, or if the image is not built for what the caller asks.
 */
void xlaunch_prepare(struct guest_options *o, const char *spec_path, struct imagespec *spec,
		     struct probe *probe);

/*
 * Make the file `o->disk` if it is not there yet, and look whether it can be used; says so, or dies.
 * Nothing if the image has no disk, or one for each boot.
 */
void xlaunch_disk(struct guest_options *o, const struct imagespec *spec);

#endif
