/* SPDX-License-Identifier: MIT */
#include "kernel_elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

/*
 * Where Linux on x86-64 has modules (Documentation/arch/x86/x86_64/mm.rst). Where each of them is differs
 * from boot to boot, nokaslr or not: memory of the ones before is freed behind their backs. So they are
 * one piece with one symbol.
 */
#define MODULES_START UINT64_C(0xffffffffa0000000)
#define MODULES_END UINT64_C(0xffffffffff000000)

/* Text that grows: a string table. Offset 0 is the empty string. */
struct strings {
	char *text;
	size_t bytes, room;
};

static size_t add_string(struct strings *s, const char *string)
{
	size_t at = s->bytes, more = strlen(string) + 1;

	if (at + more > s->room) {
		s->room = 2 * (at + more) + 4096;
		s->text = xrealloc(s->text, s->room);
	}
	memcpy(s->text + at, string, more);
	s->bytes += more;
	return at;
}

struct code {
	uint64_t start, end;
	size_t index; /* of the section */
};

struct output {
	Elf *elf;
	const char *path;
	struct strings section_names, symbol_names;
	struct code *code;
	size_t code_count;
};

static _Noreturn void fail(const struct output *o)
{
	die("cannot write '%s': %s", o->path, elf_errmsg(-1));
}

static Elf_Scn *add_section(struct output *o, const char *name, GElf_Shdr header, void *data,
			    size_t bytes, Elf_Type type)
{
	Elf_Scn *section = elf_newscn(o->elf);
	Elf_Data *content = section ? elf_newdata(section) : NULL;

	if (!content)
		fail(o);
	content->d_buf = data;
	content->d_size = bytes;
	content->d_type = type;
	content->d_align = header.sh_addralign ? header.sh_addralign : 1;
	header.sh_name = (GElf_Word)add_string(&o->section_names, name);
	header.sh_size = bytes;
	if (!gelf_update_shdr(section, &header))
		fail(o);
	return section;
}

static void add_code(struct output *o, const char *name, uint64_t start, uint64_t end)
{
	GElf_Shdr header = { .sh_type = SHT_NOBITS,
			     .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
			     .sh_addr = start,
			     .sh_addralign = 1 };
	Elf_Scn *section = add_section(o, name, header, NULL, end - start, ELF_T_BYTE);

	o->code = xrealloc(o->code, (o->code_count + 1) * sizeof(*o->code));
	o->code[o->code_count++] = (struct code){ start, end, elf_ndxscn(section) };
}

static uint64_t address_of(const struct survey *s, const char *name)
{
	for (size_t i = 0; i < s->symbol_count; i++)
		if (!strcmp(s->symbols[i].name, name))
			return s->symbols[i].address;
	return 0;
}

static void add_all_code(struct output *o, const struct survey *s)
{
	static const struct {
		const char *name, *start, *end;
		bool needed;
	} parts[] = { { ".text", "_stext", "_etext", true },
		      { ".init.text", "_sinittext", "_einittext", false } };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		uint64_t start = address_of(s, parts[i].start), end = address_of(s, parts[i].end);

		if (start && start < end)
			add_code(o, parts[i].name, start, end);
		else if (parts[i].needed)
			die_hint(
				"a kernel without CONFIG_KALLSYMS needs an ELF file: --elf kernel=FILE",
				"the kernel tells no %s and %s: where its code is, is not known",
				parts[i].start, parts[i].end);
	}
	if (s->module_count)
		add_code(o, ".text.modules", MODULES_START, MODULES_END);
}

static const struct code *code_at(const struct output *o, uint64_t address)
{
	for (size_t i = 0; i < o->code_count; i++)
		if (address >= o->code[i].start && address < o->code[i].end)
			return &o->code[i];
	return NULL;
}

/* Local ones first, as ELF wants it. */
static void add_symbols(struct output *o, const struct survey *s)
{
	Elf64_Sym *symbols = xcalloc(s->symbol_count + 2, sizeof(*symbols));
	size_t count = 1, locals = 1;

	for (int global = 0; global < 2; global++) {
		for (size_t i = 0; i < s->symbol_count; i++) {
			const struct survey_symbol *y = &s->symbols[i];
			const struct code *code = code_at(o, y->address);

			if (!code || y->address >= MODULES_START || (y->type != 't') != global)
				continue;
			symbols[count++] = (Elf64_Sym){
				.st_name = (Elf64_Word)add_string(&o->symbol_names, y->name),
				.st_info = ELF64_ST_INFO(global ? STB_GLOBAL : STB_LOCAL, STT_FUNC),
				.st_shndx = (Elf64_Half)code->index,
				.st_value = y->address,
			};
		}
		locals = global ? locals : count;
	}
	if (s->module_count)
		symbols[count++] = (Elf64_Sym){
			.st_name = (Elf64_Word)add_string(&o->symbol_names, "[modules]"),
			.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
			.st_shndx = (Elf64_Half)o->code[o->code_count - 1].index,
			.st_value = MODULES_START,
			.st_size = MODULES_END - MODULES_START,
		};
	GElf_Shdr header = { .sh_type = SHT_SYMTAB,
			     .sh_addralign = 8,
			     .sh_entsize = sizeof(*symbols),
			     .sh_info = (GElf_Word)locals };
	Elf_Scn *table =
		add_section(o, ".symtab", header, symbols, count * sizeof(*symbols), ELF_T_SYM);
	GElf_Shdr strings = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	Elf_Scn *names = add_section(o, ".strtab", strings, o->symbol_names.text,
				     o->symbol_names.bytes, ELF_T_BYTE);

	gelf_getshdr(table, &header);
	header.sh_link = (GElf_Word)elf_ndxscn(names);
	if (!gelf_update_shdr(table, &header))
		fail(o);
}

static void finish(struct output *o)
{
	GElf_Shdr header = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	size_t room = add_string(&o->section_names, ".shstrtab");
	Elf_Scn *names = elf_newscn(o->elf);
	Elf_Data *data = names ? elf_newdata(names) : NULL;
	GElf_Ehdr ehdr;

	if (!data || !gelf_getehdr(o->elf, &ehdr))
		fail(o);
	data->d_buf = o->section_names.text;
	data->d_size = o->section_names.bytes;
	data->d_type = ELF_T_BYTE;
	header.sh_name = (GElf_Word)room;
	header.sh_size = o->section_names.bytes;
	ehdr.e_type = ET_EXEC;
	ehdr.e_machine = EM_X86_64;
	ehdr.e_version = EV_CURRENT;
	ehdr.e_shstrndx = (GElf_Half)elf_ndxscn(names);
	if (!gelf_update_shdr(names, &header) || !gelf_update_ehdr(o->elf, &ehdr) ||
	    elf_update(o->elf, ELF_C_WRITE) < 0)
		fail(o);
}

void xkernel_elf_write(const struct survey *s, const char *path)
{
	char *temporary = xasprintf("%s.tmp.%ld", path, (long)getpid());
	int fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct output o = { .path = path };

	if (fd < 0)
		die("cannot write '%s': %s", temporary, strerror(errno));
	elf_version(EV_CURRENT);
	o.elf = elf_begin(fd, ELF_C_WRITE, NULL);
	if (!o.elf || !gelf_newehdr(o.elf, ELFCLASS64))
		fail(&o);
	add_string(&o.section_names, "");
	add_string(&o.symbol_names, "");
	add_all_code(&o, s);
	add_symbols(&o, s);
	finish(&o);
	elf_end(o.elf);
	close(fd);
	xfs_rename(temporary, path);
	free(temporary);
}
