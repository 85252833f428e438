#!/bin/sh
# Run suites of tests, each printing TAP, and count. The last line is
# "N passed, N failed", with skipped ones behind it if there are any; the exit
# status is 1 if one failed or a suite ran nothing.
set -eu
cd "$(dirname "$0")/.."

results=$(mktemp)
trap 'rm -f "$results"' EXIT

# A suite's output goes to the screen and into the count. A suite that prints
# no test at all is a failure of its own.
suite() {
	echo "# $1"
	before=$(count)
	shift
	{ "$@" 2>&1 && echo "# done"; } | tee -a "$results"
	[ "$(count)" -gt "$before" ] || echo "not ok - $* ran no test" | tee -a "$results"
}

count() {
	grep -cE '^(not )?ok ' "$results" || true
}

run_unit() {
	for test in "$TOOLS"/test_*; do
		case $test in *.d | *.o | *.tmp) continue ;; esac
		# A crash prints no "not ok"; its exit status does.
		status=0
		"$test" || status=$?
		[ "$status" = 0 ] || echo "not ok - $(basename "$test") ended with exit status $status"
	done
}

# lit's own format, as TAP.
run_lit() {
	{ python3 /usr/lib/llvm-19/build/utils/lit/lit.py -v --param "tools=$TOOLS" \
		--param "scratch=$OUT/tests" "tests/$1" || echo "FAIL: lit :: status"; } |
		sed -e 's/^PASS: \([^ ]* :: [^ ]*\).*/ok - \1/;t' \
			-e 's/^UNSUPPORTED: \([^ ]* :: [^ ]*\).*/ok - \1 # skip unsupported here/;t' \
			-e 's/^\(FAIL\|XPASS\|UNRESOLVED\|TIMEOUT\): \([^ ]* :: [^ ]*\).*/not ok - \2/;t' \
			-e 's/^/# /'
}

# Files side by side where nothing is booted: what is measured there is counted, not timed.
run_bats() {
	case $1 in quick) jobs="--jobs $JOBS --no-parallelize-within-files" ;; *) jobs= ;; esac
	# shellcheck disable=SC2086 # two words or none
	bats --tap $jobs ${FILTER:+--filter "$FILTER"} "tests/$1" || echo "# bats ended with status $?"
}

for name in "$@"; do
	case $name in
	unit) suite unit run_unit ;;
	bitcode | shake) suite "$name" run_lit "$name" ;;
	quick | cli | boot | browser | apps) suite "$name" run_bats "$name" ;;
	*)
		echo "error: there is no suite '$name'; there are unit, bitcode, shake, quick, cli, boot, browser, apps" >&2
		exit 2
		;;
	esac
done

skipped=$(grep -cE '^ok .*# skip' "$results" || true)
passed=$(($(grep -cE '^ok ' "$results" || true) - skipped))
failed=$(grep -cE '^not ok ' "$results" || true)
if [ "$failed" != 0 ]; then
	echo "failed:"
	grep -E '^not ok ' "$results"
fi
if [ "$skipped" = 0 ]; then
	echo "$passed passed, $failed failed"
else
	echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ] && [ "$passed" != 0 ]
