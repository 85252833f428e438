/* SPDX-License-Identifier: MIT */
/*
 * plan.h - which modules go into which link
 *
 * plan.json is made from the capsules' manifests once a build, and every later
 * step reads it and nothing else: units could be divided in another way (one
 * unit for app and kernel, say) without any of them changing.
 *
 * schema 1:
 *   app, march, profile (null or an id), cpu (the vendor that CPU= pins the kernel to, or
 *   "any"), compiler (that links; its version)
 *   components  [ { name, version, source_sha256, capsule } ]
 *   builds      [ { name, compiler, flags, recipe_sha256 } ]: how each capsule was compiled. Apart
 *                 from components[], which is in the image itself: its bytes do not depend on this
 *   units       [ unit ]
 *   unit        { name, kind: "program" or "kernel", march, modules, and what
 *                 the kind needs: "image_base", "start", "end" (objects of the C library), and
 *                 "compact": true if constants may lie in the pages of code, or
 *                 the kernel's "lds", "objtool", "objtool_args", "sorttable",
 *                 "ldflags", "ldflags_vmlinux" }
 *   module      { path, sha256, kind: "bitcode" or "native", lazy: 0, or the
 *                 number of the archive it is in: linked if something needs it }
 */
#ifndef BITCODE_PLAN_H
#define BITCODE_PLAN_H

#include <jansson.h>

/* The unit of that name; dies if there is none. Borrowed. */
json_t *xplan_unit(const json_t *plan, const char *name, const char *plan_path);

#endif
