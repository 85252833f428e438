# Exact counts on several processors at once, with firmware whose counts are known

load ../helpers
load ../firmware

setup() { scratch; }
teardown() { discard_scratch; }

TURNS=200000
BYTES=1000

# Assembled for $1 processors.
count_on() {
	firmware processors -DPROCESSORS="$1" -DTURNS=$TURNS -DBYTES=$BYTES
}

@test "one and four processors: exact branches, repetitions apart" {
	for processors in 1 4; do
		count_on $processors
		mkdir "$SCRATCH/$processors"
		execute $processors -plugin "$TOOLS/tracer.so,out=$SCRATCH/$processors,region=firmware:f0000:100000"
		raw=$SCRATCH/$processors/firmware.raw
		turn=$(address turn)
		count=$(grep -- "->$turn:" "$raw" | cut -d: -f2)
		[ "$count" -eq $((processors * (TURNS - 1))) ]
		# the first turn is in the block that begins before the label
		count=$(grep "^$turn-" "$raw" | cut -d: -f2)
		[ "$count" -eq $((processors * (TURNS - 1))) ]
		# the emulator looks at the counter once more than there are bytes
		jq -e ".vcpus == $processors and .repeats == $processors * $BYTES" \
			"$SCRATCH/$processors/trace.json"
		jq -e '.regions[0].instructions + .outside.instructions == .total.instructions' \
			"$SCRATCH/$processors/trace.json"
	done
}

@test "models and control do not change what is counted" {
	count_on 4
	mkdir "$SCRATCH/out"
	execute 4 -plugin "$TOOLS/tracer.so,out=$SCRATCH/out,control=$SCRATCH/s,models=on,region=firmware:f0000:100000"
	turn=$(address turn)
	[ "$(grep -- "->$turn:" "$SCRATCH/out/firmware.raw" | cut -d: -f2)" -eq $((4 * (TURNS - 1))) ]
	# 1000 bytes from and 1000 to: 16 lines each, a processor; little else is touched
	misses=$(jq .total.l1d_misses "$SCRATCH/out/trace.json")
	[ "$misses" -ge $((4 * 32)) ]
	[ "$misses" -le $((4 * 34)) ]
}

@test "start, write and stop while processors run: counts only grow, and stand still after stop" {
	count_on 5 # with four it waits for ever
	execute 4 -plugin "$TOOLS/tracer.so,window=control,control=$SCRATCH/s,region=firmware:f0000:100000" 3>&- &
	eventually test -S "$SCRATCH/s"
	mkdir "$SCRATCH/a" "$SCRATCH/b" "$SCRATCH/c" "$SCRATCH/d"
	# the pipe is held open, and time passes, between the commands
	{
		printf 'write %s\nstart\n' "$SCRATCH/a"
		sleep 0.3
		printf 'write %s\nstop\nwrite %s\n' "$SCRATCH/b" "$SCRATCH/c"
		sleep 0.3
		printf 'write %s\n' "$SCRATCH/d"
	} | socat -t 20 - "UNIX-CONNECT:$SCRATCH/s" >"$SCRATCH/answers"
	kill "$(pgrep -P $!)" # timeout, and so QEMU
	[ "$(sort -u "$SCRATCH/answers")" = ok ]
	[ "$(wc -l <"$SCRATCH/answers")" -eq 6 ]
	a=$(jq .total.instructions "$SCRATCH/a/trace.json")
	b=$(jq .total.instructions "$SCRATCH/b/trace.json")
	c=$(jq .total.instructions "$SCRATCH/c/trace.json")
	[ "$a" -eq 0 ]
	[ "$b" -gt 100000 ]
	[ "$c" -ge "$b" ]
	diff -r "$SCRATCH/c" "$SCRATCH/d"
}
