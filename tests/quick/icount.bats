# icount without a boot: what it refuses, and what it says it cannot measure.

load ../helpers

setup() {
	scratch
	generation=$SCRATCH/generation
	mkdir "$generation"
	touch "$generation/image" "$generation/vmlinux.debug" "$generation/init.debug"
	spec http:80/ microvm
	printf 'requests 5\nrequest 1 GET / 200\n' >"$SCRATCH/load"
}
teardown() { discard_scratch; }

# image.spec with a way to know that it is ready, and a machine
spec() {
	printf '%s\n' 'app toy' "machine $2" 'memory 64M' 'command /bin/toy' "ready $1" \
		>"$generation/image.spec"
}

icount() {
	"$TOOLS/icount" --generation "$generation" --load "$SCRATCH/load" "$@"
}

# It cannot be measured, and this is why.
because() {
	run icount
	[ "$status" -eq 1 ]
	[ "$(jq -r .reason <<<"$output")" = "$1" ]
	[ "$(jq -r 'keys | join(" ")' <<<"$output")" = reason ]
}

@test "icount: a kernel without a system call that the client needs" {
	jq -n '{schema: 1, kept: ["read", "write", "open", "close", "poll", "rt_sigaction", "fork", "execve",
		"wait4", "kill", "clock_gettime", "exit_group"] | map({name: .})}' >"$generation/syscalls.json"
	because "this generation's kernel has no socket, connect, which the client in the guest uses"
}

@test "icount: another machine, another protocol, no ELF file of the kernel" {
	spec http:80/ q35
	because 'the machine is q35, and the client runs in microvm images only'
	spec tcp:6379 microvm
	printf 'protocol tls\nrequests 5\nexchange 1 "a" resp\n' >"$SCRATCH/tls"
	run "$TOOLS/icount" --generation "$generation" --load "$SCRATCH/tls"
	[ "$(jq -r .reason <<<"$output")" = 'the client in the guest speaks HTTP/1.1 and plain TCP, not TLS' ]
	spec http:80/ microvm
	rm "$generation/vmlinux.debug"
	because "there is no vmlinux.debug: only what 'make image' made is counted by instructions from inside"
}

@test "icount: a load that is too large for the client" {
	printf 'requests 5\nwarmup 200000\nrequest 1 GET / 200\n' >"$SCRATCH/load"
	because 'the load has 200000 requests, and the client in the guest plays at most 100000'
}

@test "icount: what record complains of is the reason" {
	run icount
	[ "$status" -eq 1 ]
	[[ $(jq -r .reason <<<"$output") == *"vmlinux.debug'"* ]]
}

@test "icount: mistakes on the command line" {
	for wrong in --requests=0 --requests=-1 --requests=5x --timeout=0; do
		run icount "$wrong"
		[ "$status" -eq 64 ]
		[[ $output == *'takes a number from 1 to'* ]]
	done
	run "$TOOLS/icount" --generation "$generation"
	[ "$status" -eq 64 ]
	run "$TOOLS/icount" --generation "$SCRATCH/none" --load "$SCRATCH/load"
	[ "$status" -eq 2 ]
	[[ $output == *"none' is no generation: it has no image"* ]]
	run icount --load "$SCRATCH/none"
	[ "$status" -eq 2 ]
	[[ $output == *"none'"* ]]
}

@test "icount: the result goes into a file, and nothing is left besides" {
	export TMPDIR=$SCRATCH/tmp
	mkdir "$TMPDIR"
	run icount --output "$SCRATCH/result.json"
	[ "$status" -eq 1 ]
	jq -e .reason "$SCRATCH/result.json"
	[ -z "$(ls "$TMPDIR")" ]
}

@test "record: a program is NAME=ELF" {
	for wrong in name =elf; do
		run "$TOOLS/record" --generation "$generation" --output "$SCRATCH/r" --program "$wrong"
		[ "$status" -eq 64 ]
		[[ $output == *"--program takes NAME=ELF, not '$wrong'"* ]]
	done
}
