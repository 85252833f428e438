/* SPDX-License-Identifier: MIT */
/*
 * facts.h - what is known about an image and its machine, asked by conditions
 *
 * A condition is one word:
 *   perf_event_open	    the system call is kept
 *   ioctl.1=0x8946,0x8947  a site may call it with one of these values of argument 1,
 *			    counted from 0; so may one whose values are not known
 *   setsockopt.1=1&2=26    and with that value of argument 2 in the same call
 *   perf_event_open!collector  a program other than this one may call it
 *   path=/proc/sys/	    a program or file of the image contains the text
 *   device=virtio:d00000002*   the machine has a device whose modalias matches
 *   kernel=inet6_init	    the kernel has such a function
 *   parameter=nosmp	    the machine's command line may have it
 *   cpu=intel		    the processor may be of this vendor (CPU=)
 *   has=pci		    the machine has what its description calls so
 */
#ifndef SHAKER_FACTS_H
#define SHAKER_FACTS_H

#include <jansson.h>
#include <llvm-c/Types.h>
#include <stdbool.h>
#include <stddef.h>

#include "../pipeline/lib/strlist.h"

struct facts {
	LLVMModuleRef module; /* the kernel's */
	const json_t *calls;  /* kept[] of syscalls.json */
	const char *files;    /* the image's initramfs, uncompressed */
	size_t files_bytes;
	const char *cpu;	   /* the vendor the image is pinned to, or "any" */
	struct strlist devices;	   /* modaliases */
	struct strlist parameters; /* of the kernel's command line */
	struct strlist has;
};

/*
 * Read the machine's description, lines "device MODALIAS", "parameter NAME", "has
 * NAME"; "#" begins a comment. Dies with file and line of another word.
 */
void xfacts_read_machine(struct facts *f, const char *path);

/* Is it true? Dies, naming `where`, if it is not a condition. */
bool xfacts_hold(const struct facts *f, const char *condition, const char *where);

#endif
