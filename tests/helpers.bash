# Shared by the bats files. TOOLS and OUT come from tests/run.sh.
# shellcheck disable=SC2034 # STATUS and others are for the tests

# A directory of the test's own, gone afterwards.
scratch() {
	SCRATCH=$(mktemp -d)
	export SCRATCH
}

discard_scratch() {
	rm -rf -- "$SCRATCH"
}

# The small program that is counted and sampled.
PROGRAM=$BATS_TEST_DIRNAME/../data/program.c

# make, as a user types it, but without a profile that happens to be in OUT.
mk() {
	make --no-print-directory PROFILE=none "$@"
}

# The cache that builds use, as pipeline.mk finds it.
cache() {
	realpath -m "${ANNEAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/anneal}"
}

free_port() {
	local port
	for port in $(shuf -i 20000-32000 -n 20); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
	done
}

# Boot a generation in the background: $1 is its directory, the rest goes to run.
# Sets PORT, RUN_PID, CONSOLE; the guest's keyboard is descriptor 8.
boot() {
	local directory=$1
	shift
	PORT=$(free_port)
	CONSOLE=$SCRATCH/console
	mkfifo "$SCRATCH/keyboard"
	"$TOOLS/run" --image "$directory/image" --spec "$directory/image.spec" --port "$PORT" \
		"$@" <"$SCRATCH/keyboard" >"$CONSOLE" 2>"$SCRATCH/run.err" 3>&- &
	RUN_PID=$!
	exec 8>"$SCRATCH/keyboard"
	for _ in $(seq 300); do
		grep -q '^ready after' "$SCRATCH/run.err" && return 0
		kill -0 "$RUN_PID" 2>/dev/null || break
		sleep 0.1
	done
	cat "$CONSOLE" "$SCRATCH/run.err"
	return 1
}

# End the guest as ctrl-C does; STATUS is run's.
shut_down() {
	STATUS=0
	kill -INT "$RUN_PID"
	wait "$RUN_PID" || STATUS=$?
	exec 8>&-
	nothing_dropped_was_used
}

# Wait until run ends by itself.
wait_for_end() {
	STATUS=0
	wait "$RUN_PID" || STATUS=$?
	exec 8>&-
	nothing_dropped_was_used
}

# A call of something that the shaker dropped fails whatever test it happens in, unless
# the test is about that: EXPECT_DROPPED=1.
nothing_dropped_was_used() {
	[ -n "${EXPECT_DROPPED:-}" ] && return
	[ -r "$CONSOLE" ] || { echo "'$CONSOLE' cannot be read: what the guest said is not known" && return 1; }
	! grep -a 'anneal: dropped' "$CONSOLE"
}

end_guest() {
	[ -z "${RUN_PID:-}" ] || kill -KILL "$RUN_PID" 2>/dev/null || true
	exec 8>&-
	[ -z "${CONSOLE:-}" ] || nothing_dropped_was_used
}

# Until a command succeeds, for at most ten seconds.
eventually() {
	for _ in $(seq 100); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

# Generations 0 and 1 of nginx, the second one relinked with a profile of the first: made once for
# all files of a run of bats, away from the user's OUT; or earlier, if LOOP is in the environment. What was
# said is in profile.txt, image.txt.
export LOOP=${LOOP:-$BATS_RUN_TMPDIR/loop}

build_loop() {
	[ ! -f "$LOOP/image.txt" ] || return 0
	mk image APP=nginx O="$LOOP" TOOLS="$TOOLS" >&2
	mk profile APP=nginx O="$LOOP" TOOLS="$TOOLS" >"$LOOP/profile.txt" 2>&1 || {
		cat "$LOOP/profile.txt" >&2
		return 1
	}
	mk image APP=nginx O="$LOOP" TOOLS="$TOOLS" PROFILE=auto >"$LOOP/image.tmp"
	mv "$LOOP/image.tmp" "$LOOP/image.txt"
}
