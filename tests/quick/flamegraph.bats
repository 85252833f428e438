# flamegraph: from folded stacks to a picture

load ../helpers

setup() {
	scratch
	F=$SCRATCH/one
	cat >"$F.folded" <<-'END'
		nginx;main;ngx_http_handler 40
		nginx;main;ngx_http_handler;memcpy 10
		nginx;main;writev;do_syscall_64_[k];tcp_sendmsg_[k] 50
	END
}
teardown() { discard_scratch; }

# Draw $1 to $1.svg; the rest goes to the tool. What comes out is XML.
draw() {
	local in=$1
	shift
	"$TOOLS/flamegraph" "$@" --output "$in.svg" "$in.folded"
	xmllint --noout --nonet "$in.svg"
}

# The element of the frame whose title starts with $2, in $1.
frame() {
	grep -F "<title>$2 (" "$1.svg"
}

@test "a picture: widths, colours, the title, no outside resource, the same bytes" {
	draw "$F" --title 'nginx, load get1k' --unit instructions
	frame "$F" all | grep -q 'x="10.000" .*width="1180.000"'
	frame "$F" memcpy | grep -q 'class="frame l .*>memcpy (C library, 10 instructions, 10.00 %).*width="118.000"'
	frame "$F" tcp_sendmsg | grep -q 'class="frame k .*(kernel, 50 instructions, 50.00 %)'
	frame "$F" ngx_http_handler | grep -q 'class="frame a '
	grep -q '>nginx, load get1k</text>' "$F.svg"
	# names of XML's vocabularies are no resources
	[ "$(sed 's|xmlns="http://www.w3.org/[a-z0-9/]*"||g' "$F.svg" | grep -cE 'https?:|href|url\(|@import')" = 0 ]
	cp "$F.svg" "$SCRATCH/again"
	draw "$F" --title 'nginx, load get1k' --unit instructions
	cmp "$F.svg" "$SCRATCH/again"
	# the order of lines, and stacks in two parts, are the same picture
	tac "$F.folded" | sed 's/ 50$/ 20/' >"$F.2" && echo 'nginx;main;writev;do_syscall_64_[k];tcp_sendmsg_[k] 30' >>"$F.2"
	mv "$F.2" "$F.folded"
	draw "$F" --title 'nginx, load get1k' --unit instructions
	cmp "$F.svg" "$SCRATCH/again"
}

@test "HTML and control characters in names are text, in the title, too" {
	printf 'a&b;<img src=x onerror=alert(1)>;"q'"'"'s" 5\na&b;]]></script><script>alert(2)</script> 5\na&b;\001\377\t\303\244 3\n' >"$F.folded"
	draw "$F" --title '<script>alert(3)</script>]]>'
	[ "$(grep -c '<img' "$F.svg")" = 0 ]
	[ "$(grep -o '<script' "$F.svg" | wc -l)" = 1 ]
	frame "$F" '&lt;img src=x onerror=alert(1)&gt;' >/dev/null
	frame "$F" '???ä' >/dev/null
	[ "$(xmllint --xpath 'count(//*[local-name()="script"])' "$F.svg")" = 1 ]
}

@test "a name of 40 kB is cut, and the picture stays small" {
	name=$(head -c 40000 /dev/zero | tr '\0' n)
	printf 'main;%s 10\n%s;%s 10\n' "$name" "$name" "$name" >"$F.folded"
	draw "$F"
	[ "$(stat -c %s "$F.svg")" -lt 30000 ]
	grep -q 'nnnnn\.\.\. (10 samples, 50.00 %)' "$F.svg"
}

@test "ten thousand frames; those below a tenth of a pixel are counted, not drawn" {
	seq 10000 | sed 's/.*/main;f& 1/' >"$F.folded"
	draw "$F"
	[ "$(grep -c 'class="frame' "$F.svg")" = 10002 ]
	[ "$(grep -c 'left out' "$F.svg")" = 0 ]
	[ "$(grep -c 'data-left-out=' "$F.svg")" = 0 ]
	echo 'main;wide 90000' >>"$F.folded"
	draw "$F"
	[ "$(grep -c 'class="frame' "$F.svg")" = 3 ]
	grep -q '>100,000 samples; 10,000 frames narrower than 0.1 px are left out<' "$F.svg"
	# so that the script says "at least"
	grep -q 'id="matched" .* data-left-out="10000"' "$F.svg"
}

@test "stacks that are deep beyond measure are cut, and it is said" {
	head -c 50000 /dev/zero | sed 's/\x0/f;/g' >"$F.folded"
	echo 'f 1' >>"$F.folded"
	draw "$F"
	grep -q '1 samples; 1 stacks are cut at 120 frames' "$F.svg"
	grep -q 'id="matched" .* data-cut-stacks="1"' "$F.svg"
	"$TOOLS/flamegraph" --json --output "$F.json" "$F.folded"
	jq -e '.cut_stacks == 1' "$F.json"
}

@test "no stacks: a picture that says so" {
	: >"$F.folded"
	run draw "$F"
	[ "$status" -eq 0 ]
	[[ $output == *"warning: '$F.folded' has no stacks"* ]]
	grep -q '>0 samples: there is nothing to draw<' "$F.svg"
	[ "$(grep -c 'class="frame' "$F.svg")" = 1 ]
}

two() {
	mkdir -p "$SCRATCH/0" "$SCRATCH/7"
	# the second is twice as long; its memcpy has doubled its share, gone() is gone
	printf 'm;memcpy 10\nm;rest 80\nm;gone 10\n' >"$SCRATCH/0/bench.folded"
	printf 'm;memcpy 40\nm;rest 160\n' >"$SCRATCH/7/bench.folded"
}

@test "a comparison: red grew, blue shrank, by shares of the whole" {
	two
	draw "$SCRATCH/7/bench" --before "$SCRATCH/0/bench.folded"
	frame "$SCRATCH/7/bench" memcpy | grep -q 'class="frame r d7".*before 10.00 %, +10.00 points'
	frame "$SCRATCH/7/bench" rest | grep -q 'class="frame n".*80.00 %; before 80.00 %, +0.00 points'
	grep -q '>Flame graph: 7/bench against 0/bench<' "$SCRATCH/7/bench.svg"
	grep -q 'red: a larger share in 7/bench than in 0/bench' "$SCRATCH/7/bench.svg"
	[ "$(grep -c '<title>gone' "$SCRATCH/7/bench.svg")" = 0 ]
	# the other direction, as wide as it was, in the same colours
	draw "$SCRATCH/0/bench" --before "$SCRATCH/7/bench.folded" --negate
	frame "$SCRATCH/0/bench" memcpy | grep -q 'class="frame r d7".*after 20.00 %, +10.00 points.*width="118.000"'
	frame "$SCRATCH/0/bench" gone | grep -q 'class="frame b d7".*after 0.00 %, -10.00 points'
	grep -q '>Flame graph: 0/bench before 7/bench<' "$SCRATCH/0/bench.svg"
	grep -q 'red: a larger share in 7/bench than in 0/bench' "$SCRATCH/0/bench.svg"
	# without --negate the colours are the other way round
	draw "$SCRATCH/0/bench" --before "$SCRATCH/7/bench.folded"
	frame "$SCRATCH/0/bench" memcpy | grep -q 'class="frame b d7"'
	grep -q 'red: a larger share in 0/bench than in 7/bench' "$SCRATCH/0/bench.svg"
}

@test "the tree as JSON has both profiles" {
	two
	"$TOOLS/flamegraph" --json --output "$F.json" --before "$SCRATCH/0/bench.folded" "$SCRATCH/7/bench.folded"
	jq -e '.total == 200 and .before_total == 100 and .names == ["all","m","gone","memcpy","rest"] and
		.root == [0,200,100,[[1,200,100,[[2,0,10],[3,40,10],[4,160,80]]]]] and .kinds == "oaala"' "$F.json"
	"$TOOLS/flamegraph" --json --nodes 3 --output "$F.json" "$SCRATCH/7/bench.folded"
	jq -e '.root == [0,200,0,[[1,200,0,[[2,160,0]]]]] and .pruned == {nodes: 1, count: 40, before_count: 0}' "$F.json"
}

@test "names that end in a number are names; a warning says what else they can be" {
	echo 'main;operator 2 5' >"$F.folded"
	run "$TOOLS/flamegraph" --output "$F.svg" "$F.folded"
	[ "$status" -eq 0 ]
	[[ $output == *"each line of '$F.folded' ends with two numbers"*difffolded* ]]
	frame "$F" 'operator 2' | grep -q '5 samples, 100.00 %'
	echo 'main;other 5' >>"$F.folded"
	run "$TOOLS/flamegraph" --output "$F.svg" "$F.folded"
	[ "$output" = "" ]
}

@test "bad lines and bad words: file, line, a sentence, and no output" {
	echo 'nginx;main' >>"$F.folded"
	run "$TOOLS/flamegraph" --output "$F.svg" "$F.folded"
	[ "$status" -eq 2 ]
	[[ $output == *"$F.folded:4: this is no stack 'frame;frame COUNT': it does not end with a blank and a whole number"* ]]
	run "$TOOLS/flamegraph" --output "$F.svg" "$SCRATCH/none"
	[ "$status" -eq 2 ]
	[[ $output == *"$SCRATCH/none"* ]]
	run "$TOOLS/flamegraph" --output "$F.svg" --negate "$F.folded"
	[[ $output == *'--negate is for a comparison'* ]]
	run "$TOOLS/flamegraph" --output "$F.svg" --unit bananas "$F.folded"
	[ "$status" -eq 2 ]
	[[ $output == *"'bananas' is no unit of counts"* ]]
	run "$TOOLS/flamegraph" "$F.folded"
	[ "$status" -eq 64 ]
	[ ! -e "$F.svg" ]
}

@test "random bytes never crash it" {
	for seed in $(seq 40); do
		openssl enc -aes-128-ctr -pass "pass:$seed" -nosalt -pbkdf2 -in /dev/zero 2>/dev/null |
			head -c 4000 | tr '\0' '\n' | sed 's/$/ 3/' >"$F.folded"
		run "$TOOLS/flamegraph" --output "$F.svg" "$F.folded"
		[ "$status" -eq 0 ] || [ "$status" -eq 2 ]
		[ "$status" -eq 2 ] || xmllint --noout "$F.svg"
	done
}
