# What the shaker leaves and drops, on the real kernel

load ../helpers

setup_file() {
	mk image APP=nginx O="$OUT" TOOLS="$TOOLS" >&2
}
setup() { scratch; }
teardown() {
	end_guest
	discard_scratch
}

GENERATION=$OUT/nginx/latest
B=$OUT/nginx/build

get() {
	curl -sS --max-time 20 --noproxy '*' "$@"
}

# Shake with other inputs than the build's, link, seal: $1 is the directory for it.
shaken_otherwise() {
	local directory=$1 syscalls=$2 rules=$3
	mkdir -p "$directory"
	"$TOOLS/shake" --cache "$(cache)" --plan "$B/plan.json" --module "$B/joined.bc" \
		--syscalls "$syscalls" --files "$B/initramfs.cpio" --rules "$rules" \
		--machine kernel/machines/microvm.machine --mode full \
		--output "$directory/shaken.bc" --record "$directory/shake.json"
	"$TOOLS/link" --cache "$(cache)" -j "$JOBS" --plan "$B/plan.json" --unit vmlinux \
		--shaken "$directory/shaken.bc" --output "$directory/vmlinux.elf"
	"$TOOLS/seal" --plan "$B/plan.json" --kernel "$directory/vmlinux.elf" \
		--initramfs "$B/initramfs.cpio" --init "$B/init.elf" --app "$B/nginx.elf" \
		--record "$directory/shake.json" --syscalls "$syscalls" --output "$directory/image"
	cp "$B/image.spec" "$directory/image/"
}

@test "figures: functions, text, system calls, each with a call site" {
	jq -e '.shake == "full" and .kernel.functions <= 6000 and .kernel.text_bytes <= 1800000
		and .image.bytes <= 5000000 and .image.xz_bytes <= 1700000
		and (.syscalls.kept | length) <= 90' "$GENERATION/manifest.json"
	jq -e '(.kept | length > 20) and (.kept | all(.sites | length > 0))
		and all(.kept[].sites[]; .program and .function)' "$GENERATION/syscalls.json"
}

@test "no address of the kernel is writable and executable, and none of its symbols is an export" {
	run llvm-readelf-19 -lW "$GENERATION/vmlinux.debug"
	[[ $output == *LOAD* ]]
	! llvm-readelf-19 -lW "$GENERATION/vmlinux.debug" | grep LOAD | grep -q 'RWE'
	! llvm-nm-19 "$GENERATION/vmlinux.debug" | grep -q __export_symbol_
}

# The negative control: a system call that is needed is taken away by hand.
@test "a call of a dropped system call is said, counted, and ENOSYS" {
	export EXPECT_DROPPED=1
	jq '.kept |= map(select(.name != "getppid"))' "$B/syscalls.json" >"$SCRATCH/syscalls.json"
	shaken_otherwise "$SCRATCH/without" "$SCRATCH/syscalls.json" kernel/shake.rules
	boot "$SCRATCH/without/image"
	get -o /dev/null "http://127.0.0.1:$PORT/"
	shut_down
	[ "$STATUS" -eq 0 ]
	grep -aE 'anneal: dropped system call 110 \(getppid\) called from 0x[0-9a-f]+ by nginx\[[0-9]+\]' "$CONSOLE"
	grep -aE 'anneal: [0-9]+ calls of dropped system calls' "$CONSOLE"
	# and the check that every other test has would have failed
	EXPECT_DROPPED=
	run nothing_dropped_was_used
	[ "$status" -ne 0 ]
}

@test "a part that is needed and taken away by hand is missed" {
	{ cat kernel/shake.rules && echo 'skip virtio_net_driver_init: the negative control'; } >"$SCRATCH/rules"
	shaken_otherwise "$SCRATCH/without" "$B/syscalls.json" "$SCRATCH/rules"
	cp "$SCRATCH/without/image/image.spec" "$SCRATCH/spec"
	run timeout 60 "$TOOLS/run" --prove --image "$SCRATCH/without/image/image" --spec "$SCRATCH/spec" \
		--log "$SCRATCH/log" --result "$SCRATCH/result"
	[ "$status" -ne 0 ]
}

@test "every rule is about something that this kernel has" {
	V=1 run "$TOOLS/shake" --plan "$B/plan.json" --module "$B/joined.bc" --syscalls "$B/syscalls.json" \
		--files "$B/initramfs.cpio" --rules kernel/shake.rules --machine kernel/machines/microvm.machine \
		--mode full --output "$SCRATCH/shaken.bc" --record "$SCRATCH/shake.json"
	[ "$status" -eq 0 ]
	[[ $output != *'is not in this kernel'* ]]
	cmp "$SCRATCH/shaken.bc" "$B/shaken.bc"
	cmp "$SCRATCH/shake.json" "$B/shake.json"
}

@test "shaking takes 25 seconds at most" {
	start=$(date +%s%N)
	"$TOOLS/syscalls" --handlers "$B/handlers.json" --program "$B/init.elf" --program "$B/nginx.elf" \
		--allow "$B/syscalls.allow" --files "$B/initramfs.cpio" --output "$SCRATCH/syscalls.json"
	"$TOOLS/shake" --plan "$B/plan.json" --module "$B/joined.bc" --syscalls "$B/syscalls.json" \
		--files "$B/initramfs.cpio" --rules kernel/shake.rules --machine kernel/machines/microvm.machine \
		--mode full --output "$SCRATCH/shaken.bc" --record "$SCRATCH/shake.json"
	[ $((($(date +%s%N) - start) / 1000000)) -le 25000 ]
	cmp "$SCRATCH/syscalls.json" "$B/syscalls.json"
}

@test "why: a kept function by its system call, a dropped one by what it went with" {
	run mk why APP=nginx SYM=tcp_sendmsg O="$OUT" TOOLS="$TOOLS"
	[ "$status" -eq 0 ]
	[[ $output == *'tcp_sendmsg is kept'*'because of '*'-> tcp_sendmsg'*'net/ipv4/tcp.c'* ]]
	run mk why APP=nginx SYM=accept4 O="$OUT" TOOLS="$TOOLS"
	[[ $output == *'because of system call: accept4'*'ngx_event_accept'* ]]
	# a static function that is not the only one of its name
	run mk why APP=nginx SYM=receive_buf O="$OUT" TOOLS="$TOOLS"
	[[ $output == *'receive_buf is kept'*'virtio_net_driver_init'* ]]
	run mk why APP=nginx SYM=ptrace O="$OUT" TOOLS="$TOOLS"
	[[ $output == *'ptrace is dropped with syscall ptrace: no call of number 101 in init and nginx'*'functions went with that'* ]]
	run mk why APP=nginx SYM=init_hw_perf_events O="$OUT" TOOLS="$TOOLS"
	[[ $output == *'is dropped with initcall init_hw_perf_events'*perf_event_open* ]]
	run mk why APP=nginx SYM=tcp_sendmsgg O="$OUT" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *"never had 'tcp_sendmsgg'"*"did you mean 'tcp_sendmsg'"* ]]
	run mk why APP=nginx SYM=tcp_sendmsg O="$OUT" TOOLS="$TOOLS" FORMAT=json
	echo "$output" | jq -e '.kept and .chain[-1].name == "tcp_sendmsg"'
}

@test "size: by part, subsystem, driver, system call and symbol" {
	run mk size APP=nginx O="$OUT" TOOLS="$TOOLS"
	[[ $output == *'kernel text'* ]]
	run mk size APP=nginx BY=subsystem O="$OUT" TOOLS="$TOOLS"
	[[ $output == *net/ipv4* ]]
	run mk size APP=nginx BY=driver O="$OUT" TOOLS="$TOOLS"
	[[ $output == *virtio_net_driver_init* ]]
	run mk size APP=nginx BY=syscall O="$OUT" TOOLS="$TOOLS" LINES=0 FORMAT=json
	echo "$output" | jq -e '(.entries | length > 50) and (.entries | any(.name == "clock_gettime" and .retained_bytes > 1000))'
	run mk size APP=nginx BY=symbol O="$OUT" TOOLS="$TOOLS" FORMAT=json
	# what the start of the kernel retains is nearly all of it
	echo "$output" | jq -e '.entries[0].retained_bytes > 500000'
	run mk size APP=nginx BY=colour O="$OUT" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *'BY=colour is not known'* ]]
}

@test "audit: nothing that nginx uses is dropped" {
	run mk audit APP=nginx O="$OUT" TOOLS="$TOOLS"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'used but dropped: 0'* ]]
	jq -e '(.used_and_kept | length > 40) and (.used_but_dropped | length == 0)
		and (.kept_but_unused | all(.sites | length > 0))' "$B/audit/audit.json"
}

@test "SHAKE=0 has everything, and why says that there is nothing to explain" {
	mk image APP=nginx SHAKE=0 O="$OUT/tests/unshaken" TOOLS="$TOOLS" >&2
	jq -e '.shake == "0" and .syscalls.dropped == 0 and (.syscalls.kept | length > 250)' \
		"$OUT/tests/unshaken/nginx/latest/manifest.json"
	run mk why APP=nginx SYM=tcp_sendmsg O="$OUT/tests/unshaken" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *'was not shaken'*'SHAKE=full'* ]]
	run mk image APP=nginx SHAKE=some O="$OUT" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *'SHAKE=some is not known; there are: 0 syscalls full'* ]]
}
