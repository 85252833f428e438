/* SPDX-License-Identifier: MIT */
#include "report_symbols.h"

#include <ctype.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"

/* The code of one compilation unit that lies in one piece. */
struct piece {
	uint64_t start, end;
	const char *component, *file;
};

struct pieces {
	struct piece *v;
	size_t n, room;
};

/* A symbol as the file has it, before those on top of each other are told apart. */
struct raw {
	uint64_t start, end;
	const char *name;
	size_t section;
	bool is_code, is_left_out;
};

struct raws {
	struct raw *v;
	size_t n, room;
};

struct reader {
	Elf *elf;
	struct raws raws;
	struct pieces pieces;
	uint64_t *covered; /* of each section, by its symbols: bytes that count */
	size_t section_count;
	bool without_filler;
	const char *left_out;
	uint64_t left_out_bytes;
};

enum { PAGE_BYTES = 4096 };

static char *utf8(const char *bytes)
{
	json_t *text = json_text(bytes);
	char *copy = xstrdup(json_string_value(text));

	json_decref(text);
	return copy;
}

/* "/zlib-1:1.2.13.dfsg" -> "zlib": what stands before the version. */
static const char *component_of(const char *directory)
{
	const char *slash = strrchr(directory, '/'), *end;
	const char *base = slash ? slash + 1 : directory;

	for (end = base; *end; end++)
		if (*end == '-' && isdigit((unsigned char)end[1]))
			break;
	return xstrndup(base, (size_t)(end - base));
}

static const char *attribute(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute a;
	const char *text = dwarf_formstring(dwarf_attr(die, name, &a));

	return text ? utf8(text) : NULL;
}

static const char *clean(const char *file)
{
	while (file && (!strncmp(file, "./", 2) || *file == '/'))
		file += *file == '/' ? 1 : 2;
	return file;
}

static void add_pieces(struct pieces *p, Dwarf_Die *die)
{
	const char *directory = attribute(die, DW_AT_comp_dir);
	const char *component = directory ? component_of(directory) : NULL;
	const char *file = clean(attribute(die, DW_AT_name));
	Dwarf_Addr base, start, end;
	ptrdiff_t offset = 0;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		if (end <= start)
			continue;
		if (p->n == p->room) {
			p->room = p->room ? p->room * 2 : 1024;
			p->v = xrealloc(p->v, p->room * sizeof(*p->v));
		}
		p->v[p->n++] = (struct piece){ start, end, component, file };
	}
}

static int by_start(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* Debug information that cannot be read leaves all without a source file. */
static void read_pieces(struct reader *r)
{
	Dwarf *dwarf = dwarf_begin_elf(r->elf, DWARF_C_READ, NULL);
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;
	uint8_t type;

	while (dwarf && !dwarf_get_units(dwarf, unit, &unit, NULL, &type, &die, NULL))
		if (type == DW_UT_compile)
			add_pieces(&r->pieces, &die);
	if (r->pieces.n)
		qsort(r->pieces.v, r->pieces.n, sizeof(*r->pieces.v), by_start);
	/* the strings are copies */
	dwarf_end(dwarf);
}

static const struct piece *piece_at(const struct pieces *p, uint64_t address)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->v[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->n && p->v[low].start <= address ? &p->v[low] : NULL;
}

/* A whole page of what a linker fills gaps with; pipeline/segments.h leaves these out of images. */
static bool is_filler(const unsigned char *page, bool is_code)
{
	static const unsigned char zero[PAGE_BYTES];

	if (!memcmp(page, zero, PAGE_BYTES))
		return true;
	return is_code && *page == 0xcc && !memcmp(page, page + 1, PAGE_BYTES - 1);
}

/* Of the bytes from `start` to `end`, those that the image has. */
static uint64_t counting_bytes(const struct reader *r, size_t section, uint64_t start, uint64_t end)
{
	uint64_t bytes = end > start ? end - start : 0,
		 first = (start + PAGE_BYTES - 1) / PAGE_BYTES;
	Elf_Scn *scn = elf_getscn(r->elf, section);
	GElf_Shdr header;
	Elf_Data *data;

	if (!r->without_filler || !scn || !gelf_getshdr(scn, &header))
		return bytes;
	data = elf_rawdata(scn, NULL);
	if (!data || !data->d_buf || data->d_size < header.sh_size)
		return bytes;
	for (uint64_t page = first * PAGE_BYTES; page + PAGE_BYTES <= end; page += PAGE_BYTES)
		if (is_filler((const unsigned char *)data->d_buf + (page - header.sh_addr),
			      (header.sh_flags & SHF_EXECINSTR) != 0))
			bytes -= PAGE_BYTES;
	return bytes;
}

static bool section_counts(Elf *elf, size_t index, GElf_Shdr *header)
{
	Elf_Scn *section = elf_getscn(elf, index);

	return section && gelf_getshdr(section, header) && (header->sh_flags & SHF_ALLOC) &&
	       header->sh_type != SHT_NOBITS && header->sh_size;
}

static void add_raw(struct reader *r, const GElf_Sym *symbol, const char *name)
{
	bool is_left_out = r->left_out && !strcmp(name, r->left_out);
	uint64_t size = is_left_out ? r->left_out_bytes : symbol->st_size;
	uint64_t end = symbol->st_value + size, limit;
	GElf_Shdr header;

	if (!size || !section_counts(r->elf, symbol->st_shndx, &header))
		return;
	limit = header.sh_addr + header.sh_size;
	if (symbol->st_value < header.sh_addr || symbol->st_value >= limit)
		return;
	if (end > limit || end < symbol->st_value)
		end = limit;
	if (r->raws.n == r->raws.room) {
		r->raws.room = r->raws.room ? r->raws.room * 2 : 4096;
		r->raws.v = xrealloc(r->raws.v, r->raws.room * sizeof(*r->raws.v));
	}
	r->raws.v[r->raws.n++] = (struct raw){ symbol->st_value,
					       end,
					       name,
					       symbol->st_shndx,
					       (header.sh_flags & SHF_EXECINSTR) != 0,
					       is_left_out };
}

static void read_table(struct reader *r, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;

	for (size_t i = 1; i < count; i++) {
		const char *name;
		GElf_Sym s;

		if (!gelf_getsym(data, (int)i, &s) || s.st_shndx >= SHN_LORESERVE)
			continue;
		name = elf_strptr(r->elf, header->sh_link, s.st_name);
		if (!name || !*name)
			continue;
		if (GELF_ST_TYPE(s.st_info) != STT_TLS)
			add_raw(r, &s, name);
	}
}

static size_t underscores(const char *name)
{
	return strspn(name, "_");
}

/* By address; on one address the longest, then the plainest name, first. */
static int outermost_first(const void *a, const void *b)
{
	const struct raw *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	if (underscores(x->name) != underscores(y->name))
		return underscores(x->name) < underscores(y->name) ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void keep_outermost(struct reader *r, struct report_symbols *s)
{
	uint64_t end = 0;

	for (size_t i = 0; i < r->raws.n; i++) {
		const struct raw *raw = &r->raws.v[i];
		uint64_t start = raw->start > end ? raw->start : end;
		const struct piece *piece;
		uint64_t bytes;

		if (raw->end <= start)
			continue;
		end = raw->end;
		bytes = counting_bytes(r, raw->section, start, end);
		r->covered[raw->section] += bytes;
		if (raw->is_left_out || !bytes)
			continue;
		piece = raw->is_code ? piece_at(&r->pieces, raw->start) : NULL;
		s->symbols[s->count++] =
			(struct report_symbol){ .name = utf8(raw->name),
						.address = raw->start,
						.bytes = bytes,
						.is_code = raw->is_code,
						.component = piece ? piece->component : NULL,
						.file = piece ? piece->file : NULL };
	}
}

static void add_rests(struct reader *r, struct report_symbols *s)
{
	size_t strings = 0;

	elf_getshdrstrndx(r->elf, &strings);
	for (size_t i = 1; i < r->section_count; i++) {
		GElf_Shdr header;
		const char *name;
		uint64_t rest;

		if (!section_counts(r->elf, i, &header))
			continue;
		rest = counting_bytes(r, i, header.sh_addr, header.sh_addr + header.sh_size);
		rest -= r->covered[i] < rest ? r->covered[i] : rest;
		name = elf_strptr(r->elf, strings, header.sh_name);
		if (rest)
			s->symbols[s->count++] = (struct report_symbol){
				.name = utf8(name && *name ? name : "section without a name"),
				.address = header.sh_addr,
				.bytes = rest,
				.is_code = (header.sh_flags & SHF_EXECINSTR) != 0,
				.is_rest = true
			};
	}
}

static void read_elf(struct reader *r, struct report_symbols *s)
{
	Elf_Scn *section = NULL;

	elf_getshdrnum(r->elf, &r->section_count);
	r->covered = xcalloc(r->section_count + 1, sizeof(*r->covered));
	while ((section = elf_nextscn(r->elf, section))) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			read_table(r, section, &header);
	}
	read_pieces(r);
	if (r->raws.n)
		qsort(r->raws.v, r->raws.n, sizeof(*r->raws.v), outermost_first);
	s->symbols = xcalloc(r->raws.n + r->section_count + 1, sizeof(*s->symbols));
	keep_outermost(r, s);
	add_rests(r, s);
	free(r->covered);
	free(r->raws.v);
	free(r->pieces.v);
}

char *report_symbols_read(struct report_symbols *s, const char *path, bool is_kernel,
			  uint64_t initramfs_bytes)
{
	struct reader r = { .without_filler = is_kernel,
			    .left_out = is_kernel ? "__initramfs_start" : NULL,
			    .left_out_bytes = initramfs_bytes };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *why = NULL;

	*s = (struct report_symbols){ 0 };
	elf_version(EV_CURRENT);
	r.elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!r.elf || elf_kind(r.elf) != ELF_K_ELF)
		why = xstrdup(fd < 0 ? "is not there" : "is no ELF file");
	else
		read_elf(&r, s);
	elf_end(r.elf);
	if (fd >= 0)
		close(fd);
	return why;
}
