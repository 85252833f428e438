/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void write_spec(const char *path, const char *more)
{
	char *text = xasprintf(
		"app x\nmachine microvm\nmemory 64M\ncommand /bin/x\nready tcp:1\n%s\n", more);

	xfs_write(path, text, strlen(text));
	free(text);
}

static void reading_a_machine(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/spec", d);
	struct imagespec s;

	(void)state;
	write_spec(path, "");
	ximagespec_read(&s, path);
	assert_int_equal(s.cpus, 1);
	assert_int_equal(s.port_count, 0);
	assert_null(s.disk_at);
	assert_string_equal(s.hostname, "x");
	assert_false(imagespec_has(&s, "rng"));
	write_spec(
		path,
		"cpus 8\nport tcp:80\nport udp:53\ndisk /var/data 64M\nfeature rng\nhostname a-1");
	ximagespec_read(&s, path);
	assert_int_equal(s.cpus, 8);
	assert_int_equal(s.port_count, 2);
	assert_false(s.ports[0].udp);
	assert_int_equal(s.ports[0].number, 80);
	assert_true(s.ports[1].udp);
	assert_int_equal(s.ports[1].number, 53);
	assert_string_equal(s.disk_at, "/var/data");
	assert_int_equal(s.disk_bytes, 64 << 20);
	assert_string_equal(s.hostname, "a-1");
	assert_true(imagespec_has(&s, "rng"));
	assert_false(imagespec_has(&s, "ipv6"));
	xfs_remove(d);
}

/* Each by itself makes the file unusable. */
static void a_machine_that_cannot_be(void **state)
{
	static const char *const lines[] = {
		"cpus 0",	  "cpus 9",	  "cpus two",	    "cpus -1",
		"port 80",	  "port tcp:0",	  "port udp:65536", "port sctp:1",
		"port tcp:80 81", "disk /data",	  "disk data 64M",  "disk / 64M",
		"disk /data 64",  "hostname a.b", "hostname a:b",
	};
	char *d = unit_scratch(), *path = xasprintf("%s/spec", d);
	struct imagespec s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		pid_t child;
		int status;

		write_spec(path, lines[i]);
		child = fork();
		if (!child) {
			freopen("/dev/null", "w", stderr);
			ximagespec_read(&s, path);
			_exit(0);
		}
		waitpid(child, &status, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_FAILED)
			fail_msg("'%s' was taken", lines[i]);
	}
	xfs_remove(d);
}

UNIT_MAIN(cmocka_unit_test(splitting), cmocka_unit_test(reading), cmocka_unit_test(reading_a_peer),
	  cmocka_unit_test(reading_a_machine), cmocka_unit_test(a_machine_that_cannot_be))
