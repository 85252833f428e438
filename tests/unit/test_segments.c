/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "../../pipeline/segments.h"

enum { PAGE = 4096, TEXT_PAGES = 12 };

/*
 * A program of one segment: a page of code, eight pages of 0xcc, a page of data
 * that begins with a note, two pages of zero; and a page of bss behind it. Only if
 * `is_code` says so are the first nine pages a section of code.
 */
static char *make_elf(const char *directory, bool is_code)
{
	static char file[PAGE + TEXT_PAGES * PAGE];
	Elf64_Shdr *section = (Elf64_Shdr *)(file + 1024);
	Elf64_Ehdr *h = (Elf64_Ehdr *)file;
	Elf64_Phdr *p = (Elf64_Phdr *)(file + sizeof(*h));
	char *path = xasprintf("%s/elf", directory);

	memset(file, 0, sizeof(file));
	memcpy(h->e_ident, ELFMAG, SELFMAG);
	h->e_ident[EI_CLASS] = ELFCLASS64;
	h->e_phoff = sizeof(*h);
	h->e_phnum = 2;
	p[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
			     .p_offset = PAGE,
			     .p_vaddr = 0x10000,
			     .p_paddr = 0x20000,
			     .p_filesz = TEXT_PAGES * PAGE,
			     .p_memsz = (TEXT_PAGES + 1) * PAGE,
			     .p_align = PAGE };
	p[1] = (Elf64_Phdr){ .p_type = PT_NOTE,
			     .p_offset = 10 * PAGE,
			     .p_vaddr = 0x10000 + 9 * PAGE,
			     .p_filesz = 16,
			     .p_memsz = 16 };
	h->e_shoff = 1024;
	h->e_shnum = 1;
	*section = (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
				 .sh_flags = SHF_ALLOC | (is_code ? SHF_EXECINSTR : 0),
				 .sh_addr = 0x10000,
				 .sh_size = 9 * PAGE };
	memset(file + PAGE, 'x', PAGE);
	memset(file + 2 * PAGE, 0xcc, 8 * PAGE);
	memset(file + 10 * PAGE, 'n', PAGE);
	xfs_write(path, file, sizeof(file));
	return path;
}

static void filler_goes_memory_stays(void **state)
{
	char *d = unit_scratch(), *out = xasprintf("%s/out", d), *elf = make_elf(d, true), *data;
	const Elf64_Ehdr *h;
	const Elf64_Phdr *p;
	size_t bytes;

	(void)state;
	xsegments_write(elf, out);
	data = xfs_read(out, &bytes);
	h = (const Elf64_Ehdr *)data;
	p = (const Elf64_Phdr *)(data + h->e_phoff);
	assert_int_equal(h->e_phnum, 3);
	assert_int_equal(h->e_shnum, 0);
	assert_int_equal(bytes, sizeof(*h) + 3 * sizeof(*p) + 2 * PAGE);

	assert_int_equal(p[0].p_filesz, PAGE);
	assert_int_equal(p[0].p_memsz, 9 * PAGE);
	assert_int_equal(p[0].p_paddr, 0x20000);
	assert_int_equal(data[p[0].p_offset], 'x');

	assert_int_equal(p[1].p_vaddr, 0x10000 + 9 * PAGE);
	assert_int_equal(p[1].p_filesz, PAGE);
	assert_int_equal(p[1].p_memsz, 4 * PAGE);
	assert_int_equal(data[p[1].p_offset], 'n');

	assert_int_equal(p[2].p_type, PT_NOTE);
	assert_int_equal(data[p[2].p_offset], 'n');
	xfs_remove(d);
}

/* A user's file inside the image may well be made of 0xcc. */
static void bytes_of_data_stay(void **state)
{
	char *d = unit_scratch(), *out = xasprintf("%s/out", d), *elf = make_elf(d, false);

	(void)state;
	xsegments_write(elf, out);
	assert_int_equal(xfs_size(out), sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr) + 10 * PAGE);
	xfs_remove(d);
}

UNIT_MAIN(cmocka_unit_test(filler_goes_memory_stays), cmocka_unit_test(bytes_of_data_stay))
