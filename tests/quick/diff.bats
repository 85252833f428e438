# diff: two generations of an app that is made up here, from JSON and small ELF files

load ../helpers

setup() {
	scratch
	export STORE=$SCRATCH/out A=$SCRATCH/out/toy
	mkdir -p "$A"
}
teardown() { discard_scratch; }

# An ELF file $1 with symbols "NAME BYTES" from standard input.
elf() {
	awk '{ printf "\t.type \"%s\",@function\n\"%s\":\n\t.zero %d\n\t.size \"%s\", %d\n", $1, $1, $2, $1, $2 }' \
		>"$SCRATCH/elf.s"
	clang-19 --target=x86_64-linux-gnu -c -o "$1" "$SCRATCH/elf.s"
}

# Generation $1, its manifest changed by the jq filter $2.
generation() {
	mkdir -p "$A/$1"
	jq -n --argjson n "$1" '{schema: 1, app: "toy", generation: $n, machine: "microvm", march: "x86-64-v2",
		profile: null, shake: "full", cpu: "any", compiler: "clang 19.1.7", recipe_sha256: "aa", files: {sha256: "ff"},
		image: {bytes: 4000000, sha256: "image\($n)", xz_bytes: 1500000}, initramfs_bytes: 1000000,
		kernel: {text_bytes: 2000000, functions: 5000}, app_elf: {bytes: 900000, text_bytes: 700000},
		syscalls: {kept: ["accept", "read", "write"], dropped: 200},
		components: [{name: "linux", version: "6.12", source_sha256: "s1", capsule: "c1"},
			{name: "toy", version: "1.0", source_sha256: "s2", capsule: "c2"}],
		builds: [{name: "linux", compiler: "clang 19.1.7", flags: [], recipe_sha256: "r1"},
			{name: "toy", compiler: "clang 19.1.7", flags: ["-O2"], recipe_sha256: "r2"}]}' |
		jq "${2:-.}" >"$A/$1/manifest.json"
	shake virtio_net_driver_init serial8250_init >"$A/$1/shake.json"
	printf 'tcp_ack 1000\nicmp_rcv 300\n' | elf "$A/$1/vmlinux.debug"
	echo 'main 500' | elf "$A/$1/toy.debug"
	echo 'main 100' | elf "$A/$1/init.debug"
}

# What the shaker records of a kernel with these drivers.
shake() {
	printf '%s\n' "$@" | jq -R . | jq -s '{kinds: ["function", "assembly"], nodes: {
		kind: (map(0) + map(1)), live: map(1, 1),
		name: (. + map("__initcall__kmod_x__1_2_\(.)6")),
		section: (map("") + map(".initcall6.init..x")),
		file: (map("drivers/x.c") + map(""))}}'
}

# Figures of generation $1: instructions of each run, then a jq filter.
bench() {
	local n=$1 runs=$2
	jq -n --argjson n "$n" --argjson runs "[${runs// /,}]" '
		{p50: 400000, p90: 500000, p99: 900000, p999: 2000000} as $latency |
		{schema: 1, app: "toy", generation: $n, subject: "\($n)", image_sha256: "image\($n)", complete: true,
		session: "one", accelerator: "kvm", emulated: false, conditions: {qemu: "7.2", rate_rps: 500,
			host_cpu: "x", load: {name: "bench", requests: 5000}},
		per_request: {instructions: $runs[0]}, latency_ns: $latency, throughput_rps: 1000,
		memory_min_bytes: 15728640, failed_requests: 0,
		runs: {exact: ($runs | map({instructions: ., by: [{name: "kernel", instructions: (. / 2)}]})),
			boot: ($runs | map({instructions: (. * 500)})),
			wall: ($runs | map({boot_ms: 500, memory_peak_bytes: 14680064,
				closed: {throughput_rps: (1e9 / .), latency_ns: $latency},
				open: {latency_ns: {p50: (. * 10), p90: (. * 11), p99: (. * 12), p999: (. * 13)}}}))}}' |
		jq "${3:-.}" >"$A/$n/bench.json"
}

compare() {
	"$TOOLS/diff" --out "$STORE" --app toy "$@"
}

# The record that compare wrote.
record() {
	jq -e "$1" "$A/diff-0-1.json"
}

two() {
	generation 0
	generation 1 "${1:-.}"
}

# The output as one line: sentences are wrapped.
sentences() {
	tr -s ' \n' ' ' <<<"$output"
}

# compare, with the words in its output and its status.
says() {
	local expected=$1 status_expected=$2
	shift 2
	run compare "$@"
	echo "$output"
	[ "$status" -eq "$status_expected" ]
	[[ $(sentences) == *"$expected"* ]]
}

@test "the last two are compared: parts, symbols, inputs, verdict" {
	generation 0
	generation 3
	generation 4 '.image.bytes = 3600000 | .profile = "0123456789ab" | .march = "x86-64-v3"'
	printf 'tcp_ack 1500\nnew_one 70\n' | elf "$A/4/vmlinux.debug"
	run compare
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'toy: generation 3 -> 4' ]
	[[ $output == *'profile: none -> 0123456789ab'*'march: x86-64-v2 -> x86-64-v3'* ]]
	[[ $output == *'  image                              3.81 Mi     3.43 Mi     -391 Ki    -10.0%'* ]]
	[[ $output == *'    kernel   '*'    initramfs   '*'      app  '*'0 B      0.0%'* ]]
	[[ $output == *'vmlinux  add/remove: 1/1 grow/shrink: 1/0 up/down: 570/-300 (270)'* ]]
	[[ $output =~ tcp_ack\ +vmlinux\ +1,000\ +1,500\ +\+500 ]]
	[[ $output =~ icmp_rcv\ +vmlinux\ +300\ +DEL\ +-300 ]]
	[[ $output =~ new_one\ +vmlinux\ +NEW\ +70\ +\+70 ]]
	[[ $output == *'Total: Before=1900, After=2170, chg +14.2%'* ]]
	[[ $output == *'verdict'*'smaller by 10.0 %, instructions and latency not compared: '* ]]
	jq -e '.schema == 1 and .from == 3 and .to == 4 and .verdict.gate == null
		and ([.size.symbols[] | .name] == ["tcp_ack", "icmp_rcv", "new_one"])
		and (.size.symbols[1] | .from == 300 and .to == null and .delta == -300)' "$A/diff-3-4.json"
	[ ! -e "$A/diff.json" ]
}

@test "a generation against itself: all zero, no difference" {
	two
	bench 1 '30000 30010 30020 30030 30040'
	compare --from 1 --to 1 >"$SCRATCH/text"
	[[ $(tail -n 1 "$SCRATCH/text") == 'no difference' ]]
	jq -e '.verdict.text == "no difference" and .size.symbols == [] and all(.inputs[]; .changed == false)
		and all(.size.parts[], .measures[]; .delta == 0) and all(.measures[]; .significant | not)
		and all(.size.units[]; .added + .removed + .grew + .shrank + .delta_bytes == 0)
		and .syscalls.added + .syscalls.removed + .drivers.added + .drivers.removed == []' "$A/diff-1-1.json"
}

@test "swapped sides swap the signs" {
	two '.image.bytes = 3600000 | .syscalls.kept += ["poll"]'
	printf 'tcp_ack 1500\nnew_one 70\n' | elf "$A/1/vmlinux.debug"
	shake virtio_net_driver_init >"$A/1/shake.json"
	bench 0 '30000 30010 30020 30030'
	bench 1 '27000 27010 27020 27030'
	compare --from 0 --to 1 >/dev/null
	compare --from 1 --to 0 >/dev/null
	jq -e -s '(.[0].size.symbols | length) == 3 and (.[0].measures | length) > 5' "$A/diff-0-1.json" "$A/diff-1-0.json"
	jq -e -s 'def deltas: [(.size.parts[] | [.name, .delta]), (.size.symbols[] | [.name, .delta]),
			(.size.units[] | [.name, .delta_bytes]), (.measures[] | [.name, .delta])] | sort;
		(.[0] | deltas) == (.[1] | deltas | map([.[0], -.[1]]) | sort) and (.[0] | deltas | any(.[1] < 0))
		and .[0].syscalls.added == .[1].syscalls.removed and .[0].drivers.removed == .[1].drivers.added
		and ([.[0].measures[].p] == [.[1].measures[].p])' "$A/diff-0-1.json" "$A/diff-1-0.json"
}

@test "the sum of all changes is the change of the summed size" {
	two
	printf '%s\n' 'tcp_ack.llvm.123 1500' 'tcp_ack.cold 20' '.str.7 5' '.str.7.12 6' 'x.3 9' | elf "$A/1/vmlinux.debug"
	compare >/dev/null
	record '.size as $s | all($s.units[]; . as $u | ([$s.symbols[] | select(.unit == $u.name) | .delta] | add // 0) as $sum
		| $sum == .delta_bytes and $sum == .to_bytes - .from_bytes and $sum == .up_bytes - .down_bytes)
		and $s.units[0].to_bytes == 1540'
}

@test "what compilers add to names is taken off, and static variables of one name are counted" {
	two
	printf '%s\n' 'tcp_ack.llvm.99 900' 'tcp_ack.cold 100' 'icmp_rcv.__uniq.7.isra.0 300' 'key.1 8' 'key.2.llvm.5 8' |
		elf "$A/1/vmlinux.debug"
	run compare
	echo "$output"
	[[ $output == *'vmlinux  add/remove: 1/0 grow/shrink: 0/0 up/down: 16/0 (16)'* ]]
	[[ $output =~ key\ \(2\)\ +vmlinux\ +NEW\ +16\ +\+16 ]]
	record '.size.symbols == [{unit: "vmlinux", name: "key", from: null, to: 16, delta: 16, from_count: 0, to_count: 2}]'
}

@test "LINES and THRESHOLD shorten the list; the rest is counted" {
	two
	{ echo 'tcp_ack 1000' && echo 'icmp_rcv 300' && seq 1 60 | sed 's/.*/f& &/'; } | elf "$A/1/vmlinux.debug"
	run compare
	[ "$(grep -c ' NEW ' <<<"$output")" -eq 25 ]
	[[ $output =~ \[35\ others\]\ +\+630 ]]
	run compare --lines 0 --threshold 51
	[ "$(grep -c ' NEW ' <<<"$output")" -eq 10 ]
	[[ $output =~ \[50\ others\]\ +\+1,275 ]]
	run compare --lines 0
	[ "$(grep -c ' NEW ' <<<"$output")" -eq 60 ]
	[[ $output != *others* ]]
	says "LINES is a number, not 'many'" 64 --lines many
	says "THRESHOLD is a number, not '-1'" 64 --threshold=-1
}

@test "system calls and drivers that came or went" {
	two '.syscalls.kept = ["accept", "poll", "write", "bind"] | .kernel.functions = 4000'
	shake virtio_net_driver_init misc_init >"$A/1/shake.json"
	run compare
	echo "$output"
	[[ $output == *'system calls: 3 -> 4'*'came: bind, poll'*'went: read'* ]]
	[[ $output == *'drivers: 2 -> 2'*'came: misc_init'*'went: serial8250_init'* ]]
	[[ $output == *'kernel functions: 5000 -> 4000'* ]]
	[[ $(sentences) == *'the same size, 1 more system call, 1 driver replaced'* ]]
	record '.functions == {from: 5000, to: 4000} and .syscalls.added == ["bind", "poll"]'
}

@test "what a side does not record is said, and is no difference" {
	two
	jq 'del(.cpu, .builds, .compiler, .recipe_sha256, .files)' "$A/0/manifest.json" >"$SCRATCH/m"
	cp "$SCRATCH/m" "$A/0/manifest.json"
	run compare
	echo "$output"
	[[ $(sentences) == *"not recorded: recipe, files, cpu, compiler, each component's compiler, each component's flags"* ]]
	record '[.inputs[] | select(.name == "cpu" or .name == "toy flags")]
		| length == 2 and all(.changed == null and .why == "not recorded in generation 0" and .from == null)'
	record '.verdict.text | startswith("no difference")'
}

@test "components: versions, flags and one that is new" {
	two '.components[1].version = "1.1" | .builds[1].flags = ["-O2", "-g"]
		| .components += [{name: "zlib", version: "3", source_sha256: "z", capsule: "c"}]'
	run compare
	echo "$output"
	[[ $output == *'toy: 1.0 -> 1.1'*'toy flags: -O2 -> -O2 -g'*'zlib: none -> 3'* ]]
	[[ $output == *'same: '*linux* ]]
	[[ $(sentences) == *'no difference, though these inputs changed: toy, toy flags, zlib'* ]]
}

@test "an unshaken generation has no list of drivers" {
	two '.shake = "0"'
	rm "$A/1/shake.json"
	says 'generation 1 was not shaken (SHAKE=0)' 0
	record '.drivers == null and any(.not_compared[]; .what == "drivers")'
	echo '{"kinds": ["function"], "nodes": {"name": ["x"]}}' >"$A/0/shake.json"
	says 'shake.json of generation 0 lacks columns' 0
	echo '{"kinds": [' >"$A/0/shake.json"
	says 'shake.json of generation 0 cannot be read' 0
}

@test "measures: beyond chance, within it, and too few to tell" {
	two
	bench 0 '30000 30010 30020 30030 30040'
	bench 1 '27000 27010 27020 27030 27040'
	run compare
	echo "$output"
	[[ $output =~ guest\ instructions\ +30,020\ +27,020\ +-10\.0%\ +p=0\.00[78]\ n=5\+5 ]]
	[[ $output =~ kernel\ +15,010\ +13,510\ +-10\.0% ]]
	[[ $output =~ throughput,\ closed\ loop\ +33\.3\ k/s\ +37\.0\ k/s\ +\+11\.1% ]]
	[[ $output =~ boot\ to\ first\ answer\ +500\ ms\ +500\ ms\ +~ ]]
	[[ $(sentences) == *'10.0 % fewer instructions a request, 10.0 % fewer instructions to boot, 10.0 % lower latency p50'* ]]
	record '.measures[0] | .name == "instructions" and .percent < -9.9 and .percent > -10.1 and .n == [5, 5]
		and .p < 0.01 and .significant and .lower_is_better and .kind == "exact"'
	record 'any(.measures[]; .name == "throughput" and (.lower_is_better | not) and .significant)'
	# far apart, but only three runs
	bench 1 '27000 27010 27020'
	run compare
	[[ $output =~ guest\ instructions\ +30,020\ +27,010\ +~\ +n=5\+3 ]]
	[[ $(sentences) == *'instructions a request undecided by so few runs'* ]]
	record '.measures[0] | .p == null and .significant == false'
	# runs that overlap
	bench 1 '27000 30015 30025 33000 30021'
	run compare
	[[ $output =~ guest\ instructions\ +30,020\ +30,021\ +~\ +p= ]]
	# never overlapping, but less apart than runs of one image are
	bench 1 '30110 30120 30130 30140 30150'
	compare >/dev/null
	record '.measures[0] | .p < 0.01 and .percent > 0.3 and .significant == false'
	record '.verdict.text | test("instructions a request unchanged within noise")'
}

@test "runs that are invalid do not count" {
	two
	bench 0 '30000 30010 30020 30030 30040' '.runs.wall[0] = {invalid: "the guest died"}'
	bench 1 '27000 27010 27020 27030 27040'
	compare >/dev/null
	record 'any(.measures[]; .name == "latency_p50" and .n == [4, 5])'
	# of a run whose rate was not held all but the latency of the open loop counts
	bench 0 '30000 30010 30020 30030 30040' '.runs.wall[1, 3].open = {invalid: "the rate was not held"}'
	run compare --budget 'latency_p50<=+5%'
	[ "$status" -eq 2 ]
	record '[.measures[] | select(.group == "latency")] | length == 4 and all(.n == [3, 5] and .p == null)'
	record '[.measures[] | select(.name == "throughput" or .name == "boot_ms" or .name == "memory") | .n] == [[5, 5], [5, 5], [5, 5]]'
	record '.measures[] | select(.name == "latency_p50") | .from == 300200'
}

@test "why a side lacks figures is what bench wrote down" {
	two
	bench 0 '1 1 1 1' '.not_measured = {latency_ns: "the rate of the open loop was not held: RATE="}
		| .runs.wall[].open = {invalid: "x"} | del(.latency_ns)'
	bench 1 '1 1 1 1' '.not_measured = {memory_min_bytes: "no size answers", stacks: "the tracer ended"}
		| del(.memory_min_bytes) | .icount = {reason: "no host tool"}'
	run compare --budget 'latency_p99<=+1%'
	echo "$output"
	[ "$status" -eq 2 ]
	record '[.not_compared[] | {(.what): .why}] | add | .latency == "generation 0 has none: the rate of the open loop was not held: RATE="
		and .["memory least"] == "generation 1 has none: no size answers" and .stacks == "generation 1 has none: the tracer ended"
		and .icount == "generation 1 has none: no host tool"'
	record '.budget[0].why | test("was not held")'
	# both lack it; and one has some runs of it in spite of what was written down
	bench 0 '1 1 1 1' '.icount = {reason: "no host tool"} | .not_measured = {latency_ns: "once"} | .runs.wall[0].open = {invalid: "once"}'
	compare >/dev/null
	record '[.not_compared[] | {(.what): .why}] | add | .icount == "neither generation has it: no host tool" and (has("latency") | not)'
	bench 0 '1 1 1 1' '.icount = {reason: "another"}'
	compare >/dev/null
	record 'any(.not_compared[]; .why == "generation 0 has none: another; generation 1 has none: no host tool")'
}

@test "icount: another client or another number of requests is not compared" {
	local figures='per_request: {instructions: 100}, latency_ns: {p50: 7000}'
	two
	bench 0 '1 1 1 1' ".icount = {requests: 2000, client_sha256: \"aa\", $figures}"
	bench 1 '1 1 1 1' ".icount = {requests: 2000, client_sha256: \"bb\", $figures}"
	says 'icount: another client asked inside the guest (client_sha256)' 2 --budget 'icount_instructions<=+0%'
	record 'all(.measures[]; .group != "icount") and (.budget[0].why | test("client"))'
	bench 1 '1 1 1 1' ".icount = {requests: 500, client_sha256: \"aa\", $figures}"
	says 'icount: 2000 and 500 requests were counted' 0
	record 'all(.measures[]; .group != "icount")'
	bench 1 '1 1 1 1' ".icount = {requests: 2000, $figures}"
	says 'icount: another client' 0
	bench 1 '1 1 1 1' ".icount = {requests: 2000, client_sha256: \"aa\", $figures} | .session = \"two\""
	compare >/dev/null
	record '[.measures[] | select(.group == "icount")] | length == 2 and all(.deterministic and .noise_percent == null)'
}

@test "counts of different sessions: below 5 percent it is noise, of modelled misses below 15" {
	local misses='.runs.exact = [.runs.exact[] | .l1i_misses = .instructions * 1.1 | .by[0].l1i_misses = .l1i_misses]'
	two
	bench 0 '30000 30010 30020 30030' ".session = \"two\" | ${misses/1.1/1}"
	# the same image, the machine less busy
	bench 1 '30800 30810 30820 30830' "$misses"
	run compare --budget 'instructions<=+0% boot<=+0% l1i_misses<=+0%'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $(sentences) == *'measured in different sessions: differences of counts below 5 % are noise, of modelled misses below 15 %; make bench APP=toy GEN="0 1" measures them in turn'* ]]
	record '.verdict.text == "no difference"'
	record '[.measures[] | select(.kind == "exact")] | length > 4 and all(.p <= 0.05 and (.significant | not)
		and .noise_percent == if .name | test("misses") then 15 else 5 end)'
	# more than that is a difference, of instructions and, with 17 %, of misses
	bench 1 '32000 32010 32020 32030' "$misses"
	run compare --budget 'instructions<=+0% l1i_misses<=+0%'
	[ "$status" -eq 1 ]
	record '[.budget[].ok] == [false, false] and all(.measures[] | select(.kind == "exact"); .significant)'
	# what is noise between sessions is a difference in one
	bench 1 '30800 30810 30820 30830' '.session = "two"'
	run compare --budget 'instructions<=+0%'
	[ "$status" -eq 1 ]
	[[ $output != *sessions* ]]
	record '.measures_note == null and (.measures[0] | .significant and .noise_percent == 0.7)'
	# nobody knows whether it was one session
	bench 0 '30000 30010 30020 30030' 'del(.session)'
	bench 1 '30800 30810 30820 30830' 'del(.session)'
	compare >/dev/null
	record '.measures[0] | .significant == false and .noise_percent == 5'
}

@test "deterministic figures differ or do not: one run is enough" {
	two
	bench 0 '1 1 1 1' '.icount = {per_request: {instructions: 100}, latency_ns: {p50: 7000}}'
	bench 1 '1 1 1 1' '.icount = {per_request: {instructions: 101}, latency_ns: {p50: 7000}}'
	run compare
	echo "$output"
	[[ $output =~ guest\ instructions\ +100\ +101\ +\+1\.0%\ +deterministic ]]
	[[ $output =~ latency\ p50\ +7\.00\ us\ +7\.00\ us\ +~\ +deterministic ]]
	bench 1 '1 1 1 1' '.icount = {reason: "QEMU has no icount here"}'
	says 'icount: generation 1 has none: QEMU has no icount here' 0
}

@test "emulated clocks are shown, marked, and decide nothing" {
	two
	bench 0 '30000 30010 30020 30030' '.emulated = true'
	bench 1 '27000 27010 27020 27030' '.emulated = true'
	run compare --budget 'latency_p99<=+5%'
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *'wall clock, emulated: no part of the verdict'*'latency p50'* ]]
	[[ $(sentences) == *'latency not judged: the guest was emulated'* ]]
	[[ $output != *'lower latency'* ]]
	record '.verdict.gate == "cannot compare" and (.budget[0] | .ok == null and (.why | test("emulated")))'
}

@test "clocks compare within a session only, exact counts across them" {
	two
	bench 0 '30000 30010 30020 30030' '.session = "two" | .conditions.rate_rps = 700'
	bench 1 '27000 27010 27020 27030'
	run compare
	echo "$output"
	[[ $(sentences) == *'latency: the clock'?'s figures are of different sessions'* ]]
	[[ $(sentences) == *'10.0 % fewer instructions a request'*'latency not compared: '* ]]
	record 'any(.measures[]; .name == "instructions") and all(.measures[]; .kind != "wall")'
	bench 0 '30000 30010 30020 30030' '.failed_requests = 3'
	says '3 requests to generation 0 failed' 0
}

@test "figures under other conditions are not compared" {
	two
	bench 0 '30000 30010 30020 30030'
	bench 1 '27000 27010 27020 27030' '.conditions.load.requests = 10'
	run compare
	[[ $(sentences) == *'they were measured under'*conditions* ]]
	record '.measures == [] and .not_compared[0].what == "what bench measures"'
	bench 1 '27000 27010 27020 27030' 'del(.conditions)'
	run compare
	record '.measures == [] and (.not_compared[0].why | test("not recorded under which conditions"))'
}

@test "figures that are missing, half-written, of another schema or image are refused, with what to do" {
	two
	says 'generation 0 was not measured; generation 1 was not' 0
	bench 0 '30000 30010 30020 30030'
	says 'make bench APP=toy GEN="0 1"' 0
	bench 1 '1 2 3 4' '.schema = 2'
	says 'what was measured of generation 1 is of another schema' 0
	bench 1 '1 2 3 4' '.complete = false'
	says 'the measurement of generation 1 was not finished' 0
	bench 1 '1 2 3 4' '.image_sha256 = "other"'
	says 'what lies in generation 1 was measured of another image' 0
	bench 1 '1 2 3 4' '.app = "nginx"'
	says "was measured of the app 'nginx'" 0
	bench 1 '1 2 3 4'
	head -c 300 "$A/1/bench.json" >"$SCRATCH/half"
	cp "$SCRATCH/half" "$A/1/bench.json"
	says 'bench.json of generation 1 cannot be read' 0
	for text in '[]' 'null' '{}' '{"schema": 1, "complete": true, "runs": 3, "app": "toy", "image_sha256": "image1", "conditions": {}}' ''; do
		echo "$text" >"$A/1/bench.json"
		run compare
		[ "$status" -eq 0 ]
		record '.measures == [] and (.not_compared | length) > 0'
	done
	bench 1 '1 2 3 4' '.runs = {exact: [7, null, {instructions: "x"}], wall: {}} | .per_request = [] | .latency_ns = "x"'
	run compare
	[ "$status" -eq 0 ]
	record '[.measures[].name] | index("instructions") == null'
}

@test "LOAD: figures of another load, in a file of their own" {
	two
	for n in 0 1; do
		bench "$n" '1 2 3 4' '.conditions.load.name = "judge"'
		mv "$A/$n/bench.json" "$A/$n/bench-judge.json"
		bench "$n" '5 6 7 8'
	done
	compare --load judge >/dev/null
	jq -e '.load == "judge" and .measures[0].from == 2.5' "$A/diff-0-1-judge.json"
	# the recipe's own, by its name
	compare --load bench >/dev/null
	jq -e '.measures[0].from == 6.5' "$A/diff-0-1-bench.json"
	says "was not measured under the load 'other'" 0 --load other
	says "is not the name of a load" 64 --load ../x
}

@test "a budget: kept, exceeded, undecided; the worse answer wins" {
	two '.image.bytes = 4080000 | .syscalls.kept += ["poll"]'
	run compare --budget 'size<=+2% xz<=+0 text<=2Mi functions<=5000'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'within budget: size<=+2% (+2.0%)'* ]]
	record '.verdict.gate == "pass" and (.budget | length == 4 and all(.ok))
		and (.budget[0] | .limit_percent == 2 and .percent == 2)'
	run compare --budget 'size<=+1%'
	[ "$status" -eq 1 ]
	[[ $output == *'over budget: size<=+1% (+2.0%)'* ]]
	record '.verdict.gate == "fail" and .budget[0].ok == false'
	run compare --budget 'syscalls<=+0 size<=+50%'
	[ "$status" -eq 1 ]
	run compare --budget 'size<=+50% instructions<=+0%'
	[ "$status" -eq 2 ]
	[[ $(sentences) == *'cannot compare: instructions<=+0%: generation 0 was not'* ]]
	record '.verdict.gate == "cannot compare" and .budget[1].ok == null'
	run compare --budget 'instructions<=+0% size<=-1%'
	[ "$status" -eq 1 ]
	run compare --budget 'size<=3.9Mi'
	[ "$status" -eq 0 ]
	run compare --budget 'size<=3.8Mi'
	[ "$status" -eq 1 ]
	run compare --budget ' '
	[ "$status" -eq 0 ]
	record '.verdict.gate == null and .budget == []'
}

@test "a budget of measures: noise is no excess, few runs decide nothing" {
	two
	bench 0 '30000 30010 30020 30030 30040'
	bench 1 '30110 30120 30130 30140 30150'
	run compare --budget 'instructions<=+0% throughput>=-0.1% latency_p99<=+1% latency_p50<=1ms'
	echo "$output"
	[ "$status" -eq 1 ]
	record '[.budget[].ok] == [true, false, true, true]'
	bench 1 '33000 33010 33020 33030 33040'
	run compare --budget 'instructions<=+9.9% memory_min<=15Mi'
	[ "$status" -eq 1 ]
	record '[.budget[].ok] == [false, true]'
	bench 1 '33000 33010 33020'
	run compare --budget 'instructions<=+9.9%'
	[ "$status" -eq 2 ]
	[[ $(sentences) == *'runs are too few to tell a change from chance'* ]]
	# a limit of the figure itself needs no comparison, but runs enough to know the figure
	run compare --budget 'instructions<=32000'
	[ "$status" -eq 2 ]
	[[ $(sentences) == *'3 runs are too few to know the figure; 4 are the least'* ]]
	bench 0 '30000'
	bench 1 '33000 33010 33020 33030'
	run compare --budget 'instructions<=32000 boot_ms<=500ms'
	[ "$status" -eq 1 ]
	record '[.budget[].ok] == [false, true]'
	run compare --budget 'instructions<=34000 boot_ms<=499999us'
	[ "$status" -eq 1 ]
	record '[.budget[].ok] == [true, false]'
}

@test "a budget that cannot be read is a sentence, and nothing is written" {
	two
	says "there is no 'sizes' to limit; 'size' perhaps?" 64 --budget 'sizes<=+1%'
	says "there are: size xz kernel" 64 --budget '<=+1%'
	says "a limit of size is written size<=+5%" 64 --budget 'size>=+1%'
	says "a limit of throughput is written throughput>=-5%" 64 --budget 'throughput<=+1%'
	says "a limit of size is written" 64 --budget 'size'
	says "'size' is limited twice" 64 --budget 'size<=+1% size<=+2%'
	for word in 'size<=' 'size<=x' 'size<=+1%%' 'size<=1e9' 'size<=+.5%' 'size<=--1' 'syscalls<=5Ki' 'size<=5 Ki' \
		'size<=99999999999999999999' "size<=$(printf '%5000d' 0 | tr ' ' 9)"; do
		run compare --budget "$word"
		echo "$output"
		[ "$status" -eq 64 ]
		[ "$(wc -c <<<"$output")" -lt 2000 ]
	done
	[ ! -e "$A/diff-0-1.json" ]
	run "$TOOLS/diff" --help
	[ "$status" -eq 0 ]
	[[ $(sentences) == *'throughput>=-5%'*latency_p999* ]]
}

@test "one generation, none, and some that are not there" {
	says "there is no image of 'toy'" 2
	generation 0
	says "'toy' has only generation 0" 2
	[[ $output == *'build another: make image APP=toy'* ]]
	generation 4
	says "'toy' has no generation '3'" 2 --to 3
	[[ $output == *'there are: 0 4'* ]]
	for name in -1 x 0x 4294967296 99999999999999999999 '4 ' ../0; do
		says "'toy' has no generation '$name'" 2 --from="$name"
	done
	says 'is the newest; compare it to which? give TO=N' 2 --from 4
	says "has no generation before 0; give FROM=N" 2 --to 0
	run compare --from 0 --to latest
	[ "$status" -eq 0 ]
	rm -r "$A/0"
	says "'toy' has no generation '0'" 2 --from 0 --to 4
}

@test "damaged files: a manifest stops it, the rest is said" {
	two
	echo '{' >"$A/1/manifest.json"
	says 'manifest.json of generation 1 cannot be read' 2
	rm "$A/1/manifest.json"
	says 'generation 1 has no manifest.json' 2
	echo '{"schema": 2}' >"$A/1/manifest.json"
	says 'manifest.json of generation 1 is not of schema 1' 2
	[ ! -e "$A/diff-0-1.json" ]
	echo '{"schema": 1, "components": 3, "image": [], "syscalls": {"kept": [1, null]}, "builds": "x", "files": 7}' >"$A/1/manifest.json"
	run compare
	[ "$status" -eq 0 ]
	record 'any(.not_compared[]; .what == "image" and .why == "a manifest does not say how large it is")'
	generation 1
	echo text >"$A/1/toy.debug"
	rm "$A/0/init.debug"
	llvm-strip-19 -o "$SCRATCH/stripped" "$A/1/vmlinux.debug"
	cp "$SCRATCH/stripped" "$A/1/vmlinux.debug"
	run compare
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $(sentences) == *"symbols of vmlinux: generation 1: 'vmlinux.debug' has no symbol table"* ]]
	[[ $(sentences) == *"symbols of toy: generation 1: 'toy.debug' is no ELF file"* ]]
	[[ $(sentences) == *"symbols of init: generation 0: 'init.debug' cannot be read"* ]]
	record '.size.units == [] and .size.symbols == []'
}

@test "an ELF file that ends early or is overwritten is no crash" {
	two
	cp "$A/1/vmlinux.debug" "$SCRATCH/whole"
	bytes=$(stat -c %s "$SCRATCH/whole")
	for keep in 0 3 20 64 200 $((bytes / 2)) $((bytes - 70)) $((bytes - 1)); do
		head -c "$keep" "$SCRATCH/whole" >"$A/1/vmlinux.debug"
		run compare
		[ "$status" -eq 0 ]
	done
	for at in $(seq 32 24 "$bytes"); do
		cp "$SCRATCH/whole" "$A/1/vmlinux.debug"
		printf '\377\377\377\177' | dd of="$A/1/vmlinux.debug" bs=1 seek="$at" conv=notrunc status=none
		run compare
		[ "$status" -eq 0 ]
	done
}

@test "long names and odd bytes: whole in JSON, short and harmless on the screen" {
	two
	long=begin_$(printf '%040000d' 0)_end
	printf '%s 5000\nname|with`<b>*[x](y) 4000\ncaf\303\251\377 3000\nred\033[31m 2000\n' "$long" | elf "$A/1/vmlinux.debug"
	compare >"$SCRATCH/text"
	record ".size.symbols[0].name == \"$long\"" >/dev/null
	grep -q '^begin_0*\.\.\.0*_end ' "$SCRATCH/text"
	! grep -q $'\033' "$SCRATCH/text"
	[ "$(wc -L <"$SCRATCH/text")" -le 80 ]
	iconv -f UTF-8 -t UTF-8 "$SCRATCH/text" >/dev/null
	compare --format md >"$SCRATCH/md"
	! grep -q '<b>' "$SCRATCH/md"
	grep -qF '| name\|with\`&lt;b>\*\[x\]\(y\) | vmlinux | NEW | 4,000 | +4,000 |' "$SCRATCH/md"
}

@test "text keeps to 80 columns and has no colour in a pipe" {
	two '.image.bytes = 123456789 | .syscalls.kept = ([range(80) | "a_system_call_\(.)"])'
	bench 0 '30000 30010 30020 30030' '.emulated = true'
	bench 1 '271828182 271828182 271828182 271828182' '.emulated = true'
	run compare --budget 'size<=+1%' --lines 0
	[ "$status" -eq 1 ]
	[[ $output != *$'\e'* ]]
	compare >"$SCRATCH/text"
	[ "$(wc -L <"$SCRATCH/text")" -le 80 ]
	! grep -q ' $' "$SCRATCH/text"
	COLOR=always run compare --budget 'size<=+1%'
	[[ $output == *$'\e[31mover budget:\e[0m'* ]]
}

@test "an earlier comparison is rendered again from its JSON alone" {
	two '.image.bytes = 3600000'
	bench 0 '30000 30010 30020 30030'
	bench 1 '27000 27010 27020 27030'
	compare >"$SCRATCH/text"
	compare --format md >"$SCRATCH/md"
	compare --format json >"$SCRATCH/json"
	cmp "$SCRATCH/json" "$A/diff-0-1.json"
	mv "$A/diff-0-1.json" "$SCRATCH/kept.json"
	rm -r "$A"
	"$TOOLS/diff" --render "$SCRATCH/kept.json" | cmp - "$SCRATCH/text"
	"$TOOLS/diff" --render "$SCRATCH/kept.json" --format md | cmp - "$SCRATCH/md"
	"$TOOLS/diff" --render "$SCRATCH/kept.json" --format json | cmp - "$SCRATCH/json"
	grep -q '^| image | 3.81 Mi | 3.43 Mi | -391 Ki | -10.0% |$' "$SCRATCH/md"
	for text in '{' '[]' '{"schema": 1}' '{"schema": 2, "verdict": {}}' ''; do
		echo "$text" >"$SCRATCH/bad.json"
		run "$TOOLS/diff" --render "$SCRATCH/bad.json"
		[ "$status" -eq 2 ]
		[[ $output == *bad.json* ]]
	done
	run "$TOOLS/diff" --render "$SCRATCH/none.json"
	[ "$status" -eq 2 ]
	# fields of another type are left out
	jq '.inputs = 3 | .size = {parts: [1, {}], symbols: [{}, "x"], units: [{}]} | .measures = [[], {}] | .syscalls = {added: [1]}' \
		"$SCRATCH/kept.json" >"$SCRATCH/odd.json"
	"$TOOLS/diff" --render "$SCRATCH/odd.json" >/dev/null
	says "there is no format 'html'" 64 --format html
	run "$TOOLS/diff" --render "$SCRATCH/kept.json" --budget 'size<=+1%'
	[ "$status" -eq 64 ]
	[[ $(sentences) == *'what --render prints again keeps its verdict: leave --budget out'* ]]
	"$TOOLS/diff" --render "$SCRATCH/kept.json" --budget '' >/dev/null
}

@test "the same files give the same bytes" {
	two
	seq 1 300 | sed 's/.*/f& 7/' | elf "$A/1/vmlinux.debug"
	compare >/dev/null
	cp "$A/diff-0-1.json" "$SCRATCH/first"
	compare >/dev/null
	cmp "$SCRATCH/first" "$A/diff-0-1.json"
	! grep -q "$SCRATCH" "$A/diff-0-1.json"
	record '[.size.symbols[] | select(.delta == 7) | .name] | . == sort and length == 300'
}

@test "20,000 symbols a side are compared within a second" {
	two
	seq 1 20000 | awk '{ print "function_number_" $1 ".llvm.77", 16 + $1 % 50 }' | elf "$A/0/vmlinux.debug"
	seq 1 20000 | awk '{ print "function_number_" $1 + 500, 16 + $1 % 70 }' | elf "$A/1/vmlinux.debug"
	# its own time, whatever else the machine does
	TIMEFORMAT='%U %S'
	{ time compare >/dev/null; } 2>"$SCRATCH/time"
	took_ms=$(awk 'END { print int(1000 * ($1 + $2)) }' "$SCRATCH/time")
	echo "$took_ms ms"
	record '.size.units[0] | .added == 500 and .removed == 500'
	# sanitizers take their time
	nm -D "$TOOLS/diff" | grep -q asan || [ "$took_ms" -lt 1000 ]
}

@test "make diff says what is missing in one sentence, and passes variables on" {
	run mk diff APP=nginx O="$SCRATCH/none" TOOLS="$TOOLS"
	[ "$status" -eq 2 ]
	[[ $output == *"error: there is no image of 'nginx'"*'make image APP=nginx'* ]]
	[ ! -e "$SCRATCH/none" ]
	two '.image.bytes = 4100000'
	mv "$A" "$STORE/nginx"
	mv "$STORE/nginx/0/toy.debug" "$STORE/nginx/0/nginx.debug"
	run mk diff APP=nginx O="$STORE" TOOLS="$TOOLS" FROM=1 TO=0 LINES=3 FORMAT=md BUDGET='size<=+1% text<=+0'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'generation 1 -> 0'*'**within budget:**'* ]]
	jq -e '.load == null and .verdict.gate == "pass"' "$STORE/nginx/diff-1-0.json"
	run mk diff APP=nginx O="$STORE" TOOLS="$TOOLS" LOAD=other BUDGET='size<=+1%'
	[ "$status" -eq 2 ]
	jq -e '.load == "other" and .verdict.gate == "fail"' "$STORE/nginx/diff-0-1-other.json"
}
