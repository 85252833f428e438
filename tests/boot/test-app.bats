# test-app, and probes: against the newest generation of nginx

load ../helpers

setup_file() {
	GENERATION=$OUT/nginx/latest
	[ -e "$GENERATION/image" ] || mk image APP=nginx O="$OUT" TOOLS="$TOOLS" >&2
	export GENERATION
}

setup() {
	scratch
	mkdir "$SCRATCH/tests" "$SCRATCH/generation"
	cp "$GENERATION/image" "$GENERATION/image.spec" "$SCRATCH/generation"
}

teardown() { discard_scratch; }

# A test named $1: the shell program on standard input, which has the words.
a_test() {
	{
		printf '#!/bin/sh\nset -eu\n. "$WORDS"\n'
		cat
	} >"$SCRATCH/tests/$1"
	chmod +x "$SCRATCH/tests/$1"
}

try() {
	run "$TOOLS/test-app" --generation "$SCRATCH/generation" --tests "$SCRATCH/tests" \
		--words pipeline/test-words.sh "$@"
	echo "$output"
}

result() {
	jq -e "$1" "$SCRATCH/generation/tests.json"
}

@test "tests in order, with words, ports, a restart and a power cut" {
	a_test b-words <<'EOF'
is 'the list of ports' "$PORTS" "tcp:80=$PORT"
is 'a port by name' "$PORT_TCP_80" "$PORT"
answers() { [ "$(curl -s -o /dev/null -w '%{http_code}' --noproxy '*' "$BASE/")" = 200 ]; }
check 'it answers' answers
check 'a line at the console' say signal HUP
check restart restart
check 'after a restart' answers
check crash crash
check 'after a crash' answers
skip 'a disk' 'there is none'
done_testing
EOF
	a_test a-first <<<'echo 1..0 "# SKIP nothing to do"'
	try
	[ "$status" -eq 0 ]
	[[ $output == *'a-first'*'b-words'*'nginx: 8 passed, 0 failed, 2 skipped'*'dropped system calls hit: 0'* ]]
	result '.result == "pass" and .passed == 8 and .failed == 0 and .skipped == 2 and .dropped == 0
		and .boots == 3 and .stopped == null and [.tests[].name] == ["a-first", "b-words"]
		and .tests[0].result == "skip" and .tests[1].points[0].reason == "there is none"'
	[ "$(jq -r '.tests[1].sha256' "$SCRATCH/generation/tests.json")" = \
		"$(sha256sum <"$SCRATCH/tests/b-words" | cut -d' ' -f1)" ]
}

@test "what fails is counted: a point, no plan, an exit status, a guest that is gone" {
	a_test a <<<'fail "a point" "it was so"; done_testing'
	a_test b <<<'pass one'
	a_test c <<<'pass one; echo 1..1; exit 3'
	a_test d <<<'say stop; sleep 4; pass one; done_testing'
	a_test e <<<'pass "the guest is back"; done_testing'
	try
	[ "$status" -eq 1 ]
	[[ $output == *'failed:  a point: it was so'* ]]
	result '.result == "fail" and .passed == 4 and .failed == 4 and .boots == 2
		and [.tests[].result] == ["fail", "fail", "fail", "fail", "pass"]
		and .tests[1].reason == "it printed no plan (1..N), so it is not known whether all was done; 1 were"
		and .tests[2].reason == "it ended with exit status 3"
		and (.tests[3].reason | startswith("the guest ended during it"))'
	rm "$SCRATCH/generation/tests.json"
	try --only e
	[ "$status" -eq 0 ]
	[ ! -e "$SCRATCH/generation/tests.json" ]
	try --only f
	[ "$status" -eq 2 ]
	[[ $output == *"there is no test 'f' in "* ]]
	chmod -x "$SCRATCH/tests/a"
	try
	[ "$status" -eq 2 ]
	[[ $output == *'is a script that cannot be run'*'chmod +x'* ]]
}

@test "probes: an exchange, a connection that the guest took, one that it did not" {
	for ready in 'exchange:80 "GET /1k.txt HTTP/1.0\\r\\n\\r\\n" "HTTP/1.1 200"' tcp:80; do
		sed -i "s|^ready .*|ready $ready|" "$SCRATCH/generation/image.spec"
		"$TOOLS/run" --prove --image "$SCRATCH/generation/image" \
			--spec "$SCRATCH/generation/image.spec" --log "$SCRATCH/console"
	done
	# nothing listens there, whatever QEMU's network says at first
	sed -i 's|^ready .*|ready tcp:81|' "$SCRATCH/generation/image.spec"
	run timeout --signal=INT 10 "$TOOLS/run" --prove --image "$SCRATCH/generation/image" \
		--spec "$SCRATCH/generation/image.spec" --log "$SCRATCH/console"
	[[ $output != *'ready after'* ]]
}
