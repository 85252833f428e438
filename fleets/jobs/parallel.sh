#!/bin/sh
# A fleet on one machine, or on several that share a file system, by GNU parallel.
#
#   fleets/jobs/parallel.sh LIST DIR [WORKERS]
#
# LIST is the list of recordings, DIR what is made: DIR/result has a recording a generation.
# FLEET (out/tools/fleet), OUT (out), APP (nginx) and WEIGHTS (none) come from the environment;
# PARALLEL may hold options of parallel's own, such as --sshloginfile.
set -eu

list=$1 work=$2 workers=${3:-$(nproc)}
FLEET=$(realpath "${FLEET:-out/tools/fleet}")
OUT=$(realpath "${OUT:-out}")
export FLEET OUT APP="${APP:-nginx}" LIST="$list" WORK="$work" WORKERS="$workers"
mkdir "$work" # a new one: what an earlier run left must not be taken for this one's

each_worker() {
	# the first failure ends all; a worker that is given nothing writes an empty file
	seq "$workers" | parallel --will-cite --halt now,fail=1 --jobs "$workers" \
		--env FLEET,OUT,APP,LIST,WORK,WORKERS "$1"
}

# shellcheck disable=SC2016 # the workers' shells expand these
each_worker 'split -n r/{}/"$WORKERS" "$LIST" |
	"$FLEET" scan --out "$OUT" --app "$APP" --output "$WORK"/{}.sketches -'

set -- "$work"/*.sketches
"$FLEET" judge ${WEIGHTS:+--weights "$WEIGHTS"} --output "$work/plan.json" "$@"

# shellcheck disable=SC2016
each_worker 'rm -rf -- "$WORK"/{}.part; split -n r/{}/"$WORKERS" "$LIST" |
	"$FLEET" sum --out "$OUT" --app "$APP" --plan "$WORK/plan.json" --output "$WORK"/{}.part -'

set -- "$work"/*.part
"$FLEET" merge --output "$work/result" "$@"
