/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../pipeline/recipe_draft.h"
#include "../../pipeline/recipe_graph.h"

static void cycles(void **state)
{
	struct strlist words = STRLIST_INIT;

	(void)state;
	strlist_split(&words, "a:b,c b:c c: d:e e:f,a f:d g:g h:h2,d h2:");
	assert_null(recipe_cycle(&words, "a"));
	assert_string_equal(recipe_cycle(&words, "d"), "d -> e -> f -> d");
	assert_string_equal(recipe_cycle(&words, "f"), "f -> d -> e -> f");
	assert_string_equal(recipe_cycle(&words, "g"), "g -> g");
	/* leads to one, but is not on it */
	assert_null(recipe_cycle(&words, "h"));
	assert_null(recipe_cycle(&words, "unknown"));
}

static void put(const char *directory, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", directory, name);

	xfs_mkdirs_above(path);
	xfs_write(path, text, strlen(text));
}

static void surveying(void **state)
{
	char *d = unit_scratch();
	struct survey s;

	(void)state;
	put(d, "debian/changelog", "srv (1:2.3-4) bookworm; urgency=low\n");
	put(d, "debian/control",
	    "Source: srv\nBuild-Depends: debhelper (>= 13),\n libz-dev [amd64] | liby-dev, cmake-data,\n"
	    " liba-dev (>= 2) <!nocheck>\nHomepage: x\n\nPackage: srv\nDescription: serves\n more\n");
	put(d, "debian/copyright",
	    "Format: x\n\nFiles: debian/*\nLicense: GPL-3+\n\nFiles: *\nCopyright: y\nLicense: Expat\n");
	put(d, "debian/srv.service",
	    "[Service]\nExecStart=-/usr/sbin/srvd --fg $OPTS -c /etc/srv.conf\nUser=srv\n");
	put(d, "configure.ac", "");
	put(d, "src/Makefile.am",
	    "bin_PROGRAMS = tool\nsbin_PROGRAMS = \\\n srvd\nlib_LTLIBRARIES = libs.la $(MORE)\n");
	put(d, "etc/srv.conf", "# port 1\nname x\nPort = 8053\n");
	survey_tree(&s, d, "srv");
	assert_string_equal(s.version, "1:2.3-4");
	assert_string_equal(s.summary, "serves");
	assert_string_equal(s.license, "MIT");
	assert_string_equal(s.build_system, "autoconf");
	assert_true(s.generate_configure);
	assert_string_equal(strlist_join(&s.development, " "), "liba-dev liby-dev libz-dev");
	assert_string_equal(strlist_join(&s.programs, " "), "src/srvd src/tool");
	assert_string_equal(strlist_join(&s.libraries, " "), "libs.a");
	assert_string_equal(survey_command(s.exec_start), "/bin/srvd --fg -c /etc/srv.conf");
	assert_string_equal(s.user, "srv");
	assert_int_equal(s.port, 8053);
	xfs_remove(d);
}

static void build_systems(void **state)
{
	static const char *const files[][3] = {
		{ "CMakeLists.txt", "add_executable(one a.c)\nadd_executable( ${x} b.c)\n",
		  "cmake" },
		{ "Makefile", "", "make" },
		{ "configure", "", "autoconf" },
		{ "meson.build", "", NULL },
		{ "README", "", NULL },
	};
	struct survey s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *d = unit_scratch();

		put(d, files[i][0], files[i][1]);
		survey_tree(&s, d, "app");
		if (files[i][2])
			assert_string_equal(s.build_system, files[i][2]);
		else
			assert_null(s.build_system);
		assert_string_equal(s.programs.v[0], i ? "app" : "build/one");
		assert_int_equal(s.programs.n, 1);
		xfs_remove(d);
	}
	assert_null(survey_spdx("Custom"));
}

static void drafting(void **state)
{
	struct draft d = { .app = "a-b", .source = "a" };
	char *text;

	(void)state;
	d.survey.build_system = "make";
	d.survey.exec_start = xstrdup("/usr/sbin/ab -f");
	strlist_push(&d.survey.programs, "src/ab");
	strlist_push(&d.missing, "libq-dev (q)");
	text = draft_text(&d);
	assert_non_null(strstr(text, "\nA_B_SOURCE = a\n"));
	assert_non_null(strstr(text, "\n#   libq-dev (q)\n"));
	assert_non_null(strstr(text, "\nA_B_BUILD_SYSTEM = make\n"));
	assert_non_null(strstr(text, "\nA_B_PROGRAMS = src/ab\n"));
	assert_non_null(strstr(text, "\nA_B_COMMAND = /bin/ab -f\n"));
	assert_non_null(strstr(text, "\n$(eval $(call recipe,a-b))\n"));
	assert_null(strstr(text, "DEPENDS ="));
}

UNIT_MAIN(cmocka_unit_test(cycles), cmocka_unit_test(surveying), cmocka_unit_test(build_systems),
	  cmocka_unit_test(drafting))
