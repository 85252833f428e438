/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

#include "../../bench/smaps.h"

enum { RAM = 64 << 20 };

/* Of QEMU 7.2 with -m 64M, shortened; and a second mapping of that size. */
static const char text[] =
	"55d0a9a00000-55d0a9e00000 r-xp 00329000 fe:00 1573 /usr/bin/qemu-system-x86_64\n"
	"Size:               4096 kB\n"
	"Rss:                3360 kB\n"
	"7f24ebc00000-7f24efc00000 rw-p 00000000 00:00 0 \n"
	"Size:              65536 kB\n"
	"KernelPageSize:        4 kB\n"
	"Rss:                  12 kB\n"
	"Pss:                  12 kB\n"
	"VmFlags: rd wr mr mw me ac sd\n"
	"7f25ebe00000-7f25efe00000 rw-p 00000000 00:00 0 \n"
	"Size:              65536 kB\n"
	"KernelPageSize:        4 kB\n"
	"MMUPageSize:           4 kB\n"
	"Rss:               15756 kB\n"
	"Pss:               15756 kB\n"
	"Anonymous:         15756 kB\n"
	"AnonHugePages:         0 kB\n"
	"VmFlags: rd wr mr mw me dc ac sd hg mg\n"
	"7f25f0000000-7f25f4000000 ---p 00000000 00:00 0 \n"
	"Size:              65536 kB\n"
	"Rss:               60000 kB\n"
	"7f25f4000000-7f25f4021000 rw-p 00000000 00:00 0 \n"
	"Size:                132 kB\n"
	"Rss:                  64 kB\n";

static void assert_wrong(const char *smaps, uint64_t ram_bytes)
{
	uint64_t bytes;
	char *wrong = smaps_parse(smaps, ram_bytes, &bytes);

	assert_non_null(wrong);
	free(wrong);
}

static void the_largest_of_that_size(void **state)
{
	uint64_t bytes;

	(void)state;
	assert_null(smaps_parse(text, RAM, &bytes));
	assert_int_equal(bytes, 15756 * 1024);
	assert_null(smaps_parse(text, 132 * 1024, &bytes));
	assert_int_equal(bytes, 64 * 1024);
	assert_wrong(text, RAM / 2);
	assert_wrong(text, 4096 * 1024); /* code is not writable */
}

static void garbage(void **state)
{
	(void)state;
	assert_wrong("", RAM);
	assert_wrong("\n\n\n", RAM);
	assert_wrong("Rss: 5 kB\n", RAM);
	assert_wrong("7f25ebe00000-7f25efe00000 rw-p", RAM);
	assert_wrong("7f25ebe00000-7f25efe00000 rw-p 0 0 0\nRss: many kB\n", RAM);
	/* more than there can be */
	assert_wrong("7f25ebe00000-7f25efe00000 rw-p 0 0 0\nRss: 65537 kB\n", RAM);
	/* Rss of the mapping behind it */
	assert_wrong("7f25ebe00000-7f25efe00000 rw-p 0 0 0\n1000-2000 rw-p 0 0 0\nRss: 4 kB\n",
		     RAM);
}

/* What the kernel says today, of this very process. */
static void a_real_process(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 1237 * page;
	char *memory = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t bytes;

	(void)state;
	assert_ptr_not_equal(memory, MAP_FAILED);
	assert_int_equal(mprotect(memory + page, size, PROT_READ | PROT_WRITE), 0);
	for (size_t i = 0; i < 17; i++)
		memory[page + i * 5 * page] = 1;
	assert_null(smaps_resident(getpid(), size, &bytes));
	assert_int_equal(bytes, 17 * page);
	assert_non_null(smaps_resident(-1, size, &bytes));
}

static void amounts_of_memory(void **state)
{
	static const char *const bad[] = { "",
					   "M",
					   "-1",
					   "0",
					   "64X",
					   "64MB",
					   " 64",
					   "1e3",
					   "64M ",
					   "99999999999999999999",
					   "99999999999G" };
	uint64_t bytes;

	(void)state;
	assert_true(smaps_ram_bytes("64M", &bytes) && bytes == RAM);
	assert_true(smaps_ram_bytes("64", &bytes) && bytes == RAM);
	assert_true(smaps_ram_bytes("65536k", &bytes) && bytes == RAM);
	assert_true(smaps_ram_bytes("2G", &bytes) && bytes == 2ULL << 30);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(smaps_ram_bytes(bad[i], &bytes));
}

UNIT_MAIN(cmocka_unit_test(the_largest_of_that_size), cmocka_unit_test(garbage),
	  cmocka_unit_test(a_real_process), cmocka_unit_test(amounts_of_memory))
