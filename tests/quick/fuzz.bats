# The parsers of what people bring, fed with what is no input

load ../helpers

setup() { scratch; }
teardown() { discard_scratch; }

@test "each fuzz driver stands a few thousand inputs, and has some to begin with" {
	run mk fuzz O="$OUT" RUNS=4000
	echo "$output"
	[ "$status" -eq 0 ]
	for driver in tests/fuzz/*.c; do
		name=$(basename "$driver" .c)
		[[ $output == *"$name: "*' inputs, none broke it'* ]]
		[ -n "$(ls tests/fuzz/corpus/"$name")" ]
	done
}

# Bytes of the fixtures, one after the other, become others: each file goes through the parser's driver,
# which the sanitizers watch.
@test "flipped bytes of each fixture do no harm under the sanitizers" {
	mk fuzz O="$OUT" RUNS=1 TARGET="perfdata perfscript"
	for file in tests/data/perf/made-branches.data tests/data/perf/made-compressed.data tests/data/perf/real-events.data \
		tests/data/perf/made-branches.script tests/data/perf/real-chain.script; do
		bytes=$(stat -c %s "$file")
		mkdir "$SCRATCH/flipped"
		for n in $(seq 0 $((bytes / 40)) $((bytes - 1))); do
			cp "$file" "$SCRATCH/flipped/$n"
			printf '\377' | dd of="$SCRATCH/flipped/$n" bs=1 seek="$n" conv=notrunc status=none
		done
		driver=perfdata
		[[ $file == *.data ]] || driver=perfscript
		run "$TOOLS/fuzz-$driver" "$SCRATCH"/flipped/*
		echo "$output" | tail -n 20
		[ "$status" -eq 0 ]
		[ "$(grep -c '^Executed ' <<<"$output")" -ge 40 ]
		rm -r "$SCRATCH/flipped"
	done
}

# What tests are made of.
@test "perfgen writes the same bytes again, and says what it lacks" {
	"$TOOLS/perfgen" --app="$TOOLS/perfgen" --samples=50 "$SCRATCH/a"
	"$TOOLS/perfgen" --app="$TOOLS/perfgen" --samples=50 "$SCRATCH/b"
	cmp "$SCRATCH/a" "$SCRATCH/b"
	[ "$(head -c 8 "$SCRATCH/a")" = PERFILE2 ]
	run "$TOOLS/perfgen" --app="$SCRATCH/a" "$SCRATCH/c"
	[ "$status" -eq 2 ]
	run "$TOOLS/perfgen" "$SCRATCH/c"
	[ "$status" -eq 2 ]
	[[ $output == *'there is nothing to sample'* ]]
	[ ! -e "$SCRATCH/c" ]
}

@test "a driver that breaks is an error that names the input" {
	mkdir "$SCRATCH/tools"
	cat >"$SCRATCH/driver.c" <<'END'
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (bytes && data[0] != '2')
		abort();
	return 0;
}
END
	clang-19 -fsanitize=fuzzer -o "$SCRATCH/tools/fuzz-rawtext" "$SCRATCH/driver.c"
	run tests/fuzz.sh "$SCRATCH/tools" "$SCRATCH/found" 4000runs rawtext
	[ "$status" -eq 1 ]
	[[ $output == *"error: rawtext: an input broke it; it is in $SCRATCH/found/rawtext"* ]]
	[ -n "$(ls "$SCRATCH"/found/rawtext/crash-*)" ]
}

@test "an unknown driver is an error that lists the known" {
	run mk fuzz O="$OUT" TARGET=nothing
	[ "$status" -ne 0 ]
	[[ $output == *"error: there is no fuzz driver 'nothing'; there are"*rawtext* ]]
}

@test "an input has minutes, because a busy machine stops drivers for long" {
	mkdir "$SCRATCH/tools"
	printf '#!/bin/sh\nfor word; do case $word in -timeout=*) echo "${word#*=}" >"%s/timeout" ;; esac; done\n' "$SCRATCH" \
		>"$SCRATCH/tools/fuzz-rawtext"
	chmod +x "$SCRATCH/tools/fuzz-rawtext"
	tests/fuzz.sh "$SCRATCH/tools" "$SCRATCH/found" 1runs rawtext
	[ "$(cat "$SCRATCH/timeout")" -ge 60 ]
}
