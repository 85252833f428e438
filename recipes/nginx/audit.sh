# What nginx is asked to do, rare things included (pipeline/audit.sh).
# shellcheck shell=sh disable=SC2034,SC2154 # ARGUMENTS is for audit.sh, the console its

ARGUMENTS='-g "daemon off; error_log stderr notice;"'

get() {
	curl -sS --max-time 20 --noproxy "*" "$@" >/dev/null
}

worker() {
	sed -n 's/.*start worker process \([0-9]*\).*/\1/p' "$console" | tail -n 1
}

operations() {
	get "$BASE/" "$BASE/1k.txt" "$BASE/home" "$BASE/none"
	get -H 'Accept-Encoding: gzip' "$BASE/1k.txt"
	get -r 10-99 "$BASE/1k.txt"
	get -I "$BASE/"
	get -d body=of-a-post "$BASE/"
	did "requests: whole, missing, rewritten, compressed, a range, HEAD, POST"
	wrk -t1 -c8 -d3s --timeout 10s "$BASE/1k.txt" >/dev/null
	did "load, keep-alive"
	# more connections than worker_connections: the table is full, and recovers
	wrk -t1 -c1100 -d5s --timeout 5s "$BASE/1k.txt" >/dev/null || true
	get --retry 5 --retry-all-errors "$BASE/"
	did "connections until the table is full"
	printf 'GET /1k.txt HTTP/1.1\r\nHost: x' | timeout 1 socat - "TCP:127.0.0.1:$PORT" >/dev/null || true
	timeout 0.2 curl -s -o /dev/null --noproxy '*' --limit-rate 1 "$BASE/1k.txt" || true
	did "clients that give up in the request and in the answer"
	type signal HUP
	expect 2 'start worker process [0-9]'
	get "$BASE/"
	did reload
	type signal USR1
	expect 1 'reopening logs'
	get "$BASE/"
	did "log reopen"
	type "signal KILL $(worker)"
	expect 3 'start worker process [0-9]'
	get --retry 5 --retry-all-errors "$BASE/"
	did "worker crash and respawn"
}
