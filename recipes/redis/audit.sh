# What redis is asked to do, rare things included (pipeline/audit.sh).
# shellcheck shell=sh disable=SC2034,SC2154 # ARGUMENTS is for audit.sh, PORT and scratch its

ARGUMENTS='--enable-debug-command yes --enable-protected-configs yes'

r() {
	timeout 60 redis-cli -p "$PORT" "$@" >"$scratch/said" 2>&1 ||
		fail "redis-cli $*: $(head -n 3 "$scratch/said")"
}

# The answer to the last one must have this in it.
said() {
	grep -q -- "$1" "$scratch/said" || fail "redis said '$(head -n 3 "$scratch/said")' instead of '$1'"
}

info() {
	redis-cli -p "$PORT" info | tr -d '\r' | sed -n "s/^$1://p"
}

until_info() { # FIELD VALUE
	for _ in $(seq 300); do
		[ "$(info "$1")" = "$2" ] && return 0
		sleep 0.1
	done
	fail "$1 is not $2 after 30 s, but '$(info "$1")'"
}

benchmark() {
	timeout 300 redis-benchmark -p "$PORT" -q "$@" >"$scratch/benchmark" 2>&1 || fail "redis-benchmark $*"
}

commands() {
	benchmark -n 300 -c 20 -r 100
	benchmark -n 3000 -c 20 -P 16 -t set,get
	did "redis-benchmark: all its commands, pipelines"
	seq -f %063.0f 40000 >"$scratch/large"
	r -x set large <"$scratch/large"
	r strlen large
	said 2560000
	r get large
	r unlink large
	did "a value of 2.5 MB, freed in the background"
	benchmark -n 1000 -c 300 -t ping_mbulk
	# shellcheck disable=SC2016 # no expansion is meant
	printf '*2\r\n$3\r\nGET\r\n$99\r\nhalf' | timeout 1 socat - "TCP:127.0.0.1:$PORT" >/dev/null || true
	did "300 connections at once, and a client that gives up in its request"
	r eval 'return redis.call("incrby", KEYS[1], ARGV[1])' 1 n 3
	r eval 'return cjson.encode({cmsgpack.pack({1,2}), bit.band(7,3), struct.pack("I",1)})' 0
	r function load '#!lua name=lib
		redis.register_function("f", function(keys, args) return redis.sha1hex(args[1]) end)'
	r fcall f 0 text
	said 372ea08cab33e71c02c651dbc83a474d32c676ea
	printf 'multi\nset a 1\nincr a\nexec\nwatch a\nunwatch\nmulti\ndiscard\n' | r
	did "scripts, functions, transactions"
	(timeout 20 redis-cli -p "$PORT" blpop queue 10 >"$scratch/popped") &
	until_info blocked_clients 1
	r lpush queue job
	wait $!
	grep -q job "$scratch/popped" || fail "a blocked client got no job"
	r blpop none 0.1
	(timeout 20 redis-cli -p "$PORT" subscribe news >"$scratch/news" || true) &
	until_info pubsub_channels 1
	r publish news text
	r client kill type pubsub
	wait $!
	did "blocked clients, publish and subscribe, CLIENT KILL"
}

persistence() {
	r debug populate 3000 key 100
	r save
	r bgsave
	until_info rdb_bgsave_in_progress 0
	[ "$(info rdb_last_bgsave_status)" = ok ] || fail "BGSAVE failed"
	r config set appendonly yes
	until_info aof_rewrite_in_progress 0
	until_info aof_rewrite_scheduled 0
	r config set appendfsync always
	r set written always
	r config set appendfsync everysec
	r set written everysec
	r bgrewriteaof
	until_info aof_rewrite_in_progress 0
	[ "$(info aof_last_bgrewrite_status)" = ok ] || fail "BGREWRITEAOF failed"
	r debug loadaof
	r config set appendonly no
	r debug reload
	r config rewrite
	said OK
	did "SAVE, BGSAVE, BGREWRITEAOF, both read again, CONFIG REWRITE"
	r --rdb "$scratch/copy.rdb"
	head -c 5 "$scratch/copy.rdb" | grep -q REDIS || fail "a replica got no snapshot"
	r config set repl-diskless-sync no
	r --rdb "$scratch/copy.rdb"
	r replicaof 127.0.0.1 6379
	r replicaof 10.0.2.2 9
	sleep 2
	r role
	r replicaof no one
	r migrate 127.0.0.1 1 written 0 100 copy
	did "a replica's snapshot, being a replica of nobody, MIGRATE to nobody"
}

rare() {
	r config set maxmemory 8mb maxmemory-policy allkeys-lru
	benchmark -n 3000 -c 10 -d 8000 -r 100000 -t set
	[ "$(info evicted_keys)" -gt 0 ] || fail "nothing was evicted"
	r config set maxmemory-policy volatile-ttl
	r config set maxmemory 0
	r flushall async
	did "eviction at maxmemory"
	r set short 1 px 50
	r debug sleep 0.2
	r get short
	r object help
	r memory stats
	r memory doctor
	r memory purge
	r latency doctor
	r slowlog get
	r client list
	r client pause 50
	r client no-evict on
	r acl setuser guest on '>secret' '~*' +get
	r --user guest --pass secret get a
	r acl log
	r debug object none
	r debug htstats 0
	r debug stringmatch-len 1000 'a*'
	r lolwut
	r config set oom-score-adj yes
	r config set oom-score-adj no
	r config set hz 50 timeout 100 tcp-keepalive 60 loglevel debug
	r config set loglevel notice
	r config resetstat
	r module load /none.so
	r cluster info
	printf 'config set port 6380\nconfig set port 6379\n' | r
	r swapdb 0 1
	r reset
	did "what administrators ask: memory, latency, slow log, clients, access lists, configuration"
	r config set save '900 1'
	r set saved at-the-end
}

operations() {
	commands
	persistence
	rare
}
