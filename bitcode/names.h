/* SPDX-License-Identifier: MIT */
/*
 * names.h - static functions of the same name, told apart
 *
 * A sample profile knows a function by its name only. Where several modules of a unit
 * have a static function of one name, each gets a name of its own before the first pass:
 * NAME.__uniq.NUMBER, as clang's -funique-internal-linkage-names does it, which LLVM's
 * profile reader knows. clang's flag cannot be used: it renames before `alias` attributes
 * and assembly are seen, which musl and the kernel have. A static function that assembly
 * text of its module names keeps its name. NUMBER is made from the path of the source as
 * the compiler was given it: two modules that share it share names, too, as without all this.
 */
#ifndef BITCODE_NAMES_H
#define BITCODE_NAMES_H

#include <jansson.h>
#include <llvm-c/Types.h>
#include <stdbool.h>

#include "../pipeline/lib/strlist.h"

/* What the modules of a unit define. */
struct names {
	json_t *modules; /* by sha256: static [ name ], fixed [ name ], suffix */
	json_t *shared;	 /* static names that other modules define, too: { name: true } */
};

/*
 * Read the names of a plan's unit: from the cache where its modules are known, else from
 * the modules. Dies if one is no bitcode.
 */
void xnames_read(struct names *n, const json_t *unit, const char *cache);

/* The static functions of this module that need another name, sorted. */
void names_shared(const struct names *n, const char *module_sha256, struct strlist *shared);

/* Has a function of the module one of these names when it is linked, after renaming? */
bool names_defines_any(const struct names *n, const char *module_sha256, const json_t *functions);

/* All names that functions have when they are linked: { name: sha256 of a module that defines it }. */
json_t *names_defined(const struct names *n);

/* Can the unit's names be read without its modules, or are those there? */
bool names_known(const json_t *unit, const char *cache);

/* What a linked name is in the module that defines it, which the caller frees. */
char *names_plain(const struct names *n, const char *module_sha256, const char *linked);

/* The other way round; NULL if the module defines no such function. The caller frees it. */
char *names_linked(const struct names *n, const char *module_sha256, const char *plain);

/*
 * Give the module's static functions that are in `shared`, of names_shared(), names of
 * their own, also in the debug information.
 */
void names_make_unique(LLVMModuleRef module, const struct strlist *shared);

#endif
