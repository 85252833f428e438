# memcached in its image

load ../helpers

setup_file() { mk image APP=memcached O="$OUT" TOOLS="$TOOLS" >&2; }
setup() { scratch; }
teardown() {
	end_guest
	discard_scratch
}

GENERATION=$OUT/memcached/latest

ask() { for line; do printf '%s\r\n' "$line"; done | timeout 20 socat -t5 - "TCP:127.0.0.1:$PORT" | tr -d '\r'; }

@test "memcached: text and meta commands, threads, a clean end" {
	boot "$GENERATION"
	[ "$(ask 'set a 7 0 5' hello 'get a' quit)" = $'STORED\nVALUE a 7 5\nhello\nEND' ]
	[ "$(ask 'ms b 2' hi 'mg b v' quit)" = $'HD\nVA 2\nhi' ]
	[[ $(ask 'stats settings' quit) == *'STAT num_threads 4'* ]]
	shut_down
	[ "$STATUS" -eq 0 ]
	grep -q 'anneal: exit status 0' "$CONSOLE"
}

@test "memcached: its memory limit is kept by evicting" {
	boot "$GENERATION" --arguments '-m 8'
	for i in $(seq 30); do printf 'set k%d 0 0 900000 noreply\r\n%0900000d\r\n' "$i" 0; done |
		timeout 60 socat -t5 - "TCP:127.0.0.1:$PORT"
	[[ $(ask stats quit) =~ STAT\ evictions\ [1-9] ]]
	shut_down
}

@test "memcached: an option it does not know ends the guest with the server's status" {
	run boot "$GENERATION" --arguments '--nosuch'
	[ "$status" -ne 0 ]
	[[ $output == *'Illegal argument'* || $output == *'unrecognized option'* ]]
}
