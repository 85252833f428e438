/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "../../pipeline/generation.h"
#include "../../pipeline/lib/hash.h"
#include "../../pipeline/lib/json.h"
#include "../../pipeline/promotion_write.h"
#include "unit.h"

static char *out;

static char *place(unsigned number, const char *name)
{
	return xasprintf("%s/app/%u/%s", out, number, name);
}

/* A directory that looks like a generation: an image and what its manifest says of it. */
static void make_generation(unsigned number)
{
	char *image = place(number, "image"), *text = xasprintf("image %u", number);
	char hex[HASH_HEX_BYTES];

	xfs_mkdirs_above(image);
	xfs_write(image, text, strlen(text));
	xhash_file(image, hex);
	xjson_write(place(number, "manifest.json"),
		    json_pack("{s:i, s:{s:s}}", "schema", 1, "image", "sha256", hex));
}

static void promote(unsigned number)
{
	struct promotions p;

	xpromotions_read(&p, out, "app");
	xpromotion_promote(&p, out, "app", number, json_pack("{s:n}", "why"));
	promotions_release(&p);
}

static void refuse(unsigned number, const char *reason)
{
	struct promotions p;

	xpromotions_read(&p, out, "app");
	xpromotion_refuse(&p, out, "app", number, json_pack("{s:n, s:s}", "why", "reason", reason));
	promotions_release(&p);
}

static void go_back(unsigned to, const char *why)
{
	struct promotions p;

	xpromotions_read(&p, out, "app");
	xpromotion_return(&p, out, "app", to, why);
	promotions_release(&p);
}

/* "0 1 2" for the line, a lost one in brackets, then "| " and the states. */
static char *describe(void)
{
	struct strlist words = STRLIST_INIT;
	struct promotions p;
	char *text;

	xpromotions_read(&p, out, "app");
	for (size_t i = 0; i < p.line_count; i++)
		strlist_pushf(&words, p.line[i].is_there ? "%u" : "(%u)", p.line[i].number);
	strlist_push(&words, "|");
	for (size_t i = 0; i < p.n; i++)
		strlist_pushf(&words, "%u %s", p.v[i].number, promotion_describe(&p.v[i]));
	if (p.disagreement)
		strlist_push(&words, "!");
	text = strlist_join(&words, " ");
	promotions_release(&p);
	return text;
}

static char *marked(void)
{
	char *link = xasprintf("%s/app/promoted", out), target[32] = "";

	return readlink(link, target, sizeof(target) - 1) < 0 ? NULL : xstrdup(target);
}

static int begin(void **state)
{
	(void)state;
	out = unit_scratch();
	for (unsigned i = 0; i < 4; i++)
		make_generation(i);
	return 0;
}

static int end(void **state)
{
	(void)state;
	xfs_remove(out);
	return 0;
}

static const char *state_in_file(unsigned number)
{
	return xjson_string(xjson_read(place(number, "promotion.json")), "state", "it");
}

static void one_after_the_other(void **state)
{
	(void)state;
	assert_string_equal(describe(), "|");
	assert_null(marked());
	promote(0);
	assert_string_equal(describe(), "0 | 0 promoted");
	assert_string_equal(marked(), "0");
	promote(2);
	refuse(1, "tests: no");
	refuse(2, "of no account: it is promoted");
	promote(3);
	assert_string_equal(describe(),
			    "0 2 3 | 0 superseded 1 refused: tests: no 2 superseded 3 promoted");
	assert_string_equal(marked(), "3");
	assert_string_equal(state_in_file(0), "superseded");
	assert_string_equal(state_in_file(1), "refused");
	assert_string_equal(xpromoted_directory(out, "app"), xasprintf("%s/app/3", out));
	assert_string_equal(xgeneration_directory(out, "app", "promoted"),
			    xasprintf("%s/app/3", out));
}

static void back_and_further_back(void **state)
{
	json_t *history;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		promote(i);
	go_back(2, "slow");
	assert_string_equal(describe(),
			    "0 1 2 | 0 superseded 1 superseded 2 promoted 3 rolled back: slow");
	assert_string_equal(marked(), "2");
	go_back(0, NULL);
	assert_string_equal(describe(),
			    "0 | 0 promoted 1 rolled back 2 rolled back 3 rolled back: slow");
	assert_string_equal(marked(), "0");
	assert_string_equal(state_in_file(1), "rolled back");
	history = json_object_get(xjson_read(place(1, "promotion.json")), "history");
	assert_int_equal(json_array_size(history), 2);
	assert_string_equal(xjson_string(json_array_get(history, 1), "event", "it"), "rolled back");
	assert_int_equal(xjson_uint(json_array_get(history, 1), "to", "it"), 0);
	assert_int_equal(xjson_uint(json_array_get(history, 1), "sequence", "it"), 6);
	/* nothing more is written when all is right */
	xpromotion_put_right(out, "app");
	history = json_object_get(xjson_read(place(1, "promotion.json")), "history");
	assert_int_equal(json_array_size(history), 2);
	promote(3);
	assert_string_equal(describe(),
			    "0 3 | 0 superseded 1 rolled back 2 rolled back 3 promoted");
}

static void the_promoted_one_was_deleted(void **state)
{
	(void)state;
	promote(0);
	promote(1);
	promote(2);
	xfs_remove(place(2, ""));
	assert_string_equal(describe(), "0 1 (2) | 0 superseded 1 superseded");
	/* the mark is not moved silently */
	xpromotion_put_right(out, "app");
	assert_string_equal(marked(), "2");
	go_back(1, "2 is gone");
	assert_string_equal(describe(), "0 1 | 0 superseded 1 promoted");
	assert_string_equal(marked(), "1");
}

static void one_in_between_was_deleted(void **state)
{
	(void)state;
	promote(0);
	promote(1);
	promote(2);
	xfs_remove(place(1, ""));
	assert_string_equal(describe(), "0 (1) 2 | 0 superseded 2 promoted");
	/* another one that has its number was never promoted */
	make_generation(1);
	assert_string_equal(describe(), "0 (1) 2 | 0 superseded 2 promoted");
	go_back(0, NULL);
	assert_string_equal(describe(), "0 | 0 promoted 2 rolled back");
}

static void where_it_went_back_to_was_deleted(void **state)
{
	(void)state;
	promote(0);
	promote(1);
	promote(2);
	go_back(1, NULL);
	xfs_remove(place(1, ""));
	assert_string_equal(describe(), "0 (1) | 0 superseded 2 rolled back");
}

/* The deciding write was done, nothing else. */
static void stopped_before_the_link(void **state)
{
	char *link = xasprintf("%s/app/promoted", out);

	(void)state;
	promote(0);
	promote(1);
	unlink(link);
	assert_int_equal(symlink("0", link), 0);
	assert_string_equal(describe(), "0 1 | 0 superseded 1 promoted !");
	xpromotion_put_right(out, "app");
	assert_string_equal(describe(), "0 1 | 0 superseded 1 promoted");
	assert_string_equal(marked(), "1");
	unlink(link);
	assert_string_equal(describe(), "0 1 | 0 superseded 1 promoted !");
}

static void stopped_in_a_roll_back(void **state)
{
	char *link = xasprintf("%s/app/promoted", out), *path = place(1, "promotion.json");
	json_t *before;

	(void)state;
	promote(0);
	promote(1);
	before = xjson_read(path);
	go_back(0, "why not");
	xjson_write(path, before);
	unlink(link);
	assert_int_equal(symlink("1", link), 0);
	assert_string_equal(describe(), "0 | 0 promoted 1 rolled back: why not !");
	xpromotion_put_right(out, "app");
	assert_string_equal(describe(), "0 | 0 promoted 1 rolled back: why not");
	assert_string_equal(state_in_file(1), "rolled back");
	assert_int_equal(json_array_size(json_object_get(xjson_read(path), "history")), 2);
}

static void a_broken_record_is_damage(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"schema\": 1, \"generation\": 1, \"image_sha256\": \"\", \"history\": []}",
		"{\"schema\": 2, \"generation\": 1, \"image_sha256\": \"\", \"history\": [{\"sequence\": 1, "
		"\"event\": \"refused\", \"why\": null}]}",
		"{\"schema\": 1, \"generation\": 2, \"image_sha256\": \"\", \"history\": [{\"sequence\": 1, "
		"\"event\": \"refused\", \"why\": null}]}",
		"{\"schema\": 1, \"generation\": 1, \"image_sha256\": \"\", \"history\": [{\"sequence\": 0, "
		"\"event\": \"refused\", \"why\": null}]}",
		"{\"schema\": 1, \"generation\": 1, \"image_sha256\": \"\", \"history\": [{\"sequence\": 1, "
		"\"event\": \"promoted\", \"previous\": -1, \"why\": null}]}",
		"{\"schema\": 1, \"generation\": 1, \"image_sha256\": \"\", \"history\": [{\"sequence\": 1, "
		"\"event\": \"rolled back\", \"why\": null}]}",
		"{\"schema\": 1, \"generation\": 1, \"image_sha256\": \"\", \"history\": [{\"sequence\": 1, "
		"\"event\": \"returned\", \"from\": \"2\", \"why\": null}]}",
		"{\"schema\": 1, \"generation\": 1, \"image_sha256\": \"\", \"history\": [7]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct promotions p;

		xfs_write(place(1, "promotion.json"), bad[i], strlen(bad[i]));
		promotions_read(&p, out, "app");
		assert_non_null(p.damage);
		assert_null(promotions_top(&p));
		promotions_release(&p);
	}
}

static void an_image_is_what_its_manifest_says(void **state)
{
	(void)state;
	assert_null(promotion_image_damage(out, "app", 1));
	xfs_write(place(1, "image"), "imagE 1", 7);
	assert_non_null(
		strstr(promotion_image_damage(out, "app", 1), "not the one in its manifest"));
	unlink(place(1, "image"));
	assert_non_null(strstr(promotion_image_damage(out, "app", 1), "cannot be read"));
	xfs_write(place(1, "manifest.json"), "{", 1);
	assert_non_null(strstr(promotion_image_damage(out, "app", 1), "manifest.json"));
	assert_non_null(strstr(promotion_image_damage(out, "app", 9), "is gone"));
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, begin, end)

UNIT_MAIN(FRESH(one_after_the_other), FRESH(back_and_further_back),
	  FRESH(the_promoted_one_was_deleted), FRESH(one_in_between_was_deleted),
	  FRESH(where_it_went_back_to_was_deleted), FRESH(stopped_before_the_link),
	  FRESH(stopped_in_a_roll_back), FRESH(a_broken_record_is_damage),
	  FRESH(an_image_is_what_its_manifest_says))
