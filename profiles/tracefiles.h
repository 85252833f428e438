/* SPDX-License-Identifier: MIT */
/*
 * tracefiles.h - what the tracer writes: NAME.raw for each region, blocks.txt, trace.json
 *
 * NAME.raw (rawfile.h) has what was executed in the region, and the taken branches from the
 * region into it. A branch to elsewhere (a system call, say) is only counted, as a
 * crossing, and so is an iret within the region: the end of an interrupt is no branch of
 * the program's. Neither a range nor a branch of the file starts or ends in excluded code.
 *
 * trace.json, schema 1, counts as integers, addresses as hexadecimal strings:
 *
 *   window, vcpus
 *   total		instructions, executions (of blocks), taken_branches, l1i_misses, l1d_misses,
 *			itlb_misses: of everything; a rep string instruction counts once
 *   sides		kernel, user, physical (firmware, and what runs before the kernel is at its
 *			own addresses): what total has; together they are the total
 *   repeats		how often QEMU executed such a one again: once for each iteration, for
 *			it looks at the counter once more. With total.instructions it is
 *			what QEMU executed
 *   regions[]		name, ranges, what total has, crossings, returns
 *   excluded		the same, and ranges[] with instructions each
 *   outside		the same of what is in no region: firmware, other programs, code that
 *			ran at physical addresses
 *   interruptions	interrupts, exceptions and traps: count; resumed_within_a_block: went on
 *			in a block's middle without any; unresolved: the interrupted block is
 *			counted as executed to its end, and no branch from there
 *   models		null, or the sizes of the caches
 *   stacks		null, or: instructions, the sum over all contexts; contexts, how many
 *			there are; refused, how often one was not made (contexts.h); returns;
 *			mismatched, of them, that did not arrive where their call came from;
 *			without_call, of these, where no call had been seen at all
 *
 * With stacks there is contexts.txt, too (contexts.h).
 */
#ifndef PROFILES_TRACEFILES_H
#define PROFILES_TRACEFILES_H

#include "stacks.h"
#include "tally.h"
#include "tracer_options.h"

/*
 * `stacks`: NULL without. Returns NULL, or why not, as a sentence that the caller frees. Each file
 * appears whole or not at all.
 */
char *tracefiles_write(const struct tally *t, const struct tracer_options *o,
		       const struct stacks_sums *stacks, unsigned vcpus, const char *directory);

#endif
