/* SPDX-License-Identifier: MIT */
#include "symbol_table.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

static bool counts(const GElf_Sym *s)
{
	int type = GELF_ST_TYPE(s->st_info);

	return s->st_size && s->st_shndx != SHN_UNDEF &&
	       (s->st_shndx < SHN_LORESERVE || s->st_shndx == SHN_XINDEX) && type != STT_SECTION &&
	       type != STT_FILE;
}

static char *visit_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, const char *path,
			   void (*visit)(const char *name, uint64_t bytes, void *context),
			   void *context)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym s;

	if (!data)
		return xasprintf("the symbol table of '%s' is damaged", fs_base(path));
	for (int i = 1; gelf_getsym(data, i, &s); i++) {
		const char *name = elf_strptr(elf, header->sh_link, s.st_name);

		if (name && counts(&s))
			visit(name, s.st_size, context);
	}
	return NULL;
}

static char *visit_elf(Elf *elf, const char *path,
		       void (*visit)(const char *name, uint64_t bytes, void *context),
		       void *context)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	if (!elf || elf_kind(elf) != ELF_K_ELF)
		return xasprintf("'%s' is no ELF file", fs_base(path));
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			return visit_section(elf, section, &header, path, visit, context);
	return xasprintf("'%s' has no symbol table", fs_base(path));
}

char *symbol_table_visit(const char *path,
			 void (*visit)(const char *name, uint64_t bytes, void *context),
			 void *context)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *why;
	Elf *elf;

	if (fd < 0)
		return xasprintf("'%s' cannot be read: %s", fs_base(path), strerror(errno));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	why = visit_elf(elf, path, visit, context);
	elf_end(elf);
	close(fd);
	return why;
}
