/* SPDX-License-Identifier: MIT */
#include "elfmap.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/lib/util.h"

/* How many symbols before an address are looked at: those of one function may be nested. */
enum { NESTED_MAX = 64 };

enum rank { RANK_LABEL, RANK_SIZED_LABEL, RANK_LOCAL, RANK_GLOBAL };

static void add_code(struct elfmap *m, const GElf_Shdr *header)
{
	struct ranges *r = &m->code;
	uint64_t end = header->sh_addr + header->sh_size;

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].end == header->sh_addr) {
			r->v[i].end = end;
			return;
		}
	if (ranges_add(r, header->sh_addr, end, NULL))
		die("'%s' has executable sections that overlap", m->path);
}

static bool is_code(const GElf_Shdr *header)
{
	return (header->sh_type == SHT_PROGBITS || header->sh_type == SHT_NOBITS) &&
	       header->sh_size &&
	       (header->sh_flags & (SHF_EXECINSTR | SHF_ALLOC)) == (SHF_EXECINSTR | SHF_ALLOC);
}

static int rank_of(const GElf_Sym *symbol)
{
	if (GELF_ST_TYPE(symbol->st_info) == STT_FUNC)
		return GELF_ST_BIND(symbol->st_info) == STB_LOCAL ? RANK_LOCAL : RANK_GLOBAL;
	return symbol->st_size ? RANK_SIZED_LABEL : RANK_LABEL;
}

static void add_symbol(struct elfmap *m, const GElf_Sym *symbol, const char *name, size_t *room)
{
	int type = GELF_ST_TYPE(symbol->st_info);

	if ((type != STT_FUNC && type != STT_NOTYPE) || symbol->st_shndx == SHN_UNDEF || !name ||
	    !*name || !ranges_find(&m->code, symbol->st_value))
		return;
	if (m->symbol_count == *room) {
		*room = *room ? *room * 2 : 4096;
		m->symbols = xrealloc(m->symbols, *room * sizeof(*m->symbols));
	}
	m->symbols[m->symbol_count++] =
		(struct elfmap_symbol){ symbol->st_value, symbol->st_value + symbol->st_size,
					xstrdup(name), rank_of(symbol) };
}

static void read_symbols(struct elfmap *m, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0, room = 0;
	GElf_Sym symbol;

	for (size_t i = 0; data && i < count; i++)
		if (gelf_getsym(data, (int)i, &symbol))
			add_symbol(m, &symbol, elf_strptr(elf, header->sh_link, symbol.st_name),
				   &room);
}

static void read_build_id(struct elfmap *m, Elf_Scn *section)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t at = 0, name, description;
	GElf_Nhdr note;

	while (data && (at = gelf_getnote(data, at, &note, &name, &description)) > 0) {
		const uint8_t *id = (const uint8_t *)data->d_buf + description;

		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
		    memcmp((const char *)data->d_buf + name, "GNU", 4) || note.n_descsz > 32)
			continue;
		for (size_t i = 0; i < note.n_descsz; i++)
			snprintf(m->build_id + 2 * i, 3, "%02x", id[i]);
	}
}

static int compare(const void *a, const void *b)
{
	const struct elfmap_symbol *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->rank != y->rank)
		return y->rank - x->rank;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* A label reaches to the next symbol. */
static void size_labels(struct elfmap *m)
{
	uint64_t next = 0;

	for (size_t i = m->symbol_count; i-- > 0;) {
		struct elfmap_symbol *s = &m->symbols[i];
		uint64_t code_end = ranges_find(&m->code, s->start)->end;

		if (i + 1 < m->symbol_count && m->symbols[i + 1].start > s->start)
			next = m->symbols[i + 1].start;
		if (s->end == s->start)
			s->end = next > s->start && next < code_end ? next : code_end;
	}
}

/* A stripped library still has the names that it exports. */
enum pass { PASS_CODE, PASS_SYMBOLS, PASS_EXPORTS };

static void read_sections(struct elfmap *m, Elf *elf, enum pass pass)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header))
			continue;
		if (pass == PASS_CODE && is_code(&header))
			add_code(m, &header);
		else if (pass == PASS_SYMBOLS && header.sh_type == SHT_SYMTAB)
			read_symbols(m, elf, section, &header);
		else if (pass == PASS_EXPORTS && header.sh_type == SHT_DYNSYM)
			read_symbols(m, elf, section, &header);
		else if (pass == PASS_SYMBOLS && header.sh_type == SHT_NOTE)
			read_build_id(m, section);
	}
}

void xelfmap_read(struct elfmap *m, const char *path)
{
	Elf *elf;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("cannot read '%s': %s", path, strerror(errno));
	*m = (struct elfmap){ .path = path };
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || gelf_getclass(elf) != ELFCLASS64)
		die("'%s' is not a 64-bit ELF program", path);
	read_sections(m, elf, PASS_CODE);
	read_sections(m, elf, PASS_SYMBOLS);
	if (!m->symbol_count)
		read_sections(m, elf, PASS_EXPORTS);
	elf_end(elf);
	close(fd);
	if (!m->code.n)
		die("'%s' has no code", path);
	if (m->symbol_count)
		qsort(m->symbols, m->symbol_count, sizeof(*m->symbols), compare);
	size_labels(m);
}

void elfmap_move(struct elfmap *m, uint64_t base)
{
	for (size_t i = 0; i < m->code.n; i++) {
		m->code.v[i].start += base;
		m->code.v[i].end += base;
	}
	for (size_t i = 0; i < m->symbol_count; i++) {
		m->symbols[i].start += base;
		m->symbols[i].end += base;
	}
}

const struct elfmap_symbol *elfmap_find(const struct elfmap *m, uint64_t address)
{
	const struct elfmap_symbol *best = NULL;
	size_t low = 0, high = m->symbol_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->symbols[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = 0; i < NESTED_MAX && low > i; i++) {
		const struct elfmap_symbol *s = &m->symbols[low - 1 - i];

		if (address < s->end && (!best || s->rank > best->rank ||
					 (s->rank == best->rank && s->start == best->start)))
			best = s;
	}
	return best;
}
