# sample on a real image: nginx. GENERATION=DIR in the environment: that one, nothing is built.

load ../helpers

setup_file() {
	[ -n "${GENERATION:-}" ] || mk image APP=nginx O="$OUT" TOOLS="$TOOLS" >&2
}
setup() {
	scratch
	GENERATION=$(realpath "${GENERATION:-$OUT/nginx/latest}")
	STATE=$SCRATCH/run.json
	# where the socket is: what a killed run leaves goes with it
	export XDG_RUNTIME_DIR=$SCRATCH
}
teardown() {
	[ -z "${LOAD_PID:-}" ] || kill "$LOAD_PID" 2>/dev/null || true
	end_guest
	discard_scratch
}

# Whole, and now: nothing is left of an answer before.
answers() {
	rm -f "$SCRATCH/answer"
	curl -sSf --max-time 10 --noproxy '*' -o "$SCRATCH/answer" "http://127.0.0.1:$PORT/1k.txt" &&
		[ "$(stat -c %s "$SCRATCH/answer")" = 1024 ]
}

# Requests until the test ends.
under_load() {
	boot "$GENERATION" --state "$STATE"
	wrk -t1 -c2 -d60 "http://127.0.0.1:$PORT/1k.txt" >"$SCRATCH/wrk" 3>&- &
	LOAD_PID=$!
	sleep 0.5
}

sample() {
	"$TOOLS/sample" --running "$STATE" --generation "$GENERATION" --output "$SCRATCH/s.folded" "$@"
}

@test "a guest under load: stacks of nginx and, on top of them, of the kernel" {
	under_load
	run sample --seconds 3
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output =~ ([0-9]+)\ samples\ in\ 3\.[0-9]\ s:\ ([0-9]+)\ a\ second ]]
	[ "${BASH_REMATCH[1]}" -gt 100 ]
	[[ $output == *'idle: '* ]]
	answers
	kill "$LOAD_PID"
	answers
	# main below the worker's loop below a system call below the kernel's TCP
	grep -qE '^nginx;.*;main;.*ngx_worker_process_cycle.*;ngx_http_[a-z_]*;.*do_syscall_64_\[k\];.*tcp_' "$SCRATCH/s.folded"
	[ "$(grep -cvE '^[^ ;]+(;[^;]+)* [0-9]+$' "$SCRATCH/s.folded")" = 0 ]
	LC_ALL=C sort -c "$SCRATCH/s.folded"
	# the idle loop is left out, and few stacks end before their beginning
	[ "$(grep -cE '(default_idle|safe_halt)_\[k\] [0-9]+$' "$SCRATCH/s.folded")" = 0 ]
	awk '{ all += $NF } /unknown/ { early += $NF } END { exit !(early <= 0.05 * all && all > 50) }' "$SCRATCH/s.folded"
	"$TOOLS/flamegraph" --output "$SCRATCH/s.svg" "$SCRATCH/s.folded"
	xmllint --noout "$SCRATCH/s.svg"
	grep -q '<title>main (' "$SCRATCH/s.svg"
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "an idle guest is idle, and the rate can be chosen" {
	boot "$GENERATION" --state "$STATE"
	run sample --seconds 2 --rate 50
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output =~ ^([0-9]+)\ samples ]]
	[ "${BASH_REMATCH[1]}" -gt 50 ]
	[ "${BASH_REMATCH[1]}" -lt 130 ]
	[[ $output =~ idle:\ [0-9]+\ \(([0-9]+)\. ]]
	[ "${BASH_REMATCH[1]}" -ge 80 ]
	answers
}

@test "run.json is there while the guest is, and its directory is ours alone" {
	boot "$GENERATION" --state "$STATE"
	directory=$(dirname "$(jq -r .gdb "$STATE" | sed 's/^unix://')")
	[ "$(stat -c %a "$directory")" = 700 ]
	[ "$(jq -r .generation "$STATE")" = "$(basename "$GENERATION")" ]
	[ "$(jq .pid "$STATE")" = "$RUN_PID" ]
	[ "$(jq .port "$STATE")" = "$PORT" ]
	[ "$("$TOOLS/sample" --running "$STATE" --query)" = "$(basename "$GENERATION")" ]
	shut_down
	[ ! -e "$STATE" ]
	[ ! -e "$directory" ]
}

@test "what a killed run left is no guest, and the next run takes it away" {
	boot "$GENERATION" --state "$STATE"
	directory=$(dirname "$(jq -r .gdb "$STATE" | sed 's/^unix://')")
	kill -KILL "$RUN_PID"
	wait "$RUN_PID" || true
	exec 8>&-
	[ -d "$directory" ]
	run sample
	[ "$status" -eq 2 ]
	[[ $output == *"is of one that has ended"* ]]
	rm "$SCRATCH/keyboard"
	boot "$GENERATION" --state "$STATE"
	[ ! -e "$directory" ]
	[ "$(jq .pid "$STATE")" = "$RUN_PID" ]
}

@test "interrupted, ended: the guest goes on, nothing is written" {
	under_load
	for signal in INT TERM; do
		"$TOOLS/sample" --running "$STATE" --generation "$GENERATION" --output "$SCRATCH/o" \
			--seconds 30 2>"$SCRATCH/err" 3>&- &
		sampler=$!
		sleep 1
		# a command in the background of a script ignores SIGINT, unless it has a handler
		kill -$signal $sampler
		status=0
		wait $sampler || status=$?
		[ $status -eq 2 ]
		grep -q 'interrupted; the guest goes on, and nothing was written' "$SCRATCH/err"
		eventually answers
		[ ! -e "$SCRATCH/o" ]
	done
	run sample --seconds 1
	[ "$status" -eq 0 ]
}

stands_still() { ! curl -s --max-time 2 --noproxy '*' -o "$SCRATCH/late" "http://127.0.0.1:$PORT/1k.txt"; }

@test "killed while the guest stands still: the guest goes on, nothing is written" {
	boot "$GENERATION" --state "$STATE"
	"$TOOLS/sample" --running "$STATE" --generation "$GENERATION" --output "$SCRATCH/o" \
		--seconds 60 --rate 5000 2>"$SCRATCH/err" 3>&- &
	sampler=$!
	sleep 1
	# held at any moment, it holds the guest in some
	for turn in $(seq 40); do
		kill -STOP $sampler
		! stands_still || break
		kill -CONT $sampler
		sleep "0.0$((turn % 10))"
	done
	echo "held in turn $turn"
	stands_still
	kill -KILL $sampler
	status=0
	wait $sampler || status=$?
	[ $status -eq 137 ]
	eventually answers
	[ ! -e "$SCRATCH/o" ]
	run sample --seconds 1
	[ "$status" -eq 0 ]
}

@test "a guest that a connection without a word left standing goes on after sample" {
	boot "$GENERATION" --state "$STATE"
	sample --seconds 3 2>"$SCRATCH/err" 3>&- &
	sampler=$!
	sleep 1
	socat -u OPEN:/dev/null "UNIX-CONNECT:$(jq -r .gdb "$STATE" | sed 's/^unix://')"
	wait $sampler
	eventually stands_still
	run sample --seconds 1
	[ "$status" -eq 0 ]
	answers
}

@test "a guest that ends meanwhile is a sentence" {
	under_load
	sample --seconds 30 2>"$SCRATCH/err" 3>&- &
	sampler=$!
	sleep 1
	kill -KILL "$(jq .qemu_pid "$STATE")"
	status=0
	wait $sampler || status=$?
	[ $status -eq 2 ]
	grep -qE 'closed the connection|has ended' "$SCRATCH/err"
	[ ! -e "$SCRATCH/s.folded" ]
	wait_for_end
}

@test "another generation is refused, and the guest goes on" {
	boot "$GENERATION" --state "$STATE"
	mkdir "$SCRATCH/other"
	cp "$GENERATION"/{image.spec,vmlinux.debug,nginx.debug,init.debug} "$SCRATCH/other"
	# another build id: one byte of the kernel's notes
	offset=$(llvm-readelf-19 -SW "$SCRATCH/other/vmlinux.debug" | sed 's/^ *\[ *[0-9]*\]//' |
		awk '$1 == ".notes" { print $4, $5 }')
	printf X | dd of="$SCRATCH/other/vmlinux.debug" bs=1 conv=notrunc status=none \
		seek=$((0x${offset% *} + 0x${offset#* } - 1))
	run "$TOOLS/sample" --running "$STATE" --generation "$SCRATCH/other" --output "$SCRATCH/o"
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *" is not $SCRATCH/other: the kernel's notes, with build id "* ]]
	answers
	[ ! -e "$SCRATCH/o" ]
}

@test "make flamegraph finds the guest that runs, and writes both files or none" {
	mkdir -p "$SCRATCH/out/nginx"
	ln -s "$TOOLS" "$SCRATCH/out/tools"
	cp -a "$GENERATION" "$SCRATCH/out/nginx/"
	number=$(basename "$GENERATION")
	STATE=$SCRATCH/out/nginx/run.json
	under_load
	run mk flamegraph APP=nginx O="$SCRATCH/out" SECONDS=2
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"$SCRATCH/out/nginx/flamegraph-$number.folded"$'\n'"$SCRATCH/out/nginx/flamegraph-$number.svg"* ]]
	xmllint --noout "$SCRATCH/out/nginx/flamegraph-$number.svg"
	grep -q ">nginx, generation $number, sampled<" "$SCRATCH/out/nginx/flamegraph-$number.svg"
	[ -s "$SCRATCH/out/nginx/flamegraph-$number.folded" ]
	rm "$SCRATCH/out/nginx/flamegraph-"*
	# the guest ends while it is looked at
	(sleep 4 && kill -KILL "$(jq .qemu_pid "$STATE")") &
	run mk flamegraph APP=nginx O="$SCRATCH/out" SECONDS=30
	[ "$status" -ne 0 ]
	[ "$(find "$SCRATCH/out/nginx" -name 'flamegraph*' -not -name '.*')" = '' ]
	wait_for_end
	run mk flamegraph APP=nginx O="$SCRATCH/out" METHOD=sample
	[ "$status" -ne 0 ]
	[[ $output == *'no guest is running'* ]]
}
