# One run by the clock on the wall, and memory, of a real image: nginx. GENERATION=DIR in the
# environment: that one, nothing is built.

bats_require_minimum_version 1.5.0
load ../helpers

setup_file() {
	[ -n "${GENERATION:-}" ] || mk image APP=nginx O="$OUT" TOOLS="$TOOLS" >&2
}
setup() {
	scratch
	mkdir "$SCRATCH/tmp"
	GENERATION=${GENERATION:-$OUT/nginx/latest}
	LOAD=recipes/nginx/loads/get1k.load
}
teardown() {
	[ -z "${MEASURE_PID:-}" ] || kill -KILL "$MEASURE_PID" 2>/dev/null || true
	discard_scratch
}

measure() {
	TMPDIR=$SCRATCH/tmp run --separate-stderr "$TOOLS/measure" "$@" --subject "$GENERATION"
	echo "$output" "$stderr"
}

# The same in the background; the guest is QEMU, its child.
measure_in_background() {
	TMPDIR=$SCRATCH/tmp "$TOOLS/measure" "$@" --subject "$GENERATION" >"$SCRATCH/out" \
		2>"$SCRATCH/err" 3>&- &
	MEASURE_PID=$!
}

# The id of measure's child of that name.
child() {
	CHILD=$(pgrep -P "$MEASURE_PID" -f "$1")
}

wait_for_measure() {
	status=0
	wait "$MEASURE_PID" || status=$?
	MEASURE_PID=
	cat "$SCRATCH/out" "$SCRATCH/err"
}

invalid_because() {
	[ "$status" -eq 1 ]
	jq -e --arg why "$1" 'keys == ["invalid"] and (.invalid | contains($why))' "$SCRATCH/out"
	[ -z "$(ls "$SCRATCH/tmp")" ]
}

@test "a run: boot, closed loop, open loop, memory, and nothing failed" {
	measure wall --load $LOAD --rate 50 --console "$SCRATCH/console"
	[ "$status" -eq 0 ]
	jq -e '
		def ordered: .p50 > 0 and .p50 <= .p90 and .p90 <= .p99 and .p99 <= .p999;
		keys == ["boot_ms", "closed", "memory_peak_bytes", "open"]
		and .boot_ms > 50 and .boot_ms < 60000
		and .memory_peak_bytes > 4194304 and .memory_peak_bytes < 67108864
		and .memory_peak_bytes % 4096 == 0
		and .closed.failed == 0 and .closed.requests > 100 and (.closed.latency_ns | ordered)
		and (.closed.throughput_rps * 2 / .closed.requests | . > 0.7 and . < 1.1)
		and .open.failed == 0 and .open.requests == 100 and .open.rate_rps == 50
		and (.open.latency_ns | ordered)' <<<"$output"
	# it was stopped as it should be
	grep -q 'anneal: exit status 0' "$SCRATCH/console"
	[ -z "$(ls "$SCRATCH/tmp")" ]
}

@test "all connections of the closed loop are open at once, none waits for a second SYN" {
	measure_in_background wall --load $LOAD --connections 8
	eventually child '^wrk '
	sleep 0.4
	port=$(tr '\0' '\n' <"/proc/$CHILD/cmdline" | sed -n 's|.*127.0.0.1:\([0-9]*\)/.*|\1|p')
	[ "$(ss -Htn state established "dport = :$port" | wc -l)" -eq 8 ]
	[ "$(ss -Htn state syn-sent "dport = :$port" | wc -l)" -eq 0 ]
}

@test "memory: the least it serves with boots, one MiB less does not" {
	start=$SECONDS
	measure memory
	[ "$status" -eq 0 ]
	[ $((SECONDS - start)) -le 30 ] # about 6 s
	bytes=$(jq .memory_min_bytes <<<"$output")
	[ $((bytes % 1048576)) -eq 0 ]
	least=$((bytes / 1048576))
	[ "$least" -ge 8 ]
	[ "$least" -le 24 ]
	"$TOOLS/run" --image "$GENERATION/image" --spec "$GENERATION/image.spec" --memory "${least}M" --prove
	run "$TOOLS/run" --image "$GENERATION/image" --spec "$GENERATION/image.spec" \
		--memory "$((least - 1))M" --prove
	[ "$status" -ne 0 ]
	[ -z "$(ls "$SCRATCH/tmp")" ]
}

@test "a guest that is killed in the closed loop makes the run invalid" {
	measure_in_background wall --load $LOAD
	eventually child '^wrk '
	child '^qemu-system'
	kill -KILL "$CHILD"
	wait_for_measure
	invalid_because 'the guest ended while wrk ran (QEMU'\''s exit status 137)'
}

@test "a guest that is killed in the open loop makes the run invalid" {
	measure_in_background wall --load $LOAD --seconds 1 --rate 50
	eventually child '/load --file.* --rate='
	child '^qemu-system'
	kill -KILL "$CHILD"
	wait_for_measure
	invalid_because 'the guest ended while load ran'
}

@test "a guest that hangs makes the run invalid" {
	measure_in_background wall --load $LOAD --seconds 1 --rate 50
	eventually child '/load --file.* --rate='
	child '^qemu-system'
	kill -STOP "$CHILD"
	wait_for_measure
	invalid_because 'load ended with exit status 2: '
	run ! kill -0 "$CHILD"
}

@test "answers that are wrong make the run invalid" {
	printf 'requests 10\nrequest 1 GET /1k.txt 200 bytes 1000\n' >"$SCRATCH/load"
	measure wall --load "$SCRATCH/load" --seconds 1 --rate 50
	[ "$status" -eq 1 ]
	jq -e '.invalid | startswith("in the open loop 50 answers were wrong; failed: request 1, ")' <<<"$output"
	printf 'requests 10\nrequest 1 GET /none 200\n' >"$SCRATCH/load"
	measure wall --load "$SCRATCH/load" --seconds 1 --rate 50
	[ "$status" -eq 1 ]
	jq -e '.invalid | startswith("in the closed loop of ")' <<<"$output"
	printf 'requests 10\nrequest 1 GET /none 404\n' >"$SCRATCH/load"
	measure wall --load "$SCRATCH/load" --seconds 1 --rate 50
	jq -e '.invalid | startswith("the load has no GET ")' <<<"$output"
}

@test "a rate that is too high gives no latency; all else stands" {
	measure wall --load $LOAD --seconds 1 --rate 200000
	[ "$status" -eq 0 ]
	jq -e '.boot_ms > 0 and .closed.throughput_rps > 0 and .memory_peak_bytes > 0 and
		(.open | has("latency_ns") | not)' <<<"$output"
	jq -e '.open.invalid | contains("was not held: 200000.0 requests/s were planned")' <<<"$output"
}

@test "interrupted: a sentence, and neither QEMU nor a file is left" {
	measure_in_background wall --load $LOAD
	eventually child '^wrk '
	child '^qemu-system'
	kill -TERM "$MEASURE_PID"
	wait_for_measure
	[ "$status" -eq 2 ]
	grep -q 'interrupted; nothing was measured' "$SCRATCH/err"
	[ -z "$(ls "$SCRATCH/tmp")" ]
	eventually gone "$CHILD"
}

gone() {
	! kill -0 "$1" 2>/dev/null
}
