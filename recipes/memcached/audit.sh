# What memcached is asked to do, rare things included (pipeline/audit.sh).
# shellcheck shell=sh disable=SC2154 # PORT and scratch are audit.sh's

# Lines to the server and what comes back, until it closes: ask 'get a' 'quit'.
ask() {
	for line; do printf '%s\r\n' "$line"; done | timeout 20 socat -t5 - "TCP:127.0.0.1:$PORT" >"$scratch/said" || true
}

said() {
	grep -q -- "$1" "$scratch/said" || fail "memcached said '$(head -n 3 "$scratch/said")' instead of '$1'"
}

many() { # COUNT: connections that are open at once
	for i in $(seq "$1"); do
		(sleep 3 | timeout 10 socat - "TCP:127.0.0.1:$PORT" >/dev/null 2>&1 || true) &
		pids="${pids-} $!"
	done
	# shellcheck disable=SC2086 # numbers
	wait $pids
	pids=
}

operations() {
	ask 'set a 1 0 3' one 'get a' 'gets a' 'append a 0 0 1' x 'prepend a 0 0 1' y 'touch a 100' 'gat 100 a' \
		'replace a 0 0 1' 5 'incr a 2' 'decr a 1' 'cas a 0 0 1 1' z 'delete a' 'add b 0 1 1' 1 quit
	said EXISTS
	ask 'ms m 2 T0' hi 'mg m v t f s k' 'ma n N0 J13 v' 'mn' 'me m' 'md m' quit
	said 'VA 2'
	did "text protocol and meta commands"
	timeout 120 memccapable -h 127.0.0.1 -p "$PORT" -b >"$scratch/said" 2>&1 || said 'All tests passed'
	did "binary protocol"
	size=1000000
	{
		printf 'set large 0 0 %d\r\n' $size
		head -c $size /dev/zero | tr '\0' x
		printf '\r\nget large\r\nquit\r\n'
	} | timeout 20 socat -t5 - "TCP:127.0.0.1:$PORT" | grep -q '^VALUE large 0 1000000' || fail "no large value"
	ask 'set huge 0 0 2000000' "$(head -c 3000 /dev/zero | tr '\0' x)" quit
	did "large values"
	for sort in settings items slabs sizes conns detail reset; do ask "stats $sort" quit; done
	ask 'stats detail on' 'set p:a 0 0 1' 1 'stats detail dump' 'stats detail off' 'cache_memlimit 32' 'verbosity 1' \
		'verbosity 0' 'lru tune 10 25 0.1 2.0' 'lru mode flat' 'lru mode segmented' 'lru_crawler enable' \
		'lru_crawler crawl all' 'lru_crawler metadump all' 'slabs automove 1' 'slabs reassign 1 2' version quit
	said VERSION
	(timeout 3 socat - "TCP:127.0.0.1:$PORT" >"$scratch/watched" <<-W || true
		watch fetchers mutations evictions
	W
	) &
	sleep 0.5
	ask 'set seen 0 0 1' 1 'get seen' quit
	wait $!
	did "statistics, settings at run time, the crawler, a watcher"
	timeout 200 memcaslap -s "127.0.0.1:$PORT" --test=set --concurrency=8 --execute-number=500 >/dev/null 2>&1 || true
	i=0
	while [ $i -lt 100 ]; do
		printf 'set fill%d 0 0 900000 noreply\r\n%0900000d\r\n' $i 0
		i=$((i + 1))
	done | timeout 100 socat -t5 - "TCP:127.0.0.1:$PORT" >/dev/null
	ask stats quit
	grep -aE '^STAT evictions [1-9]' "$scratch/said" >/dev/null || fail "nothing was evicted"
	did "eviction at the memory limit"
	many 60
	printf 'set half 0 0 100\r\nhalf' | timeout 1 socat - "TCP:127.0.0.1:$PORT" >/dev/null || true
	did "many connections, and a client that gives up in its request"
	ask 'flush_all 1' 'flush_all' shutdown quit
	type signal HUP
	type signal USR1
	ask 'get a' quit
	said END
	did "flush_all, signals"
}
