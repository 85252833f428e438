# What guests' collectors send is received: well, or whatever they do

load ../helpers

# The faults of guests are watched for some seconds, all at the same time: tests below look at what was said.
FAULTS="die reconnect reboot deaf mute stall garbage damage noise overflow outside strange unknown change"

setup_file() {
	SCRATCH=$BATS_FILE_TMPDIR
	generation 0 11
	generation 1 22
	for fault in $FAULTS; do
		misbehave "$fault" 3>&- &
	done
	wait
}

setup() {
	scratch
	PEERS= COLLECT=
	cp -r "$BATS_FILE_TMPDIR/out" "$SCRATCH/out"
}

teardown() {
	for pid in $PEERS $COLLECT; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	discard_scratch
}

# Generation $1, with code but nothing in it to run; build ids begin with $2.
generation() {
	local unit n=0 directory=$SCRATCH/out/app/$1
	mkdir -p "$directory"
	for unit in vmlinux app init; do
		n=$((n + 1))
		echo '.globl _start; _start: .fill 8192, 1, 0x90' |
			clang-19 -x assembler -nostdlib -static -fuse-ld=lld -o "$directory/$unit.debug" \
				-Wl,--build-id="0x$2$(printf '%038d' $n)" -
	done
}

# Guests in the background, that speak to WHERE: peer WHERE [OPTION...]. What they send is in $SENT.
peer() {
	local to=$1
	shift
	SENT=$SCRATCH/sent
	"$TOOLS/guest-peer" --out "$SCRATCH/out" --app app --to "$to" --sent "$SENT" --seconds 60 "$@" \
		3>&- &
	PEERS="$PEERS $!"
	case $to in /*) eventually [ -S "$to" ] ;; esac
}

collect() {
	run "$TOOLS/collect" --out "$SCRATCH/out" --app app --output "$SCRATCH/recordings" "$@"
	echo "$output"
}

# What was recorded is what was sent, to the last count.
same() {
	local unit
	wait $PEERS
	for unit in vmlinux app; do
		cmp "$SENT/$unit.${2:-addresses}" "$SCRATCH/recordings/$1/$unit.${2:-addresses}"
	done
}

@test "a guest's samples arrive by its VMM's socket, each of them" {
	peer "$SCRATCH/socket" --generation 1
	collect --from "$SCRATCH/socket" --seconds 2
	[ "$status" -eq 0 ]
	[[ $output == *'guest 1, generation 1, at '* ]]
	[[ $output == *'recorded: generation 1, cpu-clock: '*' counts of 1 guest, '* ]]
	[[ $output == *"$SCRATCH/recordings/1-cpu-clock" ]]
	[[ $output != *short:* ]]
	same 1-cpu-clock
	[ ! -e "$SCRATCH/recordings/1-cpu-clock/init.addresses" ]
	jq -e '.schema == 1 and .app == "app" and .generation == 1 and .method == "collector" and .kind == "addresses"
		and .event == {name: "cpu-clock", period: null, frequency_hz: 1000, privilege: "both"}
		and .cpu == "GenuineTest" and .weight == 1 and .samples.total > 100 and .samples.lost == 0
		and .samples.inside == .samples.total and .collection.guests == 1
		and (.build_ids.app | startswith("22"))' "$SCRATCH/recordings/1-cpu-clock/record.json"
	# only counts are kept: nothing that says where they came from
	jq -e 'keys == ["app", "build_ids", "collection", "cpu", "event", "generation", "kind", "method", "samples", "schema",
		"weight"]' "$SCRATCH/recordings/1-cpu-clock/record.json"
	[ "$(ls "$SCRATCH/recordings/1-cpu-clock")" = "app.addresses
record.json
vmlinux.addresses" ]
}

@test "branch stacks become ranges and branches" {
	peer "$SCRATCH/socket" --generation 0 --event 0
	collect --from "unix:$SCRATCH/socket" --seconds 2
	[ "$status" -eq 0 ]
	same 0-branch-stacks raw
	jq -e '.kind == "branches" and .event.name == "branch-stacks"' \
		"$SCRATCH/recordings/0-branch-stacks/record.json"
}

@test "guests come by TCP, or are connected to" {
	port=$(free_port)
	peer "tcp:127.0.0.1:$port" --generation 0 --guests 3
	collect --listen "tcp:127.0.0.1:$port" --seconds 2
	[ "$status" -eq 0 ]
	[[ $output == *'of 3 guests'* ]]
	same 0-cpu-clock
	PEERS=
	port=$(free_port)
	peer "listen:127.0.0.1:$port" --generation 0
	sleep 0.3
	collect --from "127.0.0.1:$port" --seconds 2
	[ "$status" -eq 0 ]
	same 0-cpu-clock
}

@test "datagrams that come twice and in another order count once" {
	port=$(free_port)
	peer "udp:127.0.0.1:$port" --generation 0 --guests 3 --behave twice
	collect --listen "udp:127.0.0.1:$port" --seconds 2
	[ "$status" -eq 0 ]
	same 0-cpu-clock
}

@test "guests of several generations become a recording each" {
	peer "$SCRATCH/a" --generation 0
	peer "$SCRATCH/b" --generation 1 --event 1
	collect --from "$SCRATCH/a" --from "$SCRATCH/b" --seconds 2
	[ "$status" -eq 0 ]
	[ "$(ls "$SCRATCH/recordings")" = "0-cpu-clock
1-cycles" ]
}

@test "recordings are named oldest generation first, and branch stacks behind plain samples" {
	generation 9 99
	generation 10 33
	peer "$SCRATCH/a" --generation 10
	peer "$SCRATCH/b" --generation 9 --event 0
	peer "$SCRATCH/c" --generation 9 --event 2
	"$TOOLS/collect" --out "$SCRATCH/out" --app app --output "$SCRATCH/recordings" \
		--from "$SCRATCH/a" --from "$SCRATCH/b" --from "$SCRATCH/c" --seconds 2 >"$SCRATCH/paths"
	cat "$SCRATCH/paths"
	[ "$(cat "$SCRATCH/paths")" = "$SCRATCH/recordings/9-cpu-clock
$SCRATCH/recordings/9-branch-stacks
$SCRATCH/recordings/10-cpu-clock" ]
}

@test "with --keep there is a recording of each guest, which add up to all" {
	port=$(free_port)
	peer "tcp:127.0.0.1:$port" --generation 0 --guests 3
	mkdir -p "$SCRATCH/keep/guest-0002"
	collect --listen "tcp:127.0.0.1:$port" --seconds 2 --keep "$SCRATCH/keep"
	[ "$status" -eq 0 ]
	[ "$(ls "$SCRATCH/keep")" = "guest-0001
guest-0002
guest-0003
guest-0004" ]
	[ -z "$(ls "$SCRATCH/keep/guest-0002")" ]
	all=$(tail -qn +2 "$SCRATCH"/keep/*/app.addresses | awk -F: '{ n += $2 } END { print n }')
	[ "$all" = "$(tail -n +2 "$SCRATCH/recordings/0-cpu-clock/app.addresses" | awk -F: '{ n += $2 } END { print n }')" ]
}

# Receive a guest with the fault $1, in a directory of that name.
misbehave() {
	local directory=$SCRATCH/$1 status=0 guest
	mkdir "$directory"
	"$TOOLS/guest-peer" --out "$SCRATCH/out" --app app --generation 0 --to "$directory/socket" \
		--seconds 30 --behave "$1" &
	guest=$!
	eventually [ -S "$directory/socket" ]
	"$TOOLS/collect" --out "$SCRATCH/out" --app app --output "$directory/recordings" \
		--from "$directory/socket" --seconds 4 --wait 3 >"$directory/log" 2>&1 || status=$?
	echo "$status" >"$directory/status"
	kill "$guest" 2>/dev/null || true
}

# $1 is a fault, $2 the exit status, the others are words of what was said.
behaves() {
	local directory=$BATS_FILE_TMPDIR/$1 wanted=$2
	shift 2
	cat "$directory/log"
	[ "$(cat "$directory/status")" -eq "$wanted" ] || return 1
	# the log is short whatever the guest does
	[ "$(wc -l <"$directory/log")" -le 15 ] || return 1
	for words in "$@"; do
		grep -F -- "$words" "$directory/log" >/dev/null || { echo "missing: $words" && return 1; }
	done
	if [ "$wanted" -eq 0 ]; then
		jq -e .collection "$directory/recordings/0-cpu-clock/record.json"
	else
		[ ! -e "$directory/recordings" ]
	fi
}

@test "a guest that dies or begins anew: what came is kept, and it is said" {
	behaves die 0 'ended in the middle of a frame' 'guest 1 is gone without an END' \
		'short: ' '1 gone without an END'
	behaves reconnect 0 'guest 1 is gone without an END' 'recorded: generation 0, cpu-clock'
	behaves reboot 0 'guest 2, generation 0' 'counts of 2 guests'
	behaves deaf 0 'gone without an END'
}

@test "a guest that says nothing, or nothing more" {
	behaves mute 2 'no guest of a known build said HELLO in 3 s'
	behaves stall 2 'no counts came of the code of app, of 1 guest told to start'
}

@test "garbage, damage and lies are noted, and nothing of them is recorded" {
	behaves garbage 0 'bytes that are no frame' 'more of the notices above'
	behaves damage 0 'bytes that are no frame' 'counts sent and never come'
	behaves noise 2 'bytes that are no frame'
	behaves overflow 2 'guest 1 sends more counts than it can have sampled'
	behaves outside 2 'no counts came of the code of app'
	behaves strange 2 'has not said which build it is'
}

@test "another build, from the beginning or in the middle" {
	behaves unknown 2 'no generation of app has its build ids, vmlinux 11' 'app ee'
	behaves change 0 'says other build ids than before, without a boot in between' 'contradicted itself'
}

# collect in the background; its memory and time are measured until it ends. MOST_KIB, TICKS
measured() {
	local pid
	"$TOOLS/collect" --out "$SCRATCH/out" --app app --output "$SCRATCH/recordings" "$@" \
		>"$SCRATCH/collect.out" 2>"$SCRATCH/collect.err" 3>&- &
	COLLECT=$!
	while [ -r "/proc/$COLLECT/status" ] && kib=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$COLLECT/status") &&
		[ -n "$kib" ]; do
		MOST_KIB=$kib
		TICKS=$(awk '{ print $14 + $15 }' "/proc/$COLLECT/stat" 2>/dev/null || echo "$TICKS")
		sleep 0.1
	done
	STATUS=0
	wait "$COLLECT" || STATUS=$?
	cat "$SCRATCH/collect.err"
	echo "memory $MOST_KIB KiB, processor $TICKS ticks"
}

@test "200 guests at once, by TCP and by UDP, within the memory that was allowed" {
	port=$(free_port)
	peer "tcp:127.0.0.1:$port" --generation 0 --guests 200
	measured --listen "tcp:127.0.0.1:$port" --seconds 8 --memory 16
	[ "$STATUS" -eq 0 ]
	grep 'of 200 guests' "$SCRATCH/collect.err"
	[ "$MOST_KIB" -le 40000 ]
	same 0-cpu-clock
	PEERS=
	port=$(free_port)
	peer "udp:127.0.0.1:$port" --generation 1 --guests 200
	measured --listen "udp:127.0.0.1:$port" --seconds 8 --memory 16
	[ "$STATUS" -eq 0 ]
	grep 'of 200 guests' "$SCRATCH/collect.err"
	[ "$MOST_KIB" -le 40000 ]
}

@test "more guests than are taken, more addresses than there is room for" {
	port=$(free_port)
	peer "tcp:127.0.0.1:$port" --generation 0 --guests 20
	collect --listen "tcp:127.0.0.1:$port" --seconds 2 --guests 4
	[ "$status" -eq 0 ]
	[[ $output == *'4 guests are all that are taken: ignored'* ]]
	[[ $output == *'of 4 guests'* ]]
	PEERS=
	port=$(free_port)
	peer "tcp:127.0.0.1:$port" --generation 0 --guests 50
	collect --listen "tcp:127.0.0.1:$port" --seconds 3 --memory 1
	[ "$status" -eq 0 ]
	[[ $output == *'no room for further addresses; those that are known go on counting'* ]]
	lines=$(cat "$SCRATCH"/recordings/0-cpu-clock/*.addresses | wc -l)
	[ "$lines" -le $(((1 << 20) / 96 + 2)) ]
}

@test "a flood of datagrams costs hardly any time, and no guest is lost to noise" {
	for kind in noise counts hello guests; do
		PEERS=
		port=$(free_port)
		peer "udp:127.0.0.1:$port" --generation 0 --flood "$kind"
		flood=$PEERS
		[ "$kind" != noise ] || peer "udp:127.0.0.1:$port" --generation 0
		measured --listen "udp:127.0.0.1:$port" --seconds 4 --wait 4
		kill -KILL $flood
		grep 'thrown away unread' "$SCRATCH/collect.err"
		[ "$(wc -l <"$SCRATCH/collect.err")" -le 40 ]
		# 2 % of a processor, and what starting and ending take; ticks are hundredths of a second
		[ "$TICKS" -le $((4 * 2 + 3)) ]
		[ "$MOST_KIB" -le 30000 ]
		if [ "$kind" = noise ]; then
			[ "$STATUS" -eq 0 ]
			PEERS=${PEERS##* }
			same 0-cpu-clock
		else
			[ "$STATUS" -eq 2 ]
			[ ! -e "$SCRATCH/recordings" ]
		fi
		rm -rf "$SCRATCH/recordings"
	done
}

@test "ctrl-C ends early and keeps what came" {
	peer "$SCRATCH/socket" --generation 0
	"$TOOLS/collect" --out "$SCRATCH/out" --app app --output "$SCRATCH/recordings" --from "$SCRATCH/socket" \
		--seconds 0 2>"$SCRATCH/err" >"$SCRATCH/out.txt" 3>&- &
	COLLECT=$!
	eventually grep 'until ctrl-C' "$SCRATCH/err"
	kill -INT "$COLLECT"
	wait "$COLLECT"
	cat "$SCRATCH/err"
	same 0-cpu-clock
}

@test "what is wrong with options and addresses is said at once" {
	collect
	[ "$status" -eq 2 ]
	[[ $output == *'error: no guest of app runs here'*'make run APP=app'* ]]
	collect --from "$SCRATCH/no-such"
	[ "$status" -eq 2 ]
	[[ $output == *"error: cannot connect to '$SCRATCH/no-such': No such file or directory"* ]]
	collect --listen 127.0.0.1
	[ "$status" -eq 2 ]
	[[ $output == *"'127.0.0.1' does not end with a port"* ]]
	collect --listen "$SCRATCH/x"
	[ "$status" -eq 2 ]
	[[ $output == *'is connected to, not listened at'* ]]
	collect --from udp:127.0.0.1:9
	[ "$status" -eq 2 ]
	[[ $output == *'datagrams are listened for, not fetched'* ]]
	collect --seconds x
	[ "$status" -eq 64 ]
	run "$TOOLS/collect" --out "$SCRATCH/none" --app app --output "$SCRATCH/recordings"
	[ "$status" -eq 2 ]
	[[ $output == *'no guest of app runs here'* ]]
	run "$TOOLS/collect" --out "$SCRATCH/none" --app app --output "$SCRATCH/recordings" --listen tcp::9
	[ "$status" -eq 2 ]
	[[ $output == *"there is no generation of 'app'"*'make image APP=app COLLECT=1'* ]]
	[ ! -e "$SCRATCH/recordings" ]
}

@test "whoever listens for others than this machine is warned" {
	port=$(free_port)
	collect --listen "udp:0.0.0.0:$port" --wait 1
	[ "$status" -eq 2 ]
	[[ $output == *'there is neither authentication nor encryption'* ]]
	collect --listen "udp::$port" --wait 1
	[[ $output != *authentication* ]]
}

@test "make collect says how to get a guest, and leaves the store alone" {
	run mk collect APP=nginx O="$SCRATCH/out" TOOLS="$TOOLS"
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *'error: no guest of nginx runs here'*'COLLECT=1'* ]]
	[ ! -e "$SCRATCH/out/nginx/profiles" ]
}
