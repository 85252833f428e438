/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../profiles/control.h"

static void commands(void **state)
{
	struct control_command c;

	(void)state;
	assert_null(control_parse(&c, "start"));
	assert_int_equal(c.action, CONTROL_START);
	assert_null(control_parse(&c, "stop"));
	assert_int_equal(c.action, CONTROL_STOP);
	assert_null(control_parse(&c, "write /a b/c"));
	assert_int_equal(c.action, CONTROL_WRITE);
	assert_string_equal(c.directory, "/a b/c");
}

static void no_commands(void **state)
{
	static const char *const wrong[] = { "",	 "Start",  "start ",	     " start",
					     "write",	 "write ", "write relative", "write\t/tmp",
					     "stop now", "quit" };
	struct control_command c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_non_null(control_parse(&c, wrong[i]));
}

static unsigned started;

static char *handler(const struct control_command *c)
{
	started += c->action == CONTROL_START;
	return c->action == CONTROL_WRITE ? xasprintf("no room in %s", c->directory) : NULL;
}

/* Both sides, over a socket: answers, one for a bad line, and a second connection. */
static void conversation(void **state)
{
	char *directory = unit_scratch(), *path = xasprintf("%s/s", directory), *answer;
	char *long_path = xasprintf("%s/%0200d", directory, 1), *long_line = xmalloc(8000);
	int fd;

	(void)state;
	assert_int_equal(control_connect(path), -1);
	assert_int_equal(control_connect(long_path), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_non_null(control_listen(long_path, handler));
	assert_null(control_listen(path, handler));
	assert_non_null(strstr(control_listen(path, handler), "cannot listen at"));
	for (unsigned i = 1; i < 3; i++) {
		fd = control_connect(path);
		assert_true(fd >= 0);
		assert_null(control_ask(fd, "start"));
		assert_int_equal(started, i);
		answer = control_ask(fd, "write /x");
		assert_string_equal(answer, "no room in /x");
		answer = control_ask(fd, "dance");
		assert_non_null(strstr(answer, "the commands are"));
		close(fd);
	}
	memset(long_line, 'x', 7999);
	long_line[7999] = '\0';
	fd = control_connect(path);
	assert_non_null(strstr(control_ask(fd, long_line), "ended before it answered"));
	fs_remove(directory);
}

UNIT_MAIN(cmocka_unit_test(commands), cmocka_unit_test(no_commands), cmocka_unit_test(conversation))
