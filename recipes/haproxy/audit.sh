# What haproxy is asked to do, rare things included (pipeline/audit.sh).
# shellcheck shell=sh disable=SC2154 # PORT and BASE are audit.sh's

TLS=127.0.0.1:$((PORT + 1))
STATISTICS=http://127.0.0.1:$((PORT + 2))

get() {
	curl -sSk --max-time 20 --noproxy "*" "$@" >/dev/null
}

handshake() {
	printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 openssl s_client -connect "$TLS" -ign_eof "$@" >/dev/null 2>&1
}

cli() {
	printf '%s\n' "$*" | timeout 10 socat -t5 - "TCP:127.0.0.1:$((PORT + 3))"
}

# The host's server that the proxy is told of: this very proxy.
host_server() {
	cli "set server host/one addr 10.0.2.2 port $PORT" >/dev/null
	cli 'enable server host/one' >/dev/null
	sleep 2
	get "$BASE/host/1k.txt" "$BASE/host/none"
	cli 'set server host/one state drain; set server host/one weight 50%' >/dev/null
	cli 'set server host/one addr 10.0.2.2 port 1' >/dev/null
	sleep 2
	cli 'disable server host/one' >/dev/null
}

operations() {
	for url in "$BASE" "https://$TLS"; do
		get "$url/alive" "$url/1k.txt?[1-9]" "$url/home" "$url/none" "$url/sealed/1k.txt" "$url/host/x"
		get -H 'Accept-Encoding: gzip' "$url/1k.txt"
		get -I "$url/"
		get -d body=of-a-post "$url/"
		head -c 300000 /dev/zero | get -H 'Expect:' --data-binary @- "$url/1k.txt" || true
	done
	did "requests over HTTP and HTTPS: balanced, redirected, missing, compressed, HEAD, POST, to TLS, no server"
	for version in -tls1_2 -tls1_3; do
		handshake $version -sess_out "$scratch/session"
		handshake $version -sess_in "$scratch/session"
		handshake $version -no_ticket
	done
	handshake -tls1_1 || true
	printf 'no TLS at all\n\n\n' | timeout 2 socat - "TCP:$TLS" >/dev/null || true
	timeout 2 socat -u /dev/null "TCP:$TLS" || true
	did "handshakes: 1.2 and 1.3, resumed, refused, broken off"
	host_server
	did "a server of the host: comes, is drained, goes"
	get "$STATISTICS/" "$STATISTICS/;csv" "$STATISTICS/;json"
	for word in info stat errors sess pools fd activity 'servers state' 'table' 'ssl cert' threads; do
		cli "show $word" >/dev/null
	done
	cli nonsense >/dev/null
	cli 'clear counters all' >/dev/null
	did "statistics and the command line"
	h2load -n 2000 -c 8 -m 10 "https://$TLS/1k.txt" >/dev/null
	wrk -t1 -c8 -d3s --timeout 10s "$BASE/1k.txt" >/dev/null
	did "load, HTTP/2 and HTTP/1.1"
	# more connections than maxconn
	wrk -t1 -c1100 -d5s --timeout 5s "$BASE/1k.txt" >/dev/null || true
	get --retry 5 --retry-all-errors "$BASE/"
	did "connections until there are no more"
	type signal USR2
	expect 2 'Loading success|New worker'
	get --retry 5 --retry-all-errors "https://$TLS/"
	did reload
}
