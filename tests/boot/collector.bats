# The collector in an image, and hosts that behave well or badly. GENERATION=DIR in the
# environment: that one, nothing is built.

load ../helpers

setup_file() {
	[ -n "${GENERATION:-}" ] || mk image APP=nginx COLLECT=1 O="$OUT/tests/collect" TOOLS="$TOOLS" >&2
}
setup() {
	scratch
	GENERATION=$(realpath "${GENERATION:-$OUT/tests/collect/nginx/latest}")
	STATE=$SCRATCH/run.json
	SOCKET=$SCRATCH/collect.sock
	# where the sockets are: what a killed run leaves goes with it
	export XDG_RUNTIME_DIR=$SCRATCH
}
teardown() {
	[ -z "${LOAD_PID:-}" ] || kill "$LOAD_PID" 2>/dev/null || true
	end_guest
	discard_scratch
}

answers() {
	[ "$(curl -sS --max-time 10 --noproxy '*' "http://127.0.0.1:$PORT/1k.txt" | wc -c)" = 1024 ]
}

# Requests until the test ends.
under_load() {
	wrk -t1 -c2 -d120 "http://127.0.0.1:$PORT/1k.txt" >"$SCRATCH/wrk" 3>&- &
	LOAD_PID=$!
	sleep 0.5
}

# host-peer MODE SECONDS [HZ]; what it prints is $SCRATCH/host
host() {
	timeout 120 "$TOOLS/host-peer" "${WHERE:-$SOCKET}" "$@" >"$SCRATCH/host"
	cat "$SCRATCH/host"
}

said() {
	jq -e "$1" "$SCRATCH/host"
}

# A collection as it should be.
collects() {
	host collect 4 500
	said '.skipped == 0 and .ends == 1 and .kernel > 0 and .app > 0'
}

build_id() {
	readelf -n "$1" | awk '/Build ID/ { print $3 }'
}

@test "samples of kernel and app arrive, the collector's own do not" {
	boot "$GENERATION" --state "$STATE"
	[ "$(jq -r .collect "$STATE")" = "unix:$(readlink "$SOCKET")" ]
	under_load
	host collect 6 1000
	said '.skipped == 0 and .hellos >= 1 and .ends == 1 and .statuses >= 4 and .lost == 0'
	# cpu-clock where there are no counters: one address a sample
	said '.event != 2 or (.branches == 0 and .ranges == 0 and .addresses == .sent)'
	said '.sent == .kernel + .app + .init'
	said '.kernel > 50 and .app > 10 and .excluded > 0'
	said '.sent + .excluded <= .samples and .sent + .excluded >= .samples * 0.9'
	for unit in vmlinux:0 nginx:1 init:2; do
		[ "$(jq -r ".build_ids[${unit#*:}]" "$SCRATCH/host")" = \
			"$(build_id "$GENERATION/${unit%:*}.debug")" ]
	done
	answers
	shut_down
	[ "$STATUS" -eq 0 ]
	[ ! -e "$SOCKET" ]
}

@test "a host that goes ends the collection, another one may begin" {
	boot "$GENERATION" --state "$STATE"
	under_load
	for _ in 1 2; do
		host leave 3 500
		said '.skipped == 0 and .counts + .statuses > 0'
		eventually grep -aq 'no profile is being collected any more' "$CONSOLE"
		collects
	done
	[ "$(grep -ac 'anneal: a profile is being collected' "$CONSOLE")" -eq 4 ]
	eventually test "$(grep -ac 'no profile is being collected any more' "$CONSOLE")" -eq 4
	shut_down
}

@test "a host that falls silent ends the collection" {
	boot "$GENERATION" --state "$STATE"
	host silent 30 100
	said '.skipped == 0 and .ends == 1 and .last_frame_s > 8 and .last_frame_s < 20'
	collects_nothing_bad
	shut_down
}

# Nobody asks anything of the app here, so there may be no samples of it.
collects_nothing_bad() {
	host collect 3 500
	said '.skipped == 0 and .ends == 1'
}

@test "noise, floods and stalls: the app serves, and the next collection is as good" {
	boot "$GENERATION" --state "$STATE" --memory 20M
	under_load
	for badly in 'garbage 4' 'flood 4' 'stall 14 5000' 'garbage 1' 'leave 1 10000'; do
		# shellcheck disable=SC2086 # words
		host $badly
		answers
	done
	collects
	shut_down
	[ "$STATUS" -eq 0 ]
	! grep -aqiE 'out of memory|oom-kill|killed process' "$CONSOLE"
}

@test "over UDP and TCP" {
	local kind port
	for kind in udp tcp; do
		port=$(free_port)
		WHERE=$kind:$port host collect 4 500 &
		HOST_PID=$!
		sleep 0.3
		boot "$GENERATION" --append "anneal.collect=$kind:10.0.2.2:$port"
		under_load
		wait "$HOST_PID"
		said '.skipped == 0 and .ends == 1 and .kernel > 0 and .app > 0'
		kill "$LOAD_PID"
		answers
		shut_down
		rm "$SCRATCH/keyboard"
	done
}

@test "HELLO becomes rare where nobody answers" {
	local port
	port=$(free_port)
	WHERE=udp:$port host listen 16 &
	HOST_PID=$!
	sleep 0.3
	boot "$GENERATION" --append "anneal.collect=udp:10.0.2.2:$port"
	wait "$HOST_PID"
	# after 0, 1, 3, 7 and 15 seconds
	said '.hellos >= 3 and .hellos <= 5 and .skipped == 0'
	answers
	shut_down
}

@test "without a port, and with a word that says nothing, the app serves" {
	local word
	for word in loglevel=4 anneal.collect=nonsense anneal.collect=tcp:10.0.2.2:1; do
		boot "$GENERATION" --append "$word"
		answers
		shut_down
		[ "$STATUS" -eq 0 ]
		rm "$SCRATCH/keyboard"
	done
}

@test "a collection does not keep the machine from ending" {
	local begun
	boot "$GENERATION" --state "$STATE"
	host collect 20 1000 &
	HOST_PID=$!
	eventually grep -aq 'a profile is being collected' "$CONSOLE"
	begun=$SECONDS
	shut_down
	[ "$STATUS" -eq 0 ]
	[ $((SECONDS - begun)) -le 4 ]
	wait "$HOST_PID"
	said '.ends == 0'
}

@test "the generation says that there is a collector" {
	jq -e '.collect.bytes > 0 and .collect.bytes < 40000' "$GENERATION/manifest.json"
	grep -qx 'collect 1' "$GENERATION/image.spec"
	[ -f "$GENERATION/collector.debug" ]
}
