# The tracer on a real image: nginx. GENERATION=DIR in the environment: that one, nothing is built.

load ../helpers

setup_file() {
	[ -n "${GENERATION:-}" ] || mk image APP=nginx O="$OUT" TOOLS="$TOOLS" >&2
}
setup() {
	scratch
	GENERATION=${GENERATION:-$OUT/nginx/latest}
}
teardown() { discard_scratch; }

record() {
	"$TOOLS/record" --generation "$GENERATION" "$@"
}

nothing_left() {
	[ "$(ls "$SCRATCH")" = "$1.lock" ]
}

# Requests over one connection, one after the other: $1 of them.
requests="curl -sSf --noproxy '*' -o /dev/null \"\$BASE/1k.txt?[1-%d]\""

@test "with time counted in instructions two boots give the same bytes" {
	record --output "$SCRATCH/a" --until end --icount --arguments=-v
	record --output "$SCRATCH/b" --until end --icount --arguments=-v
	diff -r "$SCRATCH/a" "$SCRATCH/b"
	jq -e '.total.instructions > 5000000 and .interruptions.unresolved < 10' "$SCRATCH/a/trace.json"
	jq -e '.icount and .window == "end" and .method == "tracer" and .build_ids.vmlinux != ""' \
		"$SCRATCH/a/record.json"
}

@test "a counter before each instruction, in the same run, comes to the same sum" {
	clang-19 -O2 -shared -fPIC -I. -o "$SCRATCH/counter.so" tests/data/plugins/counter.c
	record --output "$SCRATCH/r" --until end --arguments=-v \
		--qemu -plugin --qemu "$SCRATCH/counter.so,out=$SCRATCH/sum"
	ours=$(jq '.total.instructions + .repeats' "$SCRATCH/r/trace.json")
	difference=$(($(cat "$SCRATCH/sum") - ours))
	# what faults is counted there each time it is tried
	[ "${difference#-}" -le "$(jq .interruptions.count "$SCRATCH/r/trace.json")" ]
}

@test "what a request costs does not depend on how many there are" {
	# shellcheck disable=SC2059 # the format is ours
	record --output "$SCRATCH/one" --load "$(printf "$requests" 500)"
	# shellcheck disable=SC2059
	record --output "$SCRATCH/two" --load "$(printf "$requests" 1000)"
	for region in nginx vmlinux; do
		one=$(jq ".regions[] | select(.name == \"$region\") | .instructions" "$SCRATCH/one/trace.json")
		two=$(jq ".regions[] | select(.name == \"$region\") | .instructions" "$SCRATCH/two/trace.json")
		# 2 % for nginx, 15 % for the kernel, which has a clock's interrupts, too
		margin=$([ $region = nginx ] && echo 50 || echo 7)
		[ $((two - 2 * one)) -lt $((two / margin)) ]
		[ $((2 * one - two)) -lt $((two / margin)) ]
	done
	# a function that nginx calls once a request, by exact count
	name=ngx_http_process_request_headers
	start=$(llvm-nm-19 "$GENERATION/nginx.debug" | awk -v name=$name '$3 == name { print $1 }' | sed 's/^0*//')
	[ -n "$start" ] || skip "$name is inlined in this image"
	[ "$(grep -E "^$start-" "$SCRATCH/one/nginx.raw" | awk -F: '{ n += $2 } END { print n }')" -ge 500 ]
}

@test "the raw profiles have the grammar, and llvm-profgen makes a profile of them" {
	# shellcheck disable=SC2059
	record --output "$SCRATCH/r" --load "$(printf "$requests" 500)"
	for name in vmlinux nginx; do
		raw=$SCRATCH/r/$name.raw
		[ "$(grep -cvE '^([0-9]+|[0-9a-f]+-[0-9a-f]+:[0-9]+|[0-9a-f]+->[0-9a-f]+:[0-9]+)$' "$raw")" = 0 ]
		ranges=$(head -n 1 "$raw")
		[ "$(grep -c '[0-9a-f]-[0-9a-f]' "$raw")" = "$ranges" ]
		branches=$(sed -n "$((ranges + 2))p" "$raw")
		[ "$(grep -c '>' "$raw")" = "$branches" ]
		llvm-profgen-19 --unsymbolized-profile="$raw" --use-offset=false \
			--binary="$GENERATION/$name.debug" --output="$SCRATCH/$name.prof"
	done
	llvm-profdata-19 show --sample --topn=40 "$SCRATCH/vmlinux.prof" >"$SCRATCH/top"
	grep -q ' tcp_' "$SCRATCH/top"
	grep -q ' do_syscall_64' "$SCRATCH/top"
	run grep -E ' (default_idle|delay_tsc)$' "$SCRATCH/top"
	[ "$status" -eq 1 ]
	llvm-profdata-19 show --sample --topn=40 "$SCRATCH/nginx.prof" | grep -q ' ngx_http_'
	# ranges of the raw file and sums of blocks.txt say the same
	jq -e '[.regions[] | .symbolized_instructions / .instructions > 0.99] | all' \
		<(jq '.regions |= map(select(.instructions > 0))' "$SCRATCH/r/symbols.json")
}

@test "modelled caches: misses, and fewer with a larger cache" {
	record --output "$SCRATCH/boot" --until ready --models
	jq -e '.total.l1i_misses > 1000 and .total.l1d_misses > 1000 and .total.itlb_misses > 100 and
		.total.l1i_misses < .total.instructions / 5 and .models.l1i.bytes == 32768' \
		"$SCRATCH/boot/trace.json"
	jq -e '.window == "ready" and .models and .load == null' "$SCRATCH/boot/record.json"
}

@test "excluded code is named, counted, and not in the profile" {
	record --output "$SCRATCH/boot" --until ready
	jq -e '.excluded.ranges | any(.symbol == "delay_tsc" and .reason != "")' "$SCRATCH/boot/trace.json"
	jq -r '.excluded.ranges[] | select(.instructions > 0) | .start' "$SCRATCH/boot/trace.json" >"$SCRATCH/starts"
	[ -s "$SCRATCH/starts" ]
	while read -r start; do
		run grep -E "^$start-" "$SCRATCH/boot/vmlinux.raw"
		[ "$status" -eq 1 ]
	done <"$SCRATCH/starts"
}

# $1: a recording with stacks. Nothing is lost: by function, and in all, as it was counted without them.
stacks_are_whole() {
	jq -e '.stacks.instructions == .total.instructions and .stacks.refused == 0 and
		.stacks.returns > 1000 and .stacks.mismatched * 1000 < .stacks.returns' "$1/trace.json"
	sum=$(awk '{ n += $NF } END { print n }' "$1/stacks.folded")
	[ "$sum" -eq "$(jq '.total.instructions - .excluded.instructions' "$1/trace.json")" ]
	LC_ALL=C sort -c "$1/stacks.folded"
	run grep -vE '^(nginx|init|\[kernel\]|\[unknown\])(;[^; ]+)+ [1-9][0-9]*$' "$1/stacks.folded"
	[ "$status" -eq 1 ]
	[ ! -e "$1/contexts.txt" ]
	name=tcp_ack # a leaf's sum is what the symbol has
	symbol=$(jq "[.regions[0].symbols[] | select(.name | test(\"^$name(\\\\.|\$)\")) | .instructions] | add // 0" "$1/symbols.json")
	[ "$(awk -v name="${name}_[k]" '{ n = split($1, f, ";") } f[n] == name { s += $2 } END { print s + 0 }' "$1/stacks.folded")" -eq "$symbol" ]
}

@test "stacks: programs below the kernel, exactly, and the same a second time" {
	record --output "$SCRATCH/a" --until end --icount --arguments=-v --stacks
	record --output "$SCRATCH/b" --until end --icount --arguments=-v --stacks
	diff -r "$SCRATCH/a" "$SCRATCH/b"
	stacks_are_whole "$SCRATCH/a"
	# they change nothing that is counted
	record --output "$SCRATCH/c" --until end --icount --arguments=-v
	cmp "$SCRATCH/a/blocks.txt" "$SCRATCH/c/blocks.txt"
	[ ! -e "$SCRATCH/c/stacks.folded" ]
	jq -e '.stacks == null' "$SCRATCH/c/trace.json"
	grep -qE '^init;_start;.*main;fork;entry_SYSCALL_64_\[k\];' "$SCRATCH/a/stacks.folded"
	grep -qE '^\[kernel\];ret_from_fork_asm_\[k\];' "$SCRATCH/a/stacks.folded"
}

@test "stacks of a load: a worker's, from its start through libc into the kernel" {
	# shellcheck disable=SC2016 # for the load's shell
	record --output "$SCRATCH/r" --stacks --models \
		--load "$TOOLS/load --file recipes/nginx/loads/get1k.load --requests 500 --warmup 0 --base \$BASE"
	stacks_are_whole "$SCRATCH/r"
	grep -qE '^nginx;_start;.*;?main;.*ngx_http_static_handler' "$SCRATCH/r/stacks.folded"
	grep -qE '^nginx;_start;.*ngx_http_static_handler;[^_]*.*;entry_SYSCALL_64[^;]*_\[k\];.*tcp_sendmsg[^;]*_\[k\]' \
		"$SCRATCH/r/stacks.folded"
	# the worker has its master's frames, of the time it was forked
	grep -qE '^nginx;.*main;.*ngx_worker_process_cycle;.*epoll_' "$SCRATCH/r/stacks.folded"
	# a packet arrives while the processor idles; what waits is no line of its own
	grep -qE '^\[kernel\];.*default_idle.*;asm_common_interrupt_\[k\];.*tcp_v4_rcv_\[k\]' "$SCRATCH/r/stacks.folded"
	run grep -E '(default_idle|pv_native_safe_halt)_\[k\] [0-9]+$' "$SCRATCH/r/stacks.folded"
	[ "$status" -eq 1 ]
}

@test "a load that fails, or cannot start, or is killed: its status, and no recording" {
	run record --output "$SCRATCH/r" --load 'exit 3'
	[ "$status" -eq 2 ]
	[[ $output == *'the load failed with exit status 3; the recording is thrown away'* ]]
	run record --output "$SCRATCH/r" --load '/none/such'
	[ "$status" -eq 2 ]
	[[ $output == *'the load could not be started (exit status 127)'* ]]
	run record --output "$SCRATCH/r" --load 'kill -9 $$'
	[ "$status" -eq 2 ]
	[[ $output == *'the load was ended by signal 9'* ]]
	nothing_left r
}

@test "an app that ends or never answers" {
	run record --output "$SCRATCH/r" --until ready --arguments=-v
	[ "$status" -eq 2 ]
	[[ $output == *'QEMU ended before the app answered'* ]]
	[[ $output == *'nginx version'* ]]
	nothing_left r
	run record --output "$SCRATCH/r" --until ready --timeout 2 --append ip=10.9.9.9::::::off
	[ "$status" -eq 2 ]
	[[ $output == *'the app did not answer within 2 s (waited for status 200)'* ]]
	nothing_left r
}

@test "QEMU dies during the load: a sentence, and nothing is left" {
	# shellcheck disable=SC2016 # for the load's shell
	run record --output "$SCRATCH/r" --load 'kill -9 $(pgrep -P $PPID qemu); sleep 60'
	[ "$status" -eq 2 ]
	[[ $output == *'QEMU ended during the load (exit status 137)'* ]]
	nothing_left r
}

@test "QEMU that does not start shows why" {
	run record --output "$SCRATCH/r" --until ready --qemu -nonsense
	[ "$status" -eq 2 ]
	[[ $output == *'-nonsense: invalid option'* ]]
	nothing_left r
}

@test "two recordings into one place: the second one waits, then refuses" {
	record --output "$SCRATCH/r" --load 'sleep 2' &
	sleep 0.5
	run record --output "$SCRATCH/r" --load true
	wait $!
	[ "$status" -eq 2 ]
	[[ $output == *"'$SCRATCH/r' is there already"* ]]
	jq -e '.load == "sleep 2"' "$SCRATCH/r/record.json"
}

@test "an idle guest is started, stopped and written at once" {
	record --output "$SCRATCH/r" --load true
	jq -e '.schema == 1 and .window == "control"' "$SCRATCH/r/trace.json"
}

@test "ctrl-C: no recording, no QEMU, no load is left" {
	record --output "$SCRATCH/r" --load 'exec sleep 47' 2>"$SCRATCH/err" &
	recorder=$!
	eventually grep -q '^load:' "$SCRATCH/err"
	program=$(pgrep -P $recorder record || echo $recorder)
	qemu=$(pgrep -P "$program" qemu)
	kill -TERM "$program"
	status=0
	wait $recorder || status=$?
	[ "$status" -eq 2 ]
	grep -q 'interrupted; nothing was recorded' "$SCRATCH/err"
	rm "$SCRATCH/err"
	nothing_left r
	eventually sh -c "case \$(ps -o stat= -p $qemu) in Z* | '') true ;; *) false ;; esac"
	run pgrep -f '^sleep 47'
	[ "$status" -eq 1 ]
}
