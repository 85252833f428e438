/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "../../pipeline/helpers.h"

/* An archive of two files without contents of interest, as the kernel's format has it. */
static size_t put(char *to, const char *name, const char *data)
{
	size_t header = (size_t)sprintf(
		to, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1, 0100755, 0,
		0, 1, 0, strlen(data), 0, 0, 0, 0, strlen(name) + 1, 0);
	size_t at = header + strlen(name) + 1;

	memcpy(to + header, name, strlen(name) + 1);
	while (at % 4)
		to[at++] = '\0';
	memcpy(to + at, data, strlen(data));
	at += strlen(data);
	while (at % 4)
		to[at++] = '\0';
	return at;
}

static size_t make_archive(char *archive)
{
	size_t bytes = put(archive, "bin/app", "12345");

	bytes += put(archive + bytes, "usr/bin/tool", "");
	return bytes + put(archive + bytes, "TRAILER!!!", "");
}

static void archived(void **state)
{
	char archive[1024];
	size_t bytes = make_archive(archive);

	(void)state;
	assert_true(helpers_archived(archive, bytes, "bin/app"));
	assert_true(helpers_archived(archive, bytes, "usr/bin/tool"));
	assert_false(helpers_archived(archive, bytes, "bin/tool"));
	assert_false(helpers_archived(archive, bytes, "bin/ap"));
	assert_false(helpers_archived(archive, 40, "bin/app"));
	memset(archive + 94, 'f', 8);
	assert_false(helpers_archived(archive, bytes, "usr/bin/tool"));
}

#define CALLS(program) \
	"{\"kept\": [{\"name\": \"execve\", \"sites\": [{\"program\": \"" program "\"}]}]}"

static void missing(void **state)
{
	static const char texts[] = "\0/bin/sh\0-c\0/usr/bin/tool\0/bin/app --x\0see /bin/no\0"
				    "/usr/sbin/sendmail -t\0/bin/\0/bin/%s\0/bin/sh";
	char *d = unit_scratch(), *elf = xasprintf("%s/elf", d), *cpio = xasprintf("%s/cpio", d);
	char *syscalls = xasprintf("%s/syscalls", d), archive[1024], *text = xstrdup(CALLS("init"));
	json_t *found;

	(void)state;
	xfs_write(cpio, archive, make_archive(archive));
	xfs_write(elf, texts, sizeof(texts));
	xfs_write(syscalls, text, strlen(text));
	assert_int_equal(json_array_size(helpers_missing(syscalls, "app", elf, cpio)), 0);
	text = xstrdup(CALLS("app"));
	xfs_write(syscalls, text, strlen(text));
	found = helpers_missing(syscalls, "app", elf, cpio);
	assert_int_equal(json_array_size(found), 2);
	assert_string_equal(json_string_value(json_array_get(found, 0)), "/bin/sh");
	assert_string_equal(json_string_value(json_array_get(found, 1)), "/usr/sbin/sendmail");
	xfs_remove(d);
}

UNIT_MAIN(cmocka_unit_test(archived), cmocka_unit_test(missing))
