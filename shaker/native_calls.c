/* SPDX-License-Identifier: MIT */
#include "native_calls.h"

#include <fcntl.h>
#include <gelf.h>
#include <llvm-c/Core.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"

enum { TEXT_BYTES = 256, ARGUMENTS = 6 };

/* What is in eax: nothing known, a constant, or an argument of the function. */
struct number {
	enum { NUMBER_UNKNOWN, NUMBER_CONSTANT, NUMBER_ARGUMENT } kind;
	int64_t value; /* the constant, or the argument's index */
};

struct registers {
	struct number eax;
	bool changed[ARGUMENTS]; /* registers of arguments: no longer what was passed */
};

/* Native code goes to this address from elsewhere than the instruction before. */
struct target {
	uint64_t address;
	UT_hash_handle hh;
};

struct symbol {
	uint64_t address;
	uint64_t data_bytes; /* of what is a variable by its own word; 0: code */
	char *name;
};

struct program {
	LLVMModuleRef module;
	LLVMDisasmContextRef disassembler;
	struct symbol *symbols;
	size_t symbol_count;
	struct target *targets;
	struct call_sites *sites;
	struct strlist *in_bitcode;
};

static int compare_symbols(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void read_symbols(struct program *p, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;

	p->symbols = xcalloc(count + 1, sizeof(*p->symbols));
	for (size_t i = 1; i < count; i++) {
		const char *name;
		GElf_Sym s;

		if (!gelf_getsym(data, (int)i, &s) || s.st_shndx == SHN_UNDEF)
			continue;
		name = elf_strptr(elf, header->sh_link, s.st_name);
		if (GELF_ST_TYPE(s.st_info) > STT_FUNC || !name || !*name)
			continue;
		p->symbols[p->symbol_count++] = (struct symbol){
			.address = s.st_value,
			.data_bytes = GELF_ST_TYPE(s.st_info) == STT_OBJECT ? s.st_size : 0,
			.name = xstrdup(name),
		};
	}
	qsort(p->symbols, p->symbol_count, sizeof(*p->symbols), compare_symbols);
}

/* Index of the System V argument that is passed in a register, by its names, or -1. */
static int argument_register(const char *name)
{
	static const char *const names[ARGUMENTS][5] = {
		{ "%rdi", "%edi", "%di", "%dil" },	 { "%rsi", "%esi", "%si", "%sil" },
		{ "%rdx", "%edx", "%dx", "%dl", "%dh" }, { "%rcx", "%ecx", "%cx", "%cl", "%ch" },
		{ "%r8", "%r8d", "%r8w", "%r8b" },	 { "%r9", "%r9d", "%r9w", "%r9b" },
	};

	for (int i = 0; i < ARGUMENTS; i++)
		for (size_t k = 0; k < 5 && names[i][k]; k++)
			if (!strcmp(name, names[i][k]))
				return i;
	return -1;
}

static const char *const accumulators[] = { "%eax", "%rax", "%al", "%ax", "%ah" };

static bool is_accumulator(const char *operand)
{
	for (size_t i = 0; i < ARRAY_SIZE(accumulators); i++)
		if (!strcmp(operand, accumulators[i]))
			return true;
	return false;
}

static bool begins_with_any(const char *opcode, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (!strncmp(opcode, *prefixes, strlen(*prefixes)))
			return true;
	return false;
}

static bool is_jump(const char *opcode)
{
	return *opcode == 'j' || !strncmp(opcode, "loop", 4);
}

/* Instructions that write eax without naming it, or after which nothing is known. */
static bool writes_unnamed(const char *opcode)
{
	static const char *const prefixes[] = { "call", "ret",	"mul",	   "imul", "div",  "idiv",
						"cpu",	"rdt",	"rdm",	   "rdp",  "cltq", "cltd",
						"cqto", "cwt",	"cbt",	   "lods", "xget", "xlat",
						"lahf", "scas", "cmpxchg", "in",   NULL };

	return is_jump(opcode) || begins_with_any(opcode, prefixes);
}

/* The same for registers of arguments; a jump writes none. */
static bool writes_arguments(const char *opcode)
{
	static const char *const prefixes[] = { "movs", "stos", "cmps", "outs", "loop", NULL };

	return (writes_unnamed(opcode) && *opcode != 'j') || begins_with_any(opcode, prefixes);
}

static bool only_reads(const char *opcode)
{
	static const char *const prefixes[] = { "test", "cmp", "push", NULL };

	return begins_with_any(opcode, prefixes);
}

/* Does it write its source, too? */
static bool swaps(const char *opcode)
{
	static const char *const prefixes[] = { "xchg", "xadd", NULL };

	return begins_with_any(opcode, prefixes);
}

/* Take "lock", "rep" and the like off the text of an instruction. */
static const char *skip_prefixes(const char *text)
{
	static const char *const words[] = { "lock", "rep",	"repe",	  "repne",
					     "bnd",  "notrack", "data16", "rex64" };
	bool found = true;

	while (found) {
		size_t length;

		text += strspn(text, " \t\n");
		length = strcspn(text, " \t\n");
		found = false;
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			found |= length == strlen(words[i]) && !memcmp(text, words[i], length);
		text += found ? length : 0;
	}
	return text;
}

/* "8(%rdi,%rcx), %eax": the part behind the last comma outside of parentheses. */
static char *split_target(char *operands)
{
	char *target = operands;
	int depth = 0;

	for (char *c = operands; *c; c++) {
		depth += (*c == '(') - (*c == ')');
		if (*c == ',' && !depth) {
			*c = '\0';
			target = c + 1 + strspn(c + 1, " ");
		}
	}
	return target;
}

static void forget(struct registers *r)
{
	r->eax.kind = NUMBER_UNKNOWN;
	memset(r->changed, true, sizeof(r->changed));
}

/* What an instruction does with eax, by its opcode and operands. */
static void follow_eax(struct registers *r, const char *opcode, const char *source,
		       const char *target)
{
	struct number *n = &r->eax;
	int argument = argument_register(source);
	bool whole = !strcmp(target, "%eax") || !strcmp(target, "%rax");

	if (writes_unnamed(opcode) || (swaps(opcode) && is_accumulator(source))) {
		n->kind = NUMBER_UNKNOWN;
		return;
	}
	if (!is_accumulator(target) || only_reads(opcode))
		return;
	if (!strncmp(opcode, "xor", 3) && !strcmp(source, target) && whole)
		*n = (struct number){ NUMBER_CONSTANT, 0 };
	else if (!strcmp(opcode, "movb") && *source == '$' && !strcmp(target, "%al") &&
		 n->kind == NUMBER_CONSTANT)
		n->value = (n->value & ~(int64_t)0xff) | (strtoll(source + 1, NULL, 0) & 0xff);
	else if ((!strcmp(opcode, "movl") || !strcmp(opcode, "movq") ||
		  !strcmp(opcode, "movabsq")) &&
		 *source == '$')
		*n = (struct number){ NUMBER_CONSTANT, strtoll(source + 1, NULL, 0) };
	else if ((!strcmp(opcode, "movl") || !strcmp(opcode, "movq")) && argument >= 0 &&
		 !r->changed[argument])
		*n = (struct number){ NUMBER_ARGUMENT, argument };
	else
		n->kind = NUMBER_UNKNOWN;
}

static void follow_arguments(struct registers *r, const char *opcode, const char *source,
			     const char *target)
{
	int from = argument_register(source), to = argument_register(target);

	if (writes_arguments(opcode))
		memset(r->changed, true, sizeof(r->changed));
	else if (to >= 0 && !only_reads(opcode))
		r->changed[to] = true;
	if (swaps(opcode) && from >= 0)
		r->changed[from] = true;
}

/* Follow one instruction, "movl $158, %eax", in LLVM's AT&T syntax. */
static void follow(struct registers *r, const char *text)
{
	char opcode[32] = "", operands[192] = "", *target;
	const char *source;

	sscanf(skip_prefixes(text), " %31s %191[^\n#]", opcode, operands);
	operands[strcspn(operands, "\t")] = '\0';
	for (size_t end = strlen(operands); end && operands[end - 1] == ' ';)
		operands[--end] = '\0';
	target = split_target(operands);
	source = target == operands ? "" : operands;
	follow_eax(r, opcode, source, target);
	follow_arguments(r, opcode, source, target);
}

/*
 * What an argument can be at the calls from bitcode, which may call the function by any
 * of its names.
 */
static void add_argument_values(const struct program *p, uint64_t address, unsigned index,
				struct values *out)
{
	bool any = false;

	for (size_t i = 0; i < p->symbol_count; i++) {
		struct values of_name;
		LLVMValueRef f;

		if (p->symbols[i].address != address)
			continue;
		f = LLVMGetNamedFunction(p->module, p->symbols[i].name);
		if (!f || !LLVMIsDeclaration(f))
			continue;
		any = true;
		values_of_argument(&of_name, p->module, f, index);
		for (size_t v = 0; v < of_name.n; v++)
			values_add(out, of_name.v[v]);
		if (of_name.unknown && !out->unknown)
			out->why = of_name.why;
		out->unknown |= of_name.unknown;
		values_release(&of_name);
	}
	if (!any)
		*out = (struct values){ .unknown = true, .why = "native code calls native code" };
}

static void add_site(struct program *p, const struct symbol *function, struct number n)
{
	struct call_site *site = calls_add(p->sites, function->name, "native code");

	if (n.kind == NUMBER_CONSTANT)
		values_add(&site->number, n.value);
	else if (n.kind == NUMBER_ARGUMENT)
		add_argument_values(p, function->address, (unsigned)n.value, &site->number);
	else
		site->number = (struct values){ .unknown = true,
						.why = "native code computes the number" };
}

/*
 * The function of the bitcode that a symbol is of, to be freed, or NULL. The code generator
 * may put what is cold apart, under a name of its own.
 */
static char *bitcode_name(const struct program *p, const char *symbol)
{
	const char *cold = strstr(symbol, ".cold");
	char *name = cold && !cold[5] ? xstrndup(symbol, (size_t)(cold - symbol)) : xstrdup(symbol);
	LLVMValueRef f = LLVMGetNamedFunction(p->module, name);

	if (f && !LLVMIsDeclaration(f))
		return name;
	free(name);
	return NULL;
}

static size_t disassemble(struct program *p, const struct symbol *function, const uint8_t *code,
			  uint64_t at, uint64_t bytes, char text[TEXT_BYTES])
{
	return LLVMDisasmInstruction(p->disassembler, (uint8_t *)code + at, bytes - at,
				     function->address + at, text, TEXT_BYTES);
}

static bool is_target(const struct program *p, uint64_t address)
{
	struct target *found;

	HASH_FIND(hh, p->targets, &address, sizeof(address), found);
	return found;
}

static void add_target(struct program *p, uint64_t address)
{
	struct target *new;

	if (is_target(p, address))
		return;
	new = xcalloc(1, sizeof(*new));
	new->address = address;
	HASH_ADD(hh, p->targets, address, sizeof(new->address), new);
}

/* What an instruction refers to by its distance from `end`, where the next one is. */
static void mark_target(struct program *p, const char *opcode, const char *operand, uint64_t end)
{
	/* LLVM prints the distance; "leaq 7(%rip), %rcx" may be of what is called later */
	if (((is_jump(opcode) || !strncmp(opcode, "call", 4)) && *operand != '*') ||
	    (!strncmp(opcode, "lea", 3) && strstr(operand, "(%rip)")))
		add_target(p, end + (uint64_t)strtoll(operand, NULL, 0));
}

/*
 * Mark where native code goes: there the registers are what they were at any of the places
 * it comes from. An indirect jump may lead anywhere in its function, and what does not end
 * in a jump goes on in the function behind it.
 */
static void mark_targets(struct program *p, const struct symbol *function, const uint8_t *code,
			 uint64_t bytes)
{
	static const char *const ends[] = { "ret", "jmp", "ud2", "hlt", NULL };
	static const char *const padding[] = { "nop", "int3", NULL };
	char text[TEXT_BYTES], opcode[32], operand[64];
	char *name = bitcode_name(p, function->name);
	bool goes_on = true, indirect = false;

	free(name);
	for (uint64_t at = 0, length; at < bytes && !name; at += length ? length : 1) {
		length = disassemble(p, function, code, at, bytes, text);
		*opcode = *operand = '\0';
		if (!length || sscanf(skip_prefixes(text), " %31s %63s", opcode, operand) < 1)
			continue;
		mark_target(p, opcode, operand, function->address + at + length);
		indirect |= is_jump(opcode) && *operand == '*';
		if (!begins_with_any(opcode, padding))
			goes_on = !begins_with_any(opcode, ends);
	}
	for (uint64_t at = 0; at < bytes && indirect; at++)
		add_target(p, function->address + at);
	if (goes_on && !name)
		add_target(p, function->address + bytes);
}

static void scan_function(struct program *p, const struct symbol *function, const uint8_t *code,
			  uint64_t bytes)
{
	struct registers r = { 0 };
	char *bitcode = bitcode_name(p, function->name);
	bool found = false;

	for (uint64_t at = 0, length; at < bytes; at += length) {
		char text[TEXT_BYTES] = "";

		length = disassemble(p, function, code, at, bytes, text);
		if (!length)
			length = 1;
		if (!bitcode && is_target(p, function->address + at))
			forget(&r);
		if (!strcmp(skip_prefixes(text), "syscall")) {
			found = true;
			if (!bitcode)
				add_site(p, function, r.eax);
			forget(&r);
		} else {
			follow(&r, text);
		}
	}
	if (bitcode && found)
		strlist_push(p->in_bitcode, bitcode);
	free(bitcode);
}

/*
 * The bytes from the symbol on that are data: tables lie between the functions of assembly, and their
 * bytes may look like instructions. A name that is no variable makes it code again.
 */
static uint64_t data_at(const struct program *p, size_t i)
{
	uint64_t address = p->symbols[i].address, bytes = p->symbols[i].data_bytes;

	for (; i < p->symbol_count && p->symbols[i].address == address; i++)
		if (p->symbols[i].data_bytes < bytes)
			bytes = p->symbols[i].data_bytes;
	return bytes;
}

static void for_each_function(struct program *p, Elf_Scn *section, const GElf_Shdr *header,
			      void (*visit)(struct program *p, const struct symbol *function,
					    const uint8_t *code, uint64_t bytes))
{
	Elf_Data *data = elf_getdata(section, NULL);
	uint64_t end = header->sh_addr + header->sh_size;

	for (size_t i = 0; data && i < p->symbol_count; i++) {
		uint64_t from = p->symbols[i].address, to = end, table;
		struct symbol rest;

		if (from < header->sh_addr || from >= end ||
		    (i && p->symbols[i - 1].address == from))
			continue;
		for (size_t k = i + 1; k < p->symbol_count && to == end; k++)
			if (p->symbols[k].address > from)
				to = p->symbols[k].address < end ? p->symbols[k].address : end;
		table = data_at(p, i);
		if (table >= to - from)
			continue;
		rest = p->symbols[i];
		rest.address += table;
		visit(p, &rest, (const uint8_t *)data->d_buf + (rest.address - header->sh_addr),
		      to - rest.address);
	}
}

static void start_disassembler(struct program *p)
{
	LLVMInitializeX86TargetInfo();
	LLVMInitializeX86TargetMC();
	LLVMInitializeX86Disassembler();
	p->disassembler = LLVMCreateDisasm("x86_64-linux-gnu", NULL, 0, NULL, NULL);
	if (!p->disassembler)
		die("LLVM has no disassembler for x86-64");
}

void xnative_calls_find(struct call_sites *sites, LLVMModuleRef program, const char *elf_path,
			struct strlist *in_bitcode)
{
	struct program p = { .module = program, .sites = sites, .in_bitcode = in_bitcode };
	int fd = open(elf_path, O_RDONLY | O_CLOEXEC);
	struct target *target, *next;
	Elf *elf = NULL;

	elf_version(EV_CURRENT);
	if (fd >= 0)
		elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || gelf_getclass(elf) != ELFCLASS64)
		die("'%s' is not a 64-bit ELF file", elf_path);
	start_disassembler(&p);
	for (int pass = 0; pass < 3; pass++) {
		Elf_Scn *section = NULL;

		while ((section = elf_nextscn(elf, section))) {
			GElf_Shdr header;

			if (!gelf_getshdr(section, &header))
				die("'%s' has a damaged section table", elf_path);
			if (!pass && header.sh_type == SHT_SYMTAB)
				read_symbols(&p, elf, section, &header);
			if (pass && header.sh_flags & SHF_EXECINSTR &&
			    header.sh_type == SHT_PROGBITS)
				for_each_function(&p, section, &header,
						  pass == 1 ? mark_targets : scan_function);
		}
	}
	if (!p.symbol_count)
		die("'%s' has no symbols: a stripped program cannot be analysed", elf_path);
	LLVMDisasmDispose(p.disassembler);
	for (size_t i = 0; i < p.symbol_count; i++)
		free(p.symbols[i].name);
	free(p.symbols);
	HASH_ITER(hh, p.targets, target, next)
	{
		HASH_DEL(p.targets, target);
		free(target);
	}
	elf_end(elf);
	close(fd);
}
