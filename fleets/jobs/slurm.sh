#!/bin/sh
#SBATCH --job-name=fleet
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
#SBATCH --time=00:30:00
#
# A fleet on a cluster, by Slurm: two array jobs, and a job after each of them.
#
#   LIST=recordings.list WORK=/shared/fleet WORKERS=16 fleets/jobs/slurm.sh
#
# submits itself four times, each time after the one before has ended well, and prints the
# number of the last job. WORK, the recordings, OUT and FLEET must be on a file system that all
# nodes see. WORK/result has a recording a generation.
set -eu

: "${LIST:?the list of recordings}" "${WORK:?a directory for what is made}" "${WORKERS:=16}"
: "${FLEET:=out/tools/fleet}" "${OUT:=out}" "${APP:=nginx}" "${WEIGHTS:=}"
export LIST WORK WORKERS FLEET OUT APP WEIGHTS

# $1 a stage, the rest options for sbatch; prints the job's number.
submit() {
	stage=$1
	shift
	STAGE=$stage sbatch --parsable --export=ALL --output="$WORK/$stage-%A_%a.log" "$@" "$0"
}

case ${STAGE:-submit} in
submit)
	mkdir "$WORK" # a new one: what an earlier run left must not be taken for this one's
	job=$(submit scan --array="1-$WORKERS")
	job=$(submit judge --dependency="afterok:$job")
	job=$(submit sum --array="1-$WORKERS" --dependency="afterok:$job")
	submit merge --dependency="afterok:$job"
	;;
scan)
	split -n "r/$SLURM_ARRAY_TASK_ID/$WORKERS" "$LIST" |
		"$FLEET" scan --out "$OUT" --app "$APP" --output "$WORK/$SLURM_ARRAY_TASK_ID.sketches" -
	;;
judge)
	set -- "$WORK"/*.sketches
	"$FLEET" judge ${WEIGHTS:+--weights "$WEIGHTS"} --output "$WORK/plan.json" "$@"
	;;
sum)
	rm -rf -- "$WORK/$SLURM_ARRAY_TASK_ID.part" # of a run that was requeued
	split -n "r/$SLURM_ARRAY_TASK_ID/$WORKERS" "$LIST" |
		"$FLEET" sum --out "$OUT" --app "$APP" --plan "$WORK/plan.json" \
			--output "$WORK/$SLURM_ARRAY_TASK_ID.part" -
	;;
merge)
	set -- "$WORK"/*.part
	"$FLEET" merge --output "$WORK/result" "$@"
	;;
*) echo "error: there is no stage '$STAGE'; there are scan, judge, sum, merge" >&2 && exit 64 ;;
esac
