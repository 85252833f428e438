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
	run tests/fuzz.sh "$SCRATCH/tools" "$SCRATCH/work" 4000runs rawtext
	[ "$status" -eq 1 ]
	[[ $output == *"error: rawtext: an input broke it; it is in $SCRATCH/work/rawtext"* ]]
	[ -n "$(ls "$SCRATCH"/work/rawtext/crash-*)" ]
}

@test "an unknown driver is an error that lists the known" {
	run mk fuzz O="$OUT" TARGET=nothing
	[ "$status" -ne 0 ]
	[[ $output == *"error: there is no fuzz driver 'nothing'; there are"*rawtext* ]]
}
