# load: against servers of a few lines, good ones and bad ones

load ../helpers

setup() {
	scratch
	PORT=$(free_port)
	BASE=http://127.0.0.1:$PORT
	printf 'requests 3\nrequest 1 GET /five 200 bytes 5\n' >"$SCRATCH/load"
}

teardown() {
	end_server
	discard_scratch
}

# A server that runs the shell program on standard input for each connection; $1: more
# socat options. The program has request(), which reads one (METHOD, TARGET, HEADERS), and
# answer STATUS HEADERS BODY.
serve() {
	{
		cat <<'EOF'
request() {
	read -r METHOD TARGET _ || exit 0
	HEADERS=
	while read -r line && [ "$line" != $'\r' ]; do HEADERS+=$line$'\n'; done
}
answer() {
	printf 'HTTP/1.1 %s\r\n%bContent-Length: %s\r\n\r\n%s' "$1" "$2" "${#3}" "$3"
}
EOF
		cat
	} >"$SCRATCH/server"
	socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr${1-,fork}" EXEC:"bash $SCRATCH/server" \
		2>"$SCRATCH/socat" 3>&- &
	echo $! >"$SCRATCH/server-pid"
	eventually listening
}

end_server() {
	[ ! -e "$SCRATCH/server-pid" ] || kill "$(cat "$SCRATCH/server-pid")" 2>/dev/null || true
	rm -f "$SCRATCH/server-pid"
}

listening() {
	ss -Hltn "sport = :$PORT" | grep -q .
}

not_listening() {
	! listening
}

send() {
	run "$TOOLS/load" --file "$SCRATCH/load" --base "$BASE" --result "$SCRATCH/result" "$@"
	echo "$output"
}

# Send at a rate that the server can hold. Whether it does depends on what else the machine is
# doing, too, so one of five tries has to; a client that cannot hold a rate never does.
send_held() {
	for _ in 1 2 3 4 5; do
		rm -f "$SCRATCH/seen"
		send "$@"
		[ "$status" -ne 0 ] || return 0
	done
	return 1
}

every_kind() {
	serve <<'EOF'
while request; do
	echo "$METHOD $TARGET $(grep -c . <<<"$HEADERS")" >>"$SCRATCH/seen"
	case $METHOD$TARGET in
	GET/five) answer '200 OK' '' 12345 ;;
	HEAD/five) printf 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n' ;;
	GET/none) answer '404 Not Found' '' gone ;;
	GET/part) answer '206 Partial Content' 'Content-Range: bytes 2-4/5\r\n' 345 ;;
	GET/packed)
		printf 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %s\r\n\r\n' \
			"$(printf %01000d 0 | gzip -n | wc -c)"
		printf %01000d 0 | gzip -n
		;;
	POST/*)
		read -r -N 4 body
		[ "$body" = a=$'\n'b ] && answer '405 Not Allowed' '' no || answer '200 OK' '' "$body"
		;;
	esac
done
EOF
	cat >"$SCRATCH/load" <<'EOF'
requests 60
warmup 7
connections 3
keep-alive 4
request 3 GET /five 200 bytes 5
request 1 HEAD /five 200 bytes 5
request 1 GET /none 404
request 1 GET /part 206 bytes 3 header "Range: bytes=2-4"
request 1 GET /packed 200 bytes 1000 header "Accept-Encoding: gzip"
request 1 POST / 405 body "a=\nb"
EOF
}

@test "every kind of request, connections in turn, and the same twice" {
	every_kind
	send
	[ "$status" -eq 0 ]
	[[ $output == '60 requests, 0 failed,'*' over 15 connections in '* ]]
	jq -e '.schema == 1 and .requests == 60 and .failed == 0 and .warmup_failed == 0
		and .connections == 15 and ([.by_request[].sent] | add) == 60
		and ([.by_request[].bytes] | add) == .bytes and .by_request[1].bytes == 0
		and .by_request[0].bytes == 5 * .by_request[0].sent
		and .by_request[4].bytes < 100 * .by_request[4].sent
		and all(.by_request[]; .sent > 0 and .failed == 0) and .load.name == "load"
		and .latency_ns.p50 > 0 and .latency_ns.p50 <= .latency_ns.p99' "$SCRATCH/result"
	jq 'del(.latency_ns, .elapsed_ns)' "$SCRATCH/result" >"$SCRATCH/first"
	mv "$SCRATCH/seen" "$SCRATCH/seen-first"
	"$TOOLS/load" --file "$SCRATCH/load" --dry-run | sed 's/ [0-9]*$//' >"$SCRATCH/planned"
	[ "$(wc -l <"$SCRATCH/planned")" -eq 67 ]
	sed 's/ [0-9]*$//' "$SCRATCH/seen-first" | cmp - "$SCRATCH/planned"
	send
	[ "$status" -eq 0 ]
	jq 'del(.latency_ns, .elapsed_ns)' "$SCRATCH/result" | cmp - "$SCRATCH/first"
	cmp "$SCRATCH/seen" "$SCRATCH/seen-first"
}

@test "several in flight: the same requests" {
	every_kind
	send
	jq 'del(.latency_ns, .elapsed_ns, .load, .by_request[].line)' "$SCRATCH/result" >"$SCRATCH/first"
	sed -i 's/^connections 3/&\nin-flight 3/' "$SCRATCH/load"
	send
	[ "$status" -eq 0 ]
	jq 'del(.latency_ns, .elapsed_ns, .load, .by_request[].line)' "$SCRATCH/result" |
		cmp - "$SCRATCH/first"
}

@test "an open loop: the same requests in the same order, at the rate" {
	every_kind
	send
	jq '[.requests, .failed, .by_request]' "$SCRATCH/result" >"$SCRATCH/first"
	jq -e '.mode == "closed" and .latency_ns.p999 >= .latency_ns.p99 and (has("held") | not)' \
		"$SCRATCH/result"
	rm "$SCRATCH/seen"
	# over one connection the server sees the order
	send_held --rate 5 --requests 10 --connections 1
	"$TOOLS/load" --file "$SCRATCH/load" --requests 10 --dry-run | sed 's/ [0-9]*$//' |
		cmp - <(sed 's/ [0-9]*$//' "$SCRATCH/seen")
	jq -e '.mode == "open" and .rate_rps == 5 and .held and .reached_rps <= 5
		and .reached_rps > 3 and .elapsed_ns >= 2000000000' "$SCRATCH/result"
	send --rate 100
	jq '[.requests, .failed, .by_request]' "$SCRATCH/result" | cmp - "$SCRATCH/first"
}

@test "an open loop counts from when a request was due, not from when it was sent" {
	serve <<'EOF'
while request; do sleep 0.1; answer '200 OK' '' 12345; done
EOF
	# one connection answers ten a second; twenty are asked for
	send --requests 20 --rate 20
	[ "$status" -eq 1 ]
	[[ $output == *'the rate was not held: 20.0 requests/s were planned, '*' were answered'* ]]
	jq -e '.mode == "open" and (.held | not) and .failed == 0 and .requests == 20
		and .reached_rps < 11 and .latency_ns.p50 > 400000000 and .latency_ns.p99 > 900000000' \
		"$SCRATCH/result"
	open=$(jq .latency_ns.p50 "$SCRATCH/result")
	# the closed loop does not see that: it asks when it has been answered
	send --requests 20
	[ "$status" -eq 0 ]
	jq -e --argjson open "$open" '.latency_ns.p50 < $open / 2' "$SCRATCH/result"
	# several connections are more than enough for five a second
	send_held --requests 10 --rate 5 --connections 4
	jq -e --argjson open "$open" '.held and .latency_ns.p50 < $open / 2' "$SCRATCH/result"
}

@test "an open loop whose queue grows too long ends" {
	serve <<'EOF'
while request; do sleep 0.2; answer '200 OK' '' 12345; done
EOF
	send --requests 100000 --rate 1000 --timeout-s 1
	[ "$status" -eq 1 ]
	[[ $output == *'the rate was not held'* ]]
	jq -e '(.held | not) and .requests < 100 and .requests > 1' "$SCRATCH/result"
}

@test "what is sent does not tell the port or the version of a library" {
	serve <<'EOF'
request
echo "$METHOD $TARGET $HEADERS" | tr -d '\r' >>"$SCRATCH/seen"
answer '200 OK' '' 12345
EOF
	sed -i 's/^requests.*/requests 1\nkeep-alive 0/' "$SCRATCH/load"
	send
	[ "$status" -eq 0 ]
	printf '%s\n' 'GET /five Host: anneal' 'User-Agent: anneal-load' 'Accept: */*' \
		'Connection: close' '' | cmp - "$SCRATCH/seen"
}

@test "answers that are not as expected: each is said, counted, and the result written" {
	serve <<'EOF'
while request; do
	case $TARGET in
	/status) answer '500 Error' '' 12345 ;;
	/length) answer '200 OK' '' 1234 ;;
	/plain) answer '200 OK' '' 12345 ;;
	/part) answer '206 Partial Content' 'Content-Range: bytes 0-4/9\r\n' 12345 ;;
	/broken) answer '200 OK' 'Content-Encoding: gzip\r\n' nonsense ;;
	esac
done
EOF
	for case in '/status 200|status 500 instead of 200' '/length 200 bytes 5|4 bytes instead of 5' \
		'/plain 200 header "Accept-Encoding: gzip"|not compressed instead of gzip' \
		'/part 206 header "Range: bytes=1-5"|bytes 0-4/9'\'' where bytes=1-5 was asked for' \
		'/broken 200 header "Accept-Encoding: gzip"|no proper answer: '; do
		printf 'requests 7\nwarmup 1\nrequest 1 GET %s\n' "${case%|*}" >"$SCRATCH/load"
		send
		[ "$status" -eq 1 ]
		[[ $output == *"failed: request 1 of the warm-up, GET ${case%% *}, line 3 of the load, "* ]]
		[[ $output == *"failed: request 4, GET ${case%% *}, line 3 of the load, "*"${case#*|}"* ]]
		[[ $output != *'request 5,'* ]]
		[[ $output == *'failed: 3 more'* ]]
		jq -e '.failed == 7 and .warmup_failed == 1 and .by_request[0].failed == 7' \
			"$SCRATCH/result"
	done
}

@test "garbage, and an answer cut short, are failed answers" {
	for garbage in 'hello\r\n\r\n' 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123' \
		'HTTP/1.1 abc\r\n\r\n' '\0\0\0\0\0\0\0\0\0'; do
		serve <<<"request; printf '$garbage'"
		send
		[ "$status" -eq 1 ]
		[[ $output == *'failed: request 3, GET /five, line 2 of the load, '* ]]
		[[ $output == *'3 requests, 3 failed'* ]]
		end_server
		eventually not_listening
	done
}

@test "a connection closed unasked is a failure, one closed when asked is not" {
	serve <<'EOF'
request && answer '200 OK' '' 12345
request && answer '200 OK' '' 12345
EOF
	send
	[ "$status" -eq 1 ]
	[[ $output == *'had closed the connection, unasked, after 2 requests'* ]]
	[[ $output == *'3 requests, 1 failed'* ]]
	sed -i 's/^requests.*/requests 30\nkeep-alive 2/' "$SCRATCH/load"
	send
	[ "$status" -eq 0 ]
	[ "$(jq .connections "$SCRATCH/result")" -eq 15 ]
	printf 'requests 3\nrequest 1 GET /five 200 header "Connection: close"\n' >"$SCRATCH/load"
	send
	[ "$status" -eq 0 ]
	[ "$(jq .connections "$SCRATCH/result")" -eq 3 ]
}

@test "a server that refuses: a sentence, 2, and no result of an earlier run" {
	echo '{}' >"$SCRATCH/result"
	send
	[ "$status" -eq 2 ]
	[[ $output == *"cannot connect to $BASE after 0 answers: "*'hint: is the server still running?'* ]]
	[ ! -e "$SCRATCH/result" ]
}

@test "a server that starts late is waited for" {
	{ sleep 0.3 && serve <<<"while request; do answer '200 OK' '' 12345; done"; } 3>&- &
	send
	wait
	[ "$status" -eq 0 ]
}

@test "a server that dies half-way" {
	serve '' <<'EOF'
request && answer '200 OK' '' 12345
request && answer '200 OK' '' 12345
EOF
	send
	[ "$status" -eq 2 ]
	[[ $output == *"cannot connect to $BASE after 2 answers"* ]]
	[ ! -e "$SCRATCH/result" ]
}

@test "a server that takes the request and closes" {
	serve <<<request
	send
	[ "$status" -eq 2 ]
	[[ $output == *'GET /five, line 2 of the load, got no answer, after 0 answers: '* ]]
}

@test "a server that never answers, or never ends one" {
	for answer in '' 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123'; do
		serve <<<"request; printf '$answer'; cat"
		send --timeout-s 1
		[ "$status" -eq 2 ]
		[[ $output == *'got no whole answer within 1 s, after 0 answers'*'--timeout-s'* ]]
		end_server
		eventually not_listening
	done
}

@test "the command line goes before the file" {
	serve <<<"while request; do answer '200 OK' '' 12345; done"
	send --requests 8 --warmup 2 --connections 4
	[ "$status" -eq 0 ]
	jq -e '.requests == 8 and .connections == 4' "$SCRATCH/result"
	printf 'connections 4\nin-flight 3\n' >>"$SCRATCH/load"
	send --connections 2
	[ "$status" -eq 2 ]
	[[ $output == *'3 requests in flight need as many connections, not 2'* ]]
}

@test "wrong usage" {
	run "$TOOLS/load" --file "$SCRATCH/load"
	[ "$status" -eq 64 ]
	run "$TOOLS/load" --base "$BASE"
	[ "$status" -eq 64 ]
	for option in --requests --connections --timeout-s; do
		for value in 0 x '' -1 99999999999; do
			send "$option" "$value"
			[ "$status" -eq 64 ]
			[[ $output == *"error: $option takes a number from 1 to "*", not '$value'"* ]]
		done
	done
	for rate in 0 x '' -1 nan inf 1e400 5x; do
		send --rate "$rate"
		[ "$status" -eq 64 ]
		[[ $output == *"error: --rate takes requests a second, "*", not '$rate'"* ]]
	done
	for base in 127.0.0.1:80 https://127.0.0.1/ http://127.0.0.1/a http://a:b@127.0.0.1 http:// ''; do
		run "$TOOLS/load" --file "$SCRATCH/load" --base "$base"
		[ "$status" -eq 2 ]
		[[ $output == *"'$base' is not the address of a server"* ]]
	done
	run "$TOOLS/load" --file "$SCRATCH/load" --base "$BASE" --result "$SCRATCH"
	[ "$status" -eq 2 ]
	[[ $output == *"cannot write '$SCRATCH'"* ]]
}

@test "a load file with a mistake: file, line, what was meant; nothing is sent" {
	echo 'requext 1 GET / 200' >>"$SCRATCH/load"
	send
	[ "$status" -eq 2 ]
	[[ $output == *"$SCRATCH/load:3: 'requext' is not a directive; did you mean 'request'?"*'docs/loads.md'* ]]
	rm "$SCRATCH/load"
	send
	[ "$status" -eq 2 ]
	[[ $output == *"$SCRATCH/load"* ]]
	head -c 64 /dev/zero >"$SCRATCH/load"
	send
	[ "$status" -eq 2 ]
	[[ $output == *'it holds a NUL byte'* ]]
}

@test "the sequence: the same each time, another with another seed" {
	for load in recipes/*/loads/*.load; do
		"$TOOLS/load" --file "$load" --dry-run >"$SCRATCH/one"
		"$TOOLS/load" --file "$load" --dry-run | cmp - "$SCRATCH/one"
	done
	sed 's/^seed.*/seed 77/' recipes/nginx/loads/train.load >"$SCRATCH/load"
	"$TOOLS/load" --file recipes/nginx/loads/train.load --dry-run >"$SCRATCH/one"
	"$TOOLS/load" --file "$SCRATCH/load" --dry-run >"$SCRATCH/two"
	[ "$(wc -l <"$SCRATCH/one")" -eq "$(wc -l <"$SCRATCH/two")" ]
	! cmp -s "$SCRATCH/one" "$SCRATCH/two"
}
