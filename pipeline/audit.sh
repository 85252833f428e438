#!/bin/sh
# Boot an image, do what a recipe's script says, and stop it: its audit.sh or test.sh, or loads.sh here:
#
#   audit.sh RUN IMAGE SPEC SCRIPT CONSOLE
#
# SCRIPT is sourced. It may set ARGUMENTS (for the app) before anything else, and
# defines operations(), which has:
#   $BASE                 http://127.0.0.1:PORT of the app's port 80; $PORT by itself
#   type LINE             a line at the guest's console, "signal HUP"
#   expect COUNT PATTERN  wait until so many lines of the console match
#   did WORDS             say what was done
#   fail WORDS            the image is wrong; nothing more is done
#
# What fails ends it, too: set -e holds. Exit status 0: all was done, and the app ended as it should.
set -eu
run=$1 image=$2 spec=$3 script=$4 console=$5
scratch=$(mktemp -d)
guest=
clean_up() {
	[ -z "$guest" ] || kill -KILL "$guest" 2>/dev/null || true
	rm -rf -- "$scratch"
}
trap clean_up EXIT

fail() {
	echo "error: $*" >&2
	tail -n 5 "$console" >&2
	exit 2
}

type() {
	echo "$*" >&8
}

lines() {
	grep -acE -- "$1" "$console" || true
}

expect() {
	for _ in $(seq 300); do
		[ "$(lines "$2")" -ge "$1" ] && return 0
		kill -0 "$guest" 2>/dev/null || fail "the guest ended before the console said '$2'"
		sleep 0.1
	done
	fail "the console did not say '$2' ($1 times) within 30 s"
}

did() {
	echo "  did: $*"
}

ARGUMENTS=
# shellcheck source=/dev/null
. "$script"

PORT=
for port in $(shuf -i 20000-32000 -n 50); do
	curl -s -o "$scratch/probe" --max-time 1 --noproxy '*' "http://127.0.0.1:$port/" || PORT=$port
	[ -z "$PORT" ] || break
done
# shellcheck disable=SC2034 # for operations()
BASE=http://127.0.0.1:$PORT
mkfifo "$scratch/keyboard"
"$run" --image "$image" --spec "$spec" --port "$PORT" --arguments "$ARGUMENTS" \
	<"$scratch/keyboard" >"$console" 2>"$scratch/messages" &
guest=$!
exec 8>"$scratch/keyboard"
for _ in $(seq 300); do
	grep -q '^ready after' "$scratch/messages" && break
	kill -0 "$guest" 2>/dev/null || fail "the guest ended before it answered"
	sleep 0.1
done
grep -q '^ready after' "$scratch/messages" || fail "the guest did not answer within 30 s"
did start
operations
type stop
status=0
wait "$guest" || status=$?
guest=
[ "$status" = 0 ] || fail "the app ended with status $status"
did stop
