/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>
#include <string.h>

#include "../../pipeline/imagespec.h"

static void splitting(void **state)
{
	struct strlist l = STRLIST_INIT;

	(void)state;
	assert_true(imagespec_split(&l, "/bin/nginx  -g \"daemon off;\" 'a \"b\"' x\"y z\""));
	assert_string_equal(strlist_join(&l, "|"), "/bin/nginx|-g|daemon off;|a \"b\"|xy z");
	strlist_release(&l);
	assert_true(imagespec_split(&l, "a \"\" b"));
	assert_int_equal(l.n, 3);
	strlist_release(&l);
	assert_false(imagespec_split(&l, "a \"b"));
}

static void reading_a_peer(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/spec", d);
	const char *text = "app x\nmachine q35\nmemory 64M\ncommand /bin/x\nready tcp:1\n"
			   "initrd some/initrd\nappend a b=c\n";
	struct imagespec s;

	(void)state;
	xfs_write(path, text, strlen(text));
	ximagespec_read(&s, path);
	assert_string_equal(s.initrd, xasprintf("%s/some/initrd", d));
	assert_string_equal(s.append, "a b=c");
	xfs_remove(d);
}

static void reading(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/spec", d);
	const char *text = "app x\nmachine microvm\n memory 64M\ncommand /bin/x -a\nready tcp:1\n"
			   "stop_signal QUIT\nrootfs a\nrootfs b\n";
	struct imagespec s;

	(void)state;
	xfs_write(path, text, strlen(text));
	ximagespec_read(&s, path);
	assert_int_equal(s.stop_signal, SIGQUIT);
	assert_int_equal(s.command.n, 2);
	assert_int_equal(s.rootfs.n, 2);
	assert_string_equal(s.memory, "64M");
	assert_null(s.initrd);
	assert_null(s.append);
	xfs_remove(d);
}

UNIT_MAIN(cmocka_unit_test(splitting), cmocka_unit_test(reading), cmocka_unit_test(reading_a_peer))
