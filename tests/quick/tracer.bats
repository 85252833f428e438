# The tracer and record: what can go wrong before a guest is up

load ../helpers

setup() { scratch; }
teardown() { discard_scratch; }

# QEMU with a machine that does nothing, which is left at once; $1: the tracer's arguments.
trace_nothing() {
	run timeout 60 qemu-system-x86_64 -nodefaults -display none -M none -accel tcg -S \
		-monitor stdio -plugin "$TOOLS/tracer.so,$1" <<<quit
}

@test "arguments that are malformed are refused with a sentence" {
	for wrong in colour=blue region=a:2:1 l1i=1:2 window=half models=on; do
		trace_nothing "out=$SCRATCH,$wrong,region=v:1:2,window=control"
		[ "$status" -ne 0 ]
		[[ $output == *'tracer: '* ]]
	done
	trace_nothing "out=$SCRATCH,colour=blue"
	[[ $output == *"tracer: the argument 'colour=blue' is not understood: there is no such argument"* ]]
	trace_nothing 'models=off'
	[[ $output == *'tracer: out=DIR is missing'* ]]
}

@test "a directory that is not there, a socket that cannot be" {
	trace_nothing "out=$SCRATCH/none"
	[ "$status" -ne 0 ]
	[[ $output == *"tracer: cannot write to '$SCRATCH/none': No such file or directory"* ]]
	trace_nothing "window=control,control=$SCRATCH/none/socket"
	[ "$status" -ne 0 ]
	[[ $output == *"tracer: cannot listen at '$SCRATCH/none/socket'"* ]]
}

@test "a machine that executes nothing gives empty profiles" {
	trace_nothing "out=$SCRATCH,region=app:1000:2000"
	[ "$status" -eq 0 ]
	printf '0\n0\n' | cmp - "$SCRATCH/app.raw"
	[ ! -s "$SCRATCH/blocks.txt" ]
	jq -e '.schema == 1 and .total.instructions == 0 and .window == "whole"' "$SCRATCH/trace.json"
}

@test "control answers while no guest runs, and says what it cannot write" {
	coproc qemu { timeout 60 qemu-system-x86_64 -nodefaults -display none -M none -accel tcg -S \
		-monitor stdio -plugin "$TOOLS/tracer.so,window=control,control=$SCRATCH/s,region=a:1:2" 2>"$SCRATCH/err" 3>&-; }
	eventually test -S "$SCRATCH/s"
	run socat -t 10 - "UNIX-CONNECT:$SCRATCH/s" <<-END
		start
		stop
		write $SCRATCH
		write $SCRATCH/none
		dance
	END
	echo quit >&"${qemu[1]}"
	[ "${lines[0]}" = ok ]
	[ "${lines[1]}" = ok ]
	[ "${lines[2]}" = ok ]
	[[ ${lines[3]} == "error: cannot write '$SCRATCH/none/a.raw': No such file or directory" ]]
	[[ ${lines[4]} == 'error: the commands are'* ]]
	[ -f "$SCRATCH/a.raw" ]
	eventually sh -c "[ ! -e '$SCRATCH/s' ]"
	grep -q 'tracer: cannot write' "$SCRATCH/err"
}

@test "a full disk is an error of the answer, and leaves nothing half" {
	mkdir "$SCRATCH/small"
	mount -t tmpfs -o size=4k none "$SCRATCH/small" 2>/dev/null || skip 'cannot mount here'
	trace_nothing "out=$SCRATCH/small,region=app:1000:2000"
	files=$(ls "$SCRATCH/small")
	umount "$SCRATCH/small"
	[[ $output == *"tracer: cannot write '$SCRATCH/small/"*'No space left on device'* ]]
	[[ $files != *tmp* ]]
}

@test "record: what is no generation, no choice, no number" {
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/r"
	[ "$status" -eq 2 ]
	[[ $output == *"'$SCRATCH' is no generation: it has no image"*'make image'* ]]
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/r" --until noon
	[ "$status" -eq 2 ]
	[[ $output == *"'noon' is nothing to record until"* ]]
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/r" --until load
	[[ $output == *'there is no load to record'* ]]
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/r" --until end --load true
	[[ $output == *'a load is recorded with --until load only'* ]]
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/r" --port 99999
	[[ $output == *"'99999' is not a port"* ]]
	run "$TOOLS/record" --output "$SCRATCH/r"
	[ "$status" -eq 64 ]
	[ ! -e "$SCRATCH/r" ]
}

fake_generation() {
	printf 'app x\nmachine microvm\nmemory 64M\ncommand /bin/x\nready http:80/\n' >"$SCRATCH/image.spec"
	echo no-image >"$SCRATCH/image"
}

@test "record: KVM cannot be traced; a port in use; an output that is there" {
	fake_generation
	run env ACCEL=kvm "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/r"
	[ "$status" -eq 2 ]
	[[ $output == *"the tracer is part of QEMU's emulator"* ]]
	port=$(free_port)
	socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr" /dev/null 3>&- &
	holder=$!
	sleep 0.5
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/r" --port "$port"
	kill "$holder" || true
	[ "$status" -eq 2 ]
	[[ $output == *"port $port of 127.0.0.1 is in use"* ]]
	mkdir "$SCRATCH/r"
	touch "$SCRATCH/r/mine"
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/r"
	[ "$status" -eq 2 ]
	[[ $output == *"'$SCRATCH/r' is there already"* ]]
	[ "$(ls "$SCRATCH/r")" = mine ]
}

@test "record: ELF files that are missing or none leave no output" {
	fake_generation
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/new/r"
	[ "$status" -eq 2 ]
	[[ $output == *"cannot read '$SCRATCH/vmlinux.debug'"* ]]
	echo text >"$SCRATCH/vmlinux.debug"
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/new/r"
	[ "$status" -eq 2 ]
	[[ $output == *"vmlinux.debug' is not a 64-bit ELF program"* ]]
	[ "$(ls "$SCRATCH/new")" = r.lock ]
}

# A program with one instruction of code; $1: its address, the rest are names of files.
program() {
	local address=$1 file
	shift
	for file; do
		printf '.globl _start, delay_tsc\n_start: nop\ndelay_tsc: hlt\n' |
			clang-19 -target x86_64-linux-gnu -nostdlib -static -fuse-ld=lld-19 -Wl,--build-id \
				-Wl,-Ttext="$address" -x assembler - -o "$SCRATCH/$file"
	done
}

@test "record: programs at the same addresses: init is left out, others are refused" {
	fake_generation
	program 0xffffffff80200000 vmlinux.debug
	program 0x201000 x.debug init.debug
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/new/r" --until end
	[[ $output == *'init is left out: its code is at the addresses of x'* ]]
	[ "$status" -eq 2 ] # the image is none
	program 0x201000 vmlinux.debug
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/new/r" --until end
	[ "$status" -eq 2 ]
	[[ $output == *'the code of x and of vmlinux is at the same addresses'* ]]
}

@test "record: rules that are not understood, a tracer that is not there" {
	fake_generation
	program 0xffffffff80200000 vmlinux.debug
	program 0x201000 x.debug
	program 0x301000 init.debug
	for rule in 'exclude delay_tsc' 'leave delay_tsc: it waits' 'exclude a b: it waits' 'exclude : it waits'; do
		printf '# rules\n\n%s\n' "$rule" >"$SCRATCH/rules"
		run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/new/r" --rules "$SCRATCH/rules"
		[ "$status" -eq 2 ]
		[[ $output == *"$SCRATCH/rules:3: this is not 'exclude NAME: reason'"* ]]
	done
	run "$TOOLS/record" --generation "$SCRATCH" --output "$SCRATCH/new/r" --tracer "$SCRATCH/none.so"
	[ "$status" -eq 2 ]
	[[ $output == *"the tracer '$SCRATCH/none.so' is not there"* ]]
}
