# make image: places, repetition, interruption

load ../helpers

setup() { scratch; }
teardown() { discard_scratch; }

image() {
	mk image APP=tiny RECIPES=tests/data/recipes TOOLS="$TOOLS" "$@"
}

@test "again with nothing changed: all cached, no new generation, two seconds" {
	image O="$OUT/tests/out" >/dev/null 2>&1
	best_ms=1000000 best_cpu_ms=1000000
	local TIMEFORMAT='%R %U %S'
	for _ in 1 2 3; do
		{ time image O="$OUT/tests/out" >"$SCRATCH/again" 2>&1; } 2>"$SCRATCH/times"
		read -r took_ms cpu_ms < <(awk '{ print int($1 * 1000), int(($2 + $3) * 1000) }' "$SCRATCH/times")
		[ "$took_ms" -gt "$best_ms" ] || best_ms=$took_ms
		[ "$cpu_ms" -gt "$best_cpu_ms" ] || best_cpu_ms=$cpu_ms
	done
	run cat "$SCRATCH/again"
	[[ $output == *'capsule linux'*cached*'link linux'*cached*'boot it once'*cached* ]]
	[[ $output == *'generation '*', unchanged'* ]]
	[[ ${lines[-1]} == 'next: make run APP=tiny' ]]
	echo "took $best_ms ms at best, $best_cpu_ms of a processor"
	# a machine that is busy with something else takes longer, and its caches are others'
	[ "$best_ms" -le 2000 ] || [ "$best_cpu_ms" -le 2500 ]
}

@test "a changed file of the image makes a new generation within ten seconds" {
	mkdir -p "$SCRATCH/files/etc"
	echo "$RANDOM" >"$SCRATCH/files/etc/stamp"
	before=$(readlink "$OUT/tests/out/tiny/latest" || echo none)
	start=$(date +%s%N)
	run image O="$OUT/tests/out" FILES="$SCRATCH/files"
	took_ms=$((($(date +%s%N) - start) / 1000000))
	[ "$status" -eq 0 ]
	[ "$(readlink "$OUT/tests/out/tiny/latest")" != "$before" ]
	echo "took $took_ms ms"
	[ "$took_ms" -le 10000 ]
}

@test "the same bytes make no new generation, even if it is run in another way" {
	mkdir -p "$SCRATCH/one/etc" "$SCRATCH/two/etc" "$SCRATCH/recipes/tiny"
	echo same | tee "$SCRATCH/one/etc/stamp" >"$SCRATCH/two/etc/stamp"
	image O="$OUT/tests/out" FILES="$SCRATCH/one" >/dev/null 2>&1
	before=$(readlink "$OUT/tests/out/tiny/latest")
	sed 's/^TINY_MEM = .*/TINY_MEM = 52M/' tests/data/recipes/tiny/tiny.mk >"$SCRATCH/recipes/tiny/tiny.mk"
	run image O="$OUT/tests/out" FILES="$SCRATCH/two" RECIPES="$SCRATCH/recipes"
	[ "$status" -eq 0 ]
	[[ $output == *', unchanged'* ]]
	[ "$(readlink "$OUT/tests/out/tiny/latest")" = "$before" ]
	grep -q '^memory 52M' "$OUT/tests/out/tiny/latest/image.spec"
}

@test "the same inputs give the same bytes, elsewhere and with spaces in every path" {
	image O="$OUT/tests/out" >/dev/null 2>&1
	clone="$SCRATCH/a clone"
	mkdir -p "$clone"
	git ls-files -z | tar --null -T - -cf - | tar -xf - -C "$clone"
	# its own cache, with a space, that has what is expensive
	mkdir -p "$SCRATCH/the cache"
	for part in capsules sources objects links results; do cp -rs "$(cache)/$part" "$SCRATCH/the cache/"; done
	run env ANNEAL_CACHE="$SCRATCH/the cache" make --no-print-directory -C "$clone" image APP=tiny \
		RECIPES=tests/data/recipes O="$SCRATCH/the output"
	echo "$output"
	[ "$status" -eq 0 ]
	cmp "$SCRATCH/the output/tiny/0/image" "$OUT/tests/out/tiny/latest/image"
	[ "$(jq -r .image.sha256 "$SCRATCH/the output/tiny/0/manifest.json")" = \
		"$(sha256sum <"$SCRATCH/the output/tiny/0/image" | cut -c1-64)" ]
}

@test "the manifest keeps the contract" {
	image O="$OUT/tests/out" >/dev/null 2>&1
	directory=$OUT/tests/out/tiny/latest
	jq -e '
		.schema == 1 and .app == "tiny" and .machine == "microvm" and .march == "x86-64-v2"
		and .profile == null and (.generation | type) == "number"
		and (.image | .path == "image" and .bytes > 1000000 and .xz_bytes > 500000 and (.sha256 | length == 64))
		and (.kernel | .text_bytes > 1000000 and .functions > 1000)
		and (.app_elf | .bytes > 1000 and .text_bytes > 1000)
		and (.components | length == 4 and all(.name and .version and .source_sha256 and .capsule))
		and (.syscalls | (.kept | length > 20 and length < 100 and index("accept") != null) and .dropped > 150)
		and .shake == "full" and .cpu == "any" and (.compiler | test("clang version 19"))
		and (.recipe_sha256 | length == 64) and (.files | .count == 0 and .bytes == 0 and (.sha256 | length == 64))
		and ([.builds[].name] == [.components[].name])
		and (.builds | all((.compiler | test("clang")) and (.flags | type) == "array" and (.recipe_sha256 | length == 64)))
		and (.syscalls.kept | index("bpf") == null and index("shmget") == null)
		and (.seconds.total > 0) and (.seconds.by_stage | length > 5)
		and .boot.ready_ms > 0 and (.boot.emulated | type) == "boolean"
	' "$directory/manifest.json"
	[ "$(stat -c %s "$directory/image")" = "$(jq .image.bytes "$directory/manifest.json")" ]
	for file in vmlinux.debug tiny.debug init.debug plan.json console.log image.spec shake.json syscalls.json; do
		[ -s "$directory/$file" ]
	done
	llvm-readelf-19 -S "$directory/vmlinux.debug" | grep -q debug_line
	! llvm-readelf-19 -S "$directory/image" | grep -q debug
}

@test "info and generations show it, as text and as JSON" {
	image O="$OUT/tests/out" >/dev/null 2>&1
	run mk info APP=tiny RECIPES=tests/data/recipes O="$OUT/tests/out" TOOLS="$TOOLS"
	[ "$status" -eq 0 ]
	[[ $output == *'under xz -9e'*'kernel functions'*'made of'*linux*6.12* ]]
	run mk info APP=tiny RECIPES=tests/data/recipes O="$OUT/tests/out" TOOLS="$TOOLS" FORMAT=json
	echo "$output" | jq -e '.app == "tiny"'
	run mk generations O="$OUT/tests/out" TOOLS="$TOOLS"
	[[ $output == *tiny*Mi* ]]
	run mk generations O="$OUT/tests/out" TOOLS="$TOOLS" FORMAT=json
	echo "$output" | jq -e 'any(.app == "tiny" and .image.bytes > 0)'
	run mk info APP=tiny RECIPES=tests/data/recipes O="$OUT/tests/out" TOOLS="$TOOLS" GEN=99
	[ "$status" -ne 0 ]
	[[ $output == *"'tiny' has no generation '99'"* ]]
}

@test "two make image at once for one app: one waits, both are right" {
	image O="$OUT/tests/out" >/dev/null 2>&1
	mkdir -p "$SCRATCH/files/etc"
	date +%s%N >"$SCRATCH/files/etc/stamp"
	image O="$OUT/tests/out" FILES="$SCRATCH/files" >"$SCRATCH/1" 2>&1 3>&- &
	first=$!
	image O="$OUT/tests/out" FILES="$SCRATCH/files" >"$SCRATCH/2" 2>&1
	wait "$first"
	grep -qh 'waiting: another process builds tiny' "$SCRATCH/1" "$SCRATCH/2"
	cat "$SCRATCH/1" "$SCRATCH/2" | grep -c unchanged | grep -qx 1
}

@test "two make image at once for different apps" {
	image O="$SCRATCH/out" >"$SCRATCH/1" 2>&1 3>&- &
	first=$!
	mk image APP=nginx O="$SCRATCH/out" TOOLS="$TOOLS" >"$SCRATCH/2" 2>&1
	wait "$first"
	[ -s "$SCRATCH/out/tiny/0/image" ]
	[ -s "$SCRATCH/out/nginx/0/image" ]
}

@test "killed at any moment, the next run is right" {
	image O="$OUT/tests/out" >/dev/null 2>&1
	good=$(sha256sum <"$OUT/tests/out/tiny/latest/image")
	for delay in 0.3 0.7 1.1 1.6 2.4; do
		rm -rf "$SCRATCH/out"
		setsid make --no-print-directory image APP=tiny RECIPES=tests/data/recipes TOOLS="$TOOLS" \
			O="$SCRATCH/out" >/dev/null 2>&1 3>&- &
		sleep "$delay"
		kill -KILL -- "-$!" 2>/dev/null || true
		run image O="$SCRATCH/out"
		echo "killed after $delay s: $output"
		[ "$status" -eq 0 ]
		[ "$(sha256sum <"$SCRATCH/out/tiny/latest/image")" = "$good" ]
	done
}

@test "an unproven image never becomes a generation" {
	mkdir -p "$SCRATCH/files/bin" "$SCRATCH/recipes/broken/src"
	sed -e 's/TINY/BROKEN/g; s/tiny/broken/g; s/^# broken/# broken/' \
		-e "s,^BROKEN_SOURCE = .*,BROKEN_SOURCE = $SCRATCH/recipes/broken/src," \
		tests/data/recipes/tiny/tiny.mk >"$SCRATCH/recipes/broken/broken.mk"
	echo 'int main(void) { return 3; }' >"$SCRATCH/recipes/broken/src/broken.c"
	run mk image APP=broken RECIPES="$SCRATCH/recipes" O="$SCRATCH/out" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *'the app ended with status 3 before it answered'* ]]
	[[ $output == *'log: '* ]]
	[[ $output == *'repeat only this: '* ]]
	[ ! -e "$SCRATCH/out/broken/0" ]
	[ ! -e "$SCRATCH/out/broken/latest" ]
}

@test "MARCH that does not exist lists those that do" {
	run image O="$OUT/tests/out" MARCH=pentium
	[ "$status" -ne 0 ]
	[[ $output == *'MARCH=pentium is not known'*'x86-64-v2'*native* ]]
}

@test "V=1 shows commands, V=2 why something is made" {
	run image O="$SCRATCH/out" V=1
	[[ $output == *'+ ld.lld-19 '* ]]
	cache=$SCRATCH/cache
	mkdir -p "$cache"
	for part in sources objects links; do ln -s "$(cache)/$part" "$cache/"; done
	cp -r "$(cache)/capsules" "$cache/"
	rm -rf "$cache"/capsules/tiny-*
	run env ANNEAL_CACHE="$cache" make --no-print-directory image APP=tiny RECIPES=tests/data/recipes \
		TOOLS="$TOOLS" O="$SCRATCH/out" V=2
	[[ $output == *'capsule tiny: there is none for this key'* ]]
}

@test "clean removes one app's build, distclean everything but sources" {
	cp -r "$OUT/tests/out" "$SCRATCH/out"
	mkdir "$SCRATCH/out/other"
	mk clean APP=tiny RECIPES=tests/data/recipes O="$SCRATCH/out" TOOLS="$TOOLS"
	[ ! -e "$SCRATCH/out/tiny" ]
	[ -e "$SCRATCH/out/other" ]
	mkdir -p "$SCRATCH/cache/sources/x" "$SCRATCH/cache/capsules/y"
	ANNEAL_CACHE="$SCRATCH/cache" mk distclean O="$SCRATCH/out"
	[ ! -e "$SCRATCH/out" ]
	[ ! -e "$SCRATCH/cache/capsules" ]
	[ -e "$SCRATCH/cache/sources/x" ]
}
