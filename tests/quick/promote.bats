# make promote and make rollback: who is promoted, why not, and what follows. The checks' commands are
# doubles here, and images are a few bytes; tests/boot/promote.bats has real ones.

bats_require_minimum_version 1.5.0
load ../helpers

setup() {
	scratch
	O=$SCRATCH/out
	for number in 0 1 2; do generation $number; done
	ln -s 2 "$O/nginx/latest"
}
teardown() { discard_scratch; }

# A directory that looks like generation $1, linked with profile $2.
generation() {
	mkdir -p "$O/nginx/$1"
	echo "image $1" >"$O/nginx/$1/image"
	jq -n --argjson number "$1" --arg sha256 "$(sha256sum <"$O/nginx/$1/image" | cut -c1-64)" \
		--arg profile "${2:-}" '{schema: 1, app: "nginx", generation: $number, march: "x86-64-v2",
		profile: (if $profile == "" then null else $profile end),
		image: {bytes: 8, xz_bytes: 8, sha256: $sha256}}' >"$O/nginx/$1/manifest.json"
}

promote() {
	"$TOOLS/promote" --out "$O" --app nginx --results "$SCRATCH/results" "$@"
}

# A check whose command is a shell script.
check() {
	local name=$1 script=$2
	shift 2
	promote "$@" check "$name" sh -c "$script"
}

# All checks; $1 is the script of bench, $2 of what compares. Status is that of the verdict.
all_checks() {
	check boot true && check tests true && check audit true && check bench "${1:-true}" &&
		check budget "${2:-$(verdict pass)}" --facts "$SCRATCH/diff.json" && promote decide
}

# A comparison with this verdict. $2: its budget[], as JSON.
verdict() {
	echo "echo '{\"verdict\": {\"gate\": \"$1\"}, \"budget\": ${2:-[]}}' >'$SCRATCH/diff.json'"
}

# Promoted, with all checks passed.
good() {
	promote --generation "$1" begin
	all_checks
}

record() {
	jq -r "$2" "$O/nginx/$1/promotion.json"
}

# Not what happens to be said on standard error.
state() {
	run promote --generation "$1" state
	echo "$output"
}

@test "the first one: nothing to compare with, and that is said and recorded" {
	run promote --generation 0 begin
	[ "$status" -eq 0 ]
	[[ $output == *'generation 0; none is promoted yet, so boot, tests and audit decide alone'* ]]
	run all_checks 'echo must not run >&2; exit 1' 'exit 1'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'generation 0 is promoted'*'bench    not needed: nothing was promoted to compare with'* ]]
	[ "$(readlink "$O/nginx/promoted")" = 0 ]
	[ "$(record 0 .state)" = promoted ]
	jq -e '.schema == 1 and (.history | length == 1) and (.history[0] |
		.sequence == 1 and .event == "promoted" and .against == null and .forced == false and
		.checks.boot.result == "pass" and .checks.budget.result == "not needed")' \
		"$O/nginx/0/promotion.json"
	[ "$(record 0 .image_sha256)" = "$(sha256sum <"$O/nginx/0/image" | cut -c1-64)" ]
	state 0
	[ "$status" -eq 0 ]
}

@test "the next one is compared with the promoted one, under a budget that is recorded" {
	good 0
	run promote --generation 1 begin
	[[ $output == *'generation 1, against generation 0, which is promoted'* ]]
	[ "$("$TOOLS/promote" --results "$SCRATCH/results" plan against)" = 0 ]
	[ "$("$TOOLS/promote" --results "$SCRATCH/results" plan kinds)" = boot,exact ]
	run all_checks true "$(verdict pass '[{"name": "size", "limit": "size<=+5%", "ok": true, "percent": 1.25}]')"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'budget   pass: size +1.2 %'* ]]
	[ "$(readlink "$O/nginx/promoted")" = 1 ]
	[ "$(record 0 .state)" = superseded ]
	[ "$(record 1 '.history[0].previous')" = 0 ]
	[ "$(record 1 '.history[0].budget')" = 'instructions<=+1% taken_branches<=+2% boot<=+5% size<=+5%' ]
	[ "$(record 1 '.history[0].checks.budget.limits[0].percent')" = 1.25 ]
}

@test "a first profile may make the image larger; the next one not again" {
	good 0
	generation 1 0123456789ab
	promote --generation 1 begin
	[ "$("$TOOLS/promote" --results "$SCRATCH/results" plan budget)" = \
		'instructions<=+1% taken_branches<=+2% boot<=+20% size<=+25%' ]
	all_checks
	generation 2 ba9876543210
	promote --generation 2 begin
	[ "$("$TOOLS/promote" --results "$SCRATCH/results" plan budget)" = \
		'instructions<=+1% taken_branches<=+2% boot<=+5% size<=+5%' ]
}

@test "a budget of one's own decides what is measured; one that is misspelt is told at once" {
	good 0
	promote --generation 1 --budget 'size<=+1% syscalls<=+0' begin
	[ "$("$TOOLS/promote" --results "$SCRATCH/results" plan kinds)" = '' ]
	check boot true && check tests true && check audit true && check bench false
	[ "$(jq -r .result "$SCRATCH/results/bench.json")" = 'not needed' ]
	promote --generation 1 --budget 'memory_min<=+0 latency_p99<=2ms icount_instructions<=+0%' begin
	[ "$("$TOOLS/promote" --results "$SCRATCH/results" plan kinds)" = icount,memory,wall ]
	run promote --generation 1 --budget 'instrctions<=+1%' begin
	[ "$status" -eq 64 ]
	[[ $output == *"BUDGET cannot be read: there is no 'instrctions' to limit; 'instructions' perhaps?"* ]]
}

@test "every name of a budget is known to be measured somehow" {
	good 0
	for name in $("$TOOLS/diff" --help | tr '\n' ' ' | sed 's/.*Names: \(.*\)  *EXAMPLES.*/\1/'); do
		relation='<=+1%'
		[ "$name" != throughput ] || relation='>=-1%'
		promote --generation 1 --budget "$name$relation" begin
		count=$((${count:-0} + 1))
	done
	[ "$count" -ge 26 ]
}

@test "one that fails is not promoted, and why is recorded; what comes behind is not run" {
	good 0
	promote --generation 1 begin
	check boot true
	run check tests 'echo "  did: start"; echo "error: request 7 was answered with 500" >&2; exit 1'
	[ "$status" -eq 0 ]
	check audit 'touch "$SCRATCH/audit-ran"'
	check bench true && check budget true
	[ ! -e "$SCRATCH/audit-ran" ]
	run promote decide
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *'generation 1 is not promoted'*'tests    fail: request 7 was answered with 500'*"audit    not run: 'tests' did not pass"* ]]
	[ "$(readlink "$O/nginx/promoted")" = 0 ]
	[ "$(record 1 .state)" = refused ]
	[ "$(record 1 '.history[0].reason')" = 'tests: request 7 was answered with 500' ]
	[ "$(record 1 '.history[0].verdict')" = fail ]
	state 1
	[ "$status" -eq 1 ]
	[[ $output == *'refused: tests: request 7 was answered with 500'* ]]
	# it may be tried again
	good 1
	[ "$(readlink "$O/nginx/promoted")" = 1 ]
	[ "$(record 1 '[.history[].event] | join(" ")')" = 'refused promoted' ]
}

@test "over the budget: which limit, and by how much" {
	good 0
	promote --generation 1 begin
	run all_checks true "$(verdict fail '[{"name": "instructions", "limit": "instructions<=+1%", "ok": false,
		"percent": 4.0}, {"name": "size", "limit": "size<=+5%", "ok": true, "percent": 0.0}]'); exit 1"
	[ "$status" -eq 1 ]
	[ "$(record 1 '.history[0].reason')" = 'budget: instructions<=+1%, but it is +4.0 %' ]
	promote --generation 1 begin
	check boot true && check tests false && check audit true && check bench true && check budget true
	run --separate-stderr promote --json decide
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.event, .against, .sequence]' <<<"$output")" = '["refused",0,3]' ]
}

@test "what cannot be told is no promotion, and its own exit status" {
	good 0
	promote --generation 1 begin
	run all_checks true "$(verdict 'cannot compare' '[{"name": "boot", "limit": "boot<=+5%", "ok": null,
		"why": "2 and 2 runs are too few"}]'); exit 2"
	[ "$status" -eq 2 ]
	[ "$(record 1 '.history[0].verdict')" = 'cannot tell' ]
	[ "$(record 1 '.history[0].reason')" = 'budget: boot<=+5%: 2 and 2 runs are too few' ]
	state 1
	[ "$status" -eq 2 ]
	# a tool that is missing is not the image's fault
	promote --generation 1 begin
	promote check boot "$SCRATCH/no-such-tool"
	[ "$(jq -r .result "$SCRATCH/results/boot.json")" = 'cannot tell' ]
	check boot 'exit 0' --needs "$SCRATCH/audit.sh" --hint 'what it is asked'
	[ "$(jq -r .reason "$SCRATCH/results/boot.json")" = "'$SCRATCH/audit.sh' is missing: what it is asked" ]
	# nor are runs that are invalid
	promote --generation 1 begin
	run all_checks 'echo "warning: runs of 1 are invalid" >&2; exit 1'
	[ "$status" -eq 2 ]
	[ "$(record 1 '.history[1].reason')" = 'bench: runs of 1 are invalid' ]
	# without any comparison there is no verdict
	promote --generation 1 begin
	run all_checks true true
	[ "$status" -eq 2 ]
	[ "$(record 1 '.history[2].reason')" = 'budget: the comparison has no verdict' ]
}

@test "what could not be told says what to run next" {
	good 0
	promote --generation 1 begin
	run all_checks 'printf "error: bench.json was measured otherwise\nhint: make bench APP=nginx GEN=1 measures all kinds anew\n" >&2; exit 2'
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *'bench    cannot tell: bench.json was measured otherwise'*$'\nhint: make bench APP=nginx GEN=1 measures all kinds anew\nnext: make promote APP=nginx GEN=1' ]]
	[ "$(record 1 '.history[0].checks.bench.next')" = 'make bench APP=nginx GEN=1 measures all kinds anew' ]
	# what failed is no matter of trying again
	promote --generation 1 begin
	check boot 'echo "hint: look at it" >&2; false' && check tests true && check audit true && check bench true && check budget true
	run promote decide
	[ "$status" -eq 1 ]
	[[ $output != *next:* ]]
}

@test "a dropped system call on a console fails the check, though all was answered" {
	promote --generation 0 begin
	run check boot 'printf "x\r\nanneal: dropped system call 110 (getppid) called from 0x320a67 by nginx[17]\r\n" >>"$SCRATCH/console"' \
		--console "$SCRATCH/console" --times 3
	[ "$status" -eq 0 ]
	jq -e '.result == "fail" and (.reason | contains("dropped system call 110 (getppid)")) and (.dropped | length) == 1' \
		"$SCRATCH/results/boot.json"
	# once is enough
	[ "$(grep -c dropped "$SCRATCH/console")" -eq 1 ]
}

@test "without a console nobody can tell whether a dropped system call was used" {
	promote --generation 0 begin
	# what an earlier run left there is not of this one
	echo fine >"$SCRATCH/console"
	check boot true --console "$SCRATCH/console"
	jq -e --arg console "$SCRATCH/console" '.result == "cannot tell" and (.reason | contains("\($console)")) and .dropped == []' \
		"$SCRATCH/results/boot.json"
	# nor if it is there and cannot be read
	check boot 'mkdir "$SCRATCH/console"' --console "$SCRATCH/console"
	[ "$(jq -r .result "$SCRATCH/results/boot.json")" = "cannot tell" ]
	rmdir "$SCRATCH/console"
	# one that says so is a failure, whatever the other is
	check boot 'echo "anneal: dropped system call 110 (getppid)" >"$SCRATCH/other"' --console "$SCRATCH/console" --console "$SCRATCH/other"
	[ "$(jq -r .result "$SCRATCH/results/boot.json")" = fail ]
	check boot ': >"$SCRATCH/console"' --console "$SCRATCH/console"
	[ "$(jq -r .result "$SCRATCH/results/boot.json")" = pass ]
}

@test "a boot that fails once of several fails" {
	promote --generation 0 begin
	check boot 'echo x >>"$SCRATCH/times"; echo "{\"ready_ms\": 7, \"emulated\": true}" >"$SCRATCH/boot"
		[ "$(wc -l <"$SCRATCH/times")" != 3 ] || { echo "error: it did not answer" >&2; rm "$SCRATCH/boot"; exit 2; }' \
		--times 5 --facts "$SCRATCH/boot"
	[ "$(wc -l <"$SCRATCH/times")" -eq 3 ]
	jq -e '.result == "fail" and .reason == "it did not answer" and .ready_ms == [7, 7]' "$SCRATCH/results/boot.json"
}

@test "forced: all checks run, and it is recorded with the reason" {
	good 0
	run promote --generation 1 --force begin
	[ "$status" -eq 64 ]
	[[ $output == *"FORCE=1 takes a reason"* ]]
	promote --generation 1 --force --why 'the load is wrong' begin
	check boot true
	check tests false
	check audit 'touch "$SCRATCH/audit-ran"'
	check bench true
	check budget "$(verdict pass)" --facts "$SCRATCH/diff.json"
	[ -e "$SCRATCH/audit-ran" ]
	run promote decide
	[ "$status" -eq 0 ]
	[[ $output == *'generation 1 is promoted, forced'* ]]
	[ "$(readlink "$O/nginx/promoted")" = 1 ]
	jq -e '.history[0] | .forced and .verdict == "fail" and .why == "the load is wrong" and
		(.reason | startswith("tests: "))' "$O/nginx/1/promotion.json"
	run "$TOOLS/generations" --out "$O" list
	[[ $output == *'promoted, forced: the load is wrong'* ]]
}

@test "stopped before the end, nothing is recorded" {
	good 0
	cp -a "$O" "$SCRATCH/before"
	promote --generation 1 begin
	check boot true
	run promote decide
	[ "$status" -eq 2 ]
	[[ $output == *"the check 'tests' has not been run"* ]]
	diff -r "$O" "$SCRATCH/before"
}

@test "what changed while it was being checked is noticed" {
	good 0
	promote --generation 2 begin
	check boot true && check tests true && check audit true && check bench true
	check budget "$(verdict pass)" --facts "$SCRATCH/diff.json"
	cp -a "$SCRATCH/results" "$SCRATCH/of-2"
	good 1
	rm -rf "$SCRATCH/results" && mv "$SCRATCH/of-2" "$SCRATCH/results"
	run promote decide
	[ "$status" -eq 2 ]
	[[ $output == *'another generation was promoted or rolled back while generation 2 was being checked; nothing was recorded'* ]]
	[ ! -e "$O/nginx/2/promotion.json" ]
	promote --generation 2 begin
	check boot true && check tests true && check audit true && check bench true
	check budget "$(verdict pass)" --facts "$SCRATCH/diff.json"
	echo changed >"$O/nginx/2/image"
	run promote decide
	[ "$status" -eq 2 ]
	[[ $output == *'is not the one in its manifest; nothing was recorded'* ]]
}

@test "promoted already, promoted before, rolled back: each is answered at once" {
	good 0
	good 1
	run promote --generation 1 begin
	[ "$status" -eq 0 ]
	[[ $output == *'generation 1 is the promoted one already'* ]]
	[ ! -e "$SCRATCH/results/plan.json" ]
	run promote --generation 0 begin
	[ "$status" -eq 1 ]
	[[ $output == *'generation 0 of '*'was promoted before generation 1'*'make rollback APP=nginx GEN=0'* ]]
	promote --why 'slow at night' rollback
	run promote --generation 1 begin
	[ "$status" -eq 1 ]
	[[ $output == *"was rolled back: slow at night"*"FORCE=1 WHY="* ]]
	promote --generation 1 --force --why 'it was the disk' begin
	all_checks
	[ "$(readlink "$O/nginx/promoted")" = 1 ]
	# all passed, so nothing had to be forced; the reason stays
	jq -e '.history[-1] | .forced == false and .why == "it was the disk"' "$O/nginx/1/promotion.json"
}

@test "rollback goes back one at a time, or to a certain one, and no further than there is" {
	good 0
	good 1
	good 2
	run promote --why 'p99' rollback
	[ "$status" -eq 0 ]
	[[ $output == 'nginx: generation 1 is promoted; generation 2 was rolled back' ]]
	[ "$(record 2 '.state + ", " + .history[-1].why')" = 'rolled back, p99' ]
	[ "$(record 1 '.state + ", " + .history[-1].event')" = 'promoted, returned' ]
	promote rollback
	[ "$(readlink "$O/nginx/promoted")" = 0 ]
	run promote rollback
	[ "$status" -eq 2 ]
	[[ $output == *'no generation of '*'was promoted before generation 0'* ]]
	for wrong in 0 2 7; do
		run promote --generation $wrong rollback
		[ "$status" -eq 2 ]
	done
	run promote --generation x rollback
	[ "$status" -eq 64 ]
	[ "$(readlink "$O/nginx/promoted")" = 0 ]
	state 2
	[ "$status" -eq 1 ]
	[[ $output == *'rolled back: p99'* ]]
	generation 3
	good 3
	generation 4
	good 4
	promote --generation 0 rollback
	[ "$(record 3 .state) $(record 4 .state)" = 'rolled back rolled back' ]
}

@test "rollback refuses what is damaged or gone, and changes nothing" {
	good 0
	good 1
	good 2
	echo changed >"$O/nginx/1/image"
	cp -a "$O" "$SCRATCH/before"
	run promote rollback
	[ "$status" -eq 2 ]
	[[ $output == *'generation 1 is damaged: the sha256 of '*'is not the one in its manifest'*'make rollback APP=nginx GEN=N goes further back; nothing was changed'* ]]
	diff -r "$O" "$SCRATCH/before"
	rm -r "$O/nginx/1"
	run promote rollback
	[ "$status" -eq 2 ]
	[[ $output == *'generation 1 is gone'* ]]
	# another one with its number was never found good
	generation 1
	run promote rollback
	[ "$status" -eq 2 ]
	[[ $output == *'generation 1, which was promoted, is gone: this one has its number and no record'* ]]
	[ "$(readlink "$O/nginx/promoted")" = 2 ]
	promote --generation 0 rollback
	[ "$(readlink "$O/nginx/promoted")" = 0 ]
}

@test "without the promoted one there is nothing to compare with; rollback helps" {
	good 0
	good 1
	rm -r "$O/nginx/1"
	run promote --generation 2 begin
	[ "$status" -eq 2 ]
	[[ $output == *'generation 1 is promoted, but generation 1 is gone'*'make rollback'* ]]
	run "$TOOLS/generations" --out "$O" list
	[ "$status" -eq 0 ]
	[[ $output == *'warning: generation 1, which is promoted, is gone'* ]]
	run "$TOOLS/generations" --out "$O" --app nginx --generation promoted path
	[ "$status" -eq 2 ]
	[[ $output == *'which is promoted, is gone'* ]]
	promote rollback
	good 2
	[ "$(record 2 '.history[0].previous')" = 0 ]
}

@test "the only promoted one is gone: the hint leads out of it" {
	good 0
	rm -r "$O/nginx/0"
	run promote --generation 1 begin
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output != *'make rollback'* ]]
	[[ $output == *"remove '$O/nginx/promoted'"* ]]
	rm "$O/nginx/promoted"
	good 1
	[ "$(record 1 '.history[0].previous')" = null ]
	# damaged, not gone
	rm "$O/nginx/1/image"
	run promote --generation 2 begin
	[[ $output == *"hint: none that was promoted before it is there"* ]]
	rm "$O/nginx/promoted" "$O/nginx/1/promotion.json"
	good 2
}

@test "an image that is damaged is not even checked" {
	echo changed >"$O/nginx/0/image"
	run promote --generation 0 begin
	[ "$status" -eq 2 ]
	[[ $output == *'is not the one in its manifest'* ]]
	[ ! -e "$O/nginx/0/promotion.json" ]
}

@test "a record that is broken is told, and nobody guesses" {
	good 0
	good 1
	echo '{"schema": 1' >"$O/nginx/0/promotion.json"
	for command in 'rollback' '--generation 2 begin' 'state'; do
		# shellcheck disable=SC2086
		run promote $command
		[ "$status" -eq 2 ]
		[[ $output == *"promotion.json' was changed or is broken, so it is not known which generation is promoted"* ]]
	done
	run "$TOOLS/profile-store" --out "$O" --app nginx --output "$SCRATCH/chosen.json" choose auto
	[ "$status" -eq 2 ]
	# what was built is still listed
	run "$TOOLS/generations" --out "$O" list
	[ "$status" -eq 0 ]
	[[ $output == *'was changed or is broken'* ]]
	[ "$(grep -c '^nginx' <<<"$output")" -eq 3 ]
}

@test "GEN=promoted names it; before there is one, that is said" {
	run mk run APP=nginx GEN=promoted O="$O" TOOLS="$TOOLS"
	[ "$status" -eq 2 ]
	[[ $output == *"no generation of 'nginx' is promoted"*'make promote APP=nginx GEN=N'* ]]
	good 1
	run "$TOOLS/generations" --out "$O" --app nginx --generation promoted path
	[ "$output" = "$O/nginx/1" ]
	run mk info APP=nginx GEN=promoted FORMAT=json O="$O" TOOLS="$TOOLS"
	[ "$(jq -r '"\(.generation) \(.promotion.state)"' <<<"$output")" = '1 promoted' ]
	run --separate-stderr "$TOOLS/diff" --out "$O" --app nginx --from 0 --to promoted --format json
	[ "$(jq -c '[.from, .to]' <<<"$output")" = '[0,1]' ]
	run mk info APP=nginx GEN=2 FORMAT=json O="$O" TOOLS="$TOOLS"
	[ "$(jq .promotion <<<"$output")" = null ]
}

@test "generations shows who is promoted, and why others are not" {
	good 0
	promote --generation 1 begin
	check boot 'echo "error: no answer" >&2; exit 1'
	check tests true && check audit true && check bench true && check budget true
	run promote decide
	[ "$status" -eq 1 ]
	run "$TOOLS/generations" --out "$O" list
	echo "$output"
	[[ ${lines[1]} == *' promoted' ]]
	[[ ${lines[2]} == *' refused: boot: no answer' ]]
	[[ ${lines[3]} == *'x86-64-v2' ]]
	run "$TOOLS/generations" --out "$O" --json list
	[ "$(jq -c '[.[].promotion.state]' <<<"$output")" = '["promoted","refused",null]' ]
}

@test "an interrupted promotion is completed by the next command" {
	good 0
	good 1
	ln -sfn 0 "$O/nginx/promoted"
	run "$TOOLS/generations" --out "$O" --app nginx --generation promoted path
	[ "$status" -eq 0 ]
	[[ $output == *'warning: '*"promoted' does not point to generation 1, which the records say is promoted"*"$O/nginx/1" ]]
	run promote --generation 1 begin
	[ "$(readlink "$O/nginx/promoted")" = 1 ]
}

@test "clean does not remove a promoted generation by accident" {
	good 1
	run mk clean APP=nginx O="$O" TOOLS="$TOOLS"
	[ "$status" -eq 2 ]
	[[ $output == *'generation 1 is promoted'*'FORCE=1 removes them'* ]]
	run env ANNEAL_CACHE="$SCRATCH/cache" make --no-print-directory distclean O="$O"
	[ "$status" -eq 2 ]
	[ -e "$O/nginx/1/image" ]
	mk clean APP=nginx O="$O" TOOLS="$TOOLS" FORCE=1
	[ ! -e "$O/nginx" ]
}

# --- which profiles count ------------------------------------------------------

ALL_UNITS='{"nginx": {}, "vmlinux": {}}'

# An accepted profile, without counts: $1 the variable that gets its id, $2 its number, $3 the generation, $4 what it
# was merged from. It has the sums that the store asks for (profiles/store.c).
profile() {
	local id=$1 number=$2 generation=$3 parents=${4:-null} directory sum identity
	directory=$O/nginx/profiles/new
	mkdir -p "$directory"
	echo "profile $number" >"$directory/nginx.prof"
	jq -n --arg kind "${KIND:-exact}" --argjson number "$number" --argjson generation "$generation" --argjson parents "$parents" \
		--argjson ids "${BUILD_IDS:-null}" --argjson units "${UNITS:-$ALL_UNITS}" \
		--arg sum "$(sha256sum <"$directory/nginx.prof" | cut -c1-64)" '{schema: 1, app: "nginx",
		accepted: true, reason: null, generation: $generation, build_ids: $ids, load: null,
		method: "tracer", merged_from: $parents, units: $units, left_out: {}, number: $number,
		files: {"nginx.prof": $sum}} + if $kind == "exact" then {} else {kind: $kind} end' >"$SCRATCH/record"
	# 12 digits over what makes it another one, then over all
	identity=$(jq -cS '{app, accepted, build_ids, files, generation, load, merged_from, method}' "$SCRATCH/record")
	sum=$(printf %s "$identity" | sha256sum | cut -c1-12)
	jq --arg id "$sum" '.id = $id' "$SCRATCH/record" >"$SCRATCH/with-id"
	jq --arg sha256 "$(jq -cS . "$SCRATCH/with-id" | tr -d '\n' | sha256sum | cut -c1-64)" \
		'.sha256 = $sha256' "$SCRATCH/with-id" >"$directory/profile.json"
	rm -rf "$O/nginx/profiles/$sum"
	mv "$directory" "$O/nginx/profiles/$sum"
	eval "$id=$sum"
}

# auto takes this one, "null" for none; what was said is in NOTE.
chooses() {
	NOTE=$("$TOOLS/profile-store" --out "$O" --app nginx --output "$SCRATCH/chosen.json" choose auto 2>&1)
	echo "$NOTE"
	[ "$(jq -r .id "$SCRATCH/chosen.json")" = "$1" ]
}

@test "nothing promoted: auto is the newest profile, as ever" {
	profile first 1 0
	profile second 2 1
	chooses "$second"
	[ -z "$NOTE" ]
}

@test "the newest profile is taken though it is of plain samples, and a better one of its generation is named" {
	profile exact 1 0
	KIND=addresses profile elsewhere 2 1
	chooses "$elsewhere"
	[ -z "$NOTE" ]
	KIND=addresses profile plain 3 0
	chooses "$plain"
	[ "$NOTE" = "warning: profile $plain is of plain samples; the older $exact of the same generation has exact counts, and PROFILE=$exact takes it" ]
	# on the screen, where make image names the profile
	run "$TOOLS/step" --number 1 --of 2 --title profile --log "$SCRATCH/log" -- "$TOOLS/profile-store" --out "$O" --app nginx \
		--output "$SCRATCH/chosen.json" choose auto
	[[ $output == *" profile "*"$plain; profile $plain is of plain samples"* ]]
	KIND=branches profile branches 4 0
	chooses "$branches"
	[ -z "$NOTE" ]
	KIND=addresses profile again 5 0
	chooses "$again"
	[[ $NOTE == *"the older $branches of the same generation has branch records, and PROFILE=$branches takes it" ]]
	# who names one has chosen
	"$TOOLS/profile-store" --out "$O" --app nginx --output "$SCRATCH/chosen.json" choose "$plain" 2>"$SCRATCH/said"
	[ ! -s "$SCRATCH/said" ]
}

@test "a profile of the kernel or the app alone says what is linked without" {
	profile whole 1 0
	UNITS='{"vmlinux": {}}'
	profile kernel 2 0
	chooses "$kernel"
	[[ $NOTE == *"warning: the profile $kernel has no counts of nginx, which is linked without"*"profile-merge APP=nginx"* ]]
	jq -e '.units | keys == ["vmlinux"]' "$SCRATCH/chosen.json"
}

@test "auto is the newest profile of the promoted line, and the others are named" {
	profile of_0 1 0
	profile of_1 2 1
	profile of_2 3 2
	good 0
	chooses "$of_0"
	[[ $NOTE == *"profile $of_2 of generation 2, which is not promoted, is not used, nor are older ones; PROFILE=$of_2 takes it"* ]]
	good 1
	chooses "$of_1"
	[[ $NOTE == *"profile $of_2 of generation 2, which is not promoted, is not used; PROFILE=$of_2 takes it"* ]]
	promote rollback
	chooses "$of_0"
	good 2
	chooses "$of_2"
	[ -z "$NOTE" ]
	# a certain one is taken whatever is promoted
	"$TOOLS/profile-store" --out "$O" --app nginx --output "$SCRATCH/chosen.json" choose "$of_1"
	[ "$(jq -r .id "$SCRATCH/chosen.json")" = "$of_1" ]
}

@test "what was collected of a promoted generation counts, though a newer one has the same build ids" {
	for number in 0 1; do
		for unit in vmlinux nginx; do
			echo '.globl _start; _start: nop' | clang-19 -x assembler -nostdlib -static -fuse-ld=lld \
				-o "$O/nginx/$number/$unit.debug" -Wl,--build-id=0x12345678 -
		done
	done
	BUILD_IDS='{"vmlinux": "12345678", "nginx": "12345678"}'
	profile of_1 1 1
	good 0
	chooses "$of_1"
	[ -z "$NOTE" ]
	# one unit of another build makes it another
	BUILD_IDS='{"vmlinux": "12345678", "nginx": "87654321"}'
	profile other 2 1
	chooses "$of_1"
	[[ $NOTE == *"profile $other of generation 1, which is not promoted"* ]]
}

@test "a merged profile counts if all that it is merged from does" {
	profile of_0 1 0
	profile of_1 2 1
	profile both 3 null "[{\"id\": \"$of_0\", \"weight\": 1}, {\"id\": \"$of_1\", \"weight\": 1}]"
	profile again 4 null "[{\"id\": \"$both\", \"weight\": 1}, {\"id\": \"$of_0\", \"weight\": 3}]"
	profile strange 5 null '[{"id": "0123456789ab", "weight": 1}]'
	good 0
	chooses "$of_0"
	[[ $NOTE == *"profile $strange merged from what is not of a promoted generation, is not used"* ]]
	good 1
	chooses "$again"
	rm -r "$O/nginx/profiles/$strange"
	promote rollback
	chooses "$of_0"
	[[ $NOTE == *"profile $again merged with one of generation 1, which is not promoted, is not used"* ]]
}

@test "what a promoted generation was linked with counts, wherever it was recorded" {
	profile of_0 1 0
	generation 1 "$of_0"
	profile of_2 2 2
	good 1
	chooses "$of_0"
	# none at all: none is taken, and that is said
	rm -r "$O/nginx/profiles/$of_0"
	chooses null
	[[ $NOTE == *"profile $of_2 of generation 2, which is not promoted"* ]]
	run "$TOOLS/profile-store" --out "$O" --app nginx show auto
	[ "$status" -eq 2 ]
	[[ $output == *'has no accepted profile of its promoted generations'* ]]
}

@test "what a profile was merged from is of the line, if a promoted generation was linked with it" {
	profile of_1 1 1
	profile of_2 2 2
	profile both 3 null "[{\"id\": \"$of_1\", \"weight\": 1}, {\"id\": \"$of_2\", \"weight\": 1}]"
	generation 3 "$both"
	profile of_3 4 3
	profile flat 5 null "[{\"id\": \"$of_1\", \"weight\": 1}, {\"id\": \"$of_3\", \"weight\": 2}]"
	good 3
	chooses "$flat"
	[ -z "$NOTE" ]
}

@test "merged again and again by several ways, a profile is looked at once" {
	local a b i next
	profile a 1 0
	profile b 2 0
	for i in $(seq 3 2 49); do
		profile next "$i" null "[{\"id\": \"$a\", \"weight\": 1}, {\"id\": \"$b\", \"weight\": 1}]"
		profile b "$((i + 1))" null "[{\"id\": \"$a\", \"weight\": 1}, {\"id\": \"$b\", \"weight\": 2}]"
		a=$next
	done
	good 0
	timeout 20 "$TOOLS/profile-store" --out "$O" --app nginx --output "$SCRATCH/chosen.json" choose auto
	[ "$(jq -r .id "$SCRATCH/chosen.json")" = "$b" ]
}
