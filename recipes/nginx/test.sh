# What nginx's answers must be where a load cannot say it (pipeline/audit.sh): raw requests, and answers that
# depend on earlier ones.
# shellcheck shell=sh disable=SC2154 # BASE, PORT and fail are audit.sh's

# What comes back for exactly these bytes, until nginx closes or a second has passed.
raw() {
	# shellcheck disable=SC2059 # the escapes are meant
	printf "$1" | timeout 5 socat -t1 - "TCP:127.0.0.1:$PORT"
}

is() { # WHAT GOT WANTED
	[ "$2" = "$3" ] || fail "$1: '$2' instead of '$3'"
}

status() {
	curl -s -o /dev/null -w '%{http_code}' --max-time 20 --noproxy '*' "$@"
}

first_line() {
	raw "$1" | head -n 1 | tr -d '\r'
}

operations() {
	two=$(raw 'GET /1k.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' |
		tr -d '\r' | grep -aE '^HTTP/1.1 ' | cut -d' ' -f2 | tr '\n' ' ')
	is 'two requests in one packet' "$two" '200 404 '
	did 'pipelined requests, answered in order'

	is 'HTTP/1.0 without Host' "$(first_line 'GET /1k.txt HTTP/1.0\r\n\r\n')" 'HTTP/1.1 200 OK'
	is 'HTTP/1.1 without Host' "$(first_line 'GET /1k.txt HTTP/1.1\r\n\r\n')" 'HTTP/1.1 400 Bad Request'
	is 'no HTTP at all' "$(first_line '\026\003\001\n\n')" 'HTTP/1.1 400 Bad Request'
	did 'old, wrong and no HTTP'

	long=$(printf '%09000d' 0)
	is 'a long path' "$(status "$BASE/$long")" 414
	is 'a long header' "$(status -H "X: $long" "$BASE/1k.txt")" 400
	is 'a path above the root' "$(status --path-as-is "$BASE/../../etc/passwd")" 400
	is 'one that is encoded' "$(status --path-as-is "$BASE/%2e%2e/%2e%2e/etc/passwd")" 400
	did 'requests that are refused'

	tag=$(curl -s -I --max-time 20 --noproxy '*' "$BASE/1k.txt" | tr -d '\r' | sed -n 's/^ETag: //p')
	[ -n "$tag" ] || fail 'an answer has no ETag'
	is 'the same ETag again' "$(status -H "If-None-Match: $tag" "$BASE/1k.txt")" 304
	is 'another ETag' "$(status -H 'If-None-Match: "0"' "$BASE/1k.txt")" 200
	is 'a range of the same ETag' "$(status -r 0-9 -H "If-Range: $tag" "$BASE/1k.txt")" 206
	is 'a range of another one' "$(status -r 0-9 -H 'If-Range: "0"' "$BASE/1k.txt")" 200
	did 'answers that depend on earlier ones'
}
