/* SPDX-License-Identifier: MIT */
/*
 * rules.h - parts of a kernel that only a certain thing can ask for
 *
 * kernel/shake.rules, one a line:
 *
 *   skip INITCALL unless CONDITION...: reason	  it is not run at boot; likewise for a
 *						  variable that is an entry of a table
 *   stub FUNCTION [= VALUE] unless CONDITION...: reason
 *						  its body becomes `return VALUE`, 0 if
 *						  none is given (nothing, if it is void)
 *   empty VARIABLE unless CONDITION...: reason
 *						  a table of operations, all of them
 *						  optional, or a list that ends with a
 *						  zero becomes zeros; * in the name stands
 *						  for anything
 *   null VARIABLE unless CONDITION...: reason
 *						  pointers to it become NULL, as where there is
 *						  no such list; * as above
 *   omit FUNCTION.ARGUMENT unless CONDITION...: reason
 *						  calls of it go whose argument (from 0)
 *						  is a string that makes all conditions
 *						  false, with % standing for the string
 *
 * An omitted call counts as a success; one whose result is used for more than a check
 * stays. The rule holds if none of the conditions does (facts.h); without "unless" it always
 * holds. "#" begins a comment.
 */
#ifndef SHAKER_RULES_H
#define SHAKER_RULES_H

#include <llvm-c/Types.h>

#include "assembly.h"
#include "cut.h"
#include "facts.h"

struct rule {
	enum { RULE_SKIP, RULE_STUB, RULE_EMPTY, RULE_NULL, RULE_OMIT } action;
	char *symbol;
	long value; /* that a stub returns, or the argument of an omitted call */
	struct strlist conditions;
	char *reason;
	char *where;	       /* "kernel/shake.rules:12" */
	LLVMValueRef *targets; /* functions, variables or calls that it changes */
	size_t target_count;
};

struct rules {
	struct rule *v;
	size_t n;
};

/* Dies with file and line if a line cannot be understood. */
void xrules_read(struct rules *r, const char *path);

/*
 * Add a cut for each rule that holds. A rule about something that this kernel does not
 * have is added to `unused` as "file:line: name".
 */
void xrules_cut(struct rules *r, const struct facts *f, LLVMModuleRef module,
		const struct assembly *a, struct cuts *cuts, struct strlist *unused);

/* Make stubs, empty variables, and remove the calls that are omitted. */
void rules_apply(struct rules *r);

#endif
