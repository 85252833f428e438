# measure: what can go wrong before a guest is up
bats_require_minimum_version 1.5.0

load ../helpers

setup() {
	scratch
	mkdir "$SCRATCH/subject"
	printf 'app x\nmachine microvm\nmemory 64M\ncommand /bin/x\nready http:80/\n' \
		>"$SCRATCH/subject/image.spec"
	echo no-image >"$SCRATCH/subject/image"
	printf 'requests 3\nrequest 1 GET /five 200 bytes 5\n' >"$SCRATCH/some.load"
}
teardown() { discard_scratch; }

measure() {
	run --separate-stderr "$TOOLS/measure" "$@" --subject "$SCRATCH/subject"
	echo "$output" "$stderr"
}

@test "conditions: of this machine, without ports and paths, the same twice" {
	ACCEL=tcg measure conditions --load "$SCRATCH/some.load"
	[ "$status" -eq 0 ]
	jq -e --arg sum "$(sha256sum "$SCRATCH/some.load" | cut -d ' ' -f 1)" '.accelerator == "tcg"
		and .cpu == "max" and .machine == "microvm" and .memory == "64M" and .host_cpus >= 1
		and .load == {name: "some", sha256: $sum, requests: 3, warmup: 0, seed: "1"}
		and (.vmm_arguments | index("-kernel") == null and index("64M") != null)' <<<"$output"
	[[ $(jq -r .qemu <<<"$output") == [0-9]* ]]
	[[ $output != *"$SCRATCH"* && $output != *hostfwd* && $output != *tsc_early_khz* ]]
	first=$output
	ACCEL=tcg measure conditions --load "$SCRATCH/some.load"
	[ "$output" = "$first" ]
}

@test "a subject that does not boot is invalid, with QEMU's words, and nothing is left" {
	mkdir "$SCRATCH/tmp"
	TMPDIR=$SCRATCH/tmp measure wall --load "$SCRATCH/some.load" --console "$SCRATCH/console"
	[ "$status" -eq 1 ]
	jq -e 'keys == ["invalid"] and (.invalid | startswith("the guest ended before the app answered"))' \
		<<<"$output"
	[[ $output == *"$(tr -d '\r' <"$SCRATCH/console" | tail -n 1 | tail -c 20)"* ]]
	TMPDIR=$SCRATCH/tmp measure memory
	[ "$status" -eq 1 ]
	jq -e '.invalid | startswith("with its own memory of 64 MiB the subject did not answer: ")' \
		<<<"$output"
	[ -z "$(ls "$SCRATCH/tmp")" ]
}

@test "without wrk or QEMU the error says what to install" {
	mkdir "$SCRATCH/bin"
	for program in qemu-system-x86_64 wrk; do
		run --separate-stderr env PATH="$SCRATCH/bin" "$TOOLS/measure" wall \
			--subject "$SCRATCH/subject" --load "$SCRATCH/some.load"
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		case $program in
		qemu*) [[ $stderr == *"'wrk' is not installed"*'apt-get install wrk'* ]] ;;
		wrk) [[ $stderr == *"'qemu-system-x86_64' is not installed"*'apt-get install qemu-system-x86'* ]] ;;
		esac
		ln -sf "$(command -v wrk)" "$SCRATCH/bin/"
	done
}

@test "no subject, no load, a load with a mistake" {
	rm "$SCRATCH/subject/image"
	measure memory
	[ "$status" -eq 2 ]
	[[ $stderr == *"'$SCRATCH/subject' cannot be measured: it has no image"*'out/APP/N'* ]]
	measure wall --load "$SCRATCH/none.load"
	[ "$status" -eq 2 ]
	[[ $stderr == *"$SCRATCH/none.load"* ]]
	echo 'requext 1 GET / 200' >>"$SCRATCH/some.load"
	measure wall --load "$SCRATCH/some.load"
	[ "$status" -eq 2 ]
	[[ $stderr == *"$SCRATCH/some.load:3: 'requext' is not a directive"* ]]
}

@test "wrong usage" {
	measure
	[ "$status" -eq 64 ]
	measure wall
	[ "$status" -eq 64 ]
	measure wall memory
	[ "$status" -eq 64 ]
	measure everything --load "$SCRATCH/some.load"
	[ "$status" -eq 64 ]
	[[ $stderr == *"'everything' is nothing to measure: give wall, memory or conditions"* ]]
	for option in --seconds --connections --rate; do
		for value in 0 x '' -1 99999999; do
			measure wall --load "$SCRATCH/some.load" "$option" "$value"
			[ "$status" -eq 64 ]
			[[ $stderr == *"error: $option takes a number from "*", not '$value'"* ]]
		done
	done
}

@test "some kinds beside others of other conditions: the command that measures all is named" {
	local sum directory=$SCRATCH/nginx/1
	mkdir -p "$directory"
	sed 's/^app x/app nginx/' "$SCRATCH/subject/image.spec" >"$directory/image.spec"
	echo no-image >"$directory/image"
	sum=$(sha256sum <"$directory/image" | cut -c1-64)
	jq -n '{schema: 1, app: "nginx", generation: 1, image: {bytes: 9, xz_bytes: 9}}' >"$directory/manifest.json"
	jq -n --arg sum "$sum" '{schema: 1, app: "nginx", generation: 1, subject: "1", image_sha256: $sum, complete: true,
		session: "one", conditions: {accelerator: "tcg", load: {name: "some"}}, runs: {exact: [], boot: [], wall: [{}]}}' |
		tee "$directory/bench.json" >"$directory/bench-some.json"
	refused() {
		run "$TOOLS/benchmark" --load "$SCRATCH/some.load" --load-name some --default-load "$1" --only exact "$directory"
		echo "$output"
		[ "$status" -eq 2 ]
		[[ $output == *'measured under different conditions, and they would be lost'*"hint: $2 measures all kinds anew" ]]
	}
	refused some 'make bench APP=nginx GEN=1'
	refused judge 'make bench APP=nginx LOAD=some GEN=1'
}
