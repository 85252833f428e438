/* SPDX-License-Identifier: MIT */
/*
 * plan.h - what init is to do: /etc/anneal/init.conf
 *
 * Lines "key value", written by the packer from the recipe:
 *
 *   app NAME		what the console lines call it
 *   cpu FEATURE	the image needs it (LLVM's name); any number of lines
 *   argument TEXT	of the app, one a line; the first is the program's path
 *   environment N=V
 *   stop_signal N	sent to the app when the machine is to stop
 *   disk_at DIRECTORY	where the disk is mounted, if the machine has one
 *   collector PATH	a program that is started beside the app and left alone
 */
#ifndef INIT_PLAN_H
#define INIT_PLAN_H

#include <stdbool.h>

enum { PLAN_MAX = 128 };

struct plan {
	const char *app;
	const char *collector; /* or NULL */
	const char *disk_at;   /* or NULL */
	const char *cpu[PLAN_MAX + 1];
	const char *arguments[PLAN_MAX + 1];
	const char *environment[PLAN_MAX + 1];
	int cpu_count, argument_count, environment_count;
	int stop_signal;
};

/* Strings point into memory that stays. NULL, or what is wrong with the file. */
const char *plan_read(struct plan *p, const char *path);

/* Add one more. False if the list is full. */
bool plan_add(const char **list, int *count, const char *value);

/* Set a variable, "NAME=value", in place of one of that name. False as above. */
bool plan_set(struct plan *p, const char *variable);

#endif
