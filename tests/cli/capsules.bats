# Capsules: made once, made the same, and never linked when damaged

load ../helpers

capsule() {
	"$TOOLS/capsule" --cache "${CACHE_DIR:-$(cache)}" --lock "${LOCK:-sources.lock}" -j "$JOBS" "$@"
}

setup_file() {
	mk image APP=tiny RECIPES=tests/data/recipes O="$OUT/tests/out" TOOLS="$TOOLS" >&2
	export SPECS="$OUT/tests/out/tiny/build/specs"
	capsule make "$SPECS/zlib.spec" >&2
}
setup() { scratch; }
teardown() { discard_scratch; }

# A cache of the test's own that shares the downloaded sources.
own_cache() {
	CACHE_DIR=$SCRATCH/cache
	mkdir -p "$CACHE_DIR/sources" "$CACHE_DIR/capsules"
	cp -r "$(cache)"/sources/zlib_* "$CACHE_DIR/sources/"
	cp -r "$(capsule_of musl)" "$CACHE_DIR/capsules/"
}

capsule_of() {
	"$TOOLS/capsule" --cache "$(cache)" --lock sources.lock path "$SPECS/$1.spec"
}

@test "two builds of one capsule are byte-identical, in different places" {
	own_cache
	one=$(capsule make "$SPECS/zlib.spec")
	mv "$one" "$SCRATCH/one"
	CACHE_DIR2=$SCRATCH/other/cache
	mkdir -p "$CACHE_DIR2"
	mv "$CACHE_DIR"/* "$CACHE_DIR2/"
	CACHE_DIR=$CACHE_DIR2
	two=$(capsule make "$SPECS/zlib.spec")
	[ "$(basename "$two")" = "$(basename "$one")" ]
	diff -r "$SCRATCH/one" "$two"
}

@test "the manifest has version, checksum, compiler, flags and every module" {
	manifest=$(capsule_of zlib)/manifest.json
	jq -e '.schema == 1 and .name == "zlib" and (.compiler | contains("clang version 19"))' "$manifest"
	jq -e '.source.package == "zlib" and (.source.sha256 | length == 64)' "$manifest"
	grep -q "^zlib $(jq -r '.source.version, .source.sha256' "$manifest" | xargs)$" sources.lock
	jq -e '[.files[] | select(.kind == "bitcode")] | length >= 15' "$manifest"
}

@test "assembly stays native and is listed as such" {
	manifest=$(capsule_of musl)/manifest.json
	jq -e '[.files[] | select(.kind == "native" and (.path | endswith("memcpy.o")))] | length == 1' "$manifest"
	jq -e '[.files[] | select(.kind == "bitcode")] | length > 1200' "$manifest"
}

@test "a truncated module is found, said, and the capsule is made again" {
	own_cache
	directory=$(capsule make "$SPECS/zlib.spec")
	file=$directory/modules/libz.a/inflate.bc
	before=$(sha256sum <"$file")
	truncate -s 100 "$file"
	run capsule verify "$directory"
	[ "$status" -eq 1 ]
	[[ $output == *inflate.bc*'was changed'* ]]
	run capsule make "$SPECS/zlib.spec"
	[ "$status" -eq 0 ]
	[[ $output == *'the capsule of zlib is damaged and is made again'* ]]
	[ "$(sha256sum <"$file")" = "$before" ]
}

@test "a hand-edited capsule is refused by the plan, never linked" {
	cp -r "$(capsule_of tiny)" "$SCRATCH/tiny-0"
	printf 'x' >>"$SCRATCH"/tiny-0/modules/tiny.0-tiny.c.bc
	run "$TOOLS/plan" --output "$SCRATCH/plan.json" --app tiny --march x86-64 \
		--libc "$(capsule_of musl)" --kernel "$(capsule_of linux)" --program "$SCRATCH/tiny-0"
	[ "$status" -eq 2 ]
	[[ $output == *'the capsule cannot be used'*'was changed'* ]]
	[ ! -e "$SCRATCH/plan.json" ]
}

@test "a source whose checksum differs is refused, with both sums" {
	own_cache
	file=$(echo "$CACHE_DIR"/sources/zlib_*/*.orig.tar.*)
	printf 'x' >>"$file"
	run capsule make "$SPECS/zlib.spec"
	[ "$status" -eq 2 ]
	[[ $output == *"checksum of '$file' differs"*expected*got* ]]
	[[ $output == *'remove the directory it is in and repeat'* ]]
	# as the hint says
	rm -r "$(dirname "$file")"
	capsule fetch "$SPECS/zlib.spec"
	[ -z "$(ls "$CACHE_DIR"/capsules | grep zlib)" ]
}

@test "another checksum for a locked version is refused" {
	own_cache
	sed 's/^\(zlib [^ ]*\) ....../\1 000000/' sources.lock >"$SCRATCH/lock"
	LOCK=$SCRATCH/lock run capsule make "$SPECS/zlib.spec"
	[ "$status" -eq 2 ]
	[[ $output == *'.dsc'*differs* ]]
}

@test "a local tarball is used by its sha256, and refused with another" {
	mkdir -p "$SCRATCH/t-1"
	echo 'int main(void) { return 0; }' >"$SCRATCH/t-1/t.c"
	tar -C "$SCRATCH" -czf "$SCRATCH/t.tar.gz" t-1
	cp "$SPECS"/*.spec "$SCRATCH/"
	spec() {
		printf 'name t\nsource_kind tarball\nlibc musl\nsource %s\nsource_sha256 %s\nbuild $CC -o t t.c\nprograms t\n' \
			"$SCRATCH/t.tar.gz" "$1" >"$SCRATCH/t.spec"
	}
	spec "$(sha256sum <"$SCRATCH/t.tar.gz" | cut -c1-64)"
	run capsule make "$SCRATCH/t.spec"
	[ "$status" -eq 0 ]
	rm -rf "${lines[-1]}"
	spec "$(printf '0%.0s' {1..64})"
	run capsule make "$SCRATCH/t.spec"
	[ "$status" -eq 2 ]
	[[ $output == *"is not what the recipe of t expects"* ]]
}

@test "cmake builds with bitcc, and finds libraries in capsules only" {
	cp "$SPECS"/*.spec "$SCRATCH/"
	mkdir "$SCRATCH/project"
	cat >"$SCRATCH/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.20)
project(c C)
include(CheckFunctionExists)
check_function_exists(mkstemp HAVE_MKSTEMP)
if(NOT HAVE_MKSTEMP)
	message(FATAL_ERROR "a probe that must succeed failed")
endif()
find_package(ZLIB REQUIRED)
find_library(OF_THIS_MACHINE ssl)
if(OF_THIS_MACHINE)
	message(FATAL_ERROR "a library of this machine was found")
endif()
add_executable(c c.c)
target_include_directories(c PRIVATE /usr/include)
target_link_libraries(c ZLIB::ZLIB)
END
	printf '#include <zlib.h>\n#include <stdio.h>\nint main(void) { puts(zlibVersion()); return 0; }\n' \
		>"$SCRATCH/project/c.c"
	printf 'name c\nsource_kind tree\nlibc musl\ndepends zlib\nsource %s\nbuild %s\nprograms b/c\n' \
		"$SCRATCH/project" 'cmake -S . -B b && make -C b && b/c' >"$SCRATCH/c.spec"
	run capsule make "$SCRATCH/c.spec"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *1.2.13* ]]
	jq -e '.links[0].inputs | any(.library == "z" and .component == "zlib")' "${lines[-1]}/manifest.json"
	jq -e '[.files[] | select(.kind == "bitcode")] | length == 1' "${lines[-1]}/manifest.json"
	rm -rf "${lines[-1]}"
}

@test "a patch that does not apply is refused loudly" {
	own_cache
	cp "$SPECS"/*.spec "$SCRATCH/"
	printf -- '--- a/inflate.c\n+++ b/inflate.c\n@@ -1,1 +1,1 @@\n-no such line\n+x\n' >"$SCRATCH/0001.patch"
	echo "patches $SCRATCH/0001.patch" >>"$SCRATCH/zlib.spec"
	run capsule make "$SCRATCH/zlib.spec"
	[ "$status" -eq 2 ]
	[[ $output == *"0001.patch' does not apply to zlib"* ]]
}

@test "killed in the middle, the next run is right and leaves nothing behind" {
	own_cache
	setsid "$TOOLS/capsule" --cache "$CACHE_DIR" --lock sources.lock -j "$JOBS" make "$SPECS/zlib.spec" \
		>/dev/null 2>&1 3>&- &
	eventually sh -c "ls -d $CACHE_DIR/build/zlib.*/src >/dev/null 2>&1"
	kill -KILL -- "-$!"
	[ -z "$(ls "$CACHE_DIR"/capsules | grep '^zlib')" ]
	run capsule make "$SPECS/zlib.spec"
	[ "$status" -eq 0 ]
	capsule verify "${lines[-1]}"
	[ -z "$(ls "$CACHE_DIR"/build)" ]
	[ -z "$(ls "$CACHE_DIR"/capsules | grep unfinished)" ]
}

@test "two at once make it once" {
	own_cache
	capsule make "$SPECS/zlib.spec" >"$SCRATCH/1" 2>"$SCRATCH/1.err" 3>&- &
	first=$!
	capsule make "$SPECS/zlib.spec" >"$SCRATCH/2" 2>"$SCRATCH/2.err"
	wait "$first"
	cmp "$SCRATCH/1" "$SCRATCH/2"
	grep -q 'waiting: another process has the capsule of zlib' "$SCRATCH/1.err" "$SCRATCH/2.err"
	capsule verify "$(cat "$SCRATCH/1")"
}

@test "one that is there is taken at once, whatever others make of that component" {
	capsule make "$SPECS/zlib.spec"
	flock "$(cache)/capsules/.zlib.lock" timeout 20 "$TOOLS/capsule" --cache "$(cache)" --lock sources.lock \
		-j "$JOBS" make "$SPECS/zlib.spec" 2>"$SCRATCH/err"
	! grep -q waiting "$SCRATCH/err"
}

@test "no space left is said, and half a capsule is never kept" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount a small disk"
	mkdir "$SCRATCH/small"
	mount -t tmpfs -o size=6m small "$SCRATCH/small" || skip "cannot mount here"
	CACHE_DIR=$SCRATCH/small
	mkdir -p "$CACHE_DIR/sources" "$CACHE_DIR/capsules"
	run capsule make "$SPECS/zlib.spec"
	fetching=$status:$output
	cp -r "$(cache)"/sources/zlib_* "$CACHE_DIR/sources/"
	ln -s "$(capsule_of musl)" "$CACHE_DIR/capsules/"
	run capsule make "$SPECS/zlib.spec"
	left=$(ls "$CACHE_DIR/capsules" | grep ^zlib || true)
	umount "$SCRATCH/small"
	[[ $fetching == 2:*'No space left on device'*'free some space'* ]]
	[ "$status" -eq 2 ]
	[[ $output == *'No space left on device'* ]]
	[ -z "$left" ]
}
