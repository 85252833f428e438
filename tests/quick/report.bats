# One page about an app's generations, from made-up data

load ../helpers
load ../report

setup() { scratch; }
teardown() { discard_scratch; }

# The JSON of a part of the page.
data_of() {
	sed -n "s|^<script type=\"application/json\" id=\"$1\">\(.*\)</script>\$|\1|p" "$SCRATCH/report.html"
}

page_has() { grep -qF -- "$1" "$SCRATCH/report.html"; }

page_lacks() { ! page_has "$1"; }

page_lacks_pattern() { ! grep -qE -- "$1" "$SCRATCH/report.html"; }

@test "report: a page with all parts, its path printed, nothing else beside it" {
	everything
	run report
	[ "$status" -eq 0 ]
	[ "$output" = "$SCRATCH/report.html" ]
	for part in figures promotion size flame latency functions syscalls diff conditions worth; do
		page_has "<section id=\"$part\""
		page_has "<a href=\"#$part\">"
	done
	page_lacks '<section id="peers"'
	page_has 'larger by 0.1 %, 15.0 % fewer instructions a request'
	page_has '25,500'
	page_has 'Not recorded, so not compared: recipe'
	[ -z "$(find "$SCRATCH" -maxdepth 1 -name 'report*' ! -name report.html)" ]
}

@test "report: the same files give the same bytes, in another directory, too" {
	everything
	report
	cp "$SCRATCH/report.html" "$SCRATCH/first"
	mkdir "$SCRATCH/elsewhere"
	mv "$SCRATCH/out" "$SCRATCH/elsewhere/out"
	"$TOOLS/report" --out "$SCRATCH/elsewhere/out" --app web --output "$SCRATCH/report.html"
	cmp "$SCRATCH/first" "$SCRATCH/report.html"
}

@test "report: markup in names is text everywhere, in JSON, too" {
	everything
	report
	page_has '&lt;img src=x onerror=alert(1)&gt;'
	page_lacks '<img'
	page_lacks '<script>alert'
	# the data's scripts end where they should: as many ends as beginnings
	[ "$(grep -o '<script' "$SCRATCH/report.html" | wc -l)" = "$(grep -o '</script' "$SCRATCH/report.html" | wc -l)" ]
	data_of size-data | jq -e --arg evil "$EVIL" '[.. | strings] | index($evil)'
	data_of size-data | jq -e --arg evil "$EVIL_END" '[.. | strings] | index($evil)'
	data_of flame-data | jq -e --arg evil "$EVIL" '.graph.names | index($evil)'
}

@test "report: nothing from outside, and a policy that forbids it with the script's and the style's hash" {
	everything
	report
	page_lacks_pattern 'https?://|@import|url\((["'\'']?)[^#"'\'']'
	page_lacks_pattern '<(link|img|iframe|object|embed|base)[ >]|[ "]on[a-z]+="'
	page_has "default-src 'none'"
	for part in script style; do
		hash=$(perl -0777 -ne 'print $1 if m{<'$part'>(.*?)</'$part'>}s' "$SCRATCH/report.html" | openssl dgst -sha256 -binary | base64)
		page_has "$part-src 'sha256-$hash'"
	done
}

@test "report: sizes are those of the image, each byte once, with what was dropped estimated" {
	everything
	report
	# the sum of all leaves is image.bytes of the manifest
	[ "$(data_of size-data | jq 'def bytes: if (.[1] | type) == "array" then ([.[1][] | bytes] | add) else .[1] end; .kept | bytes')" = 10000 ]
	# 5000 bytes of text are 1000 instructions, 600 were dropped
	[ "$(data_of size-data | jq 'def bytes: if (.[1] | type) == "array" then ([.[1][] | bytes] | add) else .[1] end; .dropped | bytes')" = 3000 ]
	data_of size-data | jq -e '.reasons == ["syscall ptrace"]'
	# a function is below its source file
	data_of size-data | jq -e '.kept[1][] | select(.[0] == "web") | [.. | strings] | any(endswith("core.c"))'
	page_has 'estimated at 5.00 bytes'
}

@test "report: functions of both generations with the change, suffixes of compilers aside" {
	everything
	report
	row=$(grep -F '<td><code>tcp_ack</code>' "$SCRATCH/report.html" | head -n 1)
	[[ $row == *'>900.0<'*'>765.0<'*'−135.0'*'−15.0 %'* ]]
	grep -qF '<td><code>schedule</code>' "$SCRATCH/report.html"
}

# What happened to generation $1 at the gate, as of the event $2, "promoted" or "refused"; $3: its number in order.
judged() {
	jq -n --argjson n "$1" --arg event "$2" --argjson sequence "$3" --arg evil "$EVIL" '{schema: 1, app: "web", generation: $n,
		image_sha256: "image\($n)", state: $event, history: [{sequence: $sequence, event: $event, previous: null, forced: false, why: null,
		against: (if $n == 0 then null else 0 end), budget: "size<=+5%", verdict: (if $event == "promoted" then "pass" else "fail" end),
		reason: (if $event == "promoted" then null else "tests: \($evil)" end),
		checks: {boot: {result: "pass", reason: null, summary: "answers after 0.70 s (median), emulated"},
			tests: (if $event == "promoted" then {result: "pass", reason: null, summary: "50000 answers of 3 loads, all good"}
				else {result: "fail", reason: $evil, summary: ""} end),
			audit: {result: "not run", reason: "\u0027tests\u0027 did not pass", summary: ""}}}]}' >"$SCRATCH/out/web/$1/promotion.json"
}

@test "report: which generation is promoted, and what each check said of the others" {
	everything
	report
	page_has 'no generation was at the gate'
	page_has 'make promote APP=web'
	judged 0 promoted 1
	judged 1 refused 2
	report
	page_has '<p>Generation 0 is promoted.</p>'
	row=$(grep -F '>refused: tests: ' "$SCRATCH/report.html")
	[[ $row == *'&lt;img src=x onerror=alert(1)&gt;'*'size&lt;=+5%'*'pass: answers after 0.70 s (median), emulated'*'fail: '*'not run: '* ]]
	page_has 'pass: 50000 answers of 3 loads, all good'
	page_lacks '<img'
	# a record that is broken says nothing, and spoils nothing
	echo '{' >"$SCRATCH/out/web/0/promotion.json"
	report
	page_has 'was changed or is broken'
	page_lacks '>refused: tests: '
}

@test "report: one generation, never measured, is a page that says what to run" {
	generation 3
	programs 3
	run report
	[ "$status" -eq 0 ]
	page_has 'make bench APP=web'
	page_has 'there is only one generation'
	page_has 'generation 3 was not measured yet'
	page_has '>12,000<'
	page_lacks 'id="flame-data"'
	page_has 'id="size-data"'
}

@test "report: a measurement of another image, an incomplete and a broken one are not used, and why is said" {
	for n in 0 1 2 3; do generation $n; done
	for n in 0 1 2; do measured $n 1; done
	jq '.image_sha256 = "another"' "$SCRATCH/out/web/0/bench.json" >"$SCRATCH/x" && mv "$SCRATCH/x" "$SCRATCH/out/web/0/bench.json"
	jq '.complete = false' "$SCRATCH/out/web/1/bench.json" >"$SCRATCH/x" && mv "$SCRATCH/x" "$SCRATCH/out/web/1/bench.json"
	echo '{"schema": 1, "app"' >"$SCRATCH/out/web/3/bench.json"
	run report --from 0 --to 2
	[ "$status" -eq 0 ]
	page_has 'bench.json of generation 0 was measured on another image'
	page_has 'the measurement of generation 1 is not complete'
	page_has 'bench.json of generation 3 is not of this version, or damaged'
}

@test "report: files that are missing, empty or of other types make no crash and no half page" {
	everything
	for file in shake.json syscalls.json bench.symbols.json bench.folded web.debug vmlinux.debug; do
		for contents in '' '[]' '{"schema": 1}' '{"schema": 1, "nodes": 7, "kept": {"a": 1}, "regions": [3], "requests": "x"}'; do
			cp "$SCRATCH/out/web/1/$file" "$SCRATCH/saved"
			printf '%s' "$contents" >"$SCRATCH/out/web/1/$file"
			run report
			[ "$status" -eq 0 ]
			grep -q '</html>' "$SCRATCH/report.html"
			mv "$SCRATCH/saved" "$SCRATCH/out/web/1/$file"
		done
	done
	rm "$SCRATCH"/out/web/1/*.debug "$SCRATCH"/out/web/1/s*.json "$SCRATCH/out/web/diff-0-1.json"
	report
	page_has 'make diff APP=web FROM=0 TO=1'
	head -c 3000 "$SCRATCH/out/web/0/web.debug" >"$SCRATCH/out/web/1/web.debug"
	run report
	[ "$status" -eq 0 ]
	jq 'del(.latency_ns, .icount, .per_request_by, .boot) | .conditions = [1]' "$SCRATCH/out/web/1/bench.json" >"$SCRATCH/x"
	mv "$SCRATCH/x" "$SCRATCH/out/web/1/bench.json"
	report
}

@test "report: stacks that cannot be read are named with their line" {
	everything
	echo 'no count here' >>"$SCRATCH/out/web/1/bench.folded"
	report
	page_has 'bench.folded:5'
}

@test "report: generations that are not there" {
	run report
	[ "$status" -eq 2 ]
	[[ $output == *"make image APP=web"* ]]
	generation 0
	generation 2
	run report --from 0 --to 1
	[ "$status" -eq 2 ]
	[[ $output == *"no generation '1'"*'there are: 0 2'* ]]
	[ ! -e "$SCRATCH/report.html" ]
	for newest in 2 latest; do
		run report --from "$newest"
		echo "$output"
		[ "$status" -eq 2 ]
		[[ $output == *"generation 2 of 'web' is the newest; compare it to which? give TO=N"*'there are: 0 2'* ]]
		[ ! -e "$SCRATCH/report.html" ]
	done
	run report --from 2 --to 0
	[ "$status" -eq 0 ]
	run report --from 2 --to latest
	[ "$status" -eq 0 ]
	echo '{' >"$SCRATCH/out/web/2/manifest.json"
	run report
	[ "$status" -eq 0 ]
	[[ $output == *'generation 2 is left out'* ]]
	run "$TOOLS/report" --app web
	[ "$status" -eq 64 ]
}

@test "report: wall-clock times of different sessions are not drawn together" {
	everything
	jq '.session = "two"' "$SCRATCH/out/web/1/bench.json" >"$SCRATCH/x" && mv "$SCRATCH/x" "$SCRATCH/out/web/1/bench.json"
	report
	page_has 'different runs of make bench'
	page_has 'generation 1, open loop, emulated'
	page_lacks 'generation 0, open loop'
	page_has 'measured in different sessions: &lt;noise&gt;'
	page_has 'generation 0, guest time'
}

@test "report: peers with and without figures" {
	everything
	mkdir -p "$SCRATCH/out/web/peers/debian" "$SCRATCH/out/web/peers/gcc"
	jq -n '{schema: 1, name: "debian", title: "Debian", describe: "as shipped & <b>bold</b>", shipped: [{name: "kernel", bytes: 5, xz_bytes: 7000}, {name: "web", bytes: 2, xz_bytes: 500}]}' >"$SCRATCH/out/web/peers/debian/peer.json"
	jq -n '{schema: 1, name: "gcc", title: "GCC"}' >"$SCRATCH/out/web/peers/gcc/peer.json"
	jq '.generation = null | .per_request.instructions = 60300' "$SCRATCH/out/web/0/bench.json" >"$SCRATCH/out/web/peers/debian/bench.json"
	report
	page_has '<a href="#peers">'
	page_has '>7,500<'
	page_has '>60,300<'
	page_has 'as shipped &amp; &lt;b&gt;bold&lt;/b&gt;'
	page_has 'make bench-peers APP=web'
}

@test "report: the comparison is made by the program that is named, which may fail" {
	everything
	printf '#!/bin/sh\nexit 2\n' >"$SCRATCH/diff"
	chmod +x "$SCRATCH/diff"
	run report --diff "$SCRATCH/diff"
	[ "$status" -eq 0 ]
	[[ $output == *'exit status 2'* ]]
	# what was compared earlier may be out of date
	page_lacks 'larger by 0.1 %'
	page_has 'make diff APP=web FROM=0 TO=1'
	mv "$SCRATCH/out/web/diff-0-1.json" "$SCRATCH/made"
	printf '#!/bin/sh\necho "$@" >"%s/arguments"\ncp "%s/made" "%s/out/web/diff-0-1.json"\n' "$SCRATCH" "$SCRATCH" "$SCRATCH" >"$SCRATCH/diff"
	report --diff "$SCRATCH/diff"
	[ "$(cat "$SCRATCH/arguments")" = "--out $SCRATCH/out --app web --from 0 --to 1" ]
	page_has 'larger by 0.1 %'
}

# 15,000 symbols and functions, 15,000 stacks, a name of 40 kB, in at most ten seconds and three megabytes.
@test "report: much data and long names stay below three megabytes and ten seconds" {
	everything
	long=$(head -c 40000 /dev/zero | tr '\0' x)
	{
		echo '.text'
		for i in $(seq 15000); do printf '.globl function_with_a_rather_long_name_%d\n.type function_with_a_rather_long_name_%d,@function\nfunction_with_a_rather_long_name_%d: .fill %d,1,0x90\n.size function_with_a_rather_long_name_%d,%d\n' "$i" "$i" "$i" $((i % 700 + 1)) "$i" $((i % 700 + 1)); done
		printf '.globl %s\n.type %s,@function\n%s: .fill 9000,1,0x90\n.size %s,9000\n' "$long" "$long" "$long" "$long"
	} >"$SCRATCH/many.s"
	clang-19 -nostdlib -static -fuse-ld=lld -Wl,-e,0 "$SCRATCH/many.s" -o "$SCRATCH/out/web/1/vmlinux.debug"
	jq -n --arg long "$long" '{schema: 1, requests: 10, regions: [{name: "vmlinux", symbols: ([range(15000) | {name: "function_\(.)_\(. * 7919)", instructions: (20000 - .)}] + [{name: $long, instructions: 9}])}]}' >"$SCRATCH/out/web/1/bench.symbols.json"
	seq 15000 | awk -v long="$long" '{ print "web;main;part" $1 % 97 ";inner_function_number_" $1 ";leaf_" $1 % 1013 "_[k] " $1 } END { print "web;" long " 5000" }' >"$SCRATCH/out/web/1/bench.folded"
	jq --arg long "$long" '.size.symbols = ([range(15000) | {unit: "web", name: "symbol_\(.)_with_a_name_\($long[0:200])", from: ., to: 20000, delta: (20000 - .)}] + [{unit: "web", name: $long, from: 1, to: 2, delta: 1}])' "$SCRATCH/out/web/diff-0-1.json" >"$SCRATCH/x"
	mv "$SCRATCH/x" "$SCRATCH/out/web/diff-0-1.json"
	jq --arg long "$long" '.components += [range(100) | {name: ($long + "\(.)"), version: $long}]' "$SCRATCH/out/web/1/manifest.json" >"$SCRATCH/x"
	mv "$SCRATCH/x" "$SCRATCH/out/web/1/manifest.json"
	jq --arg long "$long" '.regions += [{name: $long, symbols: [range(100) | {name: "f\(.)", instructions: 90000}]}]' "$SCRATCH/out/web/1/bench.symbols.json" >"$SCRATCH/x"
	mv "$SCRATCH/x" "$SCRATCH/out/web/1/bench.symbols.json"
	jq --arg long "$long" '.kept[1].sites = [range(30) | {program: $long, function: "f", how: $long, arguments: []}]' "$SCRATCH/out/web/1/syscalls.json" >"$SCRATCH/x"
	mv "$SCRATCH/x" "$SCRATCH/out/web/1/syscalls.json"
	started=$(date +%s)
	report
	[ $(($(date +%s) - started)) -le 10 ]
	[ "$(stat -c %s "$SCRATCH/report.html")" -le 3000000 ]
	# what was left out is said
	page_has 'grouped as'
	page_has 'symbols with smaller changes are left out'
	grep -q 'smaller functions, together' "$SCRATCH/report.html"
	# the long name is there, cut in the middle
	data_of size-data | jq -e '[.. | strings | select(startswith("xxx"))] | length == 1 and (.[0] | length) <= 1000'
	page_lacks_pattern 'x{1100}'
}

@test "report: what is long to read is read once, however often the page is made" {
	command -v strace >/dev/null || skip 'there is no strace'
	everything
	# so many that the first limits are too high
	jq '.size.symbols = [range(15000) | {unit: "web", name: ("symbol" * 160 + "\(.)"), from: ., to: 20000, delta: 1}]' "$SCRATCH/out/web/diff-0-1.json" >"$SCRATCH/x"
	mv "$SCRATCH/x" "$SCRATCH/out/web/diff-0-1.json"
	jq -n '{schema: 1, requests: 10, regions: [{name: "vmlinux", symbols: [range(15000) | {name: ("function" * 120 + "\(.)"), instructions: 20000}]}]}' >"$SCRATCH/out/web/1/bench.symbols.json"
	V=2 strace -f -o "$SCRATCH/trace" -e trace=openat "$TOOLS/report" --out "$SCRATCH/out" --app web --output "$SCRATCH/report.html" 2>"$SCRATCH/err"
	cat "$SCRATCH/err"
	grep -q 'once more with lower limits' "$SCRATCH/err"
	for file in vmlinux.debug web.debug shake.json syscalls.json bench.symbols.json bench.folded; do
		[ "$(grep -c "/web/1/$file\".* = [0-9]" "$SCRATCH/trace")" = 1 ]
	done
}
