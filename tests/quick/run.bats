# run: what can go wrong before a guest is up

load ../helpers

setup() {
	scratch
	printf 'app x\nmachine microvm\nmemory 64M\ncommand /bin/x\nready http:80/\n' >"$SCRATCH/spec"
	echo no-image >"$SCRATCH/image"
}
teardown() { discard_scratch; }

@test "a port in use is named, with what to do" {
	port=$(free_port)
	socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr" /dev/null 3>&- &
	holder=$!
	sleep 0.5
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec" --port "$port"
	kill "$holder" || true
	[ "$status" -eq 2 ]
	[[ $output == *"port $port of 127.0.0.1 is in use"*'PORT='* ]]
}

@test "without QEMU the error says what to install" {
	mkdir "$SCRATCH/bin"
	ln -s "$(command -v sh)" "$SCRATCH/bin/"
	run env PATH="$SCRATCH/bin" "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec"
	[ "$status" -eq 2 ]
	[[ $output == *"'qemu-system-x86_64' is not installed"* ]]
	[[ $output == *'apt-get install qemu-system-x86'* ]]
}

@test "an image that is not there" {
	run "$TOOLS/run" --image "$SCRATCH/none" --spec "$SCRATCH/spec"
	[ "$status" -eq 2 ]
	[[ $output == *"there is no image '$SCRATCH/none'"* ]]
}

@test "something that is no image ends with a sentence, and no QEMU is left" {
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec" --log "$SCRATCH/log"
	[ "$status" -eq 2 ]
	[[ $output == *"without the app's exit status"* ]]
	[[ $output == *"the console is $SCRATCH/log"* ]]
}

@test "a READY that is neither http nor tcp" {
	sed -i 's/^ready.*/ready udp:53/' "$SCRATCH/spec"
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec"
	[ "$status" -eq 2 ]
	[[ $output == *"'udp:53', is none of http:PORT/PATH, https:PORT/PATH, exchange:"* ]]
}

@test "what the image is not built for is refused" {
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec" --cpus 2
	[ "$status" -eq 2 ]
	[[ $output == *"x's image is for 1 processor, not 2"*'CPUS'* ]]
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec" --cpus 9
	[ "$status" -eq 64 ]
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec" --disk "$SCRATCH/disk"
	[ "$status" -eq 2 ]
	[[ $output == *"x's image has no disk"* ]]
	[ ! -e "$SCRATCH/disk" ]
}

@test "ports of which READY's is none" {
	printf 'port tcp:443\nport udp:80\n' >>"$SCRATCH/spec"
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec"
	[ "$status" -eq 2 ]
	[[ $output == *"PORTS of x lacks port 80"* ]]
}

@test "the second port in use is named" {
	printf 'port tcp:80\nport tcp:81\n' >>"$SCRATCH/spec"
	port=$(free_port)
	socat "TCP-LISTEN:$((port + 1)),bind=127.0.0.1,reuseaddr" /dev/null 3>&- &
	holder=$!
	sleep 0.5
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec" --port "$port"
	kill "$holder" || true
	[ "$status" -eq 2 ]
	[[ $output == *"port $((port + 1)) of 127.0.0.1 is in use"* ]]
}

@test "what cannot be a disk is said, and left alone" {
	echo 'disk /data 32M' >>"$SCRATCH/spec"
	refused() {
		run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec" --disk "$1"
		[ "$status" -eq 2 ]
		[[ $output == *"$2"* ]]
	}
	refused "$SCRATCH" 'cannot open the disk'
	refused /dev/null 'cannot be a disk'
	refused "$SCRATCH/image" 'has no ext4 file system on it'
	[ "$(cat "$SCRATCH/image")" = no-image ]
	refused /proc/none/disk 'cannot'
}

@test "a disk that is not there is made, whole or not at all" {
	echo 'disk /data 32M' >>"$SCRATCH/spec"
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec" --disk "$SCRATCH/new/disk" --log "$SCRATCH/log"
	[[ $output == *"made the disk $SCRATCH/new/disk (32.0 Mi)"* ]]
	/sbin/e2fsck -fn "$SCRATCH/new/disk"
	echo 'disk /data 1M' >>"$SCRATCH/spec"
	run "$TOOLS/run" --image "$SCRATCH/image" --spec "$SCRATCH/spec" --disk "$SCRATCH/new/other" --log "$SCRATCH/log"
	[ "$status" -eq 2 ]
	[ "$(ls "$SCRATCH/new")" = disk ]
}
