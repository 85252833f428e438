#!/bin/sh
# Feed fuzz drivers with what is no input, and see that they stand it.
#
#   fuzz.sh TOOLS WORK SECONDS|RUNSruns NAME...
#
# TOOLS has the drivers, fuzz-NAME. Each begins with the files in tests/fuzz/corpus/NAME, keeps those that
# reach further in WORK/NAME/corpus, where the next run goes on, and leaves an input that breaks it in
# WORK/NAME. Exit status 1 if there is one.
set -eu
cd "$(dirname "$0")/.."
tools=$1 work=$2 limit=$3
shift 3

case $limit in
*[!0-9]*runs | runs) echo "error: RUNS is not a number" >&2 && exit 64 ;;
*runs) limit=-runs=${limit%runs} ;;
'' | *[!0-9]*) echo "error: SECONDS is not a number" >&2 && exit 64 ;;
*) limit=-max_total_time=$limit ;;
esac

# Wall-clock time: with the lowest priority on a busy machine a driver waits for minutes. What hangs, hangs for longer.
input_timeout_s=300
broken=
for name in "$@"; do
	mkdir -p "$work/$name/corpus"
	log=$work/$name/log
	if "$tools/fuzz-$name" "$limit" -max_len=16384 -timeout="$input_timeout_s" -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$work/$name/" "$work/$name/corpus" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
		inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		echo "$name: $inputs inputs, none broke it, $(find "$work/$name/corpus" -type f | wc -l) kept"
	else
		tail -n 40 "$log" >&2
		echo "error: $name: an input broke it; it is in $work/$name, the log is $log" >&2
		broken=1
	fi
done
[ -z "$broken" ]
