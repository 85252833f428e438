/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <elf.h>
#include <string.h>

#include "../../pipeline/segments.h"

enum { PAGE = 4096, TEXT_PAGES = 12 };

/*
 * A program of one segment: a page of code, eight pages of 0xcc, a page of data
 * that begins with a note, two pages of zero; and a page of bss behind it.
 */
static char *make_elf(const char *directory)
{
	static char file[PAGE + TEXT_PAGES * PAGE];
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
	memset(file + PAGE, 'x', PAGE);
	memset(file + 2 * PAGE, 0xcc, 8 * PAGE);
	memset(file + 10 * PAGE, 'n', PAGE);
	xfs_write(path, file, sizeof(file));
	return path;
}

static void filler_goes_memory_stays(void **state)
{
	char *d = unit_scratch(), *out = xasprintf("%s/out", d), *elf = make_elf(d), *data;
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

UNIT_MAIN(cmocka_unit_test(filler_goes_memory_stays))
