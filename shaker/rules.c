/* SPDX-License-Identifier: MIT */
#include "rules.h"

#include <ctype.h>
#include <fnmatch.h>
#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>

#include "../bitcode/module.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "initcall_name.h"

static const char grammar[] = "a rule is 'skip INITCALL unless CONDITION...: reason' or "
			      "'stub FUNCTION [= VALUE] unless CONDITION...: reason' or "
			      "'empty VARIABLE unless CONDITION...: reason' or "
			      "'null VARIABLE unless CONDITION...: reason' or "
			      "'omit FUNCTION.ARGUMENT unless CONDITION...: reason'";

static bool parse_action(const char *word, struct rule *rule)
{
	static const char *const words[] = {
		[RULE_SKIP] = "skip", [RULE_STUB] = "stub", [RULE_EMPTY] = "empty",
		[RULE_NULL] = "null", [RULE_OMIT] = "omit",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i]))
			continue;
		rule->action = i;
		return true;
	}
	return false;
}

static void add_rule(struct rules *r, const struct strlist *words, const char *reason,
		     const char *where)
{
	struct rule rule = { .reason = xstrdup(reason), .where = xstrdup(where) };
	size_t i = 2;

	if (words->n < 2 || !parse_action(words->v[0], &rule))
		die_hint(grammar, "%s is not a rule", where);
	rule.symbol = xstrdup(words->v[1]);
	if (rule.action == RULE_OMIT) {
		char *dot = strrchr(rule.symbol, '.');

		if (!dot || !isdigit((unsigned char)dot[1]))
			die_hint(grammar, "%s: '%s' has no argument behind a dot", where,
				 rule.symbol);
		*dot = '\0';
		rule.value = strtol(dot + 1, NULL, 10);
	}
	if (rule.action == RULE_STUB && words->n > 3 && !strcmp(words->v[2], "=")) {
		rule.value = strtol(words->v[3], NULL, 0);
		i = 4;
	}
	if (i < words->n && (strcmp(words->v[i], "unless") || i + 1 == words->n))
		die_hint(grammar, "%s: 'unless' is expected before '%s'", where, words->v[i]);
	for (i++; i < words->n; i++)
		strlist_push(&rule.conditions, words->v[i]);
	r->v = xrealloc(r->v, (r->n + 1) * sizeof(*r->v));
	r->v[r->n++] = rule;
}

static void read_line(struct rules *r, char *line, const char *where)
{
	struct strlist words = STRLIST_INIT;
	char *reason;

	while (isspace((unsigned char)*line))
		line++;
	if (!*line || *line == '#')
		return;
	reason = strstr(line, ": ");
	if (!reason)
		die_hint(grammar, "%s gives no reason", where);
	*reason = '\0';
	strlist_split(&words, line);
	add_rule(r, &words, reason + 2, where);
	strlist_release(&words);
}

void xrules_read(struct rules *r, const char *path)
{
	char *text = xfs_read(path, NULL), *rest = text, *line;

	for (unsigned number = 1; (line = strsep(&rest, "\n")); number++) {
		char *where = xasprintf("%s:%u", path, number);

		read_line(r, line, where);
		free(where);
	}
	free(text);
}

/* "path=/proc/%" with "kmsg" in place of the %; the caller frees it. */
static char *with_name(const char *condition, const char *name)
{
	const char *percent = name ? strchr(condition, '%') : NULL;

	if (!percent)
		return xstrdup(condition);
	return xasprintf("%.*s%s%s", (int)(percent - condition), condition, name, percent + 1);
}

static bool holds(const struct rule *rule, const struct facts *f, const char *name)
{
	for (size_t i = 0; i < rule->conditions.n; i++) {
		char *condition = with_name(rule->conditions.v[i], name);
		bool hold = xfacts_hold(f, condition, rule->where);

		free(condition);
		if (hold)
			return false;
	}
	return true;
}

/* "counters are read through nothing else; none holds of: perf_event_open" */
static char *evidence_of(const struct rule *rule, const char *name)
{
	struct strlist conditions = STRLIST_INIT;
	char *list, *text;

	for (size_t i = 0; i < rule->conditions.n; i++) {
		char *condition = with_name(rule->conditions.v[i], name);

		strlist_push(&conditions, condition);
		free(condition);
	}
	list = strlist_join(&conditions, ", ");
	text = conditions.n ? xasprintf("%s; none holds of: %s", rule->reason, list)
			    : xstrdup(rule->reason);
	strlist_release(&conditions);
	free(list);
	return text;
}

static void add_target(struct rule *rule, LLVMValueRef target)
{
	rule->targets = xrealloc(rule->targets, (rule->target_count + 1) * sizeof(*rule->targets));
	rule->targets[rule->target_count++] = target;
}

static bool cut_initcall(const struct rule *rule, const struct assembly *a, struct cuts *cuts,
			 bool cut)
{
	bool found = false;

	for (size_t i = 0; i < a->n; i++) {
		const struct assembly_block *b = &a->v[i];
		char *function = b->defined.n ? initcall_name(b->section, b->defined.v[0]) : NULL;

		if (function && !strcmp(function, rule->symbol)) {
			found = true;
			if (cut) {
				char *evidence = evidence_of(rule, NULL);

				cuts_mark(cuts, cuts_add(cuts, "initcall", rule->symbol, evidence),
					  &a->v[i]);
				free(evidence);
			}
		}
		free(function);
	}
	return found;
}

/* An entry of another table is a variable: "__cpu_dev_amd_cpu_dev". */
static bool cut_entry(const struct rule *rule, LLVMModuleRef module, struct cuts *cuts, bool cut)
{
	LLVMValueRef entry = LLVMGetNamedGlobal(module, rule->symbol);
	char *evidence;

	if (!entry || LLVMIsDeclaration(entry))
		return false;
	if (!cut)
		return true;
	evidence = evidence_of(rule, NULL);
	cuts_mark(cuts, cuts_add(cuts, "entry", rule->symbol, evidence), entry);
	free(evidence);
	return true;
}

static bool cut_function(struct rule *rule, LLVMModuleRef module, struct cuts *cuts, bool cut)
{
	LLVMValueRef function = LLVMGetNamedFunction(module, rule->symbol);
	char *evidence;

	if (!function || LLVMIsDeclaration(function))
		return false;
	if (!cut)
		return true;
	evidence = evidence_of(rule, NULL);
	add_target(rule, function);
	cuts_mark(cuts, cuts_add(cuts, "function", rule->symbol, evidence), function);
	free(evidence);
	return true;
}

static void empty_variable(struct rule *rule, LLVMValueRef variable, struct cuts *cuts)
{
	char *evidence = evidence_of(rule, NULL);
	size_t length;

	cuts_mark(cuts,
		  cuts_add(cuts, "operations", LLVMGetValueName2(variable, &length), evidence),
		  variable);
	add_target(rule, variable);
	free(evidence);
}

/* The symbol may be a pattern with *: all variables that match. */
static bool cut_variables(struct rule *rule, LLVMModuleRef module, struct cuts *cuts, bool cut)
{
	bool found = false;
	size_t length;

	for (LLVMValueRef v = LLVMGetFirstGlobal(module); v; v = LLVMGetNextGlobal(v)) {
		if (LLVMIsDeclaration(v) || fnmatch(rule->symbol, LLVMGetValueName2(v, &length), 0))
			continue;
		found = true;
		if (cut)
			empty_variable(rule, v, cuts);
	}
	return found;
}

/* Is the result of a call at most compared with NULL or 0? */
static bool is_only_checked(LLVMValueRef call)
{
	for (LLVMUseRef use = LLVMGetFirstUse(call); use; use = LLVMGetNextUse(use)) {
		LLVMValueRef user = LLVMGetUser(use);

		if (LLVMGetTypeKind(LLVMTypeOf(call)) == LLVMIntegerTypeKind)
			continue; /* 0: success, whoever looks */
		if (!LLVMIsAICmpInst(user) || !LLVMIsAConstantPointerNull(LLVMGetOperand(user, 1)))
			return false;
	}
	return true;
}

static void omit_call(struct rule *rule, LLVMValueRef call, const char *name, struct cuts *cuts)
{
	char *evidence = evidence_of(rule, name);
	char *what = xasprintf("%s(%s)", rule->symbol, name);

	cuts_mark(cuts, cuts_add(cuts, "registration", what, evidence), call);
	add_target(rule, call);
	free(what);
	free(evidence);
}

static bool cut_calls(struct rule *rule, const struct facts *f, LLVMModuleRef module,
		      struct cuts *cuts)
{
	LLVMValueRef function = LLVMGetNamedFunction(module, rule->symbol);

	if (!function)
		return false;
	for (LLVMUseRef use = LLVMGetFirstUse(function); use; use = LLVMGetNextUse(use)) {
		LLVMValueRef call = LLVMGetUser(use);
		const char *name;

		if (!LLVMIsACallInst(call) || LLVMGetCalledValue(call) != function ||
		    cuts_of(cuts, call) || (unsigned)rule->value >= LLVMGetNumArgOperands(call))
			continue;
		name = module_string(LLVMGetOperand(call, (unsigned)rule->value));
		if (name && is_only_checked(call) && holds(rule, f, name))
			omit_call(rule, call, name, cuts);
	}
	return true;
}

void xrules_cut(struct rules *r, const struct facts *f, LLVMModuleRef module,
		const struct assembly *a, struct cuts *cuts, struct strlist *unused)
{
	for (size_t i = 0; i < r->n; i++) {
		struct rule *rule = &r->v[i];
		bool found;

		if (rule->action == RULE_OMIT)
			found = cut_calls(rule, f, module, cuts);
		else if (rule->action == RULE_SKIP)
			found = cut_initcall(rule, a, cuts, holds(rule, f, NULL)) ||
				cut_entry(rule, module, cuts, holds(rule, f, NULL));
		else if (rule->action == RULE_EMPTY || rule->action == RULE_NULL)
			found = cut_variables(rule, module, cuts, holds(rule, f, NULL));
		else
			found = cut_function(rule, module, cuts, holds(rule, f, NULL));
		if (!found)
			strlist_pushf(unused, "%s: %s", rule->where, rule->symbol);
	}
}

/* A new entry block that returns; nothing leads to the others any more. */
static void make_stub(LLVMValueRef function, long value)
{
	LLVMContextRef context = LLVMGetTypeContext(LLVMTypeOf(function));
	LLVMTypeRef type = LLVMGetReturnType(LLVMGlobalGetValueType(function));
	LLVMBasicBlockRef entry =
		LLVMInsertBasicBlockInContext(context, LLVMGetFirstBasicBlock(function), "");
	LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);

	LLVMPositionBuilderAtEnd(builder, entry);
	switch (LLVMGetTypeKind(type)) {
	case LLVMVoidTypeKind: LLVMBuildRetVoid(builder); break;
	case LLVMIntegerTypeKind:
		LLVMBuildRet(builder, LLVMConstInt(type, (unsigned long long)value, true));
		break;
	case LLVMPointerTypeKind:
		LLVMBuildRet(builder,
			     LLVMConstIntToPtr(LLVMConstInt(LLVMInt64TypeInContext(context),
							    (unsigned long long)value, true),
					       type));
		break;
	default: LLVMBuildRet(builder, LLVMConstNull(type)); break;
	}
	LLVMDisposeBuilder(builder);
}

static void remove_call(LLVMValueRef call)
{
	LLVMTypeRef type = LLVMTypeOf(call);

	if (LLVMGetTypeKind(type) == LLVMPointerTypeKind)
		LLVMReplaceAllUsesWith(
			call, LLVMConstIntToPtr(
				      LLVMConstInt(LLVMInt64TypeInContext(LLVMGetTypeContext(type)),
						   1, false),
				      type));
	else if (LLVMGetTypeKind(type) != LLVMVoidTypeKind)
		LLVMReplaceAllUsesWith(call, LLVMConstNull(type));
	LLVMInstructionEraseFromParent(call);
}

static void apply(const struct rule *rule, LLVMValueRef target)
{
	switch (rule->action) {
	case RULE_STUB: make_stub(target, rule->value); return;
	case RULE_EMPTY:
		LLVMSetInitializer(target, LLVMConstNull(LLVMGlobalGetValueType(target)));
		return;
	case RULE_NULL: LLVMReplaceAllUsesWith(target, LLVMConstNull(LLVMTypeOf(target))); return;
	case RULE_OMIT: remove_call(target); return;
	case RULE_SKIP: return; /* its table entry is swept */
	}
}

void rules_apply(struct rules *r)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t t = 0; t < r->v[i].target_count; t++)
			apply(&r->v[i], r->v[i].targets[t]);
}
