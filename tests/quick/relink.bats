# link with a sample profile: a program of two modules that have a static function of one name

load ../helpers

setup_file() {
	export MADE=$BATS_FILE_TMPDIR/made
	mkdir -p "$MADE"
	cat >"$MADE/one.c" <<'END'
volatile int sink;
int other(int n);
__attribute__((noinline)) static int step(int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += sink;
	return sum;
}
__attribute__((noinline)) int work(int n)
{
	return step(n);
}
void _start(void)
{
	for (;;) {
		sink = work(1000);
		if (sink == 12345)
			sink = other(3);
	}
}
END
	cat >"$MADE/two.c" <<'END'
extern volatile int sink;
__attribute__((noinline)) static int step(int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum -= sink;
	return sum;
}
int other(int n)
{
	return step(n);
}
END
	compile "$MADE" one
	compile "$MADE" two
	profile one work 3 "_start 3" >"$MADE/one.txt"
	profile two other 2 "_start 5" >"$MADE/two.txt"
	sed 's/^\([a-z_]\)/foreign_\1/' "$MADE/one.txt" >"$MADE/foreign.txt"
	for text in one two foreign; do
		llvm-profdata-19 merge --sample --extbinary "$MADE/$text.txt" -o "$MADE/$text.prof"
	done
}

# Raw bitcode of $2.c in directory $1, as a capsule has it.
compile() {
	(cd "$1" && BITCC_ROOT=$1 BITCC_NAME=x-1 "$TOOLS/bitcc" -ffreestanding -fno-stack-protector \
		-c "$2.c" -o "$2.bc")
}

# step() of module $1 is called by $2 in its line 2, and that by the function and line $4.
profile() {
	cat <<END
$(step_of "$1"):122000:1000
 2: 1000
 3: 10000
 4: 10000
 5: 1000
$2:1000:1000
 2: 1000 $(step_of "$1"):1000
${4% *}:3000:1
 ${4#* }: 1000 $2:1000
END
}

# As bitcode/names.h has it.
step_of() {
	echo "step.__uniq.$((0x$(printf '%s.c' "$1" | sha256sum | head -c 15)))"
}

setup() {
	scratch
	CACHE=$SCRATCH/cache
	ELF=$SCRATCH/u.elf
	plan "$MADE/one.bc" "$MADE/two.bc" >"$SCRATCH/plan.json"
}
teardown() { discard_scratch; }

plan() {
	for module; do
		jq -n --arg p "$module" --arg s "$(sha256sum <"$module" | cut -d ' ' -f 1)" \
			'{path: $p, sha256: $s, kind: "bitcode", lazy: 0}'
	done | jq -s '{units: [{name: "u", kind: "program", march: "x86-64", image_base: "0x10000000",
		start: [], end: [], modules: .}]}'
}

choose() {
	jq -n --arg p "$1" '{schema: 1, id: "0123456789ab", units: {u: $p}}' >"$SCRATCH/chosen.json"
}

# Link, with the profile $1 if there is one.
relink() {
	[ -z "${1:-}" ] || choose "$1"
	"$TOOLS/link" --cache "$CACHE" --jobs 2 --plan "$SCRATCH/plan.json" --unit u --output "$ELF" \
		${1:+--profile "$SCRATCH/chosen.json"}
}

# The section of step() of a module.
section() {
	llvm-objdump-19 -t "$ELF" | awk -v name="$(step_of "$1")" '$NF == name { print $4 }'
}

# What was handed out and what is kept, by contents.
results() {
	(cd "$SCRATCH" && sha256sum u.*)
}

files_in_cache() {
	(cd "$CACHE" 2>/dev/null && find . -type f | sort)
}

# refused SENTENCE: link fails with it, hands nothing out, and keeps nothing of this link.
refused() {
	run relink "${@:2}"
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *"$1"* ]]
	[ ! -e "$ELF" ]
	[ ! -e "$SCRATCH/u.profile.json" ]
	[ -z "$(files_in_cache | grep '/links/')" ]
}

@test "the report says what was matched, and static functions of one name get their own counts" {
	relink "$MADE/one.prof"
	jq -e '.schema == 1 and .unit == "u" and .functions == 3 and .samples == 126000 and
		.matched_functions == 3 and .matched_samples == .samples and .lost == [] and
		.callsites == 2 and .stale_callsites == 0 and .callsite_samples == .samples and
		.counted_functions == 3 and .linked_functions > .counted_functions and .hot_bytes > 0 and
		.hot_bytes < .text_bytes' "$SCRATCH/u.profile.json"
	[[ $(section one) == .text.hot* ]]
	[ "$(section two)" = .text ]
	relink "$MADE/two.prof"
	jq -e '.matched_samples == .samples and .hot_bytes > 0' "$SCRATCH/u.profile.json"
	[ "$(section one)" = .text ]
	[[ $(section two) == .text.hot* ]]
}

@test "without a profile nothing is hot, and no report is left of an earlier one" {
	relink "$MADE/one.prof"
	relink
	[ "$(section one)" = .text ]
	[ "$(section two)" = .text ]
	[ ! -e "$SCRATCH/u.profile.json" ]
	# a profile of other units only is none
	results >"$SCRATCH/plain"
	jq -n '{schema: 1, id: "0123456789ab", units: {v: "/none"}}' >"$SCRATCH/chosen.json"
	"$TOOLS/link" --cache "$CACHE" --jobs 2 --plan "$SCRATCH/plan.json" --unit u --output "$ELF" \
		--profile "$SCRATCH/chosen.json"
	results | cmp - "$SCRATCH/plain"
	jq -n '{schema: 1, id: null, units: {}}' >"$SCRATCH/chosen.json"
	"$TOOLS/link" --cache "$CACHE" --jobs 2 --plan "$SCRATCH/plan.json" --unit u --output "$ELF" \
		--profile "$SCRATCH/chosen.json"
	results | cmp - "$SCRATCH/plain"
}

@test "a global function's counts are not taken for static ones of its name" {
	sed 's/static //' "$MADE/two.c" >"$SCRATCH/two.c"
	compile "$SCRATCH" two
	plan "$MADE/one.bc" "$SCRATCH/two.bc" >"$SCRATCH/plan.json"
	sed "s/$(step_of two)/step/" "$MADE/two.txt" >"$SCRATCH/text"
	llvm-profdata-19 merge --sample --extbinary "$SCRATCH/text" -o "$SCRATCH/global.prof"
	relink "$SCRATCH/global.prof"
	jq -e '.matched_samples == .samples' "$SCRATCH/u.profile.json"
	[ "$(section one)" = .text ]
	[[ $(llvm-objdump-19 -t "$ELF" | awk '$NF == "step" { print $4 }') == .text.hot* ]]
}

@test "a plain name that nothing has any more is lost, and listed" {
	sed "s/$(step_of one):122000/step:122000/" "$MADE/one.txt" >"$SCRATCH/text"
	llvm-profdata-19 merge --sample --extbinary "$SCRATCH/text" -o "$SCRATCH/old.prof"
	refused "the profile '$SCRATCH/old.prof' is not of u: 8.3 % of its samples fit" "$SCRATCH/old.prof"
	sed 's/:122000:/:12000:/; s/^ 3: .*/ 3: 0/; s/^ 4: .*/ 4: 0/
		s/^ 2: 1000$/ 2: 100/; s/^ 5: .*/ 5: 100/' "$SCRATCH/text" >"$SCRATCH/less"
	llvm-profdata-19 merge --sample --extbinary "$SCRATCH/less" -o "$SCRATCH/old.prof"
	relink "$SCRATCH/old.prof"
	jq -e '.matched_functions == 2 and .lost == [{name: "step", samples: 12000}]' "$SCRATCH/u.profile.json"
}

@test "counts of a long recording, weighed, do not run over" {
	sed 's/^\([^ ]*\):122000:/\1:18446744073709551615:/; s/^ \([34]\): 10000/ \1: 9000000000000000000/' \
		"$MADE/one.txt" >"$SCRATCH/text"
	llvm-profdata-19 merge --sample --extbinary "$SCRATCH/text" -o "$SCRATCH/long.prof"
	relink "$SCRATCH/long.prof"
	jq -e '.matched_samples == .samples and .samples >= 9223372036854775000 and .matched_functions == 3' \
		"$SCRATCH/u.profile.json"
}

@test "modules without use-sample-profile cannot take a profile, which is said" {
	for module in one two; do
		llvm-dis-19 "$MADE/$module.bc" -o - | sed 's/"use-sample-profile"//' |
			llvm-as-19 -o "$SCRATCH/$module.bc"
	done
	plan "$SCRATCH/one.bc" "$SCRATCH/two.bc" >"$SCRATCH/plan.json"
	refused "the profile '$MADE/one.prof' was not applied to u: no function has an entry count" "$MADE/one.prof"
	[[ $output == *'hint: '*'"use-sample-profile"'* ]]
	relink
	[ -e "$ELF" ]
	# what differs is that attribute alone
	plan "$MADE/one.bc" "$MADE/two.bc" >"$SCRATCH/plan.json"
	relink "$MADE/one.prof"
}

@test "a profile of other functions is not of the unit" {
	refused "the profile '$MADE/foreign.prof' is not of u: 0.0 % of its samples fit" "$MADE/foreign.prof"
	[[ $output == *'PROFILE=none'* ]]
	relink "$MADE/one.prof"
	jq -e '.matched_samples == .samples' "$SCRATCH/u.profile.json"
}

@test "what is no profile is named; the good one in its place is read" {
	relink "$MADE/one.prof"
	results >"$SCRATCH/good"
	rm -r "$CACHE" "$ELF" "$SCRATCH/u.bc" "$SCRATCH/u.profile.json"
	bad() {
		refused "'$SCRATCH/p.prof' is no sample profile of LLVM 19" "$SCRATCH/p.prof"
		[[ $output == *'PROFILE=none builds without'* ]]
		[ -z "$(files_in_cache)" ]
	}
	: >"$SCRATCH/p.prof"; bad
	echo 'not a profile' >"$SCRATCH/p.prof"; bad
	head -c 200 /dev/urandom >"$SCRATCH/p.prof"; bad
	size=$(stat -c %s "$MADE/one.prof")
	for bytes in 1 8 100 $((size / 2)) $((size - 40)); do
		head -c "$bytes" "$MADE/one.prof" >"$SCRATCH/p.prof"
		bad
	done
	cp "$MADE/one.prof" "$SCRATCH/p.prof"
	relink "$SCRATCH/p.prof"
	results | cmp - "$SCRATCH/good"
	[ -z "$(ls "$CACHE/tmp")" ]
}

@test "chosen.json that does not say what to take" {
	chosen() {
		echo "$2" >"$SCRATCH/chosen.json"
		run "$TOOLS/link" --cache "$CACHE" --jobs 2 --plan "$SCRATCH/plan.json" --unit u \
			--output "$ELF" --profile "$SCRATCH/chosen.json"
		echo "$2: $output"
		[ "$status" -eq 2 ]
		[[ $output == *"$1"* ]]
		[ ! -e "$ELF" ]
		[ -z "$(files_in_cache)" ]
	}
	unclear="'$SCRATCH/chosen.json' does not say which profile it stands for"
	chosen "$unclear" '{}'
	chosen "$unclear" '[]'
	chosen "$unclear" '{"schema": 1, "units": {"u": "x"}}'
	chosen "$unclear" '{"schema": 1, "id": 7, "units": {"u": "x"}}'
	chosen "$unclear" '{"schema": 1, "id": "a"}'
	chosen "$unclear" '{"schema": 1, "id": "a", "units": {"u": 7}}'
	chosen "chosen.json" '{"schema": 1, "id": "a", "un'
	chosen "cannot read '$SCRATCH/none.prof'" '{"id": "a", "units": {"u": "'"$SCRATCH/none.prof"'"}}'
	chosen "cannot read '$SCRATCH'" '{"id": "a", "units": {"u": "'"$SCRATCH"'"}}'
	run "$TOOLS/link" --cache "$CACHE" --plan "$SCRATCH/plan.json" --unit u --output "$ELF" \
		--profile "$SCRATCH/none.json"
	[ "$status" -eq 2 ]
	[[ $output == *"none.json"* ]]
}

@test "the same profile gives the same bytes, another one others, the first again its own" {
	relink "$MADE/one.prof"
	results >"$SCRATCH/first"
	relink "$MADE/two.prof"
	[ "$(results | cut -c 1-64 | cat - <(cut -c 1-64 "$SCRATCH/first") | sort | uniq -d | wc -l)" -eq 0 ]
	files_in_cache >"$SCRATCH/kept"
	ANNEAL_REPORT=$SCRATCH/report relink "$MADE/one.prof"
	results | cmp - "$SCRATCH/first"
	[ "$(cat "$SCRATCH/report")" = cached ]
	files_in_cache | cmp - "$SCRATCH/kept"
	# with an empty cache elsewhere and the profile in another place
	cp "$MADE/one.prof" "$SCRATCH/with another name"
	CACHE=$SCRATCH/other/cache
	relink "$SCRATCH/with another name"
	results | cmp - "$SCRATCH/first"
	[ -z "$(ls "$CACHE/tmp")" ]
	run grep -raF "$SCRATCH" "$ELF" "$SCRATCH/u.bc" "$SCRATCH/u.profile.json"
	[ "$status" -eq 1 ]
}

@test "modules that the profile does not name are not compiled again for it" {
	relink
	touch -d 2001-01-01 "$CACHE"/objects/*/*.bc
	relink "$MADE/one.prof"
	[ "$(find "$CACHE/objects" -name '*.bc' -newermt 2002-01-01 | wc -l)" -eq 1 ]
}

# A program in front of the real one: $1 is its name, $2 what it does before.
in_front_of() {
	mkdir -p "$SCRATCH/bin"
	printf '#!/bin/sh\n%s\nexec %s "$@"\n' "$2" "$(command -v "$1")" >"$SCRATCH/bin/$1"
	chmod +x "$SCRATCH/bin/$1"
}

@test "a profile that is replaced while compilers run is not mixed with the new one" {
	relink "$MADE/one.prof"
	results >"$SCRATCH/first"
	rm -r "$CACHE"
	cp "$MADE/one.prof" "$SCRATCH/p.prof"
	in_front_of clang-19 "[ \"\$1\" = --version ] || cp '$MADE/two.prof' '$SCRATCH/p.prof'"
	PATH=$SCRATCH/bin:$PATH relink "$SCRATCH/p.prof"
	cmp "$SCRATCH/p.prof" "$MADE/two.prof"
	results | cmp - "$SCRATCH/first"
}

@test "what is missing of a result is made again, what an ended run left is not used" {
	relink "$MADE/one.prof"
	results >"$SCRATCH/first"
	again() {
		relink "$MADE/one.prof"
		results | cmp - "$SCRATCH/first"
	}
	[ "$(find "$CACHE/objects" -name '*.remarks' | wc -l)" -eq 1 ]
	rm -r "$CACHE"/links "$CACHE"/objects/*/*.remarks; again
	[ "$(find "$CACHE/objects" -name '*.remarks' | wc -l)" -eq 1 ]
	object=$(ls "$CACHE"/objects/*/*.remarks)
	echo '(9/9) of callsites'"'"' profile are invalid and (9/9) of samples' >"$object"
	rm -r "$CACHE/links" "${object%.remarks}"; again
	rm "$CACHE"/links/*/*.profile.json; again
	rm "$CACHE"/links/*/*.bc; again
	rm "$CACHE"/links/*/*.elf; again
	touch "$CACHE/tmp/remarks.999999999" "$CACHE/tmp/profile.999999999" "$CACHE/tmp/object-dc55bc61.999999999.tmp"
	# of another link, which is at work
	touch "$CACHE/tmp/object-dc55bc61.$$.tmp"
	again
	[ "$(ls "$CACHE/tmp")" = "object-dc55bc61.$$.tmp" ]
}

@test "a compiler that fails says why, and leaves nothing" {
	in_front_of clang-19 '[ "$1" = --version ] || { echo "LLVM ERROR: out of luck" >&2; exit 70; }'
	PATH=$SCRATCH/bin:$PATH refused 'LLVM ERROR: out of luck' "$MADE/one.prof"
	[[ $output == *"the passes over '$MADE/one.bc' failed with exit status 70"* ]]
	[ -z "$(files_in_cache | grep -v '/results/')" ]
}

@test "a run that is killed leaves nothing that a later one would take" {
	relink "$MADE/one.prof"
	results >"$SCRATCH/first"
	rm -r "$CACHE" "$ELF"
	in_front_of ld.lld-19 "touch '$SCRATCH/linking'; sleep 1; exit 1"
	PATH=$SCRATCH/bin:$PATH "$TOOLS/link" --cache "$CACHE" --jobs 2 --plan "$SCRATCH/plan.json" --unit u \
		--output "$ELF" --profile "$SCRATCH/chosen.json" >/dev/null 2>&1 3>&- &
	pid=$!
	eventually test -e "$SCRATCH/linking"
	kill -KILL "$pid"
	wait "$pid" || true
	[ ! -e "$ELF" ]
	[ -n "$(ls "$CACHE/tmp")" ]
	relink "$MADE/one.prof"
	results | cmp - "$SCRATCH/first"
	[ -z "$(ls "$CACHE/tmp")" ]
}

@test "a pipe or a device is not replaced by what is linked" {
	mkfifo "$SCRATCH/pipe"
	run "$TOOLS/link" --cache "$CACHE" --plan "$SCRATCH/plan.json" --unit u --output "$SCRATCH/pipe"
	[ "$status" -eq 2 ]
	[[ $output == *"'$SCRATCH/pipe' is a device or a pipe, and nothing can take its place"* ]]
	[ -p "$SCRATCH/pipe" ]
}
