/* SPDX-License-Identifier: MIT */
#include "../../reports/diff_symbols.h"
#include "../../reports/field.h"
#include "unit.h"

static json_t *symbol_named(const json_t *symbols, const char *name)
{
	return field_at(symbols, name);
}

static void each_way_is_counted(void **state)
{
	struct symbol_sizes *s = symbol_sizes_new();
	json_t *symbols = json_array(), *unit;

	(void)state;
	symbol_sizes_add(s, "same", 5, 0);
	symbol_sizes_add(s, "same", 5, 1);
	symbol_sizes_add(s, "new", 7, 1);
	symbol_sizes_add(s, "gone", 11, 0);
	symbol_sizes_add(s, "grown", 1, 0);
	symbol_sizes_add(s, "grown", 14, 1);
	symbol_sizes_add(s, "shrunk", 20, 0);
	symbol_sizes_add(s, "shrunk", 3, 1);
	unit = symbol_sizes_describe(s, "u", symbols);
	assert_int_equal(field_integer(unit, "added"), 1);
	assert_int_equal(field_integer(unit, "removed"), 1);
	assert_int_equal(field_integer(unit, "grew"), 1);
	assert_int_equal(field_integer(unit, "shrank"), 1);
	assert_int_equal(field_integer(unit, "up_bytes"), 20);
	assert_int_equal(field_integer(unit, "down_bytes"), 28);
	assert_int_equal(field_integer(unit, "delta_bytes"), -8);
	assert_int_equal(field_integer(unit, "from_bytes"), 37);
	assert_int_equal(field_integer(unit, "to_bytes"), 29);
	assert_int_equal(json_array_size(symbols), 4);
	assert_null(symbol_named(symbols, "same"));
	assert_true(json_is_null(json_object_get(symbol_named(symbols, "new"), "from")));
	assert_true(json_is_null(json_object_get(symbol_named(symbols, "gone"), "to")));
	json_decref(unit);
	json_decref(symbols);
	symbol_sizes_free(s);
}

/* A function that was in two parts and is in one, and one of three static variables that goes. */
static void one_name_is_one_symbol(void **state)
{
	struct symbol_sizes *s = symbol_sizes_new();
	json_t *symbols = json_array(), *unit, *key;

	(void)state;
	symbol_sizes_add(s, "f.llvm.1", 80, 0);
	symbol_sizes_add(s, "f.cold", 20, 0);
	symbol_sizes_add(s, "f", 100, 1);
	for (int i = 0; i < 3; i++)
		symbol_sizes_add(s, "key.1", 8, 0);
	symbol_sizes_add(s, "key.2", 8, 1);
	symbol_sizes_add(s, "key.__uniq.3", 8, 1);
	unit = symbol_sizes_describe(s, "u", symbols);
	assert_int_equal(json_array_size(symbols), 1);
	key = symbol_named(symbols, "key");
	assert_int_equal(field_integer(key, "delta"), -8);
	assert_int_equal(field_integer(key, "from_count"), 3);
	assert_int_equal(field_integer(key, "to_count"), 2);
	assert_int_equal(field_integer(unit, "shrank"), 1);
	json_decref(unit);
	json_decref(symbols);
	symbol_sizes_free(s);
}

UNIT_MAIN(cmocka_unit_test(each_way_is_counted), cmocka_unit_test(one_name_is_one_symbol))
