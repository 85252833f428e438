/* SPDX-License-Identifier: MIT */
/*
 * spec.h - what a recipe says about building one component
 *
 * recipes/recipe.mk expands a recipe into a text file of lines "key value".
 * A key of a list may come several times. This is the whole hand-over from
 * make to C: no tool reads a recipe's variables itself.
 */
#ifndef BITCODE_SPEC_H
#define BITCODE_SPEC_H

#include <stdbool.h>
#include "../pipeline/lib/strlist.h"

enum source_kind {
	SOURCE_DEBIAN_SOURCE, /* a source package: .dsc and what it lists */
	SOURCE_DEBIAN_BINARY, /* a binary package with a tarball in it: linux-source-* */
	SOURCE_TARBALL,	      /* a local file and its sha256 */
	SOURCE_TREE,	      /* a directory of this project */
};

struct spec {
	const char *path; /* of the spec file, for messages */
	const char *name; /* "zlib" */
	enum source_kind source_kind;
	const char *source;	   /* package, file or directory */
	const char *source_sha256; /* a tarball's, else NULL */
	const char *configure;	   /* shell commands, run in the source tree; may be "" */
	const char *build;
	const char *libc;	  /* name of the libc component; NULL: there is none yet */
	bool follow;		  /* BITCC_FOLLOW */
	struct strlist depends;	  /* component names, without the libc */
	struct strlist programs;  /* paths of linked programs: "objs/nginx" */
	struct strlist libraries; /* paths of archives: "libz.a" */
	struct strlist headers;	  /* "from=to": below include/ */
	struct strlist files;	  /* "from=to": kept as they are */
	struct strlist patches;	  /* files, in order */
	struct strlist inputs;	  /* further files the commands read, found in $INPUTS */
	struct strlist native;	  /* BITCC_NATIVE */
	struct strlist flags;	  /* BITCC_FLAGS */
	const char *link_list;	  /* kbuild's list of what vmlinux is linked from */
	char *text;		  /* the whole file: part of the key */
};

/* Dies with file and line if a line is not understood. */
void xspec_read(struct spec *s, const char *path);

/* The spec of another component, beside this one's. */
void xspec_read_sibling(struct spec *s, const struct spec *of, const char *name);

#endif
