# The guest's init, with a small server that shows what it was given

load ../helpers

setup_file() {
	mk image APP=tiny RECIPES=tests/data/recipes O="$OUT/tests/out" TOOLS="$TOOLS" >&2
}
setup() {
	scratch
	GENERATION=$OUT/tests/out/tiny/latest
}
teardown() {
	end_guest
	discard_scratch
}

get() {
	curl -sS --max-time 5 --noproxy '*' "http://127.0.0.1:$PORT$1"
}

@test "arguments of the recipe come first, then those behind --" {
	boot "$GENERATION" --arguments 'more "and more"'
	run get /arguments
	[ "${lines[0]}" = /bin/tiny ]
	[ "${lines[1]}" = 'two words' ]
	[ "${lines[2]}" = more ]
	[ "${lines[3]}" = 'and more' ]
	shut_down
}

@test "environment of the recipe, and NAME=value of the command line" {
	boot "$GENERATION" --append 'COLOUR=blue FLAVOUR=strong'
	run get /environment
	[[ $output == *FLAVOUR=strong* ]]
	[[ $output != *FLAVOUR=plain* ]]
	[[ $output == *COLOUR=blue* ]]
	[[ $output == *PATH=/bin* ]]
	shut_down
}

@test "an address by DHCP" {
	boot "$GENERATION" --append 'ip=dhcp'
	[ "$(get /)" = ok ]
	shut_down
}

@test "mounts are there, and not for programs" {
	boot "$GENERATION"
	run get /mounts
	[[ $output == *'proc /proc proc rw,nosuid,nodev,noexec'* ]]
	[[ $output == *'tmpfs /tmp tmpfs rw,nosuid,nodev,noexec'* ]]
	[[ $output == *'tmpfs /run tmpfs'* ]]
	shut_down
}

@test "the guest carries the record of what it was made of" {
	boot "$GENERATION"
	get /record | jq -e '.app == "tiny" and (.components | map(.name) | index("linux") != null)'
	shut_down
}

@test "ctrl-C on the console stops the app and powers off, status 0" {
	boot "$GENERATION"
	shut_down
	[ "$STATUS" -eq 0 ]
	grep -q 'anneal: signal TERM' "$CONSOLE"
	grep -q 'anneal: exit status 143' "$CONSOLE"
}

@test "the app's exit status reaches the host" {
	boot "$GENERATION"
	get /exit/42 || true
	wait_for_end
	[ "$STATUS" -eq 42 ]
	grep -q 'anneal: exit status 42' "$CONSOLE"
}

@test "a crash is 128 + the signal" {
	boot "$GENERATION"
	get /crash || true
	wait_for_end
	[ "$STATUS" -eq 139 ]
}

@test "signals are passed on from the console, anything else is answered" {
	boot "$GENERATION"
	echo 'signal HUP' >&8
	eventually sh -c "[ \"\$(curl -s http://127.0.0.1:$PORT/signals)\" = 1 ]"
	echo 'make coffee' >&8
	eventually grep -q "not understood: 'make coffee'" "$CONSOLE"
	echo stop >&8
	wait_for_end
	[ "$STATUS" -eq 143 ]
}

@test "orphans are reaped" {
	boot "$GENERATION"
	get /orphan
	[ "$(get /children)" -gt 2 ]
	eventually sh -c "[ \"\$(curl -s http://127.0.0.1:$PORT/children)\" = 2 ]"
	sleep 0.5
	[ "$(get /zombies)" = 0 ]
	shut_down
}

@test "a program that cannot be run is a clear line and status 126" {
	printf '.globl _start\n_start: ret\n' |
		clang-19 --target=i386-linux-gnu -nostdlib -static -fuse-ld=lld-19 -x assembler - -o "$SCRATCH/i386"
	directory=$(repack "$GENERATION/plan.json" "$SCRATCH/i386")
	run "$TOOLS/run" --image "$directory/image" --spec "$GENERATION/image.spec" </dev/null
	[ "$status" -eq 126 ]
	[[ $output == *"anneal: fatal: cannot run '/bin/tiny': not an x86-64 program"* ]]
}

@test "a processor that lacks what the image needs is refused by name" {
	plan=$SCRATCH/plan.json
	jq '.cpu_needs = ["sse4.2", "avx512f"]' "$GENERATION/plan.json" >"$plan"
	directory=$(repack "$plan" "$OUT/tests/out/tiny/build/tiny.elf")
	run "$TOOLS/run" --image "$directory/image" --spec "$GENERATION/image.spec" </dev/null
	[ "$status" -eq 125 ]
	[[ $output == *"anneal: fatal: this processor lacks 'avx512f'"* ]]
}

@test "MARCH=x86-64-v3 runs where v3 is, and says what is missing elsewhere" {
	mk image APP=tiny RECIPES=tests/data/recipes O="$SCRATCH/out" TOOLS="$TOOLS" MARCH=x86-64-v3
	jq -e '.march == "x86-64-v3"' "$SCRATCH/out/tiny/0/manifest.json"
	run "$TOOLS/run" --image "$SCRATCH/out/tiny/0/image" --spec "$SCRATCH/out/tiny/0/image.spec" \
		--qemu -cpu --qemu Nehalem </dev/null
	[ "$status" -eq 125 ]
	[[ $output == *'fatal: this processor lacks'*'built with MARCH'* ]]
}

@test "no QEMU is left when run is killed" {
	boot "$GENERATION"
	qemu=$(pgrep -P "$RUN_PID" qemu)
	kill -KILL "$RUN_PID"
	eventually sh -c "case \$(ps -o stat= -p $qemu) in Z* | '') true ;; *) false ;; esac"
}

# Initramfs and final link anew, with another plan or app; prints the directory.
repack() {
	local build=$OUT/tests/out/tiny/build
	"$TOOLS/pack" --image "$GENERATION/image.spec" --plan "$1" --init "$build/init.elf" --app "$2" \
		--output "$SCRATCH/initramfs.cpio"
	"$TOOLS/seal" --plan "$1" --kernel "$build/vmlinux.elf" --init "$build/init.elf" --app "$2" \
		--initramfs "$SCRATCH/initramfs.cpio" --output "$SCRATCH/candidate"
	echo "$SCRATCH/candidate"
}
