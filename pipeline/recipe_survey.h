/* SPDX-License-Identifier: MIT */
/*
 * recipe_survey.h - what an unpacked source tells about how it is built and run
 *
 * Debian's packaging says most of it (debian/control, copyright, changelog, *.install, *.service),
 * the build's own files the rest. All of it is a guess for a person to read: nothing here decides
 * about a build. What is not found is NULL or empty.
 */
#ifndef PIPELINE_RECIPE_SURVEY_H
#define PIPELINE_RECIPE_SURVEY_H

#include <stdbool.h>

#include "lib/strlist.h"

struct survey {
	char *version;		    /* of debian/changelog */
	char *summary;		    /* the first package's description, one line */
	char *license;		    /* SPDX name */
	char *debian_license;	    /* as debian/copyright has it, if it has no SPDX name here */
	const char *build_system;   /* of BUILD_SYSTEM; NULL: none of these */
	const char *unknown_system; /* "meson", if it is one that has no BUILD_SYSTEM */
	bool generate_configure;    /* there is a configure.ac, but no configure */
	struct strlist development; /* packages of Build-Depends that end in -dev, sorted */
	struct strlist programs;    /* where the build leaves them: "src/redis-server" */
	struct strlist libraries;   /* archives that are installed: "libevent.a" */
	char *exec_start;	    /* ExecStart= of the service, as it stands */
	char *user;		    /* User= of it */
	unsigned port;		    /* of a configuration file; 0: none found */
};

/* Look at the tree; `app` is whose program and service are preferred where there are several. */
void survey_tree(struct survey *s, const char *tree, const char *app);

/* The SPDX name of a short name of Debian's copyright files ("Expat"); NULL if none is known. */
const char *survey_spdx(const char *debian);

/*
 * "-/usr/bin/redis-server /etc/redis.conf --x" of a service as COMMAND: "/bin/redis-server /etc/redis.conf
 * --x", without words that only systemd understands ($, %). The caller frees.
 */
char *survey_command(const char *exec_start);

#endif
