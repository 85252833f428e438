# What a recipe's build may do wrong: each in one clear line

load ../helpers

setup_file() {
	mk specs APP=tiny RECIPES=tests/data/recipes O="$OUT/tests/out" TOOLS="$TOOLS" >&2
	export SPECS="$OUT/tests/out/tiny/build/specs"
}
setup() {
	scratch
	cp "$SPECS"/*.spec "$SCRATCH/"
	mkdir "$SCRATCH/src"
	echo 'int y(void); int main(void) { return y(); }' >"$SCRATCH/src/x.c"
	echo 'int y(void) { return 0; }' >"$SCRATCH/src/y.c"
}
teardown() { discard_scratch; }

# capsule BUILD [LINE...]: make that of x, an app of two files
capsule() {
	local build=$1
	shift
	printf '%s\n' 'name x' 'source_kind tree' 'libc musl' "source $SCRATCH/src" "build $build" 'programs x' "$@" \
		>"$SCRATCH/x.spec"
	run "$TOOLS/capsule" --cache "$(cache)" --lock sources.lock -j "$JOBS" make "$SCRATCH/x.spec"
	echo "$output"
	[ "$status" -ne 0 ] || rm -rf "${lines[-1]}"
}

@test "a file that another compiler compiled is named, with the compiler" {
	capsule 'clang-19 -c -o y.o y.c && $CC -o x x.c y.o'
	[ "$status" -eq 2 ]
	[[ $output == *"error: 'y.o' of x is no bitcode: it was compiled by '"*'clang version 19'* ]]
	[[ $output == *'hint: make the build use $CC'*NATIVE* ]]
}

@test "so is one in an archive, and one that went through assembly" {
	capsule 'clang-19 -c -o y.o y.c && ar rc liby.a y.o && $CC -o x x.c liby.a'
	[ "$status" -eq 2 ]
	[[ $output == *"'liby.a/y.o' of x is no bitcode"* ]]
	capsule '$CC -S -o y.s y.c && $CC -c -o y.o y.s && $CC -o x x.c y.o'
	[ "$status" -eq 2 ]
	[[ $output == *"'y.o' of x is no bitcode"* ]]
}

@test "what the recipe wants native is, and assembly is no fault" {
	capsule '$CC -c -o y.o y.c && $CC -o x x.c y.o' 'native y.c'
	[ "$status" -eq 0 ]
	printf '.globl y\ny: xor %%%%eax, %%%%eax\nret\n' | sed 's/%%/%/g' >"$SCRATCH/src/z.s"
	capsule '$CC -o x x.c z.s'
	[ "$status" -eq 0 ]
}

@test "a program that is linked dynamically, by another linker" {
	capsule 'clang-19 -o x x.c y.c'
	[ "$status" -eq 2 ]
	[[ $output == *"'x' of x is linked dynamically, for '/lib64/ld-linux-x86-64.so.2': bitcc did not link it"* ]]
}

@test "a shared library in a link" {
	capsule 'clang-19 -shared -fPIC -o liby.so y.c && $CC -o x x.c liby.so'
	[ "$status" -eq 2 ]
	[[ $output == *"'liby.so' is a shared library, and programs of images are static"* ]]
}

@test "a copy of a program is none" {
	capsule '$CC -o y x.c y.c && cp y x'
	[ "$status" -eq 2 ]
	[[ $output == *"'x' of x was not linked by bitcc"*'not a copy'* ]]
}

# apt as it is when there is no such package: what showsrc says of it is on standard input
no_package() {
	mkdir "$SCRATCH/bin"
	cat >"$SCRATCH/showsrc"
	printf '#!/bin/sh\ncase "$*" in *update*) exit 0 ;; esac\necho "E: Unable to find a source package" >&2\nexit 100\n' \
		>"$SCRATCH/bin/apt-get"
	printf '#!/bin/sh\ncase "$*" in *only-source*) exit 0 ;; esac\ncat "%s"\n' "$SCRATCH/showsrc" >"$SCRATCH/bin/apt-cache"
	chmod +x "$SCRATCH"/bin/*
	sed "s/^source .*/source $1/" "$SPECS/zlib.spec" >"$SCRATCH/x.spec"
	PATH=$SCRATCH/bin:$PATH run "$TOOLS/capsule" --cache "$SCRATCH/cache" --lock "$SCRATCH/lock" fetch "$SCRATCH/x.spec"
	echo "$output"
	[ "$status" -eq 2 ]
}

@test "a source package that does not exist" {
	no_package no-such-thing </dev/null
	[[ $output == *"Debian's release has no source package 'no-such-thing', which zlib is to be built from"* ]]
	[[ $output == *'hint: '*'apt-cache search'* ]]
}

@test "a binary package where a source package belongs" {
	no_package libpcre2-dev <<'END'
Package: pcre2
Binary: libpcre2-8-0, libpcre2-16-0,
 libpcre2-dev
END
	[[ $output == *"hint: 'libpcre2-dev' is built from the source package 'pcre2': write that"* ]]
}

@test "an allocator stands before musl's in the app, and is not in init" {
	made() { "$TOOLS/capsule" --cache "$(cache)" --lock sources.lock -j "$JOBS" make "$SPECS/$1.spec"; }
	"$TOOLS/plan" --output "$SCRATCH/plan.json" --app tiny --march x86-64 --libc "$(made musl)" \
		--kernel "$(made linux)" --allocator "$(made mimalloc)" --program "$(made init)" --program "$(made tiny)"
	jq -e '[.units[] | {name, mi: any(.modules[]; .path | contains("/mimalloc-"))}] |
		map({(.name): .mi}) | add | .tiny and (.init | not) and (.vmlinux | not)' "$SCRATCH/plan.json"
	"$TOOLS/link" --cache "$(cache)" -j "$JOBS" --plan "$SCRATCH/plan.json" --unit tiny --output "$SCRATCH/tiny.elf"
	llvm-nm-19 "$SCRATCH/tiny.elf" | grep -q ' _mi_malloc_generic$'
}
