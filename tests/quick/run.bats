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
