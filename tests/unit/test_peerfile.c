/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bench/peerfile.h"

static char *directory;

static char *read_text(struct peerfile *p, const char *text)
{
	char *path = xasprintf("%s/peer.json", directory);

	xfs_write(path, text, strlen(text));
	return peerfile_read(p, directory);
}

/* A peer whose regions are `regions`. */
static char *read_regions(struct peerfile *p, const char *regions)
{
	return read_text(p, xasprintf("{\"schema\":1,\"name\":\"a-1\",\"title\":\"A\",\"describe\":"
				      "\"one\",\"shipped\":[{\"name\":\"kernel\",\"bytes\":2,"
				      "\"xz_bytes\":1}],\"sources\":[{\"name\":\"linux\","
				      "\"version\":\"6\"}],\"regions\":%s}",
				      regions));
}

static void good(void **state)
{
	struct peerfile p;

	(void)state;
	assert_null(read_regions(&p, "[{\"name\":\"kernel\",\"elf\":\"k.elf\"},"
				     "{\"name\":\"kernel\",\"start\":\"0xffffffffc0000000\","
				     "\"end\":\"0xffffffffff000000\"},"
				     "{\"name\":\"app\",\"elf\":\"a.elf\",\"base\":\"0x1000\"}]"));
	assert_string_equal(p.name, "a-1");
	assert_int_equal(p.region_count, 3);
	assert_string_equal(p.regions[0].elf, "k.elf");
	assert_true(p.regions[1].start == 0xffffffffc0000000);
	assert_true(p.regions[1].end == 0xffffffffff000000);
	assert_int_equal(p.regions[2].base, 0x1000);
}

static void bad_regions(void **state)
{
	static const struct {
		const char *regions, *why;
	} cases[] = {
		{ "[]", "no region is called kernel" },
		{ "[{\"name\":\"app\",\"elf\":\"a\"}]", "no region is called kernel" },
		{ "[{\"elf\":\"a\"}]", "region 1 has no name" },
		{ "[{\"name\":\"../x\",\"elf\":\"a\"}]", "region 1 has no name" },
		{ "[{\"name\":\"kernel\"}]", "neither an ELF file nor a range" },
		{ "[{\"name\":\"kernel\",\"start\":\"0x2\",\"end\":\"0x1\"}]", "neither" },
		{ "[{\"name\":\"kernel\",\"start\":\"12\",\"end\":\"0x1\"}]", "an address" },
		{ "[{\"name\":\"kernel\",\"start\":\"0x\",\"end\":\"0x1\"}]", "an address" },
		{ "[{\"name\":\"kernel\",\"start\":1,\"end\":2}]", "an address" },
		{ "[{\"name\":\"kernel\",\"start\":\"0x11112222333344445\",\"end\":\"0x1\"}]",
		  "an address" },
		{ "[{\"name\":\"kernel\",\"elf\":\"/etc/x\"}]", "outside of the peer" },
		{ "[{\"name\":\"kernel\",\"elf\":\"../x\"}]", "outside of the peer" },
		{ "[{\"name\":\"kernel\",\"elf\":\"a/../../x\"}]", "outside of the peer" },
		{ "[{\"name\":\"kernel\",\"elf\":\"a\",\"start\":\"0x1\",\"end\":\"0x2\"}]",
		  "both an ELF file and a range" },
		{ "[{\"name\":\"kernel\",\"elf\":\"a\"},{\"name\":\"kernel\",\"elf\":\"b\"}]",
		  "region 2 has an ELF file, but is not the first" },
		{ "{}", "no region is called kernel" },
	};
	struct peerfile p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *wrong = read_regions(&p, cases[i].regions);

		assert_non_null(wrong);
		if (!strstr(wrong, cases[i].why))
			fail_msg("%s: %s", cases[i].regions, wrong);
	}
}

static void bad_files(void **state)
{
	static const char *const texts[] = {
		"",
		"[",
		"[]",
		"{}",
		"{\"schema\":2}",
		"{\"schema\":1,\"name\":\"A\"}",
		"{\"schema\":1,\"name\":\"a\",\"title\":\"t\",\"describe\":\"d\"}",
		"{\"schema\":1,\"name\":\"a\",\"title\":\"t\",\"describe\":\"d\",\"shipped\":"
		"[{\"name\":\"kernel\",\"bytes\":0,\"xz_bytes\":1}],\"sources\":[]}",
		"{\"schema\":1,\"name\":\"a\",\"title\":\"t\",\"describe\":\"d\",\"shipped\":"
		"[{\"name\":\"kernel\",\"bytes\":1,\"xz_bytes\":1}],\"sources\":[]}",
	};
	struct peerfile p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_non_null(read_text(&p, texts[i]));
	xfs_remove(xasprintf("%s/peer.json", directory));
	assert_false(peerfile_is_peer(directory));
	assert_non_null(peerfile_read(&p, directory));
}

static int set_up(void **state)
{
	(void)state;
	directory = unit_scratch();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	xfs_remove(directory);
	return 0;
}

UNIT_MAIN(cmocka_unit_test_setup_teardown(good, set_up, tear_down),
	  cmocka_unit_test_setup_teardown(bad_regions, set_up, tear_down),
	  cmocka_unit_test_setup_teardown(bad_files, set_up, tear_down))
