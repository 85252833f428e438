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

#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"

enum { TEXT_BYTES = 256 };

/* What is in eax: nothing known, a constant, or an argument of the function. */
struct number {
	enum { NUMBER_UNKNOWN, NUMBER_CONSTANT, NUMBER_ARGUMENT } kind;
	int64_t value; /* the constant, or the argument's index */
};

struct symbol {
	uint64_t address;
	char *name;
};

struct program {
	LLVMModuleRef module;
	LLVMDisasmContextRef disassembler;
	struct symbol *symbols;
	size_t symbol_count;
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
		p->symbols[p->symbol_count++] = (struct symbol){ s.st_value, xstrdup(name) };
	}
	qsort(p->symbols, p->symbol_count, sizeof(*p->symbols), compare_symbols);
}

/* Index of the System V argument that is passed in a register, or -1. */
static int argument_register(const char *name)
{
	static const char *const names[][2] = {
		{ "%rdi", "%edi" }, { "%rsi", "%esi" }, { "%rdx", "%edx" },
		{ "%rcx", "%ecx" }, { "%r8", "%r8d" },	{ "%r9", "%r9d" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i][0]) || !strcmp(name, names[i][1]))
			return (int)i;
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

/* Instructions that write eax without naming it, or after which nothing is known. */
static bool writes_unnamed(const char *opcode)
{
	static const char *const prefixes[] = { "call", "j",	"ret", "mul",	  "imul", "div",
						"idiv", "cpu",	"rdt", "cltq",	  "cltd", "cwt",
						"lods", "xget", "rdp", "cmpxchg", "in",	  "scas" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(opcode, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
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

/* Follow one instruction, "movl $158, %eax", in LLVM's AT&T syntax. */
static void follow(struct number *n, const char *text)
{
	char opcode[32] = "", operands[192] = "", *target;
	const char *source;
	int argument;

	sscanf(text, " %31s %191[^\n#]", opcode, operands);
	operands[strcspn(operands, "\t")] = '\0';
	for (size_t end = strlen(operands); end && operands[end - 1] == ' ';)
		operands[--end] = '\0';
	if (writes_unnamed(opcode)) {
		n->kind = NUMBER_UNKNOWN;
		return;
	}
	target = split_target(operands);
	source = target == operands ? "" : operands;
	if (!strncmp(opcode, "xchg", 4) && (is_accumulator(source) || is_accumulator(target)))
		n->kind = NUMBER_UNKNOWN;
	if (!is_accumulator(target) || !strncmp(opcode, "test", 4) || !strncmp(opcode, "cmp", 3) ||
	    !strncmp(opcode, "push", 4))
		return;
	argument = argument_register(source);
	if (!strncmp(opcode, "xor", 3) && !strcmp(source, target))
		*n = (struct number){ NUMBER_CONSTANT, 0 };
	else if (!strcmp(opcode, "movb") && *source == '$' && n->kind == NUMBER_CONSTANT)
		n->value = (n->value & ~(int64_t)0xff) | (strtoll(source + 1, NULL, 0) & 0xff);
	else if ((!strcmp(opcode, "movl") || !strcmp(opcode, "movq") ||
		  !strcmp(opcode, "movabsq")) &&
		 *source == '$')
		*n = (struct number){ NUMBER_CONSTANT, strtoll(source + 1, NULL, 0) };
	else if ((!strcmp(opcode, "movl") || !strcmp(opcode, "movq")) && argument >= 0)
		*n = (struct number){ NUMBER_ARGUMENT, argument };
	else
		n->kind = NUMBER_UNKNOWN;
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

static bool is_bitcode(const struct program *p, const char *name)
{
	LLVMValueRef f = LLVMGetNamedFunction(p->module, name);

	return f && !LLVMIsDeclaration(f);
}

static size_t disassemble(struct program *p, const struct symbol *function, const uint8_t *code,
			  uint64_t at, uint64_t bytes, char text[TEXT_BYTES])
{
	return LLVMDisasmInstruction(p->disassembler, (uint8_t *)code + at, bytes - at,
				     function->address + at, text, TEXT_BYTES);
}

/*
 * Mark where the function's own jumps lead: there eax is what it was at any of them.
 * An indirect jump may lead anywhere.
 */
static void mark_targets(struct program *p, const struct symbol *function, const uint8_t *code,
			 uint64_t bytes, bool *is_target)
{
	char text[TEXT_BYTES], opcode[32], operand[64];

	for (uint64_t at = 0, length; at < bytes; at += length ? length : 1) {
		uint64_t target;

		length = disassemble(p, function, code, at, bytes, text);
		if (!length || sscanf(text, " %31s %63s", opcode, operand) != 2 ||
		    (*opcode != 'j' && strncmp(opcode, "loop", 4)))
			continue;
		if (*operand == '*') {
			memset(is_target, true, bytes);
			return;
		}
		/* LLVM prints the distance from the instruction's end */
		target = at + length + (uint64_t)strtoll(operand, NULL, 0);
		if (target < bytes)
			is_target[target] = true;
	}
}

static void scan_function(struct program *p, const struct symbol *function, const uint8_t *code,
			  uint64_t bytes)
{
	struct number n = { NUMBER_UNKNOWN, 0 };
	bool bitcode = is_bitcode(p, function->name), found = false;
	bool *is_target = xcalloc(bytes + 1, sizeof(*is_target));

	if (!bitcode)
		mark_targets(p, function, code, bytes, is_target);
	for (uint64_t at = 0, length; at < bytes; at += length) {
		char text[TEXT_BYTES] = "";

		length = disassemble(p, function, code, at, bytes, text);
		if (!length)
			length = 1;
		if (is_target[at])
			n.kind = NUMBER_UNKNOWN;
		if (!strcmp(text, "\tsyscall")) {
			found = true;
			if (!bitcode)
				add_site(p, function, n);
			n.kind = NUMBER_UNKNOWN;
		} else {
			follow(&n, text);
		}
	}
	if (bitcode && found)
		strlist_push(p->in_bitcode, function->name);
	free(is_target);
}

static void scan_section(struct program *p, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	uint64_t end = header->sh_addr + header->sh_size;

	for (size_t i = 0; data && i < p->symbol_count; i++) {
		uint64_t from = p->symbols[i].address, to = end;

		if (from < header->sh_addr || from >= end ||
		    (i && p->symbols[i - 1].address == from))
			continue;
		for (size_t k = i + 1; k < p->symbol_count && to == end; k++)
			if (p->symbols[k].address > from)
				to = p->symbols[k].address < end ? p->symbols[k].address : end;
		scan_function(p, &p->symbols[i],
			      (const uint8_t *)data->d_buf + (from - header->sh_addr), to - from);
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
	Elf *elf = NULL;

	elf_version(EV_CURRENT);
	if (fd >= 0)
		elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || gelf_getclass(elf) != ELFCLASS64)
		die("'%s' is not a 64-bit ELF file", elf_path);
	start_disassembler(&p);
	for (int pass = 0; pass < 2; pass++) {
		Elf_Scn *section = NULL;

		while ((section = elf_nextscn(elf, section))) {
			GElf_Shdr header;

			if (!gelf_getshdr(section, &header))
				die("'%s' has a damaged section table", elf_path);
			if (!pass && header.sh_type == SHT_SYMTAB)
				read_symbols(&p, elf, section, &header);
			if (pass && header.sh_flags & SHF_EXECINSTR &&
			    header.sh_type == SHT_PROGBITS)
				scan_section(&p, section, &header);
		}
	}
	if (!p.symbol_count)
		die("'%s' has no symbols: a stripped program cannot be analysed", elf_path);
	LLVMDisasmDispose(p.disassembler);
	for (size_t i = 0; i < p.symbol_count; i++)
		free(p.symbols[i].name);
	free(p.symbols);
	elf_end(elf);
	close(fd);
}
