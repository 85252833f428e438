/* SPDX-License-Identifier: MIT */
#include "link_final.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "toolchain.h"

/*
 * sorttable gets a symbol list from nm to find the functions that were discarded
 * (link-vmlinux.sh does the same).
 */
static void sort_tables(const json_t *unit, const char *vmlinux)
{
	char *nm[] = { "llvm-nm-" TOOLCHAIN_LLVM, "-S", (char *)vmlinux, NULL };
	char *symbols = xprocess_output(nm), *path = xasprintf("%s.symbols", vmlinux);
	char *sort[] = { (char *)xjson_string(unit, "sorttable", "the plan"), "-s", path,
			 (char *)vmlinux, NULL };

	xfs_write(path, symbols, strlen(symbols));
	xprocess_run(sort);
	unlink(path);
	free(symbols);
	free(path);
}

/*
 * kbuild aligns segments in the file to 2 MiB, for nobody: a VMM reads them, it
 * does not map them. Without that, the file has no such padding.
 */
static void push_final_flags(struct strlist *argv, const json_t *unit)
{
	struct strlist words = STRLIST_INIT;

	strlist_split(&words, xjson_string(unit, "ldflags", "the plan"));
	strlist_split(&words, xjson_string(unit, "ldflags_vmlinux", "the plan"));
	for (size_t i = 0; i < words.n; i++)
		strlist_push(argv, strncmp(words.v[i], "max-page-size=", 14)
					   ? words.v[i]
					   : "max-page-size=4096");
	strlist_release(&words);
}

void xlink_final(const json_t *unit, const char *kernel_object, const char *initramfs_object,
		 const char *output)
{
	struct strlist argv = STRLIST_INIT;

	strlist_push(&argv, TOOLCHAIN_LLD);
	push_final_flags(&argv, unit);
	strlist_push(&argv, "-T");
	strlist_push(&argv, xjson_string(unit, "lds", "the plan"));
	strlist_push(&argv, "-o");
	strlist_push(&argv, output);
	strlist_push(&argv, "--whole-archive");
	strlist_push(&argv, kernel_object);
	strlist_push(&argv, initramfs_object);
	strlist_push(&argv, "--no-whole-archive");
	xprocess_run(argv.v);
	sort_tables(unit, output);
	strlist_release(&argv);
}
