/* SPDX-License-Identifier: MIT */
#include "units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../profiles/elfmap.h"
#include "lib/fs.h"
#include "lib/util.h"

enum { BUILD_ID_DIGITS = 40 };

static char *line(const char *unit, const char *id, uint64_t first, uint64_t last)
{
	return xasprintf("%s %s %016" PRIx64 " %016" PRIx64 "\n", unit, id, first, last);
}

static char *line_of(const char *unit, const char *elf)
{
	struct elfmap m;

	xelfmap_read(&m, elf);
	if (strlen(m.build_id) != BUILD_ID_DIGITS)
		die("'%s' has no build id of %d digits, so its samples could not be told apart",
		    elf, BUILD_ID_DIGITS);
	return line(unit, m.build_id, m.code.v[0].start, m.code.v[m.code.n - 1].end - 1);
}

static char *unknown_kernel(void)
{
	return line("kernel", "0000000000000000000000000000000000000000", 0, 0);
}

char *xunits_text(const char *app_elf, const char *init_elf)
{
	char *kernel = unknown_kernel(), *app = line_of("app", app_elf);
	char *init = line_of("init", init_elf), *text = xasprintf("%s%s%s", kernel, app, init);

	free(kernel);
	free(app);
	free(init);
	return text;
}

void xunits_complete(const char *image, const char *vmlinux)
{
	char *wanted = unknown_kernel(), *kernel = line_of("kernel", vmlinux);
	size_t length = strlen(wanted), bytes;
	char *contents = xfs_read(image, &bytes), *at = memmem(contents, bytes, wanted, length);

	if (!at || memmem(at + 1, bytes - (size_t)(at + 1 - contents), wanted, length))
		die("'%s' does not have the one line that its collector knows the kernel by",
		    image);
	memcpy(at, kernel, length);
	xfs_write(image, contents, bytes);
	free(contents);
	free(kernel);
	free(wanted);
}
