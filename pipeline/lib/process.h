/* SPDX-License-Identifier: MIT */
/*
 * process.h - run another program and know how it ended
 */
#ifndef PIPELINE_PROCESS_H
#define PIPELINE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
	char *const *argv;
	const char *directory;		/* NULL: here */
	const char *const *environment; /* "NAME=value" to add; NULL: none */
	int in_fd, out_fd, err_fd;	/* -1: inherited (stdin: /dev/null) */
	bool dies_with_parent;		/* SIGTERM when this process goes away */
};

#define PROCESS_INIT { NULL, NULL, NULL, -1, -1, -1, true }

/* The child's id. Dies if it cannot fork; a missing program is exit status 127. */
pid_t process_start(const struct process *p);

/* Exit status, or 128 + the signal that ended it, as a shell counts. */
int process_wait(pid_t pid);
int process_run(const struct process *p);

/* Standard output of `argv` as a string; dies if the exit status is not 0. */
char *xprocess_output(char *const *argv);

/* Run `argv`; dies, naming the program, if its exit status is not 0. */
void xprocess_run(char *const *argv);

/* argv as one line that can be pasted into a shell; the caller frees. */
char *process_quote(char *const *argv);

/* Where `program` is on PATH, or NULL; the caller frees. */
char *process_find(const char *program);

#endif
