# Calling contexts, counted by the tracer, of firmware whose calls are known

load ../helpers
load ../firmware

setup() { scratch; }
teardown() { discard_scratch; }

TURNS=20000
DEPTH=5
FUNCTIONS='start outer leaf tail recursive jumper far_down farther_down finish'

# Assembled for $1 processors; its functions' numbers are their places in FUNCTIONS.
call_on() {
	firmware stacks -DPROCESSORS="$1" -DTURNS=$TURNS -DDEPTH=$DEPTH
	number=0
	for name in $FUNCTIONS; do
		number=$((number + 1))
		echo "$(address "$name") $number"
	done | sort >"$SCRATCH/functions"
}

# contexts.txt in $1 with names: "start;outer COUNT"
contexts() {
	awk -v names="$FUNCTIONS" '
		BEGIN { split(names, name, " ") }
		{ path[NR] = ($1 ? path[$1] ";" : "") ($2 ? name[$2] : "none"); print path[NR], $3 }
	' "$1/contexts.txt"
}

# Executed in context $2 of $1.
executed() {
	contexts "$1" | awk -v context="$2" '$1 == context { print $2 }'
}

@test "calls, tail calls, recursion, a longjmp: exact on one and four processors" {
	for processors in 1 4; do
		call_on $processors
		out=$SCRATCH/$processors
		mkdir "$out"
		execute $processors \
			-plugin "$TOOLS/tracer.so,out=$out,region=firmware:f0000:100000,stacks=on,functions=$SCRATCH/functions"
		contexts "$out"
		turns=$((processors * TURNS))
		[ "$(executed "$out" 'start;outer')" -eq $((3 * turns)) ]
		[ "$(executed "$out" 'start;outer;leaf')" -eq $((2 * 3 * turns)) ]
		[ "$(executed "$out" 'start;tail')" -eq $((2 * turns)) ]
		[ "$(executed "$out" 'start;tail;leaf')" -eq $((3 * turns)) ]
		context=start
		for depth in $(seq $DEPTH); do
			context="$context;recursive"
			[ "$(executed "$out" "$context")" -eq $(((depth < DEPTH ? 4 : 3) * turns)) ]
		done
		[ -z "$(executed "$out" "$context;recursive")" ]
		[ "$(executed "$out" 'start;jumper')" -eq $((4 * turns)) ]
		[ "$(executed "$out" 'start;jumper;far_down')" -eq $turns ]
		[ "$(executed "$out" 'start;jumper;far_down;farther_down')" -eq $((2 * turns)) ]
		# nothing else calls anything
		[ "$(contexts "$out" | grep -c ';')" -eq $((4 + DEPTH + 3 + 1)) ]
		jq -e ".stacks.instructions == .total.instructions and .stacks.mismatched == 0 and
			.stacks.returns == $turns * (2 + 1 + 1 + $DEPTH + 1)" "$out/trace.json"
	done
}

# A window of a moment: was all of it where the processors wait in the end?
window_of_waiting() {
	rm -rf "$SCRATCH/window"
	mkdir "$SCRATCH/window"
	{
		printf 'start\n'
		sleep 0.3
		printf 'stop\nwrite %s\n' "$SCRATCH/window"
	} | socat -t 20 - "UNIX-CONNECT:$SCRATCH/s" >"$SCRATCH/answers"
	[ "$(cat "$SCRATCH/answers")" = $'ok\nok\nok' ] || return 1
	total=$(jq .total.instructions "$SCRATCH/window/trace.json")
	[ "$total" -gt 1000 ] && [ "$(executed "$SCRATCH/window" 'start;finish')" -eq "$total" ]
}

@test "frames are known when counting starts in their middle" {
	call_on 5 # with four it waits for ever
	execute 4 -plugin "$TOOLS/tracer.so,window=control,control=$SCRATCH/s,region=firmware:f0000:100000,stacks=on,functions=$SCRATCH/functions" 3>&- &
	eventually test -S "$SCRATCH/s"
	eventually window_of_waiting
	kill "$(pgrep -P $!)" # timeout, and so QEMU
}

@test "stacks without functions, and functions that are none, are refused with a sentence" {
	trace() {
		run timeout 60 qemu-system-x86_64 -nodefaults -display none -M none -accel tcg -S \
			-monitor stdio -plugin "$TOOLS/tracer.so,out=$SCRATCH,stacks=on$1" <<<quit
		[ "$status" -ne 0 ]
	}
	trace ''
	[[ $output == *'tracer: stacks=on needs functions=FILE'* ]]
	trace ",functions=$SCRATCH/none"
	[[ $output == *"tracer: cannot read '$SCRATCH/none': No such file or directory"* ]]
	printf '2000 1\n1000 2\n' >"$SCRATCH/functions"
	trace ",functions=$SCRATCH/functions"
	[[ $output == *"tracer: $SCRATCH/functions:2: not sorted by address"* ]]
	[ ! -e "$SCRATCH/contexts.txt" ]
}
