# step: one line a step, and what is shown when it fails

load ../helpers

setup() { scratch; }
teardown() { discard_scratch; }

step() {
	"$TOOLS/step" --number 2 --of 9 --title 'a step' --log "$SCRATCH/log" --times "$SCRATCH/times" -- "$@"
}

@test "a step is one line; its output is in the log; its time is noted" {
	run step sh -c 'echo inside; echo "note some words" >>$ANNEAL_REPORT'
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ ${lines[0]} =~ ^\ \ \[\ 2/9\]\ a\ step\ +[0-9.]+\ s\ +some\ words$ ]]
	[ "$(cat "$SCRATCH/log")" = inside ]
	[[ $(cat "$SCRATCH/times") == *$'\tmade\ta step' ]]
	[ ! -e "$SCRATCH"/log.report.* ]
}

@test "done already is said" {
	run step sh -c 'echo cached >>$ANNEAL_REPORT'
	[[ ${lines[0]} == *'a step'*cached ]]
	[[ $(cat "$SCRATCH/times") == *$'\tcached\ta step' ]]
}

@test "a failure shows the end of the log, its path and the command to repeat" {
	run step sh -c 'seq 1 50; echo "it broke" >&2; exit 3'
	[ "$status" -eq 2 ]
	[[ $output == *'| it broke'* ]]
	[[ $output == *'| 50'* ]]
	[[ $output != *'| 29'* ]]
	[[ $output == *'error: a step failed with exit status 3'* ]]
	[[ $output == *"log: $SCRATCH/log"* ]]
	[[ $output == *"repeat only this: sh -c 'seq 1 50; "* ]]
}

@test "V=1 shows the command and its output" {
	V=1 run step echo hello
	[[ $output == *'+ echo hello'* ]]
	[[ $output == *$'\nhello'* ]]
}

@test "a signal stops everything the step started" {
	"$TOOLS/step" -n 1 -m 1 -t x -l "$SCRATCH/log" -- \
		sh -c "sh -c 'sleep 61 & echo \$! >$SCRATCH/pid; wait'; true" 3>&- &
	pid=$!
	eventually test -s "$SCRATCH/pid"
	kill -INT "$pid"
	run wait "$pid"
	! eventually_alive "$(cat "$SCRATCH/pid")"
}

@test "when make is killed, so is the step" {
	sh -c "'$TOOLS/step' -n 1 -m 1 -t x -l '$SCRATCH/log' -- sh -c 'echo \$\$ >$SCRATCH/pid; sleep 62' & wait" 3>&- &
	pid=$!
	eventually test -s "$SCRATCH/pid"
	kill -KILL "$pid"
	! eventually_alive "$(cat "$SCRATCH/pid")"
}

# Still running after two seconds? (One that ended but was not waited for is not.)
eventually_alive() {
	for _ in $(seq 20); do
		case $(ps -o stat= -p "$1") in Z* | '') return 1 ;; esac
		sleep 0.1
	done
}
