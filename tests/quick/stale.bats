# A profile of older sources: what moved or was renamed is found again, the rest is counted as lost

load ../helpers

setup_file() {
	export MADE=$BATS_FILE_TMPDIR/made
	mkdir -p "$MADE/then"
	cat >"$MADE/then/one.c" <<'END'
volatile int sink;
__attribute__((noinline)) static int step(int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += sink;
	return sum;
}
__attribute__((noinline)) static void seldom(int n)
{
	sink = n * 3;
	sink = n / 7;
	sink = n ^ 5;
}
__attribute__((noinline)) int work(int n)
{
	int sum = 3;
	if (sink)
		sum = step(n);
	else
		seldom(n);
	return sum;
}
void _start(void)
{
	for (;;)
		sink = work(1000);
}
END
	cat >"$MADE/one.txt" <<'END'
step:22000:1000
 2: 1000
 3: 10000
 4: 10000
 5: 1000
work:5000:1000
 2: 1000
 3: 1000
 4: 1000 step:1000
 6: 0
 7: 1000
_start:3000:1
 2: 1000
 3: 1000 work:1000
END
	sed 's/^\([a-z_]\)/foreign_\1/' "$MADE/one.txt" >"$MADE/foreign.txt"
	for text in one foreign; do
		llvm-profdata-19 merge --sample --extbinary "$MADE/$text.txt" -o "$MADE/$text.prof"
	done
	compile "$MADE/then"
	plan "$MADE/then/one.bc" >"$MADE/then/plan.json"
}

# Raw bitcode of one.c in directory $1, as a capsule has it.
compile() {
	(cd "$1" && BITCC_ROOT=$1 BITCC_NAME=x-1 "$TOOLS/bitcc" -ffreestanding -fno-stack-protector \
		-c one.c -o one.bc)
}

plan() {
	for module; do
		jq -n --arg p "$module" --arg s "$(sha256sum <"$module" | cut -d ' ' -f 1)" \
			'{path: $p, sha256: $s, kind: "bitcode", lazy: 0}'
	done | jq -s '{app: "u", units: [{name: "u", kind: "program", march: "x86-64",
		image_base: "0x10000000", start: [], end: [], modules: .}]}'
}

setup() {
	scratch
	CACHE=$SCRATCH/cache
	ELF=$SCRATCH/u.elf
	mkdir "$SCRATCH/now"
	cp "$MADE/then/one.c" "$SCRATCH/now"
	choose "$MADE/one.prof"
}
teardown() { discard_scratch; }

# The profile $1, of the program as it was, or with "nothing" behind it: of who knows what.
choose() {
	jq -n --arg p "$1" --arg old "$MADE/then/plan.json" --arg known "${2:-}" \
		'{schema: 1, id: "0123456789ab", units: {u: $p}} + (if $known == "" then {plan: $old} else {} end)' \
		>"$SCRATCH/chosen.json"
}

# now SED...: the newer source, changed by these.
now() {
	local change
	for change; do sed -i "$change" "$SCRATCH/now/one.c"; done
	compile "$SCRATCH/now"
	plan "$SCRATCH/now/one.bc" >"$SCRATCH/plan.json"
}

relink() {
	"$TOOLS/link" --cache "$CACHE" --jobs 2 --plan "$SCRATCH/plan.json" --unit u --output "$ELF" \
		--profile "$SCRATCH/chosen.json"
}

check() {
	"$TOOLS/profile-check" --cache "$CACHE" --plan "$SCRATCH/plan.json" --profile "$SCRATCH/chosen.json" "$@"
}

fit() {
	jq -e "(.fit | $1)" "$SCRATCH/u.profile.json" || { jq .fit "$SCRATCH/u.profile.json" >&2; false; }
}

section() {
	llvm-objdump-19 -t "$ELF" | awk -v name="$1" '$NF == name { print $4 }'
}

# How often each side of work()'s branch is said to run: those of what was linked.
weights() {
	llvm-dis-19 "$SCRATCH/u.bc" -o - | sed -n '/^define .*@work(/,/^}/s/.*br i1 .*!prof !\([0-9]*\).*/\1/p' |
		while read -r number; do
			llvm-dis-19 "$SCRATCH/u.bc" -o - | sed -n "s/^!$number = !{!\"branch_weights\", //p"
		done
}

@test "the same sources: all is matched, exactly, and the profile stays what it is" {
	now
	relink
	fit '.compared == "same" and .samples == 28000 and .matched_samples == 28000 and
		.functions == 3 and .matched_functions == 3 and .renamed == [] and .lost == []'
	weights >"$SCRATCH/weights"
	[ -s "$SCRATCH/weights" ]
	run check
	[ "$status" -eq 0 ]
	[[ $output == *'exact: all its modules are those that were recorded'* ]]
	[[ $output == *'it fits: '* ]]
	# without the check no file would say that LLVM was told to look for what moved
	jq -e '.recovered_callsites == 0 and .stale_callsites == 0' "$SCRATCH/u.profile.json"
}

@test "lines that moved keep their counts" {
	now
	relink
	weights >"$SCRATCH/before"
	# three lines more in front of the branch: its hot line is where the cold one was
	now 's/^\tint sum = 3;/\tint sum = 3;\n\n\t\/* one *\/\n\t\/* two *\//'
	relink
	fit '.compared == "sources" and .lost_samples == 0 and .salvaged_samples == 3000 and
		.matched_samples == 25000 and .salvaged_functions == 1 and .matched_functions == 2'
	weights | cmp - "$SCRATCH/before"
	# and would lose them without what is known of the older one
	choose "$MADE/one.prof" nothing
	relink
	fit '.compared == "names" and .lost_samples > 0 and .salvaged_samples == 0'
	jq -e '.recovered_callsites == 1 and .stale_callsites == 1' "$SCRATCH/u.profile.json"
}

@test "a line that was added or changed does not hide the others" {
	now 's/^\t\tsum += sink;/\t\tsum += sink + 7;/' 's/^\tif (sink)/\tn += sink;\n\tif (sink)/'
	relink
	fit '.lost_samples == 0 and .salvaged_functions == 1 and .matched_functions == 2 and .renamed == []'
	[[ $(section step) == .text.hot* ]]
}

@test "a function that was renamed is found by what it does" {
	now 's/\bstep\b/stride/' 's/\bwork\b/toil/'
	relink
	fit '.lost_samples == 0 and .salvaged_samples == 25000 and .lost_functions == 0 and
		.renamed == [{from: "step", to: "stride", samples: 22000}, {from: "work", to: "toil", samples: 3000}]' ||
		fit '.renamed | map([.from, .to]) == [["step", "stride"], ["work", "toil"]]'
	[[ $(section stride) == .text.hot* ]]
	jq -e '.matched_samples == .samples and .lost == []' "$SCRATCH/u.profile.json"
	run check
	[ "$status" -eq 0 ]
	[[ $output == *'renamed'*'step -> stride'* ]]
}

@test "a static function that got a namesake in another module keeps its counts" {
	now
	cat >"$SCRATCH/now/two.c" <<'END'
extern volatile int sink;
__attribute__((noinline)) static int step(int n)
{
	return n * sink;
}
int other(int n)
{
	return step(n) + step(n + 1);
}
END
	(cd "$SCRATCH/now" && BITCC_ROOT=$SCRATCH/now BITCC_NAME=x-1 "$TOOLS/bitcc" -ffreestanding \
		-fno-stack-protector -c two.c -o two.bc)
	plan "$SCRATCH/now/one.bc" "$SCRATCH/now/two.bc" >"$SCRATCH/plan.json"
	relink
	fit '.compared == "sources" and .lost_samples == 0 and (.renamed | length) == 1 and
		.renamed[0].from == "step" and (.renamed[0].to | startswith("step.__uniq."))'
	[[ $(llvm-objdump-19 -t "$ELF" | awk '/ step.__uniq/ { print $4 }') == *.text.hot* ]]
}

@test "a function that is gone is lost, and told from one that is alike" {
	# step() goes; what is there instead does something else
	now '/^__attribute__.*static int step/,/^}/d' 's/sum = step(n)/sum = n \/ sink/'
	run check --refuse 10
	[ "$status" -eq 0 ]
	[[ $output == *'lost'*'step'* ]]
	[[ $output == *'is old: below 90 %'* ]]
	run check
	[ "$status" -eq 1 ]
	[[ $output == *'it no longer fits: below 50 %'*'PROFILE=none'* ]]
	run relink
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *"the profile '$MADE/one.prof' is not of u: "* ]]
	[[ $output == *'hint: PROFILE=none '*'make profile'* ]]
	[ ! -e "$ELF" ]
}

@test "a profile of another program is refused, before anything is compiled" {
	now
	choose "$MADE/foreign.prof"
	run relink
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *"the profile '$MADE/foreign.prof' is not of u: 0.0 % of its samples fit"* ]]
	[ -z "$(find "$CACHE/objects" -type f 2>/dev/null)" ]
	run check
	[ "$status" -eq 1 ]
}

@test "init is linked without a profile that does not fit, and refuses nothing" {
	now
	jq '.units[0].name = "init"' "$SCRATCH/plan.json" >"$SCRATCH/plan-init.json"
	mv "$SCRATCH/plan-init.json" "$SCRATCH/plan.json"
	choose "$MADE/foreign.prof"
	sed -i 's/"u":/"init":/' "$SCRATCH/chosen.json"
	run "$TOOLS/link" --cache "$CACHE" --jobs 2 --plan "$SCRATCH/plan.json" --unit init --output "$ELF" \
		--profile "$SCRATCH/chosen.json"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'warning: init is linked without a profile, because too little of it fits: 0.0 % of samples matched'* ]]
	[ -x "$ELF" ] && [ ! -e "$SCRATCH/u.profile.json" ]
	run check --json
	[ "$status" -eq 0 ]
	jq -e '.verdict == "old" and .units.init.fit_percent == 0' <<<"$output"
}

@test "a profile of nothing but code without lines is not stale" {
	now
	printf 'work:5000:1000\n 65000: 1000\n' >"$SCRATCH/zero.txt"
	llvm-profdata-19 merge --sample --extbinary "$SCRATCH/zero.txt" -o "$SCRATCH/zero.prof"
	choose "$SCRATCH/zero.prof"
	check --json | jq -e '.verdict == "fits" and .units.u.samples == 0 and .units.u.fit_percent == 100'
}

@test "below the limit that warns the relink says so and goes on" {
	now 's/^\t\tsum += sink;/\t{\n\t\tsum ^= 3;\n\t\tsink = sum;\n\t}/'
	run check --json
	[ "$status" -eq 0 ]
	jq -e '.verdict == "old" and .units.u.fit_percent < 90 and .units.u.lost_samples == 10000' <<<"$output"
	run relink
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'warning: the profile of u is of older sources and should be recorded again: '*'% lost'* ]]
	fit '.lost_samples == 10000'
	now
	run relink
	[[ $output == *warning* ]]
	cp "$MADE/then/one.c" "$SCRATCH/now"
	now
	run relink
	[ -z "$output" ]
}

@test "what profile-check prints as JSON, and its limits" {
	now 's/^\tint sum = 3;/\tint sum = 3;\n/'
	run check --json
	[ "$status" -eq 0 ]
	jq -e '.schema == 1 and .app == "u" and .profile == "0123456789ab" and .verdict == "fits" and
		.estimated == false and .warn_percent == 90 and .refuse_percent == 50 and
		.units.u.fit_percent == 100 and .units.u.samples == 28000 and .units.u.salvaged_samples == 3000' <<<"$output"
	check --json | cmp - <(echo "$output")
	# the relink finds the same
	relink
	[ "$(jq -Sc .fit "$SCRATCH/u.profile.json")" = "$(jq -Sc '.units.u | del(.fit_percent)' <<<"$output")" ]
	choose "$MADE/one.prof" nothing
	check --json | jq -e '.estimated == true and .units.u.compared == "names"'
	run check --warn 101
	[ "$status" -eq 64 ]
	run check --refuse much
	[ "$status" -eq 64 ]
	run check --refuse 100 --warn 100
	[ "$status" -eq 1 ]
}

@test "what cannot be told is status 2" {
	now
	jq -n '{schema: 1, id: null, units: {}}' >"$SCRATCH/chosen.json"
	run check
	[ "$status" -eq 2 ]
	[[ $output == *'there is no profile to check'*'make profile'* ]]
	choose "$SCRATCH/none.prof"
	run check
	[ "$status" -eq 2 ]
	echo '{"schema": 1, "id": "a"' >"$SCRATCH/chosen.json"
	run check
	[ "$status" -eq 2 ]
	choose "$MADE/one.prof"
	echo '{}' >"$SCRATCH/plan.json"
	run check
	[ "$status" -eq 2 ]
}

@test "the older modules are gone: what was read of them once is enough" {
	cp -r "$MADE/then" "$SCRATCH/older"
	plan "$SCRATCH/older/one.bc" >"$SCRATCH/older/plan.json"
	now 's/\bstep\b/stride/'
	jq --arg p "$SCRATCH/older/plan.json" '.plan = $p' "$SCRATCH/chosen.json" >"$SCRATCH/c"
	mv "$SCRATCH/c" "$SCRATCH/chosen.json"
	check --json >"$SCRATCH/first"
	jq -e '.units.u.compared == "sources" and .units.u.lost_samples == 0' "$SCRATCH/first"
	rm "$SCRATCH/older/one.bc"
	check --json | cmp - "$SCRATCH/first"
	# with nothing kept either, names are all there is
	rm -r "$CACHE/results"
	check --refuse 0 --json | jq -e '.units.u.compared == "names" and .units.u.lost_functions == 1'
	# their names alone, as an earlier link leaves them, are no more than that
	cp "$MADE/then/one.bc" "$SCRATCH/older/"
	jq '.units[0].name = "u"' "$SCRATCH/older/plan.json" >"$SCRATCH/plan-then.json"
	"$TOOLS/link" --cache "$CACHE" --jobs 2 --plan "$SCRATCH/plan-then.json" --unit u --output "$SCRATCH/then.elf"
	rm "$SCRATCH/older/one.bc"
	check --refuse 0 --json | jq -e '.estimated and .units.u.compared == "names" and .units.u.lost_functions == 1'
	# a plan that is no plan is as one that is not there
	echo '{' >"$SCRATCH/older/plan.json"
	check --refuse 0 --json | jq -e '.units.u.compared == "names"'
}

@test "the same inputs give the same bytes, whatever is in the cache" {
	now 's/\bstep\b/stride/' 's/^\tint sum = 3;/\tint sum = 3;\n/'
	relink
	(cd "$SCRATCH" && sha256sum u.*) >"$SCRATCH/first"
	rm -r "$CACHE" "$ELF"
	relink
	(cd "$SCRATCH" && sha256sum u.*) | cmp - "$SCRATCH/first"
	[ -z "$(ls "$CACHE/tmp")" ]
	run grep -raF "$SCRATCH" "$ELF" "$SCRATCH/u.bc" "$SCRATCH/u.profile.json"
	[ "$status" -eq 1 ]
}
