# sqlite: the image boots with a disk and answers; recipes/sqlite/tests has the rest

load ../helpers

setup_file() {
	mk image APP=sqlite O="$OUT" TOOLS="$TOOLS" >&2
}
setup() { scratch; }
teardown() {
	end_guest
	discard_scratch
}

sql() {
	{ printf '%s\n' "$@" && echo .quit; } | timeout 20 socat -t20 - "TCP:127.0.0.1:$PORT" | sed '$d'
}

@test "sqlite: what was written is there after a power-off" {
	boot "$OUT/sqlite/latest" --disk "$SCRATCH/disk.img"
	[ "$(sql 'CREATE TABLE t(a)' "INSERT INTO t VALUES('kept')" 'SELECT a FROM t')" = $'ok 0\nok 1\nkept\nok 0' ]
	shut_down
	[ "$STATUS" -eq 0 ]
	rm "$SCRATCH/keyboard"
	boot "$OUT/sqlite/latest" --disk "$SCRATCH/disk.img"
	[ "$(sql 'SELECT a FROM t')" = $'kept\nok 0' ]
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "sqlite: make test-app" {
	run mk test-app APP=sqlite O="$OUT" TOOLS="$TOOLS"
	echo "$output"
	[ "$status" -eq 0 ]
}
