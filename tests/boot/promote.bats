# A generation goes through the gate: real boots, loads, operations, figures.

bats_require_minimum_version 1.5.0
load ../helpers

# What is promoted here is of no account to other files that use the loop's generations.
setup_file() {
	build_loop
	export GATE=$BATS_FILE_TMPDIR/out
	mkdir -p "$GATE"
	cp -a --reflink=auto "$LOOP/nginx" "$GATE/nginx"
	rm -rf "$GATE/nginx/build"
	# what others measured with fewer requests, which the gate would not mix with its own
	rm -f "$GATE"/nginx/*/bench*.json
}
setup() { scratch; }
teardown() {
	[ -z "${GATE_PID:-}" ] || kill -TERM "$GATE_PID" 2>/dev/null || true
	discard_scratch
}

goal() {
	run make --no-print-directory "$@" APP=nginx O="$GATE" TOOLS="$TOOLS"
	echo "$output"
}

state() {
	"$TOOLS/promote" --out "$GATE" --app nginx --generation "$1" state
}

@test "stopped while it is checked: nothing is recorded, nothing runs on" {
	setsid make --no-print-directory promote GEN=0 APP=nginx O="$GATE" TOOLS="$TOOLS" \
		>"$SCRATCH/log" 2>&1 3>&- &
	GATE_PID=$!
	# boots are over, requests are under way
	while [ ! -e "$GATE/nginx/build/promotion/loads.console" ]; do
		kill -0 "$GATE_PID"
		sleep 0.2
	done
	# another one at the same time is refused
	goal promote GEN=1
	[ "$status" -eq 2 ]
	[[ $output == *'a generation of nginx is being checked'* ]]
	kill -INT -- "-$GATE_PID"
	wait "$GATE_PID" || true
	[ ! -e "$GATE/nginx/0/promotion.json" ]
	[ ! -e "$GATE/nginx/promoted" ]
	eventually nothing_left
}

# No process has a file of the gate's on its command line.
nothing_left() {
	! pgrep -f "$GATE/nginx/0/image" >/dev/null
}

@test "promote, a budget that is not held, promote, roll back" {
	# the first one: checks without a comparison
	goal promote GEN=0 BOOTS=2
	[ "$status" -eq 0 ]
	[[ $output == *'none is promoted yet, so boot, tests and audit decide alone'*'nginx: generation 0 is promoted'* ]]
	jq -e '.history[0].checks | (.boot.ready_ms | length) == 2 and (.tests.loads | length) >= 3 and
		all(.tests.loads[]; .failed == 0 and .requests >= 10000) and
		.tests.app_tests.passed >= 10 and .tests.app_tests.failed == 0 and any(.audit.did[]; contains("worker crash")) and
		.audit.dropped == [] and .bench.result == "not needed"' "$GATE/nginx/0/promotion.json"
	[ "$(readlink "$GATE/nginx/promoted")" = 0 ]

	# what it was recorded on is promoted, so its profile counts
	"$TOOLS/profile-store" --out "$GATE" --app nginx --output "$SCRATCH/chosen.json" choose auto
	[ "$(jq -r .id "$SCRATCH/chosen.json")" = "$(jq -r .profile "$GATE/nginx/1/manifest.json")" ]

	# hot code is inlined: larger than a budget of nothing at all
	goal promote GEN=1 BOOTS=1 BUDGET='size<=+0%'
	[ "$status" -eq 2 ]
	[[ $output == *'nginx: generation 1 is not promoted'*'budget   fail: size<=+0%, but it is +'* ]]
	run state 1
	[ "$status" -eq 1 ]
	[ "$(readlink "$GATE/nginx/promoted")" = 0 ]

	# by the usual budget, measured in turn
	goal promote GEN=1 BOOTS=1 RUNS=4
	[ "$status" -eq 0 ]
	jq -e '(.history | map(.event)) == ["refused", "promoted"] and (.history[1] | .against == 0 and
		(.checks.budget | .gate == "pass" and (.limits[] | select(.name == "instructions") |
		.percent < -5 and .from > 10000 and .to > 10000)))' "$GATE/nginx/1/promotion.json"
	[ "$(jq -r .session "$GATE/nginx/0/bench.json")" = "$(jq -r .session "$GATE/nginx/1/bench.json")" ]
	goal generations
	[[ ${lines[1]} == *' superseded' ]]
	[[ ${lines[2]} == *' promoted' ]]

	# and what is deployed goes back
	goal rollback WHY='slow at night'
	[ "$status" -eq 0 ]
	boot "$("$TOOLS/generations" --out "$GATE" --app nginx --generation promoted path)"
	shut_down
	[ "$STATUS" -eq 0 ]
	[ "$(readlink "$GATE/nginx/promoted")" = 0 ]
	goal promote GEN=1
	[ "$status" -eq 2 ]
	[[ $output == *'rolled back: slow at night'* ]]
}

@test "an image that answers wrongly is refused for it" {
	# the load expects another page than the image has
	printf 'requests 10\nrequest 1 GET /1k.txt 200 bytes 1000\n' >"$SCRATCH/wrong.load"
	"$TOOLS/promote" --out "$GATE" --app nginx --results "$SCRATCH/results" --generation 1 \
		--force --why 'whatever happened above' begin
	env LOAD_TOOL="$TOOLS/load" LOADS="$SCRATCH/wrong.load" RESULTS="$SCRATCH/results" \
		"$TOOLS/promote" --results "$SCRATCH/results" --console "$SCRATCH/console" check tests \
		pipeline/audit.sh "$TOOLS/run" "$GATE/nginx/1/image" "$GATE/nginx/1/image.spec" \
		pipeline/loads.sh "$SCRATCH/console"
	jq -e '.result == "fail" and .loads[0].failed == 10' "$SCRATCH/results/tests.json"
	# and one that stops answering, too
	echo 'operations() { type signal QUIT; sleep 1; curl -sS --noproxy "*" "$BASE/"; }' >"$SCRATCH/stop.sh"
	"$TOOLS/promote" --results "$SCRATCH/results" check audit \
		pipeline/audit.sh "$TOOLS/run" "$GATE/nginx/1/image" "$GATE/nginx/1/image.spec" \
		"$SCRATCH/stop.sh" "$SCRATCH/console"
	jq -e '.result == "fail"' "$SCRATCH/results/audit.json"
}
