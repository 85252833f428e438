# What nginx with TLS is asked to do, rare things included (pipeline/audit.sh).
# shellcheck shell=sh disable=SC2154 # PORT, BASE and the console are audit.sh's

TLS=127.0.0.1:$((PORT + 1))

get() {
	curl -sSk --max-time 20 --noproxy "*" "$@" >/dev/null
}

handshake() {
	printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 openssl s_client -connect "$TLS" -ign_eof "$@" >/dev/null 2>&1
}

worker() {
	sed -n 's/.*start worker process \([0-9]*\).*/\1/p' "$console" | tail -n 1
}

operations() {
	for url in "$BASE" "https://$TLS"; do
		get "$url/" "$url/1k.txt" "$url/home" "$url/none" "$url/100k.txt"
		get -H 'Accept-Encoding: gzip' "$url/100k.txt"
		get -r 10-99 "$url/1k.txt"
		get -I "$url/"
		get -d body=of-a-post "$url/"
		get "$url/own/100k.txt" "$url/own/none"
		head -c 300000 /dev/zero | get -H 'Expect:' --data-binary @- "$url/own/1k.txt"
		get "$url/host/x"
	done
	did "requests over HTTP and HTTPS: whole, missing, rewritten, compressed, a range, HEAD, POST, proxied, no server"
	for version in -tls1_2 -tls1_3; do
		handshake $version -sess_out "$scratch/session"
		handshake $version -sess_in "$scratch/session"
		handshake $version -no_ticket
	done
	handshake -tls1_1 || true
	printf 'no TLS at all\n\n\n' | timeout 2 socat - "TCP:$TLS" >/dev/null || true
	timeout 2 socat -u /dev/null "TCP:$TLS" || true
	get "http://$TLS/"
	did "handshakes: 1.2 and 1.3, resumed, refused, broken off"
	h2load -n 2000 -c 8 -m 10 "https://$TLS/1k.txt" >/dev/null
	wrk -t1 -c8 -d3s --timeout 10s "https://$TLS/1k.txt" >/dev/null
	did "load, HTTP/2 and HTTP/1.1"
	# more connections than worker_connections of one worker: its table is full, and recovers
	wrk -t1 -c1100 -d5s --timeout 5s "$BASE/1k.txt" >/dev/null || true
	get --retry 5 --retry-all-errors "$BASE/"
	did "connections until a table is full"
	type signal HUP
	expect 8 'start worker process [0-9]'
	get "https://$TLS/"
	did reload
	type signal USR1
	expect 1 'reopening logs'
	get "https://$TLS/"
	did "log reopen"
	type "signal KILL $(worker)"
	expect 9 'start worker process [0-9]'
	get --retry 5 --retry-all-errors "https://$TLS/"
	did "worker crash and respawn"
}
