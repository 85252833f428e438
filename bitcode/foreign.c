/* SPDX-License-Identifier: MIT */
#include "foreign.h"

#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* NULL if it is no ELF file. libelf wants to own what it reads: `copy` is to be freed after elf_end(). */
static Elf *open_elf(const void *data, size_t bytes, char **copy)
{
	Elf *elf;

	elf_version(EV_CURRENT);
	*copy = xmalloc(bytes + 1);
	memcpy(*copy, data, bytes);
	elf = elf_memory(*copy, bytes);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		return elf;
	elf_end(elf);
	free(*copy);
	return NULL;
}

/* The first text of .comment that is not empty. */
static char *first_comment(Elf_Scn *section)
{
	Elf_Data *d = elf_getdata(section, NULL);
	const char *text = d ? d->d_buf : NULL;
	size_t left = d ? d->d_size : 0;

	while (left && !*text)
		text++, left--;
	return left ? xstrndup(text, strnlen(text, left)) : NULL;
}

char *foreign_compiler(const void *data, size_t bytes)
{
	char *copy, *found = NULL;
	Elf *elf = open_elf(data, bytes, &copy);
	Elf_Scn *section = NULL;
	size_t names;

	if (!elf)
		return NULL;
	if (!elf_getshdrstrndx(elf, &names))
		while (!found && (section = elf_nextscn(elf, section))) {
			GElf_Shdr header;
			const char *name = gelf_getshdr(section, &header)
						   ? elf_strptr(elf, names, header.sh_name)
						   : NULL;

			if (name && !strcmp(name, ".comment"))
				found = first_comment(section);
		}
	elf_end(elf);
	free(copy);
	return found;
}

char *foreign_interpreter(const void *data, size_t bytes)
{
	char *copy, *found = NULL;
	Elf *elf = open_elf(data, bytes, &copy);
	size_t n;

	if (!elf)
		return NULL;
	if (elf_getphdrnum(elf, &n))
		n = 0;
	for (size_t i = 0; !found && i < n; i++) {
		GElf_Phdr p;

		if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_INTERP && p.p_offset < bytes &&
		    p.p_filesz <= bytes - p.p_offset)
			found = xstrndup((const char *)data + p.p_offset, p.p_filesz);
	}
	elf_end(elf);
	free(copy);
	return found;
}
