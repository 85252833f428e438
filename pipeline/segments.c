/* SPDX-License-Identifier: MIT */
#include "segments.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/util.h"

enum {
	PAGE = 4096,
	/* A cut costs a program header; less than this is not worth one. */
	LEAST_GAP = 4 * PAGE,
};

struct image {
	const char *elf; /* the file's contents */
	const Elf64_Ehdr *header;
	Elf64_Phdr *pieces;
	const char **data; /* where each piece's bytes are */
	size_t n;
};

/* Whole pages of one byte value. Zero may go anywhere: the loader gives zeroes. */
static bool is_page_of(const char *page, char value)
{
	return *page == value && !memcmp(page, page + 1, PAGE - 1);
}

/* Is the page at `address` code? Only there is 0xcc the linker's filler, not data. */
static bool is_code(const struct image *i, uint64_t address)
{
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(i->elf + i->header->e_shoff);

	for (unsigned s = 0; s < i->header->e_shnum; s++)
		if (sections[s].sh_flags & SHF_EXECINSTR && address >= sections[s].sh_addr &&
		    address + PAGE <= sections[s].sh_addr + sections[s].sh_size)
			return true;
	return false;
}

/* Bytes of filler pages of `segment` from offset `at` on, where a page begins. */
static uint64_t gap_at(const struct image *i, const Elf64_Phdr *segment, uint64_t at)
{
	const char *data = i->elf + segment->p_offset;
	uint64_t start = at;

	while (at + PAGE <= segment->p_filesz &&
	       (is_page_of(data + at, '\0') ||
		(is_page_of(data + at, '\xcc') && is_code(i, segment->p_vaddr + at))))
		at += PAGE;
	return at - start;
}

static void add_piece(struct image *i, const Elf64_Phdr *of, uint64_t from, uint64_t file_bytes,
		      uint64_t memory_bytes)
{
	Elf64_Phdr piece = *of;

	piece.p_vaddr += from;
	piece.p_paddr += from;
	piece.p_filesz = file_bytes;
	piece.p_memsz = memory_bytes;
	piece.p_align = 1;
	i->pieces = xrealloc(i->pieces, (i->n + 1) * sizeof(*i->pieces));
	i->data = xrealloc(i->data, (i->n + 1) * sizeof(*i->data));
	i->pieces[i->n] = piece;
	i->data[i->n] = i->elf + of->p_offset + from;
	i->n++;
}

static void cut(struct image *i, const Elf64_Phdr *segment)
{
	uint64_t start = 0, at = -segment->p_vaddr & (PAGE - 1);

	while (at + PAGE <= segment->p_filesz) {
		uint64_t gap = gap_at(i, segment, at);

		/* a gap at the end is cut with the last piece, below */
		if (gap >= LEAST_GAP && at + gap < segment->p_filesz) {
			add_piece(i, segment, start, at - start, at + gap - start);
			start = at + gap;
		} else if (gap && at + gap == segment->p_filesz) {
			add_piece(i, segment, start, at - start, segment->p_memsz - start);
			return;
		}
		at += gap ? gap : PAGE;
	}
	add_piece(i, segment, start, segment->p_filesz - start, segment->p_memsz - start);
}

/* A note lies inside some piece: point to its new place in the file. */
static void place_note(const struct image *i, Elf64_Phdr *note)
{
	for (size_t p = 0; p < i->n; p++)
		if (note->p_vaddr >= i->pieces[p].p_vaddr &&
		    note->p_vaddr + note->p_filesz <=
			    i->pieces[p].p_vaddr + i->pieces[p].p_filesz) {
			note->p_offset =
				i->pieces[p].p_offset + note->p_vaddr - i->pieces[p].p_vaddr;
			return;
		}
	die("the ELF file's notes are in no segment: it would not boot");
}

static void write_image(struct image *i, const Elf64_Phdr *notes, size_t note_count,
			const char *path)
{
	size_t headers = i->n + note_count, room;
	Elf64_Ehdr header = *i->header;
	char *out;

	room = sizeof(header) + headers * sizeof(Elf64_Phdr);
	for (size_t p = 0; p < i->n; p++) {
		i->pieces[p].p_offset = room;
		room += i->pieces[p].p_filesz;
	}
	out = xcalloc(1, room);
	header.e_phoff = sizeof(header);
	header.e_phnum = (Elf64_Half)headers;
	header.e_shoff = 0;
	header.e_shnum = header.e_shstrndx = 0;
	memcpy(out, &header, sizeof(header));
	for (size_t p = 0; p < i->n; p++) {
		memcpy(out + sizeof(header) + p * sizeof(Elf64_Phdr), &i->pieces[p],
		       sizeof(Elf64_Phdr));
		memcpy(out + i->pieces[p].p_offset, i->data[p], i->pieces[p].p_filesz);
	}
	for (size_t p = 0; p < note_count; p++) {
		Elf64_Phdr note = notes[p];

		place_note(i, &note);
		memcpy(out + sizeof(header) + (i->n + p) * sizeof(note), &note, sizeof(note));
	}
	xfs_write(path, out, room);
	free(out);
}

void xsegments_write(const char *elf, const char *path)
{
	size_t bytes, note_count = 0;
	char *contents = xfs_read(elf, &bytes);
	struct image i = { .elf = contents, .header = (const Elf64_Ehdr *)contents };
	const Elf64_Phdr *segments;
	Elf64_Phdr notes[4];

	if (bytes < sizeof(*i.header) || memcmp(contents, ELFMAG, SELFMAG) ||
	    i.header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    i.header->e_phoff + i.header->e_phnum * sizeof(Elf64_Phdr) > bytes ||
	    i.header->e_shoff + i.header->e_shnum * sizeof(Elf64_Shdr) > bytes)
		die("'%s' is not a 64-bit ELF program", elf);
	segments = (const Elf64_Phdr *)(contents + i.header->e_phoff);
	for (unsigned s = 0; s < i.header->e_phnum; s++) {
		if (segments[s].p_offset + segments[s].p_filesz > bytes)
			die("'%s' is truncated", elf);
		if (segments[s].p_type == PT_LOAD)
			cut(&i, &segments[s]);
		else if (segments[s].p_type == PT_NOTE && note_count < ARRAY_SIZE(notes))
			notes[note_count++] = segments[s];
	}
	write_image(&i, notes, note_count, path);
	free(i.pieces);
	free(i.data);
	free(contents);
}

static Elf *open_elf(const char *path, int *fd)
{
	Elf *elf;

	elf_version(EV_CURRENT);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	elf = *fd < 0 ? NULL : elf_begin(*fd, ELF_C_READ_MMAP, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		die("'%s' is not an ELF file", path);
	return elf;
}

/* A section's bytes without the whole pages of filler in it. */
static uint64_t dense_bytes(Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	uint64_t bytes = header->sh_size, at = -header->sh_addr & (PAGE - 1);

	if (!data || !data->d_buf)
		return bytes;
	while (at + PAGE <= data->d_size) {
		const char *page = (const char *)data->d_buf + at;

		if (is_page_of(page, '\0') || is_page_of(page, '\xcc'))
			bytes -= PAGE;
		at += PAGE;
	}
	return bytes;
}

static uint64_t count_functions(Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	uint64_t count = 0;
	GElf_Sym symbol;

	for (int i = 0; data && i < (int)(header->sh_size / header->sh_entsize); i++)
		if (gelf_getsym(data, i, &symbol) && GELF_ST_TYPE(symbol.st_info) == STT_FUNC &&
		    symbol.st_shndx != SHN_UNDEF && symbol.st_size)
			count++;
	return count;
}

void xsegments_measure(const char *path, const char *name, struct elf_sizes *sizes)
{
	Elf_Scn *section = NULL;
	size_t names;
	int fd;
	Elf *elf = open_elf(path, &fd);

	*sizes = (struct elf_sizes){ 0 };
	elf_getshdrstrndx(elf, &names);
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		gelf_getshdr(section, &header);
		if (header.sh_type == SHT_PROGBITS && header.sh_flags & SHF_EXECINSTR)
			sizes->text_bytes += dense_bytes(section, &header);
		if (header.sh_type == SHT_SYMTAB)
			sizes->functions += count_functions(section, &header);
		if (name && !strcmp(elf_strptr(elf, names, header.sh_name), name))
			sizes->section_bytes += header.sh_size;
	}
	elf_end(elf);
	close(fd);
}

/* Where in its section's contents a symbol's bytes are, or NULL. */
static const unsigned char *code_of(Elf *elf, const GElf_Sym *symbol)
{
	Elf_Scn *section = elf_getscn(elf, symbol->st_shndx);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	uint64_t offset;
	GElf_Shdr header;

	if (!data || !data->d_buf || !gelf_getshdr(section, &header))
		return NULL;
	offset = symbol->st_value - header.sh_addr;
	if (offset > data->d_size || symbol->st_size > data->d_size - offset)
		return NULL;
	return (const unsigned char *)data->d_buf + offset;
}

static void visit_table(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			void (*visit)(const struct elf_function *function, void *context),
			void *context)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym symbol;

	for (int i = 0; data && i < (int)(header->sh_size / header->sh_entsize); i++) {
		struct elf_function f;

		if (!gelf_getsym(data, i, &symbol) || symbol.st_shndx == SHN_UNDEF ||
		    GELF_ST_TYPE(symbol.st_info) != STT_FUNC)
			continue;
		f.name = elf_strptr(elf, header->sh_link, symbol.st_name);
		f.code = code_of(elf, &symbol);
		f.code_bytes = symbol.st_size;
		visit(&f, context);
	}
}

void xsegments_functions(const char *path,
			 void (*visit)(const struct elf_function *function, void *context),
			 void *context)
{
	Elf_Scn *section = NULL;
	int fd;
	Elf *elf = open_elf(path, &fd);

	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		gelf_getshdr(section, &header);
		if (header.sh_type == SHT_SYMTAB)
			visit_table(elf, section, &header, visit, context);
	}
	elf_end(elf);
	close(fd);
}
