# Measuring two generations of nginx, one relinked with a profile of the other.

load ../helpers

setup_file() {
	build_loop
	# what make bench does, with fewer and shorter runs
	bench >"$LOOP/bench.txt" 2>"$LOOP/bench.err" || {
		cat "$LOOP/bench.err" >&2
		return 1
	}
}
setup() { scratch; }
teardown() { discard_scratch; }

bench() {
	mk bench APP=nginx O="$LOOP" TOOLS="$TOOLS" RUNS=4 REQUESTS=2000 SECONDS=1 "$@"
}

figures() {
	jq -e "$1" "$LOOP/nginx/$2/bench.json"
}

@test "bench: all figures of both generations are there, and who was measured how" {
	cat "$LOOP/bench.err" "$LOOP/bench.txt"
	for generation in 0 1; do
		figures '.schema == 1 and .app == "nginx" and .complete and (.runs.exact | length) == 4 and
			([.per_request.instructions, .per_request.taken_branches, .per_request.l1i_misses,
			.per_request.l1d_misses, .boot.instructions, .boot.wall_ms, .latency_ns.p50,
			.latency_ns.p999, .closed_latency_ns.p99, .throughput_rps, .memory_peak_bytes,
			.memory_min_bytes, .icount.latency_ns.p50] | min) > 0 and
			.failed_requests == 0 and .emulated and .conditions.load.name == "get1k" and
			.conditions.load.requests == 2000 and (.conditions.models.l1i.ways == 8)' $generation
		figures '.image_sha256' $generation | tr -d '"' |
			grep -qx "$(sha256sum <"$LOOP/nginx/$generation/image" | cut -d' ' -f1)"
		[ -s "$LOOP/nginx/$generation/bench.folded" ]
		jq -e '.requests == 2200' "$LOOP/nginx/$generation/bench.symbols.json"
	done
	[ "$(figures .session 0)" = "$(figures .session 1)" ]
	[ ! -e "$LOOP/nginx/0/bench.part.json" ]
}

@test "bench.json is what docs/measuring.md says" {
	for generation in 0 1; do
		jq -e -f tests/bench.jq "$LOOP/nginx/$generation/bench.json" >"$SCRATCH/wrong" || true
		cat "$SCRATCH/wrong"
		[ "$(cat "$SCRATCH/wrong")" = null ]
	done
	# the check itself
	jq '.bogus = 1 | del(.per_request.l1i_misses)' "$LOOP/nginx/1/bench.json" |
		jq -f tests/bench.jq | grep -c 'bogus is not documented\|l1i_misses is missing' | grep -qx 2
}

@test "a generation as a peer: measured and printed beside one, with ratios" {
	bench/ours.sh "$TOOLS" "$LOOP/nginx/0" "$SCRATCH/peers/plain" "Plain" "no profile"
	bench/ours.sh "$TOOLS" "$LOOP/nginx/0" "$SCRATCH/peers/plain" "Plain" "no profile"
	cp -a "$LOOP/nginx/1" "$SCRATCH/1"
	rm "$SCRATCH/1/bench.json"
	"$TOOLS/benchmark" --load recipes/nginx/loads/get1k.load --load-name get1k --default-load get1k \
		--runs 1 --requests 1000 --only exact,boot --ratios --format md \
		"$SCRATCH/peers/plain" "$SCRATCH/1" >"$SCRATCH/table"
	cat "$SCRATCH/table"
	grep -q '^|  | plain | gen 1 |$' "$SCRATCH/table"
	grep -q '^| guest instructions | [0-9,]* | [0-9,]* |$' "$SCRATCH/table"
	grep -q '^|  |  | x 0\.[789][0-9]* |$' "$SCRATCH/table"
	jq -e '.generation == null and .subject == "plain" and .size[1].bytes > 1000000 and
		([.per_request_by[].name] | contains(["kernel", "libc", "app"]))' "$SCRATCH/peers/plain/bench.json"
	jq -f tests/bench.jq "$SCRATCH/peers/plain/bench.json" | grep -qx null
}

@test "bench: kernel, libc, app and libraries make up the whole" {
	for generation in 0 1; do
		figures '[.runs.exact[] | (([.by[].instructions] | add) / .instructions - 1)] | map(fabs) | max < 1e-9' $generation
		figures '[.per_request_by[].name] | contains(["kernel", "libc", "app", "libraries"])' $generation
		figures '.per_request_by | map({(.name): .instructions}) | add |
			.kernel > .app and .app > .libc and .libc > 500' $generation
	done
}

@test "bench: the generation with a profile needs fewer instructions and branches" {
	jq -s -e '(.[1].per_request.instructions / .[0].per_request.instructions) < 0.9 and
		(.[1].per_request.taken_branches / .[0].per_request.taken_branches) < 0.6 and
		(.[1].icount.per_request.instructions / .[0].icount.per_request.instructions) < 0.92' \
		"$LOOP/nginx/0/bench.json" "$LOOP/nginx/1/bench.json"
}

@test "bench: again, counts are the same within 1 %, and under -icount to the last one" {
	cp "$LOOP/nginx/1/bench.json" "$SCRATCH/before.json"
	bench GEN=1 RUNS=3 KINDS=exact,icount
	cp "$LOOP/nginx/1/bench.json" "$SCRATCH/after.json"
	# what was not measured again is still there, with the session that it is of
	jq -s -e '.[0].runs.wall == .[1].runs.wall and .[0].memory_min_bytes == .[1].memory_min_bytes and
		.[1].sessions.wall == .[0].session and .[1].sessions.exact == .[1].session and
		.[1].session != .[0].session and (.[1].runs.exact | length) == 3' \
		"$SCRATCH/before.json" "$SCRATCH/after.json"
	jq -f tests/bench.jq "$SCRATCH/after.json" | grep -qx null
	cp "$SCRATCH/before.json" "$LOOP/nginx/1/bench.json"
	jq -s -e '.[0].icount == .[1].icount and (.[0].icount.sha256 | length) == 64 and
		((.[0].per_request.instructions / .[1].per_request.instructions - 1) | fabs) < 0.01' \
		"$SCRATCH/before.json" "$SCRATCH/after.json"
}

# Once the file is there, end the tool that make, of this pid, has started.
stop_bench() {
	for _ in 1 2 3 4 5 6; do eventually test -e "$2" && break; done
	pkill -TERM -f "^[^ ]*/benchmark .*$LOOP/nginx/1\$"
	wait "$1" || true
}

@test "bench: stopped in the middle, a finished measurement stays, and one that is the first is kept in part" {
	bench GEN=1 KINDS=exact RUNS=50 >"$SCRATCH/out" 2>&1 3>&- &
	stop_bench $! "$LOOP/nginx/1/bench.part.json"
	figures '.complete and (.runs.wall | length) == 4' 1
	[ ! -e "$LOOP/nginx/1/bench.part.json" ]

	bench GEN=1 LOAD=judge KINDS=exact RUNS=50 >"$SCRATCH/out" 2>&1 3>&- &
	stop_bench $! "$LOOP/nginx/1/bench-judge.part.json"
	jq -e '.complete == false and (.runs.exact | length) >= 1 and .per_request.instructions > 0' \
		"$LOOP/nginx/1/bench-judge.json"
	rm "$LOOP/nginx/1/bench-judge.json"
}

@test "bench: some kinds under other conditions are not measured at the cost of the others" {
	cp "$LOOP/nginx/1/bench.json" "$SCRATCH/before.json"
	run bench GEN=1 RUNS=1 KINDS=boot REQUESTS=3000
	echo "$output"
	[ "$status" = 2 ]
	[[ $output = *"the load's requests are 2000 and 3000"* ]]
	cmp "$LOOP/nginx/1/bench.json" "$SCRATCH/before.json"
}

has_scratch() {
	[ -n "$(ls "$SCRATCH/tmp")" ]
}

@test "bench: nothing is left of one that is stopped" {
	mkdir "$SCRATCH/tmp"
	cp -a "$LOOP/nginx/1" "$SCRATCH/1"
	for kind in exact wall icount; do
		TMPDIR=$SCRATCH/tmp "$TOOLS/benchmark" --load recipes/nginx/loads/get1k.load --load-name get1k \
			--only $kind --runs 50 "$SCRATCH/1" 2>"$SCRATCH/err" 3>&- &
		tool=$!
		eventually has_scratch
		kill -TERM $tool
		status=0
		wait $tool || status=$?
		cat "$SCRATCH/err"
		[ "$status" = 2 ]
		[ -z "$(ls "$SCRATCH/tmp")" ]
		[ -z "$(pgrep -f "$SCRATCH/1/image")" ]
	done
}

@test "bench: a load whose answers are wrong makes invalid runs, and no figure" {
	printf 'requests 50\nwarmup 5\nrequest 1 GET /1k.txt 200 bytes 1023\n' >"$SCRATCH/wrong.load"
	cp -a "$LOOP/nginx/1" "$SCRATCH/1"
	run "$TOOLS/benchmark" --load "$SCRATCH/wrong.load" --load-name wrong --runs 3 --requests 50 \
		--only exact --log "$SCRATCH/log" "$SCRATCH/1"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output = *"are invalid"* ]]
	jq -e '.complete == false and (has("per_request") | not) and (.runs.exact | length) == 2 and
		(.runs.exact[0].invalid | length) > 10' "$SCRATCH/1/bench-wrong.json"
}

@test "bench: a guest that dies in the middle of it is an invalid run that says so" {
	cp -a "$LOOP/nginx/1" "$SCRATCH/1"
	# no memory to boot with
	sed -i 's/^memory .*/memory 6M/' "$SCRATCH/1/image.spec"
	run "$TOOLS/benchmark" --load recipes/nginx/loads/get1k.load --load-name get1k --runs 1 --requests 50 \
		--only exact --log "$SCRATCH/log" "$SCRATCH/1"
	echo "$output"
	[ "$status" = 1 ]
	jq -e '.complete == false and (.runs.exact[0].invalid | length) > 10' "$SCRATCH/1/bench-get1k.json"
}

@test "bench: what cannot be measured is said before anything runs" {
	run mk bench APP=nginx O="$LOOP" TOOLS="$TOOLS" LOAD=nosuch
	[ "$status" = 2 ]
	[[ $output = *"no load 'nosuch'"*"get1k"* ]]
	run mk bench APP=nginx O="$LOOP" TOOLS="$TOOLS" GEN="0 77"
	[ "$status" = 2 ]
	[[ $output = *"77"* ]]
	[[ $output != *"nothing to measure"* ]]
	run mk bench APP=nginx O="$LOOP" TOOLS="$TOOLS" RUNS=none
	[ "$status" = 2 ]
	[[ $output = *"RUNS"* ]]
	run mk bench APP=nginx O="$LOOP" TOOLS="$TOOLS" KINDS=exact,speed
	[ "$status" = 2 ]
	[[ $output = *"speed"* ]]
	run "$TOOLS/benchmark" --load recipes/nginx/loads/get1k.load --only , "$LOOP/nginx/1"
	[ "$status" = 64 ]
	[[ $output = *"KINDS is empty"* ]]
	run bench/ours.sh "$TOOLS" "" "$SCRATCH/peers/x" title sentence
	[ "$status" = 2 ]
	[[ $output = *"is no generation"* ]]
	[ ! -e "$SCRATCH/peers" ]
	run "$TOOLS/benchmark" --load recipes/nginx/loads/get1k.load "$SCRATCH"
	[ "$status" = 2 ]
	[[ $output = *"nothing to measure"* ]]
}
