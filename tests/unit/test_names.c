/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <llvm-c/IRReader.h>
#include <string.h>

#include "../../bitcode/module.h"
#include "../../bitcode/names.h"

/* Module "SOURCE": static step(), called by a function of its own. */
static char *with_step(const char *source, const char *assembly)
{
	return xasprintf(
		"source_filename = \"%s\"\n%s\n"
		"define internal void @step() !dbg !3 { ret void }\n"
		"define internal void @alone_%c() { call void @step() ret void }\n"
		"define void @run_%c() { call void @alone_%c() ret void }\n"
		"!llvm.dbg.cu = !{!0}\n!llvm.module.flags = !{!2}\n"
		"!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1)\n"
		"!1 = !DIFile(filename: \"f\", directory: \"/x\")\n"
		"!2 = !{i32 2, !\"Debug Info Version\", i32 3}\n"
		"!3 = distinct !DISubprogram(name: \"step\", scope: !1, file: !1, line: 1, "
		"type: !4, unit: !0, spFlags: DISPFlagDefinition)\n"
		"!4 = !DISubroutineType(types: !5)\n!5 = !{null}\n",
		source, assembly, *source, *source, *source);
}

/* Write bitcode of `text` to DIRECTORY/NAME and add it to the unit, its name for a sha256. */
static void add_module(json_t *unit, const char *directory, const char *name, const char *text)
{
	LLVMContextRef context = LLVMContextCreate();
	char *message = NULL, *path = xasprintf("%s/%s", directory, name);
	LLVMMemoryBufferRef buffer =
		LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), name);
	LLVMModuleRef module;

	if (LLVMParseIRInContext(context, buffer, &module, &message))
		fail_msg("%s", message);
	assert_int_equal(LLVMWriteBitcodeToFile(module, path), 0);
	module_close(module);
	json_array_append_new(
		json_object_get(unit, "modules"),
		json_pack("{s:s, s:s, s:s}", "path", path, "sha256", name, "kind", "bitcode"));
}

static json_t *new_unit(void)
{
	return json_pack("{s:[{s:s, s:s, s:s}]}", "modules", "path", "/none/native.o", "sha256",
			 "n", "kind", "native");
}

/* The module as it goes into the passes, as text. */
static char *renamed(const struct names *names, const char *directory, const char *name)
{
	LLVMModuleRef module = xmodule_open(xasprintf("%s/%s", directory, name), false);
	struct strlist shared = STRLIST_INIT;
	char *text;

	names_shared(names, name, &shared);
	names_make_unique(module, &shared);
	text = xstrdup(LLVMPrintModuleToString(module));
	module_close(module);
	return text;
}

/* What step() is called in the text of a module; asserts that it is defined once. */
static char *name_of_step(const char *text)
{
	static const char define[] = "define internal void @";
	const char *at = strstr(text, "define internal void @step");

	assert_non_null(at);
	at += strlen(define);
	assert_null(strstr(at, "define internal void @step"));
	return xstrndup(at, strcspn(at, "("));
}

static void statics_of_one_name_are_told_apart(void **state)
{
	char *d = unit_scratch(), *a, *b, *name;
	json_t *unit = new_unit();
	struct names names;

	(void)state;
	add_module(unit, d, "a", with_step("a.c", ""));
	add_module(unit, d, "b", with_step("b.c", ""));
	xnames_read(&names, unit, d);
	a = renamed(&names, d, "a");
	b = renamed(&names, d, "b");
	name = name_of_step(a);
	assert_string_not_equal(name, name_of_step(b));
	assert_memory_equal(name, "step.__uniq.", 12);
	assert_int_equal(strspn(name + 12, "0123456789"), strlen(name + 12));
	/* the debug information has it as the linkage name, the source's name stays */
	assert_non_null(strstr(a, xasprintf("name: \"step\", linkageName: \"%s\"", name)));
	assert_non_null(strstr(a, xasprintf("call void @%s()", name)));
	/* LLVM's profile reader must not cut the suffix off */
	assert_non_null(strstr(a, "\"sample-profile-suffix-elision-policy\"=\"none\""));
	/* what only one module has keeps its name */
	assert_non_null(strstr(a, "@alone_a()"));
	assert_non_null(strstr(a, "@run_a()"));
	fs_remove(d);
}

static void one_module_alone_keeps_all_names(void **state)
{
	char *d = unit_scratch(), *text;
	json_t *unit = new_unit();
	struct names names;

	(void)state;
	add_module(unit, d, "a", with_step("a.c", ""));
	xnames_read(&names, unit, d);
	text = renamed(&names, d, "a");
	assert_string_equal(name_of_step(text), "step");
	assert_null(strstr(text, "elision-policy"));
	assert_null(strstr(text, "linkageName"));
	fs_remove(d);
}

static void a_global_of_that_name_stays(void **state)
{
	char *d = unit_scratch(), *text;
	json_t *unit = new_unit(), *defined;
	struct names names;

	(void)state;
	add_module(unit, d, "a", with_step("a.c", ""));
	add_module(unit, d, "g", "source_filename = \"g.c\"\ndefine void @step() { ret void }\n");
	xnames_read(&names, unit, d);
	assert_memory_equal(name_of_step(renamed(&names, d, "a")), "step.__uniq.", 12);
	text = renamed(&names, d, "g");
	assert_non_null(strstr(text, "define void @step()"));
	defined = names_defined(&names);
	assert_non_null(json_object_get(defined, "step"));
	assert_non_null(json_object_get(defined, name_of_step(renamed(&names, d, "a"))));
	fs_remove(d);
}

/* step() in a module with `assembly` and in another one. */
static char *step_beside(const char *assembly, const char *more)
{
	char *d = unit_scratch(), *name, *text = with_step("a.c", assembly);
	json_t *unit = new_unit();
	struct names names;

	add_module(unit, d, "a", xasprintf("%s%s", text, more));
	add_module(unit, d, "b", with_step("b.c", ""));
	xnames_read(&names, unit, d);
	name = name_of_step(renamed(&names, d, "a"));
	/* the other one has no assembly that names it */
	assert_memory_equal(name_of_step(renamed(&names, d, "b")), "step.__uniq.", 12);
	assert_non_null(json_object_get(names_defined(&names), name));
	fs_remove(d);
	return name;
}

static void names_in_assembly_stay(void **state)
{
	(void)state;
	assert_string_equal(step_beside("module asm \".long step - .\"", ""), "step");
	assert_string_equal(step_beside("module asm \"movq $step, %rax\"", ""), "step");
	assert_string_equal(step_beside("", "define void @k() { call void asm sideeffect "
					    "\"movq $$step, %rax\", \"\"() ret void }\n"),
			    "step");
	assert_string_equal(step_beside("", "define void @i() { call void asm sideeffect "
					    "\"call step@PLT\", \"\"() ret void }\n"),
			    "step");
	assert_string_equal(
		step_beside("", "define void @j() {\ncallbr void asm sideeffect \"jmp step\", "
				"\"!i\"() to label %x [label %x]\nx: ret void }\n"),
		"step");
}

static void longer_words_in_assembly_do_not_count(void **state)
{
	(void)state;
	assert_memory_equal(
		step_beside("module asm \"call step2; call _step; call step.cold\"", ""),
		"step.__uniq.", 12);
	assert_memory_equal(step_beside("", "define void @i() { call void asm sideeffect "
					    "\"call a$$step, steps\", \"\"() ret void }\n"),
			    "step.__uniq.", 12);
}

static char *place_a(const char *first, const char *second)
{
	char *d = unit_scratch(), *text;
	json_t *unit = new_unit();
	struct names names;

	add_module(unit, d, first, with_step(xasprintf("%s.c", first), ""));
	add_module(unit, d, second, with_step(xasprintf("%s.c", second), ""));
	xnames_read(&names, unit, d);
	text = name_of_step(renamed(&names, d, "a"));
	fs_remove(d);
	return text;
}

/* Another directory, and another order of the modules. */
static void names_do_not_depend_on_the_place(void **state)
{
	char *name = place_a("a", "b");

	(void)state;
	assert_string_equal(name, place_a("a", "b"));
	assert_string_equal(name, place_a("b", "a"));
	assert_string_equal(name, place_a("a", "c"));
	/* the number is 60 bits of sha256("a.c"): profiles that are kept depend on it */
	assert_string_equal(name, "step.__uniq.780344563623524144");
}

static bool defines(const struct names *names, const char *module, const char *function)
{
	return names_defines_any(names, module, json_pack("{s:i, s:i}", function, 1, "other", 2));
}

static void profiled_modules_are_found_by_linked_names(void **state)
{
	char *d = unit_scratch(), *unique;
	json_t *unit = new_unit(), *defined;
	struct names names;

	(void)state;
	add_module(unit, d, "a", with_step("a.c", ""));
	add_module(unit, d, "b", with_step("b.c", ""));
	xnames_read(&names, unit, d);
	unique = name_of_step(renamed(&names, d, "a"));
	assert_true(defines(&names, "a", unique));
	assert_false(defines(&names, "b", unique));
	/* nothing has the plain name any more: LLVM would not find it either */
	assert_false(defines(&names, "a", "step"));
	assert_true(defines(&names, "a", "alone_a"));
	assert_true(defines(&names, "a", "run_a"));
	assert_false(defines(&names, "a", "run_b"));
	assert_false(defines(&names, "a", "alone_a.__uniq.780344563623524144"));
	assert_false(defines(&names, "n", "step"));
	defined = names_defined(&names);
	assert_int_equal(json_object_size(defined), 6);
	assert_non_null(json_object_get(defined, unique));
	assert_null(json_object_get(defined, "step"));
	fs_remove(d);
}

static void names_are_read_once(void **state)
{
	char *d = unit_scratch();
	json_t *unit = new_unit();
	struct names names, again;

	(void)state;
	add_module(unit, d, "a", with_step("a.c", "module asm \"step\""));
	add_module(unit, d, "b", with_step("b.c", ""));
	xnames_read(&names, unit, d);
	fs_remove(xasprintf("%s/a", d));
	fs_remove(xasprintf("%s/b", d));
	xnames_read(&again, unit, d);
	assert_true(json_equal(names.modules, again.modules));
	assert_true(json_equal(names.shared, again.shared));
	assert_int_equal(json_object_size(again.modules), 2);
	fs_remove(d);
}

UNIT_MAIN(cmocka_unit_test(statics_of_one_name_are_told_apart),
	  cmocka_unit_test(one_module_alone_keeps_all_names),
	  cmocka_unit_test(a_global_of_that_name_stays), cmocka_unit_test(names_in_assembly_stay),
	  cmocka_unit_test(longer_words_in_assembly_do_not_count),
	  cmocka_unit_test(names_do_not_depend_on_the_place),
	  cmocka_unit_test(profiled_modules_are_found_by_linked_names),
	  cmocka_unit_test(names_are_read_once))
