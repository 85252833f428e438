/* SPDX-License-Identifier: MIT */
#include "native.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/util.h"

static void read_symbols(struct native *n, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;

	for (size_t i = 1; i < count; i++) {
		const char *name;
		GElf_Sym symbol;

		if (!gelf_getsym(data, (int)i, &symbol))
			die("'%s' has a damaged symbol table", n->path);
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (GELF_ST_BIND(symbol.st_info) == STB_LOCAL || !name || !*name)
			continue;
		strlist_push(symbol.st_shndx == SHN_UNDEF ? &n->undefined : &n->defined, name);
	}
}

/* .note.GNU-stack and .note.gnu.property are for linkers, and not of this type or name. */
static bool is_boot_note(const GElf_Shdr *header, const char *name)
{
	return header->sh_type == SHT_NOTE && header->sh_flags & SHF_ALLOC && name &&
	       strcmp(name, ".note.gnu.property");
}

void xnative_read(struct native *n, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf_Scn *section = NULL;
	size_t names;
	Elf *elf;

	*n = (struct native){ .path = path };
	elf_version(EV_CURRENT);
	elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || gelf_getclass(elf) != ELFCLASS64 ||
	    elf_getshdrstrndx(elf, &names))
		die_hint("remove the capsule it is in and repeat: it is made again",
			 "'%s' is not a 64-bit ELF object", path);
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header))
			die("'%s' has a damaged section table", path);
		if (header.sh_type == SHT_SYMTAB)
			read_symbols(n, elf, section, &header);
		if (is_boot_note(&header, elf_strptr(elf, names, header.sh_name)))
			n->has_note = true;
	}
	elf_end(elf);
	close(fd);
}

void native_release(struct native *n)
{
	strlist_release(&n->defined);
	strlist_release(&n->undefined);
}
