# What tests of apps in sh share: results as TAP. Sourced: . recipes/tap.sh, from the project's root.
#
#   is NAME GOT WANTED          equal texts
#   like NAME TEXT PATTERN      an extended regular expression is somewhere in the text
#   check NAME COMMAND...       the command ends well; what it prints is shown if it does not
#   skip NAME WHY
#   finish                      the plan; the last line of a test
#
# In the environment (make test-app): HOST and PORT of the guest's first port, PORT_TCP_443 and so on of each,
# CONSOLE, a file with what the guest says, KEYBOARD, where its console is typed at.
# shellcheck shell=sh
tap_number=0

tap_result() { # WORD NAME [DETAIL]
	tap_number=$((tap_number + 1))
	echo "$1 $tap_number - $2"
	[ -z "${3-}" ] || printf '%s\n' "$3" | head -n 30 | sed 's/^/# /'
}

is() {
	if [ "$2" = "$3" ]; then
		tap_result ok "$1"
	else
		tap_result 'not ok' "$1" "got '$2', wanted '$3'"
	fi
}

like() {
	if printf '%s\n' "$2" | grep -aqE -- "$3"; then
		tap_result ok "$1"
	else
		tap_result 'not ok' "$1" "nothing matches '$3' in: $2"
	fi
}

check() {
	tap_name=$1
	shift
	if tap_output=$("$@" 2>&1); then
		tap_result ok "$tap_name"
	else
		tap_result 'not ok' "$tap_name" "$* failed: $tap_output"
	fi
}

skip() {
	tap_result ok "$1 # SKIP $2"
}

finish() {
	echo "1..$tap_number"
}

# Wait up to half a minute until a command ends well.
eventually() {
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

# A line at the guest's console, "signal HUP".
type_line() {
	printf '%s\n' "$*" >>"$KEYBOARD"
}

console_has() { # COUNT PATTERN
	[ "$(grep -acE -- "$2" "$CONSOLE")" -ge "$1" ]
}
