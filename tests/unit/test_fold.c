/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../profiles/fold.h"

static struct elfmap_symbol kernel_symbols[] = {
	{ 0x8000, 0x8010, "idle", 3 },
	{ 0x8010, 0x8020, "__switch_to_asm", 3 },
	{ 0x8030, 0x8040, "tcp.cold", 3 },
	{ 0x8040, 0x8050, "tcp", 3 },
};
static struct elfmap_symbol app_symbols[] = {
	{ 0x1000, 0x1010, "_start", 3 },
	{ 0x1008, 0x1009, "label", 0 },
	{ 0x1010, 0x1020, "main", 3 },
};
static struct elfmap kernel = { .symbols = kernel_symbols, .symbol_count = 4 };
static struct elfmap app = { .symbols = app_symbols, .symbol_count = 3 };
static const struct symbolize_region regions[] = { { "vmlinux", &kernel }, { "app", &app } };
static struct exclusion idle = { 0x8000, 0x8010, "idle", "it waits" };
static const struct exclusions exclusions = { &idle, 1 };

static char *of_scratch(void **state, const char *name)
{
	return xasprintf("%s/%s", (const char *)*state, name);
}

static void numbers_and_lines(void **state)
{
	char *functions = of_scratch(state, "functions"), *contexts = of_scratch(state, "contexts");
	char *folded = of_scratch(state, "folded"), *text;
	static const char tree[] = "0 1 5\n"	/* _start */
				   "1 2 10\n"	/*   main */
				   "2 6 20\n"	/*     tcp */
				   "0 3 1000\n" /* idle waits */
				   "4 6 40\n"	/*   and is interrupted */
				   "2 5 80\n"	/*     no name: in the kernel */
				   "0 0 160\n"	/* nor is the program known */
				   "2 3 0\n";
	struct fold f;

	xfold_number(&f, regions, ARRAY_SIZE(regions), &exclusions, functions);
	text = xfs_read(functions, NULL);
	assert_string_equal(text,
			    "1000 1 program\n1010 2\n1020 0\n"
			    "8000 3\n8010 4 switch\n8020 5\n8030 6\n8040 6\n8050 5\n8060 0\n");
	xfs_write(contexts, tree, strlen(tree));
	xfold_write(&f, contexts, folded);
	assert_string_equal(xfs_read(folded, NULL), "[kernel];idle_[k];tcp_[k] 40\n"
						    "[unknown];[unknown] 160\n"
						    "app;_start 5\n"
						    "app;_start;main 10\n"
						    "app;_start;main;[unknown]_[k] 80\n"
						    "app;_start;main;tcp_[k] 20\n");
}

static int begin(void **state)
{
	*state = unit_scratch();
	if (!kernel.code.n) {
		ranges_add(&kernel.code, 0x8000, 0x8060, NULL);
		ranges_add(&app.code, 0x1000, 0x1020, NULL);
	}
	return 0;
}

static int end(void **state)
{
	xfs_remove(*state);
	return 0;
}

UNIT_MAIN(cmocka_unit_test_setup_teardown(numbers_and_lines, begin, end))
