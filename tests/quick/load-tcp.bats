# load: exchanges of raw bytes, in plain and over TLS, and HTTPS, against servers of a few lines

load ../helpers

setup() {
	scratch
	PORT=$(free_port)
}

teardown() {
	end_server
	discard_scratch
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

# A server that runs the shell program on standard input for each connection.
serve() {
	cat >"$SCRATCH/server"
	socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" EXEC:"bash $SCRATCH/server" \
		2>"$SCRATCH/socat" 3>&- &
	echo $! >"$SCRATCH/server-pid"
	eventually listening
}

# A server of openssl's; what it does is in "$@".
serve_tls() {
	[ -e "$SCRATCH/key" ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout "$SCRATCH/key" \
		-out "$SCRATCH/certificate" -subj /CN=test -days 1 2>/dev/null
	openssl s_server -accept "127.0.0.1:$PORT" -key "$SCRATCH/key" -cert "$SCRATCH/certificate" \
		-quiet "$@" >"$SCRATCH/openssl" 2>&1 3>&- &
	echo $! >"$SCRATCH/server-pid"
	eventually listening
}

# The load of standard input, to a server that speaks $1; the rest goes to load.
send() {
	local scheme=$1
	shift
	cat >"$SCRATCH/load"
	run "$TOOLS/load" --file "$SCRATCH/load" --base "$scheme://127.0.0.1:$PORT" \
		--result "$SCRATCH/result" "$@"
	echo "$output"
}

# "set KEY VALUE" is answered by OK, "get KEY" by the value or NONE, "list" by three lines, the
# last one END, "bye" by the end.
store() {
	mkdir "$SCRATCH/store"
	serve <<EOF
cd "$SCRATCH/store"
while read -r what key value; do
	echo "\$what \$key \$value" >>"$SCRATCH/seen"
	case \$what in
	set) printf %s "\$value" >"\$key.\$\$"; mv "\$key.\$\$" "\$key"; printf 'OK\r\n' ;;
	get) if [ -e "\$key" ]; then cat "\$key"; else printf NONE; fi; printf '\r\n' ;;
	list) printf 'a\r\nb\r\nEND\r\n' ;;
	bye) echo bye; exit ;;
	esac
done
EOF
}

@test "exchanges: what was stored under a key comes back, the same each time" {
	store
	cat >"$SCRATCH/wanted" <<'EOF'
protocol tcp
port tcp:11211
requests 60
warmup 10
connections 3
exchange 3 "set {key 20} {value 12}\n" until "\r\n" expect "OK\r\n"
exchange 3 "get {key 20}\n" lines 1 expect "{value 12}\r\n" expect "NONE\r\n"
exchange 1 "list\x0a" until "END\r\n" expect "a\r\nb"
exchange 1 "get none\n" bytes 6 expect "NONE"
EOF
	send tcp <"$SCRATCH/wanted"
	[ "$status" -eq 0 ]
	[[ $output == '60 requests, 0 failed,'*' over 3 connections in '* ]]
	jq -e '.protocol == "tcp" and .requests == 60 and .failed == 0
		and ([.by_request[].sent] | add) == 60 and .by_request[2].exchange == "\"list\\x0a\""
		and .by_request[2].bytes == 11 * .by_request[2].sent and (has("handshakes") | not)' \
		"$SCRATCH/result"
	jq 'del(.latency_ns, .elapsed_ns)' "$SCRATCH/result" >"$SCRATCH/first"
	"$TOOLS/load" --file "$SCRATCH/load" --dry-run | sed 's/^exchange "\(.*\)\\n" [0-9]*$/\1/' |
		sort >"$SCRATCH/planned"
	sed 's/ *$//' "$SCRATCH/seen" | sort | cmp - "$SCRATCH/planned"
	rm -r "$SCRATCH/store"
	mkdir "$SCRATCH/store"
	send tcp <"$SCRATCH/wanted"
	jq 'del(.latency_ns, .elapsed_ns)' "$SCRATCH/result" | cmp - "$SCRATCH/first"
}

@test "a pipeline: several at once on a connection, each answer its own" {
	store
	for more in 'pipeline 7' $'pipeline 4\nin-flight 3' $'pipeline 5\nkeep-alive 12' 'keep-alive 1'; do
		send tcp <<-EOF
			protocol tcp
			requests 60
			connections 3
			$more
			exchange 1 "set {key 9} {value 9}\n" lines 1 expect "OK"
			exchange 1 "get {key 9}\n" lines 1 expect "{value 9}" expect "NONE"
		EOF
		[ "$status" -eq 0 ]
		[[ $output == '60 requests, 0 failed'* ]]
	done
	[ "$(jq .connections "$SCRATCH/result")" -eq 60 ]
	send tcp --rate 200 <<-'EOF'
		protocol tcp
		requests 30
		connections 3
		pipeline 9
		exchange 1 "list\n" lines 3
	EOF
	[[ $output == *'30 requests, 0 failed'* ]]
	jq -e '.mode == "open" and .requests == 30' "$SCRATCH/result"
}

@test "a closed loop of so many seconds" {
	store
	send tcp --seconds 1 --connections 2 --in-flight 2 \
		<<<$'protocol tcp\nrequests 1\nexchange 1 "list\\n" lines 3'
	[ "$status" -eq 0 ]
	jq -e '.requests > 3 and .elapsed_ns > 900000000 and .elapsed_ns < 9000000000
		and .connections == 2' "$SCRATCH/result"
}

@test "answers that are not as expected, connections that close" {
	store
	send tcp <<<$'protocol tcp\nrequests 3\nexchange 1 "get x\\n" lines 1 expect "VALUE"'
	[ "$status" -eq 1 ]
	[[ $output == *'failed: request 3, exchange "get x\n", line 3 of the load, it does not begin as expected'* ]]
	send tcp <<<$'protocol tcp\nrequests 3\nexchange 1 "bye\\n" close expect "bye\\n"'
	[ "$status" -eq 0 ]
	[ "$(jq .connections "$SCRATCH/result")" -eq 3 ]
	send tcp <<<$'protocol tcp\nrequests 3\nexchange 1 "bye\\n" lines 2'
	[ "$status" -eq 1 ]
	[[ $output == *'the connection was closed in the middle of the answer'* ]]
	send tcp <<<$'protocol tcp\nrequests 2\npipeline 2\nexchange 1 "bye\\n" lines 1'
	[ "$status" -eq 1 ]
	[[ $output == *'failed: request 2, '*'the server had closed the connection, unasked'* ]]
	send tcp <<<$'protocol tcp\nrequests 3\nexchange 1 "list\\n" lines 2'
	[ "$status" -eq 1 ]
	[[ $output == *'more came than the answer'* ]]
	send tcp <<<$'protocol tcp\nrequests 3\nexchange 1 "list\\n" resp'
	[ "$status" -eq 1 ]
	[[ $output == *'no reply of RESP'* ]]
	send tcp --timeout-s 1 <<<$'protocol tcp\nrequests 3\nexchange 1 "list\\n" lines 4'
	[ "$status" -eq 2 ]
	[[ $output == *'got no whole answer within 1 s, after 0 answers'* ]]
	[ ! -e "$SCRATCH/result" ]
	end_server
	eventually not_listening
	send tcp <<<$'protocol tcp\nrequests 3\nexchange 1 "list\\n" lines 3'
	[ "$status" -eq 2 ]
	[[ $output == *"cannot connect to tcp://127.0.0.1:$PORT after 0 answers: "* ]]
}

@test "a list of ports: the load says which one it is for" {
	store
	printf 'protocol tcp\nport tcp:11211\nrequests 3\nexchange 1 "list\\n" lines 3\n' >"$SCRATCH/load"
	"$TOOLS/load" --file "$SCRATCH/load" --ports "udp:11211=1 tcp:80=2 tcp:11211=$PORT"
	run "$TOOLS/load" --file "$SCRATCH/load" --ports "tcp:80=2"
	[ "$status" -eq 2 ]
	[[ $output == *"the load is for port tcp:11211, and there is only 'tcp:80=2'"* ]]
	sed -i /^port/d "$SCRATCH/load"
	"$TOOLS/load" --file "$SCRATCH/load" --ports "udp:53=1 tcp:11211=$PORT tcp:80=2"
	run "$TOOLS/load" --file "$SCRATCH/load" --ports "tcp:80"
	[[ $output == *"'tcp:80' is no list of ports"* ]]
	run "$TOOLS/load" --file "$SCRATCH/load" --ports "tcp:80=2" --base tcp://127.0.0.1:1
	[ "$status" -eq 64 ]
	run "$TOOLS/load" --file "$SCRATCH/load" --base "http://127.0.0.1:$PORT"
	[ "$status" -eq 2 ]
	[[ $output == *'is not the address of a server, as in tcp://'* ]]
}

@test "TLS: versions, full handshakes and resumed ones" {
	serve_tls -rev
	for wanted in 1.2:no:4:0 1.3:no:4:0 1.2:yes:1:3 1.3:yes:1:3; do
		IFS=: read -r version resume full resumed <<<"$wanted"
		send tls <<-EOF
			protocol tls
			tls $version
			resume $resume
			requests 20
			keep-alive 5
			exchange 1 "abc{key 10}\n" lines 1 expect "{key 10}cba\n"
		EOF
		[ "$status" -eq 0 ]
		jq -e --arg v "TLSv$version" --argjson f "$full" --argjson r "$resumed" \
			'.handshakes == {($v): {full: $f, resumed: $r}}' "$SCRATCH/result"
	done
}

@test "HTTPS: the same, and HTTP/2 that is not there" {
	serve_tls -www
	send https <<<$'protocol https\nrequests 9\nkeep-alive 0\nresume yes\ntls 1.3\nrequest 1 GET / 200'
	[ "$status" -eq 0 ]
	jq -e '.handshakes == {"TLSv1.3": {full: 1, resumed: 8}} and .protocol == "https"' "$SCRATCH/result"
	send https <<<$'protocol https\nrequests 9\nkeep-alive 0\nrequest 1 GET / 200'
	jq -e '.handshakes == {"TLSv1.3": {full: 9, resumed: 0}}' "$SCRATCH/result"
	send https <<<$'protocol https\nhttp 2\nrequests 2\nrequest 1 GET / 200'
	[ "$status" -eq 1 ]
	[[ $output == *'was answered, but not by HTTP/2'* ]]
}

@test "a server that has no sessions, and one that speaks no TLS" {
	serve_tls -rev -no_ticket -no_cache
	send tls <<<$'protocol tls\nrequests 4\nkeep-alive 2\ntls 1.2\nresume yes\nexchange 1 "ab\\n" lines 1'
	[ "$status" -eq 0 ] # there is nothing to resume
	jq -e '.handshakes == {"TLSv1.2": {full: 2, resumed: 0}}' "$SCRATCH/result"
	end_server
	eventually not_listening
	serve <<<'head -c 5 >/dev/null; echo no'
	send tls <<<$'protocol tls\nrequests 4\nexchange 1 "ab\\n" lines 1'
	[ "$status" -eq 2 ]
	[[ $output == *"the server at tls://127.0.0.1:$PORT makes no TLS connection: "* ]]
}
