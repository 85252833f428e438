# Made-up generations for the report's tests: small, complete, and with names that bite.
# shellcheck disable=SC2034 # for the tests

EVIL='<img src=x onerror=alert(1)>'
EVIL_END='</script><script>alert(2)</script>'

# generation N [PROFILE]: a manifest, system calls, the shaker's record.
generation() {
	local directory=$SCRATCH/out/web/$1 profile=${2:+\"$2\"}
	mkdir -p "$directory"
	jq -n --argjson n "$1" --argjson profile "${profile:-null}" '{schema: 1, app: "web", generation: $n, profile: $profile,
		machine: "microvm", march: "x86-64-v2", shake: "full", initramfs_bytes: 4000,
		image: {path: "image", bytes: (9000 + 1000 * $n), xz_bytes: (300000 + 100 * $n), sha256: "image\($n)"},
		kernel: {text_bytes: 5000, functions: 120}, app_elf: {bytes: 3000, text_bytes: 2000},
		components: [{name: "linux", version: "6.12", source_sha256: "a", capsule: "b"}],
		syscalls: {kept: ["read", "write"], dropped: 2}, seconds: {total: 1.5, by_stage: {image: 1.5}},
		boot: {ready_ms: 600, emulated: true, memory: "64M", accelerator: "tcg"}}' >"$directory/manifest.json"
	jq -n --arg evil "$EVIL" '{schema: 1, kept: [
		{name: "read", number: 0, sites: [
			{program: "web", function: "read", caller: $evil, file: "src/\($evil).c", line: 7,
				how: "syscall instruction", arguments: [null, null, [128, 4096]]},
			{program: "web", function: "read", caller: "loop", file: "src/loop.c", line: 9, how: "syscall instruction", arguments: []}]},
		{name: "write", number: 1, sites: []}], absent: [], excluded: [], programs: ["web"]}' >"$directory/syscalls.json"
	jq -n --arg evil "$EVIL_END" '{schema: 1, mode: "full", kinds: ["function", "variable"],
		cuts: [{class: "syscall", name: "ptrace", evidence: "no call"}],
		syscalls: {kept: [], dropped: [{name: "ptrace", number: 101, handler: "sys_ptrace"}, {name: $evil, number: 999}]},
		nodes: {name: ["tcp_ack", "sys_ptrace", $evil, "table"], file: ["net/ipv4/tcp.c", "kernel/ptrace.c", "kernel/ptrace.c", ""],
			kind: [0, 0, 0, 1], live: [1, 0, 0, 0], cut: [0, 1, 1, 0], instructions: [1000, 400, 200, 0]}}' >"$directory/shake.json"
}

# programs N: vmlinux.debug and web.debug, linked, with line tables and a symbol that is markup.
programs() {
	local directory=$SCRATCH/out/web/$1
	mkdir -p "$SCRATCH/src/net"
	printf '%s\n' 'int evil(int a) __asm__("'"$EVIL"'"); int table[64] = {1};' \
		'int evil(int a) { int i, s = 0; for (i = 0; i < a; i++) s += table[i & 63] * a; return s; }' \
		'int twice(int a) { return evil(a) * evil(a + 1); }' >"$SCRATCH/src/net/core.c"
	printf '%s\n' 'int twice(int a); int start(int a) { return twice(a) + 3; }' >"$SCRATCH/src/start.c"
	(cd "$SCRATCH/src" && clang-19 -gmlt -O1 -ffreestanding -nostdlib -static -fuse-ld=lld -Wl,-e,start,-z,noseparate-code \
		net/core.c start.c -o "$directory/web.debug")
	cp "$directory/web.debug" "$directory/vmlinux.debug"
}

# measured N FACTOR: bench.json and its siblings.
measured() {
	local directory=$SCRATCH/out/web/$1
	jq -n --argjson n "$1" --argjson f "$2" '{schema: 1, app: "web", generation: $n, subject: "\($n)", image_sha256: "image\($n)",
		complete: true, session: "one", accelerator: "tcg", emulated: true,
		conditions: {accelerator: "tcg", qemu: "7.2", vmm_arguments: ["-M", "microvm"], load: {name: "get"}},
		requests: 100, per_request: {instructions: (30000 * $f), taken_branches: (2000 * $f), l1i_misses: (1800 * $f), l1d_misses: 900, itlb_misses: 0.5},
		per_request_by: [{name: "kernel", instructions: (20000 * $f), taken_branches: 1500, l1i_misses: 1000, l1d_misses: 10, itlb_misses: 0},
			{name: "app", instructions: (10000 * $f), taken_branches: 500, l1i_misses: 800, l1d_misses: 10, itlb_misses: 0}],
		boot: {instructions: 15800000, wall_ms: 600},
		latency_ns: {p50: 400000, p90: 600000, p99: 1900000, p999: 7000000}, closed_latency_ns: {p50: 390000, p90: 500000, p99: 1200000, p999: 4000000},
		icount: {requests: 10, latency_ns: {p50: 33000, p90: 36000, p99: 52000}}, throughput_rps: 2450, failed_requests: 0}' >"$directory/bench.json"
	jq -n --argjson f "$2" --arg evil "$EVIL" '{schema: 1, requests: 100, regions: [
		{name: "vmlinux", instructions: 1, symbols: [{name: "tcp_ack", instructions: (90000 * $f)}, {name: "schedule.llvm.77", instructions: 50000}]},
		{name: "web", instructions: 1, symbols: [{name: $evil, instructions: 1234}, {name: "parse", instructions: 70000}]}]}' >"$directory/bench.symbols.json"
	printf '%s\n' "web;main;$EVIL 900" 'web;main;loop 5000' 'web;main;loop;read;do_syscall_64_[k];tcp_recvmsg_[k] 3000' \
		"web;main;parse $((1000 * (1 + $1)))" >"$directory/bench.folded"
}

compared() { # FROM TO
	jq -n --argjson from "$1" --argjson to "$2" --arg evil "$EVIL" '{schema: 1, app: "web", from: $from, to: $to,
		inputs: [{name: "profile", from: null, to: "abc", changed: true}, {name: "linux", from: "6.12", to: "6.12", changed: false},
			{name: "recipe", from: null, to: null, changed: null}],
		size: {parts: [{name: "image", depth: 0, from: 900000, to: 901000, delta: 1000}],
			units: [{name: "vmlinux", added: 1, removed: 2, grew: 3, shrank: 4, up_bytes: 5, down_bytes: 6, delta_bytes: -1}],
			symbols: [{unit: "web", name: $evil, from: null, to: 40, delta: 40}, {unit: "web", name: "parse", from: 90, to: 70, delta: -20}]},
		syscalls: {from: 2, to: 2, added: [], removed: ["tkill"]}, drivers: {added: [], removed: []}, functions: {from: 1, to: 1},
		measures: [{name: "instructions", title: "guest instructions", unit: "per request", kind: "exact", from: 30000, to: 25500, percent: -15.0,
			n: [5, 5], p: 0.008, significant: true, lower_is_better: true}],
		measures_note: "measured in different sessions: <noise>",
		not_compared: [{what: "memory", why: "it was not measured"}], budget: [],
		verdict: {text: "larger by 0.1 %, 15.0 % fewer instructions a request", gate: null}}' >"$SCRATCH/out/web/diff-$1-$2.json"
}

# Two generations with everything.
everything() {
	generation 0
	generation 1 abc
	programs 0
	programs 1
	measured 0 1
	measured 1 0.85
	compared 0 1
}

report() { "$TOOLS/report" --out "$SCRATCH/out" --app web --output "$SCRATCH/report.html" "$@"; }
