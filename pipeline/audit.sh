#!/bin/sh
# Boot an image, do what a recipe's script says, and stop it: its audit.sh, or loads.sh here:
#
#   audit.sh RUN IMAGE SPEC SCRIPT CONSOLE
#
# SCRIPT is sourced. It may set ARGUMENTS (for the app) before anything else, and
# defines operations(), which has:
#   $BASE                 http://127.0.0.1:PORT of READY's port; $PORT by itself
#   $PORTS                all, as "tcp:80=8080 tcp:443=8081"; port tcp:443 is one of them, "8081"
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

# The port of this machine that is the guest's port $1.
port() {
	echo "$PORTS" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

did() {
	echo "  did: $*"
}

ARGUMENTS=
# shellcheck source=/dev/null
. "$script"

mkfifo "$scratch/keyboard"
"$run" --image "$image" --spec "$spec" --state "$scratch/run.json" --arguments "$ARGUMENTS" \
	<"$scratch/keyboard" >"$console" 2>"$scratch/messages" &
guest=$!
exec 8>"$scratch/keyboard"
for _ in $(seq 300); do
	[ -s "$scratch/run.json" ] && break
	kill -0 "$guest" 2>/dev/null || fail "the guest ended before it answered"
	sleep 0.1
done
[ -s "$scratch/run.json" ] || fail "the guest did not answer within 30 s"
PORTS=$(jq -r '[.ports[] | "\(.guest)=\(.host)"] | join(" ")' "$scratch/run.json")
PORT=$(jq -r .port "$scratch/run.json")
# shellcheck disable=SC2034 # for operations()
BASE=http://127.0.0.1:$PORT
did start
operations
type stop
status=0
wait "$guest" || status=$?
guest=
[ "$status" = 0 ] || fail "the app ended with status $status"
did stop
