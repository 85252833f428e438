/* SPDX-License-Identifier: MIT */
/*
 * emit - native objects from bitcode, quick and unoptimized
 *
 * For the libraries that configure probes link against: a thousand modules in a
 * few seconds, in one process a core.
 *
 *   emit [-j JOBS] LIST	LIST: lines of "module<TAB>object"
 */
#include <argp.h>
#include <errno.h>
#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "module.h"

struct options {
	unsigned jobs;
	const char *list;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'j': o->jobs = (unsigned)atoi(arg); return 0;
	case ARGP_KEY_ARG: o->list = arg; return 0;
	case ARGP_KEY_END:
		if (!o->list || !o->jobs)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static LLVMTargetMachineRef open_machine(const char *triple)
{
	LLVMTargetRef target;
	char *message;

	if (LLVMGetTargetFromTriple(triple, &target, &message))
		die("no code generator for '%s': %s", triple, message);
	return LLVMCreateTargetMachine(target, triple, "x86-64", "", LLVMCodeGenLevelNone,
				       LLVMRelocStatic, LLVMCodeModelDefault);
}

static void emit(const char *module_path, char *object_path)
{
	LLVMModuleRef module = xmodule_open(module_path, false);
	LLVMTargetMachineRef machine;
	char *message;

	LLVMStripModuleDebugInfo(module);
	machine = open_machine(LLVMGetTarget(module));
	if (LLVMTargetMachineEmitToFile(machine, module, object_path, LLVMObjectFile, &message))
		die("cannot compile '%s': %s", module_path, message);
	LLVMDisposeTargetMachine(machine);
	module_close(module);
}

/* Every jobs-th line, beginning with line `first`. */
static void emit_share(const struct strlist *lines, size_t first, size_t jobs)
{
	for (size_t i = first; i < lines->n; i += jobs) {
		char *tab = strchr(lines->v[i], '\t');

		if (!tab)
			die("'%s' is not 'module<TAB>object'", lines->v[i]);
		*tab = '\0';
		emit(lines->v[i], tab + 1);
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "jobs", 'j', "N", 0, "processes at a time", 0 }, { 0 }
	};
	static const struct argp argp = {
		options, parse_option,
		"LIST",	 "Make native objects from bitcode, quick and unoptimized.",
		NULL,	 NULL,
		NULL
	};
	struct options o = { 1, NULL };
	struct strlist lines = STRLIST_INIT;
	int status = EXIT_YES;
	char *text, *save;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	text = xfs_read(o.list, NULL);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		strlist_push(&lines, line);
	LLVMInitializeX86TargetInfo();
	LLVMInitializeX86Target();
	LLVMInitializeX86TargetMC();
	LLVMInitializeX86AsmParser();
	LLVMInitializeX86AsmPrinter();
	for (unsigned job = 0; job < o.jobs; job++) {
		pid_t pid = fork();

		if (pid < 0)
			die("cannot start a process: %s", strerror(errno));
		if (!pid) {
			emit_share(&lines, job, o.jobs);
			return EXIT_YES;
		}
	}
	for (int child; wait(&child) > 0;)
		if (!WIFEXITED(child) || WEXITSTATUS(child))
			status = EXIT_FAILED;
	return status;
}
