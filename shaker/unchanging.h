/* SPDX-License-Identifier: MIT */
/*
 * unchanging.h - variables that keep their first value
 *
 * A program of one thread stores to "are there threads?" only where it already is true.
 * LLVM sees a store and believes in it. Here all such fields are assumed to keep their
 * initial value at once, what cannot be reached then is left out of a copy, and those
 * hold whose other stores are gone from the copy: the first store of another value
 * would have to be reached before there was one.
 */
#ifndef SHAKER_UNCHANGING_H
#define SHAKER_UNCHANGING_H

#include <llvm-c/Types.h>
#include <stddef.h>

/*
 * Replace loads of integers in internal variables that never change by their value,
 * and leave out what only other values led to. The module must be a whole program.
 *
 * Accesses must be at constant places. Where a member's address is taken, C keeps
 * arithmetic on it within the member, or the array that it is in (C11 6.5.6); as programs
 * step from a member to what contains it all the same, a field counts as changing if a
 * constant step in the program, or rounding, could lead from such a member to it, also
 * by way of a structure in between. A step of a size that is computed is not looked for.
 */
void unchanging_fold(LLVMModuleRef program);

#endif
