# Words for the tests of an app, recipes/APP/tests/*: . "$WORDS". docs/testing.md explains them.
# shellcheck shell=sh disable=SC2034,SC2153 # what is set here is for the tests
#
#   say LINE...              a line at the guest's console: say signal HUP
#   lines PATTERN            how many lines of the console match, since the last boot
#   expect COUNT PATTERN     wait until so many do; 1: they did not within 30 s
#   restart                  stop the app and the machine as it should be, and boot again
#   restart WORDS...         the same, with these as further arguments of the app until the test ends
#   crash                    the machine is gone without warning, as if its power were cut; boot again
#   upstream PACKAGE         unpack the source that the image was built from, for its tests; says the directory
#   check NAME COMMAND...    passes if the command does
#   is NAME GOT WANTED       passes if both are the same
#   like NAME TEXT PATTERN   passes if the extended regular expression is in a line of the text
#   eventually COMMAND...    the command, again and again until it does well; 1: it did not within 30 s
#   pass NAME, fail NAME [WHY], skip NAME WHY
#   done_testing             the last line: the plan, and exit status 1 if anything failed

number=0 failures=0

ask() {
	echo "$*" >"$CONTROL"
	read -r answer <"$ANSWER"
	[ "$answer" = ok ] && return 0
	echo "# $answer"
	return 1
}

say() { ask say "$@"; }
restart() { ask restart "$@"; }
crash() { ask crash; }

lines() {
	grep -acE -- "$1" "$CONSOLE" || true
}

expect() {
	for _ in $(seq 300); do
		[ "$(lines "$2")" -ge "$1" ] && return 0
		sleep 0.1
	done
	echo "# the console did not say '$2' ($1 times) within 30 s"
	return 1
}

# shellcheck disable=SC2153,SC2154 # GENERATION and SCRATCH are in the environment
upstream() {
	version=$(jq -r --arg name "$1" '.components[] | select(.name == $name).version' "$GENERATION/manifest.json")
	set -- "$1" "${ANNEAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/anneal}/sources/$1_$version"/*.dsc
	if [ ! -f "$2" ]; then
		echo "the source of $1 $version is not in the cache; 'make source' fetches it" >&2
		exit 1
	fi
	dpkg-source --no-check -x "$2" "$SCRATCH/$1" >"$SCRATCH/unpacked" 2>&1 || { cat "$SCRATCH/unpacked" >&2; exit 1; }
	echo "$SCRATCH/$1"
}

pass() {
	number=$((number + 1))
	echo "ok $number - $1"
}

fail() {
	number=$((number + 1)) failures=$((failures + 1))
	echo "not ok $number - $1"
	[ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^\(# \)*/# /'
}

skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

check() {
	name=$1
	shift
	if said=$("$@" 2>&1); then pass "$name"; else fail "$name" "${said:-$1 failed}"; fi
}

is() {
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "'$2' instead of '$3'"; fi
}

like() {
	if printf '%s\n' "$2" | grep -aqE -- "$3"; then pass "$1"; else fail "$1" "nothing matches '$3' in: $2"; fi
}

eventually() {
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

done_testing() {
	echo "1..$number"
	[ "$failures" = 0 ]
	exit
}
