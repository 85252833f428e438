# redis in its image, with its own clients

load ../helpers

setup_file() { mk image APP=redis O="$OUT" TOOLS="$TOOLS" >&2; }
setup() { scratch; }
teardown() {
	end_guest
	discard_scratch
}

GENERATION=$OUT/redis/latest

cli() { timeout 30 redis-cli -p "$PORT" "$@"; }

@test "redis: strings, scripts, a snapshot by fork, a clean end" {
	boot "$GENERATION"
	[ "$(cli set key value)" = OK ]
	[ "$(cli get key)" = value ]
	[ "$(cli eval 'return redis.call("incrby", KEYS[1], 41) + 1' 1 n)" = 42 ]
	cli --rdb "$SCRATCH/copy.rdb"
	redis-check-rdb "$SCRATCH/copy.rdb"
	shut_down
	[ "$STATUS" -eq 0 ]
	grep -q 'anneal: exit status 0' "$CONSOLE"
}

@test "redis: no command that could harm the server without being asked for" {
	boot "$GENERATION"
	[[ $(cli debug sleep 0 2>&1) == *'DEBUG command not allowed'* ]]
	[[ $(cli module load /none.so 2>&1) == *'MODULE command not allowed'* ]]
	shut_down
}

@test "redis: memory that is used up is an error to the client, not the end of the server" {
	boot "$GENERATION" --arguments '--maxmemory 8mb'
	seq -f %01000g 1 20000 | awk '{ print "SET k" NR " " $0 }' >"$SCRATCH/much"
	cli --pipe <"$SCRATCH/much" >"$SCRATCH/said" 2>&1 || true
	grep -q 'OOM command not allowed' "$SCRATCH/said"
	[ "$(cli ping)" = PONG ]
	shut_down
	[ "$STATUS" -eq 0 ]
}
