/* SPDX-License-Identifier: MIT */
#include "code.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/util.h"
#include "debuginfo.h"

static int compare_sections(const void *a, const void *b)
{
	const struct code_section *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static void add_section(struct code *c, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data;

	if (!(header->sh_flags & SHF_ALLOC) || header->sh_type == SHT_NOBITS || !header->sh_size ||
	    header->sh_addr + header->sh_size < header->sh_addr)
		return;
	data = elf_rawdata(section, NULL);
	if (!data || !data->d_buf || data->d_size < header->sh_size)
		return; /* beyond the end of the file: what lies there is outside the code */
	c->sections = xrealloc(c->sections, (c->section_count + 1) * sizeof(*c->sections));
	c->sections[c->section_count++] =
		(struct code_section){ header->sh_addr, header->sh_addr + header->sh_size,
				       data->d_buf, (header->sh_flags & SHF_EXECINSTR) != 0 };
}

static const struct code_section *section_of(const struct code *c, uint64_t address)
{
	size_t low = 0, high = c->section_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->sections[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->section_count && c->sections[low].start <= address ? &c->sections[low]
									   : NULL;
}

const uint8_t *code_bytes(const struct code *c, uint64_t address, uint64_t bytes)
{
	const struct code_section *s = section_of(c, address);

	return s && bytes <= s->end - address ? s->bytes + (address - s->start) : NULL;
}

/*
 * Which symbol names the code, where several have one address: a function before
 * a label, a global one before a local one, then by name.
 */
static int rank(const struct code_symbol *s)
{
	return (s->type != STT_FUNC) * 4 + (!s->bytes) * 2 + (s->binding == STB_LOCAL);
}

static int compare_symbols(const void *a, const void *b)
{
	const struct code_symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	return strcmp(x->name, y->name);
}

static bool in_code(const struct code *c, uint64_t address)
{
	const struct code_section *s = section_of(c, address);

	return s && s->executable;
}

static void read_symbols(struct code *c, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;

	c->symbols = xcalloc(count, sizeof(*c->symbols));
	for (size_t i = 1; i < count; i++) {
		const char *name;
		GElf_Sym s;

		if (!gelf_getsym(data, (int)i, &s) || s.st_shndx == SHN_UNDEF)
			continue;
		if (GELF_ST_TYPE(s.st_info) != STT_FUNC && GELF_ST_TYPE(s.st_info) != STT_NOTYPE &&
		    GELF_ST_TYPE(s.st_info) != STT_GNU_IFUNC)
			continue;
		name = elf_strptr(elf, header->sh_link, s.st_name);
		if (!name || !*name)
			continue;
		c->symbols[c->symbol_count++] = (struct code_symbol){ name,
								      s.st_value,
								      s.st_size,
								      GELF_ST_TYPE(s.st_info),
								      GELF_ST_BIND(s.st_info),
								      in_code(c, s.st_value) };
	}
	qsort(c->symbols, c->symbol_count, sizeof(*c->symbols), compare_symbols);
}

static void read_notes(char id[129], Elf_Scn *section)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t at = 0, name, description;
	GElf_Nhdr note;

	while (data && (at = gelf_getnote(data, at, &note, &name, &description)) > 0) {
		const uint8_t *bytes = (const uint8_t *)data->d_buf + description;

		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof(ELF_NOTE_GNU) ||
		    memcmp((const char *)data->d_buf + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) ||
		    note.n_descsz > 64)
			continue;
		for (size_t i = 0; i < note.n_descsz; i++)
			sprintf(id + 2 * i, "%02x", bytes[i]);
	}
}

static void add_function(struct code *c, size_t *room, uint64_t start, uint64_t end,
			 const char *name)
{
	if (c->function_count == *room) {
		*room = *room ? 2 * *room : 1024;
		c->functions = xrealloc(c->functions, *room * sizeof(*c->functions));
	}
	c->functions[c->function_count++] = (struct code_function){
		.start = start, .end = end, .name = name, .bytes = code_bytes(c, start, end - start)
	};
}

/*
 * Divide a section at its symbols, from the `*next`th on. A symbol within a function
 * that has a size is an entry, and divides nothing; one that reaches beyond that
 * function's end makes it longer.
 */
static void divide(struct code *c, const struct code_section *s, size_t *next, size_t *room)
{
	uint64_t at = s->start, end = s->start; /* of the function in hand, which may be empty */
	const char *name = "";
	bool has_size = false;

	for (; *next < c->symbol_count && c->symbols[*next].address < s->end; (*next)++) {
		const struct code_symbol *symbol = &c->symbols[*next];
		uint64_t symbol_end = symbol->bytes > s->end - symbol->address
					      ? s->end
					      : symbol->address + symbol->bytes;

		if (symbol->address < s->start)
			continue;
		if (has_size && symbol->address < end) {
			end = symbol_end > end ? symbol_end : end;
			continue;
		}
		if (has_size && end < symbol->address) {
			add_function(c, room, at, end, name);
			at = end;
			name = "";
		}
		if (at < symbol->address)
			add_function(c, room, at, symbol->address, name);
		else if (!has_size && *name)
			continue; /* another name of the same place; compare_symbols chose */
		at = symbol->address;
		name = symbol->name;
		has_size = symbol->bytes != 0;
		end = symbol_end;
	}
	if (has_size && end < s->end) {
		add_function(c, room, at, end, name);
		at = end;
		name = "";
	}
	if (at < s->end)
		add_function(c, room, at, s->end, name);
}

static void make_functions(struct code *c)
{
	size_t next = 0, room = 0;

	for (size_t i = 0; i < c->section_count; i++)
		if (c->sections[i].executable)
			divide(c, &c->sections[i], &next, &room);
}

static char *open_elf(struct code *c, const char *path)
{
	*c = (struct code){ .path = path, .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (c->fd < 0)
		return xasprintf("cannot read '%s': %s", path, strerror(errno));
	elf_version(EV_CURRENT);
	c->elf = elf_begin(c->fd, ELF_C_READ_MMAP, NULL);
	if (c->elf && elf_kind(c->elf) == ELF_K_ELF && gelf_getclass(c->elf) == ELFCLASS64)
		return NULL;
	code_release(c);
	return xasprintf("'%s' is not a 64-bit ELF file", path);
}

static bool for_sections(struct code *c,
			 void (*visit)(struct code *c, Elf_Scn *, const GElf_Shdr *))
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(c->elf, section))) {
		if (!gelf_getshdr(section, &header))
			return false;
		visit(c, section, &header);
	}
	return true;
}

static void visit_notes(struct code *c, Elf_Scn *section, const GElf_Shdr *header)
{
	if (header->sh_type == SHT_NOTE)
		read_notes(c->build_id, section);
}

static void visit_symbols(struct code *c, Elf_Scn *section, const GElf_Shdr *header)
{
	if (header->sh_type == SHT_SYMTAB && !c->symbols)
		read_symbols(c, c->elf, section, header);
}

/* Sections that overlap, as only a made-up file has them, would break every look-up. */
static bool sections_are_sound(struct code *c)
{
	if (c->section_count)
		qsort(c->sections, c->section_count, sizeof(*c->sections), compare_sections);
	for (size_t i = 1; i < c->section_count; i++)
		if (c->sections[i].start < c->sections[i - 1].end)
			return false;
	return true;
}

char *code_open(struct code *c, const char *path)
{
	char *error = open_elf(c, path);

	if (error)
		return error;
	if (!for_sections(c, add_section) || !for_sections(c, visit_notes) ||
	    !sections_are_sound(c) || !for_sections(c, visit_symbols)) {
		code_release(c);
		return xasprintf("'%s' has a damaged section table", path);
	}
	make_functions(c);
	if (!c->function_count) {
		code_release(c);
		return xasprintf("'%s' has no code", path);
	}
	debuginfo_mark(c);
	return NULL;
}

char *code_build_id(const char *path, char id[129])
{
	struct code c;
	char *error = open_elf(&c, path);

	if (error)
		return error;
	for_sections(&c, visit_notes);
	memcpy(id, c.build_id, sizeof(c.build_id));
	code_release(&c);
	return NULL;
}

void code_release(struct code *c)
{
	for (size_t i = 0; i < c->function_count; i++)
		free(c->functions[i].v);
	free(c->functions);
	free(c->symbols);
	free(c->sections);
	elf_end(c->elf);
	if (c->fd >= 0)
		close(c->fd);
	*c = (struct code){ .fd = -1 };
}

static void disassemble(struct code_function *f)
{
	size_t bytes = f->end - f->start, room = bytes / 4 + 1;

	f->v = xmalloc(room * sizeof(*f->v));
	for (size_t at = 0; at < bytes; at += f->v[f->n++].length) {
		if (f->n == room)
			f->v = xrealloc(f->v, (room *= 2) * sizeof(*f->v));
		f->v[f->n] = instruction_decode(f->bytes + at, bytes - at);
		f->v[f->n].offset = (uint32_t)at;
	}
}

struct code_function *code_find(struct code *c, uint64_t address)
{
	size_t low = 0, high = c->function_count;
	struct code_function *f;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->functions[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	f = &c->functions[low];
	if (low == c->function_count || f->start > address)
		return NULL;
	if (!f->v)
		disassemble(f);
	return f;
}

struct code_function *code_next(struct code *c, const struct code_function *f)
{
	struct code_function *next = code_find(c, f->end);

	return section_of(c, f->start) == section_of(c, f->end) ? next : NULL;
}

size_t code_index(const struct code_function *f, uint64_t address)
{
	size_t low = 0, high = f->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (code_address(f, middle) <= address)
			low = middle;
		else
			high = middle;
	}
	return low;
}

bool code_is_boundary(struct code *c, uint64_t address)
{
	const struct code_function *f = code_find(c, address);

	return f && code_address(f, code_index(f, address)) == address;
}

bool code_is_entry(const struct code *c, uint64_t address)
{
	size_t low = 0, high = c->symbol_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->symbols[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->symbol_count && c->symbols[low].address == address &&
	       c->symbols[low].in_code;
}

bool code_symbol(const struct code *c, const char *name, uint64_t *address)
{
	for (size_t i = 0; i < c->symbol_count; i++)
		if (!strcmp(c->symbols[i].name, name)) {
			*address = c->symbols[i].address;
			return true;
		}
	return false;
}
