# What sqlite is asked to do, rare things included (pipeline/audit.sh).
# shellcheck shell=sh disable=SC2154 # PORT is audit.sh's

sql() {
	{ printf '%s\n' "$@" && echo .quit; } | timeout 20 socat -t20 - "TCP:127.0.0.1:$PORT" >/dev/null
}

operations() {
	sql 'CREATE TABLE a(x PRIMARY KEY, y)' "INSERT INTO a VALUES(1, 'one'), (2, randomblob(100000))" \
		'SELECT x, length(y) FROM a ORDER BY y' 'BEGIN' 'DELETE FROM a' 'ROLLBACK'
	did 'a table, rows, a transaction'
	sql "SELECT datetime('now', 'localtime'), random(), strftime('%s', 'now')"
	did 'time and chance'
	sql 'PRAGMA wal_checkpoint(TRUNCATE)' 'PRAGMA integrity_check' 'VACUUM' 'PRAGMA optimize' 'ANALYZE'
	did 'a checkpoint, a check, a new file'
	sql 'PRAGMA journal_mode=DELETE' "INSERT INTO a VALUES(3, 'three')" 'PRAGMA journal_mode=WAL'
	did 'a journal of the other kind'
	sql 'PRAGMA mmap_size=1048576' 'SELECT count(*) FROM a' 'PRAGMA cache_spill=1' 'PRAGMA cache_size=10' \
		'CREATE TEMP TABLE b AS SELECT hex(randomblob(2000)) AS h FROM a, a, a, a, a, a' 'SELECT h FROM b ORDER BY h LIMIT 1'
	did 'mapped files, temporary tables, sorting'
	sql "ATTACH '/data/other.db' AS other" 'CREATE TABLE other.c(x)' 'BEGIN' "INSERT INTO other.c VALUES(1)" \
		"INSERT INTO a VALUES(4, 'four')" 'COMMIT' "VACUUM INTO '/data/copy.db'"
	did 'a second database, a copy'
	sql 'DROP TABLE a' 'selekt'
	did 'what is no SQL'
	for _ in $(seq 220); do echo 'SELECT 1'; done | timeout 0.2 socat - "TCP:127.0.0.1:$PORT" >/dev/null || true
	did 'a client that gives up'
}
