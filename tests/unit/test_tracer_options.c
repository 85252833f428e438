/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../profiles/tracer_options.h"

static const char *parse(struct tracer_options *o, const char *a, const char *b, const char *c)
{
	char *argv[] = { xstrdup(a), b ? xstrdup(b) : NULL, c ? xstrdup(c) : NULL };

	return tracer_options_parse(o, 1 + (b != NULL) + (c != NULL), argv);
}

static void defaults(void **state)
{
	struct tracer_options o;

	(void)state;
	assert_null(parse(&o, "out=/tmp/x", NULL, NULL));
	assert_true(o.whole);
	assert_false(o.models);
	assert_int_equal(o.l1i.bytes, 32768);
	assert_int_equal(o.itlb.bytes / o.itlb.line_bytes, 64);
	assert_null(parse(&o, "window=control", "control=/tmp/s", "l1d=49152:12:64"));
	assert_false(o.whole);
	assert_int_equal(o.l1d.ways, 12);
}

static void regions(void **state)
{
	struct tracer_options o;

	(void)state;
	assert_null(parse(&o, "out=/x", "region=v:ffffffff80000000:ffffffff80001000",
			  "region=app:0x1000:2000"));
	assert_int_equal(tracer_options_region(&o, 0xfff), -1);
	assert_int_equal(tracer_options_region(&o, 0x1000), 0);
	assert_int_equal(tracer_options_region(&o, 0x1fff), 0);
	assert_int_equal(tracer_options_region(&o, 0x2000), -1);
	assert_int_equal(tracer_options_region(&o, 0xffffffff80000fff), 1);
	/* two pieces of one */
	assert_null(parse(&o, "out=/x", "region=v:1000:2000", "region=v:3000:4000"));
	assert_int_equal(o.region_names.n, 1);
	assert_int_equal(tracer_options_region(&o, 0x3000), 0);
	assert_int_equal(tracer_options_region(&o, 0x2000), -1);
}

static void refused(void **state)
{
	static const char *const wrong[] = {
		"out",
		"out=",
		"colour=blue",
		"window=half",
		"models=yes",
		"stacks=2",
		"functions=",
		"l1i=32768:8",
		"l1i=32768:8:64:1",
		"l1i=32768:7:64",
		"l1i=32768:8:0",
		"l1i=-1:8:64",
		"itlb=63:8",
		"itlb_huge=99999999999",
		"region=:1:2",
		"region=a/b:1:2",
		"region=a:2:1",
		"region=a:1:1",
		"region=a:x:2",
		"region=a:1",
		"region=1:2",
		"exclude=1",
		"exclude=1:2:3",
		"fault=11111111111111111:2",
		"interrupt=",
		"huge=1-2",
	};
	struct tracer_options o;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *sentence = parse(&o, "out=/x", wrong[i], NULL);

		if (!sentence)
			fail_msg("'%s' was taken", wrong[i]);
		assert_non_null(strstr(sentence, wrong[i]));
	}
	assert_non_null(strstr(parse(&o, "window=control", NULL, NULL), "control=PATH"));
	assert_non_null(strstr(parse(&o, "models=on", NULL, NULL), "out=DIR"));
	assert_non_null(strstr(parse(&o, "out=/tmp", "stacks=on", NULL), "functions=FILE"));
	assert_non_null(strstr(parse(&o, "out=/x", "region=a:1:9", "region=b:8:a"), "overlaps"));
}

UNIT_MAIN(cmocka_unit_test(defaults), cmocka_unit_test(regions), cmocka_unit_test(refused))
