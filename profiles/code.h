/* SPDX-License-Identifier: MIT */
/*
 * code.h - the machine code of a linked ELF: sections, functions, instructions
 *
 * Every address of an executable section belongs to exactly one function. Symbols
 * say where functions begin and end; what lies between them (padding, assembly
 * whose symbols have no size) are functions, too, with the name of the symbol they
 * begin with or an empty one. Functions are disassembled when they are first asked
 * about: most have no counts.
 */
#ifndef PROFILES_CODE_H
#define PROFILES_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instruction.h"

struct code_section {
	uint64_t start, end; /* addresses */
	const uint8_t *bytes;
	bool executable;
};

struct code_function {
	uint64_t start, end;
	const char *name;      /* "" if there is none */
	const uint8_t *bytes;  /* at start */
	struct instruction *v; /* NULL until disassembled */
	size_t n;
	bool has_debug_info;
	bool is_assembly; /* neither debug nor unwind information: written by hand */
};

struct code_symbol {
	const char *name;
	uint64_t address, bytes;
	unsigned char type, binding;
	bool in_code;
};

struct code {
	const char *path;
	char build_id[129];	       /* hexadecimal; "" if there is none */
	struct code_section *sections; /* those in memory that have bytes, ascending */
	size_t section_count;
	struct code_symbol *symbols; /* ascending by address */
	size_t symbol_count;
	struct code_function *functions; /* ascending */
	size_t function_count;
	size_t debug_function_count; /* that debug information names */
	void *elf;
	int fd;
};

/*
 * NULL, or why the file cannot be used: a sentence that the caller frees; then `c`
 * is empty.
 */
char *code_open(struct code *c, const char *path);
void code_release(struct code *c);

/* Only the build id, in hexadecimal; "" without one. Errors as code_open's. */
char *code_build_id(const char *path, char id[129]);

/* The function that holds `address`, disassembled; NULL if that is not code. */
struct code_function *code_find(struct code *c, uint64_t address);

/* The one that begins where `f` ends; NULL if the section ends there. */
struct code_function *code_next(struct code *c, const struct code_function *f);

/* Index of the instruction of `f` that holds `address`, which lies in `f`. */
size_t code_index(const struct code_function *f, uint64_t address);

static inline uint64_t code_address(const struct code_function *f, size_t index)
{
	return f->start + f->v[index].offset;
}

/* Is it the first byte of an instruction? */
bool code_is_boundary(struct code *c, uint64_t address);

/* Does a symbol of code begin there? */
bool code_is_entry(const struct code *c, uint64_t address);

/* The address of a symbol. False if there is none of the name. */
bool code_symbol(const struct code *c, const char *name, uint64_t *address);

/* The bytes in the file for `bytes` bytes at `address`; NULL if it does not have all. */
const uint8_t *code_bytes(const struct code *c, uint64_t address, uint64_t bytes);

#endif
