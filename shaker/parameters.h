/* SPDX-License-Identifier: MIT */
/*
 * parameters.h - what the kernel's command line may say
 *
 * Every __setup() and every module_param() is an entry of a table, and so is reached
 * by whoever parses the command line. The machine's description lists the parameters
 * that are ever given; the others go, with the functions that take them.
 */
#ifndef SHAKER_PARAMETERS_H
#define SHAKER_PARAMETERS_H

#include "cut.h"
#include "facts.h"

/* Make a cut of class "parameter" for each that is not among the machine's. */
void parameters_cut(const struct facts *f, LLVMModuleRef module, struct cuts *cuts);

#endif
