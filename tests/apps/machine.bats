# What a recipe asks of its machine: processors, ports, a disk, IPv6, random numbers, huge pages

load ../helpers

setup_file() {
	mk image APP=machine RECIPES=tests/data/recipes O="$OUT/tests/out" TOOLS="$TOOLS" >&2
}
setup() {
	scratch
	GENERATION=$OUT/tests/out/machine/latest
	DISK=$SCRATCH/disk.img
}
teardown() {
	end_guest
	[ -z "${SERVER:-}" ] || kill "$SERVER" 2>/dev/null || true
	discard_scratch
}

get() {
	curl -sS --max-time 20 --noproxy '*' "http://127.0.0.1:$PORT$1"
}

# Boot again in the same test.
boot_again() {
	rm -f -- "$SCRATCH/keyboard"
	boot "$@"
}

# A server on the host; sets SERVER and SERVER_PORT.
serve() {
	"$TOOLS/host-answers" "$@" >"$SCRATCH/server.port" 3>&- &
	SERVER=$!
	eventually test -s "$SCRATCH/server.port" || return 1
	SERVER_PORT=$(cat "$SCRATCH/server.port")
}

# run, to its end, without an answer being waited for: $1 is a limit in seconds.
run_to_end() {
	local limit=$1
	shift
	run timeout "$limit" "$TOOLS/run" --image "$GENERATION/image" --spec "$GENERATION/image.spec" \
		--port "$(free_port)" "$@" </dev/null
}

@test "each processor that is asked for runs threads" {
	for cpus in 1 2 4 8; do
		boot_again "$GENERATION" --cpus $cpus
		[ "$(get /processors)" = "$cpus $cpus" ]
		shut_down
		[ "$STATUS" -eq 0 ]
	done
}

@test "more processors than the image is built for are refused" {
	run_to_end 10 --cpus 9
	[ "$status" -eq 64 ]
	sed 's/^cpus.*/cpus 2/' "$GENERATION/image.spec" >"$SCRATCH/spec"
	run "$TOOLS/run" --image /dev/null --spec "$SCRATCH/spec" --cpus 4
	[ "$status" -eq 2 ]
	[[ $output == *"machine's image is for 2 processors, not 4"* ]]
}

@test "host name, name server, time of day" {
	boot "$GENERATION"
	[ "$(get /hostname)" = test-machine ]
	[[ $(get /resolver) == *'nameserver 10.0.2.3'* ]]
	local guest host
	guest=$(get /time)
	host=$(date +%s)
	[ $((host - guest)) -le 2 ] && [ $((guest - host)) -le 2 ]
	shut_down
}

@test "a name becomes an address by the name server" {
	serve dns 192.0.2.7 || skip "port 53 of 127.0.0.1 is not to be had"
	# 10.0.2.2 is this machine
	boot "$GENERATION" --append ip=10.0.2.15::10.0.2.2:255.255.255.0:other:eth0:off:10.0.2.2
	[ "$(get /resolve/name.example)" = 192.0.2.7 ]
	[ "$(get /hostname)" = other ]
	shut_down
}

@test "every port of the recipe is forwarded, TCP and UDP" {
	boot "$GENERATION" --state "$SCRATCH/run.json"
	local tcp udp answer
	tcp=$(jq '.ports[] | select(.guest == "tcp:81").host' "$SCRATCH/run.json")
	udp=$(jq '.ports[] | select(.guest == "udp:82").host' "$SCRATCH/run.json")
	jq -e --argjson port "$PORT" '.ports[0] == {guest: "tcp:80", host: $port} and .port == $port' "$SCRATCH/run.json"
	[ "$tcp" -eq $((PORT + 1)) ] && [ "$udp" -eq $((PORT + 2)) ]
	exec 7<>"/dev/tcp/127.0.0.1/$tcp"
	echo hello >&7
	read -r -t 20 answer <&7
	[ "$answer" = hello ]
	exec 7<>"/dev/udp/127.0.0.1/$udp"
	echo datagram >&7
	read -r -t 20 answer <&7
	[ "$answer" = datagram ]
	exec 7>&-
	shut_down
}

@test "the host by IPv6, with an address by router advertisement, and ::1" {
	serve tcp6 'the host'
	boot "$GENERATION"
	[ "$(get /loopback6)" = ok ]
	reached() { [ "$(get "/ipv6/$SERVER_PORT")" = 'the host' ]; }
	eventually reached
	shut_down
}

@test "random numbers of the host's" {
	boot "$GENERATION"
	[[ $(get /random) =~ ^[0-9a-f]{32}$ ]]
	[ "$(get /random)" != "$(get /random)" ]
	shut_down
}

@test "what a program maps is in huge pages" {
	boot "$GENERATION"
	[ "$(get /huge)" -ge 4096 ]
	shut_down
}

@test "what is on the disk outlives the machine, and its file system is clean" {
	boot "$GENERATION" --disk "$DISK"
	grep -q 'made the disk' "$SCRATCH/run.err"
	[[ $(get /mounts) == *'/dev/vda /data/files ext4 rw,nosuid,nodev'* ]]
	[ "$(get /append/notes/first)" = ok ]
	shut_down
	/sbin/e2fsck -fn "$DISK"
	[[ $(/sbin/dumpe2fs -h "$DISK" 2>/dev/null) != *needs_recovery* ]]
	boot_again "$GENERATION" --disk "$DISK"
	[ "$(get /file/notes)" = first ]
	[ "$(get /append/notes/second)" = ok ]
	shut_down
	boot_again "$GENERATION" --disk "$DISK"
	[ "$(get /file/notes)" = $'first\nsecond' ]
	shut_down
}

@test "what was synchronized is there after the VMM is killed" {
	for n in 1 2 3; do
		boot_again "$GENERATION" --disk "$DISK" --state "$SCRATCH/run.json"
		[ "$(get /append/notes/line$n)" = ok ]
		kill -KILL "$(jq .qemu_pid "$SCRATCH/run.json")"
		STATUS=0
		wait "$RUN_PID" || STATUS=$?
		exec 8>&-
		[ "$STATUS" -eq 2 ]
	done
	boot_again "$GENERATION" --disk "$DISK"
	[ "$(get /file/notes)" = $'line1\nline2\nline3' ]
	shut_down
	/sbin/e2fsck -fn "$DISK"
}

@test "a disk of which nobody says a file is empty, and gone afterwards" {
	boot "$GENERATION"
	[[ $(get /file/notes) == error:* ]]
	[ "$(get /append/notes/x)" = ok ]
	shut_down
	boot_again "$GENERATION"
	[[ $(get /file/notes) == error:* ]]
	shut_down
}

@test "a full disk is said to the app when it is, and on the console" {
	boot "$GENERATION" --disk "$DISK"
	[[ $(get /fill) == *'No space left on device' ]]
	[[ $(get /append/notes/x) == error:* ]]
	shut_down
	grep -qa "warning: the disk at '/data/files' is full" "$CONSOLE"
	boot_again "$GENERATION" --disk "$DISK"
	grep -qa "warning: the disk at '/data/files' is full" "$CONSOLE"
	[ "$(get /unfill)" = ok ]
	[ "$(get /append/notes/x)" = ok ]
	shut_down
	! grep -qa 'is full' <(tail -n 3 "$CONSOLE")
}

@test "a disk that is cut off, damaged or no disk is said before the boot" {
	boot "$GENERATION" --disk "$DISK"
	shut_down
	cp "$DISK" "$SCRATCH/short"
	truncate -s 16M "$SCRATCH/short"
	run_to_end 10 --disk "$SCRATCH/short"
	[ "$status" -eq 2 ]
	[[ $output == *'is cut off: its file system has 32.0 Mi, the file 16.0 Mi'* ]]
	dd if=/dev/zero of="$SCRATCH/short" bs=4k count=1 conv=notrunc status=none
	run_to_end 10 --disk "$SCRATCH/short"
	[ "$status" -eq 2 ]
	[[ $output == *'has no ext4 file system on it'* ]]
	run_to_end 10 --disk "$SCRATCH"
	[ "$status" -eq 2 ]
	run_to_end 10 --disk /dev/null
	[ "$status" -eq 2 ]
}

@test "a disk whose damage only the kernel finds is said by the guest" {
	boot "$GENERATION" --disk "$DISK"
	shut_down
	# the superblock still says ext4, but its checksum is not its own any more
	printf 'x' | dd of="$DISK" bs=1 seek=$((1024 + 120)) conv=notrunc status=none
	run_to_end 60 --disk "$DISK"
	[ "$status" -eq 125 ]
	[[ $output == *"fatal: cannot mount the disk at '/data/files': "* ]]
	[[ $output == *'warning: the app ended'* || $output == *'warning: anneal: fatal'* ]]
}

@test "a machine without the disk is said by the guest" {
	sed /^disk/d "$GENERATION/image.spec" >"$SCRATCH/spec"
	run timeout 60 "$TOOLS/run" --image "$GENERATION/image" --spec "$SCRATCH/spec" </dev/null
	[ "$status" -eq 125 ]
	[[ $output == *"cannot mount the disk at '/data/files': the machine has no disk"* ]]
}

@test "a disk that is read-only is said" {
	boot "$GENERATION" --disk "$DISK"
	shut_down
	sed /^disk/d "$GENERATION/image.spec" >"$SCRATCH/spec"
	run timeout 60 "$TOOLS/run" --image "$GENERATION/image" --spec "$SCRATCH/spec" \
		--append 'virtio_mmio.device=512@0xfeb00a00:10' --qemu -drive \
		--qemu "if=none,id=d,format=raw,read-only=on,file=$DISK" --qemu -device --qemu virtio-blk-device,drive=d </dev/null
	[ "$status" -eq 125 ]
	[[ $output == *"cannot mount the disk at '/data/files': the disk is read-only"* ]]
}

@test "a disk that has grown is used, and that it could be larger is said" {
	boot "$GENERATION" --disk "$DISK"
	[ "$(get /append/notes/x)" = ok ]
	shut_down
	truncate -s 64M "$DISK"
	boot_again "$GENERATION" --disk "$DISK"
	grep -q "resize2fs $DISK" "$SCRATCH/run.err"
	[ "$(get /file/notes)" = x ]
	shut_down
}

@test "one file is the disk of one machine" {
	boot "$GENERATION" --disk "$DISK"
	run_to_end 20 --disk "$DISK"
	[ "$status" -eq 2 ]
	[[ $output == *'lock'* ]]
	shut_down
}

@test "too little memory is said on the terminal" {
	for memory in 2M 8M 14M; do
		run_to_end 120 --prove --memory $memory
		[ "$status" -eq 2 ]
		[[ $output == *"$memory is too little memory"* ]]
		[[ $output == *'MEM = 96M'* ]]
	done
}

@test "an app that ends at once is said on the terminal, with its status" {
	run_to_end 60 --prove --arguments "end 3"
	[ "$status" -eq 2 ]
	[[ $output == *"the app ended with status 3 before it answered"* ]]
	run_to_end 60 --arguments "end 3"
	[ "$status" -eq 3 ]
	[[ $output == *"warning: the app ended with status 3 before it answered"* ]]
}

@test "an app that never answers is said on the terminal" {
	run_to_end 120 --prove --arguments sleep
	[ "$status" -eq 2 ]
	[[ $output == *"the image did not answer in 60 s (waited for status 200)"* ]]
}
