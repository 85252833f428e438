# sample, and what run says of its guest: what can go wrong without a guest

load ../helpers

setup() { scratch; }
teardown() {
	[ -z "${LISTENER:-}" ] || kill "$LISTENER" || true
	discard_scratch
}

# run.json of a process; $1: its id, $2: when it began.
state_of() {
	printf '{"schema": 1, "generation": "3", "pid": %s, "pid_start": %s, "qemu_pid": 1, "port": 80, "gdb": "unix:%s/gdb"}\n' \
		"$1" "$2" "$SCRATCH" >"$SCRATCH/run.json"
}

start_of() {
	cut -d ' ' -f 22 "/proc/$1/stat"
}

@test "a guest is found while its process lives, and not by a number that came again" {
	run "$TOOLS/sample" --running "$SCRATCH/run.json" --query
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	state_of $$ "$(start_of $$)"
	run "$TOOLS/sample" --running "$SCRATCH/run.json" --query
	[ "$status" -eq 0 ]
	[ "$output" = 3 ]
	state_of $$ 1
	run "$TOOLS/sample" --running "$SCRATCH/run.json" --query
	[ "$status" -eq 1 ]
	run "$TOOLS/sample" --running "$SCRATCH/run.json" --output "$SCRATCH/o"
	[ "$status" -eq 2 ]
	[[ $output == *"no guest is running: '$SCRATCH/run.json' is of one that has ended"*'make run'* ]]
	echo '{"schema": 1, "pid": "x"}' >"$SCRATCH/run.json"
	run "$TOOLS/sample" --running "$SCRATCH/run.json" --query
	[ "$status" -eq 1 ]
	rm "$SCRATCH/run.json"
	run "$TOOLS/sample" --running "$SCRATCH/run.json" --output "$SCRATCH/o"
	[[ $output == *'is not there'* ]]
}

@test "numbers that are none, options that are missing" {
	for wrong in '--seconds 0' '--seconds 1x' '--rate -5' '--rate 1000000'; do
		# shellcheck disable=SC2086
		run "$TOOLS/sample" $wrong
		[ "$status" -eq 64 ]
		[[ $output == *'takes a number from 1 to'* ]]
	done
	run "$TOOLS/sample" --output "$SCRATCH/o" --from unix:/x
	[ "$status" -eq 64 ]
	run "$TOOLS/sample" --query
	[ "$status" -eq 64 ]
}

# Programs with debug information, as a generation has them.
fake_generation() {
	printf 'app x\nmachine microvm\nmemory 64M\ncommand /bin/x\nready http:80/\n' >"$SCRATCH/image.spec"
	cat >"$SCRATCH/k.s" <<-'END'
		.globl _start, entry_SYSCALL_64, __entry_text_end
		.cfi_sections .debug_frame
		.type _start, @function
		_start: .cfi_startproc
		nop
		.cfi_endproc
		.size _start, 1
		entry_SYSCALL_64: nop
		__entry_text_end: nop
	END
	for at in vmlinux:0xffffffff80200000 x:0x201000 init:0x201000; do
		clang-19 -target x86_64-linux-gnu -nostdlib -static -fuse-ld=lld-19 -Wl,--build-id \
			"-Wl,-Ttext=${at#*:}" "$SCRATCH/k.s" -o "$SCRATCH/${at%:*}.debug"
	done
}

# A socket is there before anybody listens.
listening() {
	ss -xlH src "$1" | grep -q .
}

@test "nothing listens, or something that is no gdb stub" {
	fake_generation
	run "$TOOLS/sample" --generation "$SCRATCH" --from "unix:$SCRATCH/none" --output "$SCRATCH/o"
	[ "$status" -eq 2 ]
	[[ $output == *"cannot connect to the gdb stub at 'unix:$SCRATCH/none'"*'-gdb unix:PATH'* ]]
	socat "UNIX-LISTEN:$SCRATCH/s" SYSTEM:'sleep 0.2; echo hello' 3>&- &
	LISTENER=$!
	eventually listening "$SCRATCH/s"
	run "$TOOLS/sample" --generation "$SCRATCH" --from "unix:$SCRATCH/s" --output "$SCRATCH/o"
	LISTENER=
	[ "$status" -eq 2 ]
	[[ $output == *"QEMU's gdb stub has closed the connection"* ]]
	[ ! -e "$SCRATCH/o" ]
}

# A stub that never answers: `sample` waits for it. Sets SAMPLER and GUARD.
waits_for_ever() {
	fake_generation
	socat "UNIX-LISTEN:$SCRATCH/s" SYSTEM:'sleep 30' 3>&- &
	LISTENER=$!
	eventually listening "$SCRATCH/s"
	"$TOOLS/sample" --generation "$SCRATCH" --from "unix:$SCRATCH/s" --output "$SCRATCH/o" 2>"$SCRATCH/err" 3>&- &
	SAMPLER=$!
	eventually has_guard
}

has_guard() {
	GUARD=$(cat "/proc/$SAMPLER/task/$SAMPLER/children" 2>/dev/null)
	[ -n "$GUARD" ]
}

@test "ctrl-Z and a terminal that is somebody else's do not stop it; its guard's death is no end without a word" {
	waits_for_ever
	kill -TSTP "$SAMPLER"
	kill -TTOU "$SAMPLER"
	kill -KILL "$GUARD"
	sleep 0.3
	[ "$(cut -d ' ' -f 3 "/proc/$SAMPLER/stat")" = S ]
	status=0
	wait "$SAMPLER" || status=$?
	cat "$SCRATCH/err"
	[ "$status" -eq 2 ]
	grep -q 'did not answer within 5000 ms' "$SCRATCH/err"
}

@test "an output that cannot be written is said before anything is connected to" {
	fake_generation
	for wrong in "$SCRATCH/none/o" "$SCRATCH"; do
		run timeout 5 "$TOOLS/sample" --generation "$SCRATCH" --from unix:/none --output "$wrong"
		echo "$output"
		[ "$status" -eq 2 ]
		[[ $output == *"cannot write '$wrong': "* ]]
	done
}

@test "addresses that are none say what one looks like" {
	fake_generation
	for wrong in localhost :1 localhost: localhost:nonsense; do
		run "$TOOLS/sample" --generation "$SCRATCH" --from "$wrong" --output "$SCRATCH/o"
		echo "$output"
		[ "$status" -eq 2 ]
		[[ $output == *"'$wrong' is no address of a gdb stub"*'give HOST:PORT or unix:PATH'* ]]
	done
	# an address of IPv6 is one
	run "$TOOLS/sample" --generation "$SCRATCH" --from '[::1]:1' --output "$SCRATCH/o"
	[[ $output == *"cannot connect to the gdb stub at '[::1]:1'"* ]]
}

@test "a generation without ELF files, or without call frame information" {
	run "$TOOLS/sample" --generation "$SCRATCH" --from unix:/x --output "$SCRATCH/o"
	[ "$status" -eq 2 ]
	[[ $output == *"$SCRATCH/image.spec"* ]]
	fake_generation
	llvm-objcopy-19 --remove-section .debug_frame "$SCRATCH/x.debug"
	run "$TOOLS/sample" --generation "$SCRATCH" --from unix:/x --output "$SCRATCH/o"
	[ "$status" -eq 2 ]
	[[ $output == *"'$SCRATCH/x.debug' has no call frame information"* ]]
}

@test "a QEMU that runs something else is refused, and goes on" {
	fake_generation
	# a processor that jumps to itself from its first instruction on
	head -c 65536 /dev/zero >"$SCRATCH/firmware"
	printf "\353\376" | dd of="$SCRATCH/firmware" bs=1 seek=65520 conv=notrunc status=none
	coproc qemu { timeout 60 qemu-system-x86_64 -nodefaults -display none -M pc -accel tcg -m 16M -bios "$SCRATCH/firmware" \
		-monitor stdio -gdb "unix:$SCRATCH/gdb,server=on,wait=off" 2>"$SCRATCH/err" 3>&-; }
	eventually listening "$SCRATCH/gdb"
	run "$TOOLS/sample" --generation "$SCRATCH" --from "unix:$SCRATCH/gdb" --output "$SCRATCH/o"
	[ "$status" -eq 2 ]
	[[ $output == *"the guest at 'unix:$SCRATCH/gdb' is not $SCRATCH"* ]]
	echo 'info status' >&"${qemu[1]}"
	echo quit >&"${qemu[1]}"
	cat <&"${qemu[0]}" >"$SCRATCH/monitor"
	grep -q 'VM status: running' "$SCRATCH/monitor"
	[ ! -e "$SCRATCH/o" ]
}

@test "make flamegraph: a method that there is not" {
	run mk flamegraph APP=nginx METHOD=guess O="$SCRATCH"
	[ "$status" -ne 0 ]
	[[ $output == *'METHOD=guess is not known; there are: trace sample'* ]]
	[ ! -e "$SCRATCH/nginx" ]
}
