/* SPDX-License-Identifier: MIT */
/*
 * symbol_table.h - names and sizes in an ELF file's symbol table
 *
 * Only the table and its strings are touched, however much debug information there is.
 */
#ifndef REPORTS_SYMBOL_TABLE_H
#define REPORTS_SYMBOL_TABLE_H

#include <stdint.h>

/*
 * Call `visit` for each function and variable that is defined and has a size; `name`
 * lives for the call. Returns NULL, or a sentence that the caller frees: no such file,
 * no ELF, no symbol table; nothing was visited then.
 */
char *symbol_table_visit(const char *path,
			 void (*visit)(const char *name, uint64_t bytes, void *context),
			 void *context);

#endif
