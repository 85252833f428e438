# redis's own test suite against the image, in its mode for servers that it did not start:
#
#   suite UNIT...
#
# Each of its tests becomes a line of TAP. What the suite itself leaves out in this mode is skipped with its
# words: tests that start servers with files and options of their own, or look at a server's log. left-out.txt has those
# that cannot pass here, NAME<tab>REASON.
# shellcheck shell=sh disable=SC2154 # PORT, HOST and SCRATCH are in the environment
# shellcheck source=pipeline/test-words.sh
. "$WORDS"

# "[ok]: NAME (3 ms)", "[err]: NAME in FILE", "[ignore]: NAME: WHY" or "[ignore]: WHY" for a whole server,
# lines that explain an error, and "Testing UNIT"; with colours. More than one failure of a test is one.
to_tap() {
	awk -F '\t' '
	NR == FNR { reasons[$1] = $2; next }
	function escaped(text) { gsub(/#/, "\\#", text); return text }
	{ gsub(/\033\[[0-9;]*m/, "") }
	/^Testing / { split($0, words, " "); unit = words[2]; wrong = 0; next }
	/^                   The End/ { exit }
	/^\[ok\]: / {
		sub(/^\[ok\]: /, ""); sub(/ \([0-9]+ ms\)$/, "")
		print "ok " ++n " - " escaped(unit ": " $0); passed++; wrong = 0; next
	}
	/^\[err\]: / {
		sub(/^\[err\]: /, "")
		print "not ok " ++n " - " escaped(unit ": " $0); wrong = 1; next
	}
	/^\[exception\]: / { print "not ok " ++n " - " escaped(unit ": " $0); wrong = 1; next }
	/^\[(ignore|skip)\]: / {
		sub(/^\[(ignore|skip)\]: /, "")
		at = match($0, /: [^:]*$/)
		if ($0 in reasons) { print "ok " ++n " - " escaped(unit ": " $0) " # SKIP " reasons[$0]; next }
		name = at ? substr($0, 1, at - 1) : "tests " n + 1 " and on"
		why = at ? substr($0, at + 2) : $0
		print "ok " ++n " - " escaped(unit ": " name) " # SKIP " why; wrong = 0; next
	}
	/^\[/ { wrong = 0; next }
	wrong && NF { print "# " $0 }
	END { print "1.." n; if (!passed) print "Bail out! none of the tests ran" }' "$here/left-out.txt" -
}

suite() {
	here=$(cd "$(dirname "$0")" && pwd)
	tree=$(upstream redis)
	# The image keeps the commands that could do harm from those who connect; the suite needs them.
	restart --enable-debug-command yes --enable-protected-configs yes --enable-module-command yes
	for unit; do
		set -- "$@" --single "$unit"
		shift
	done
	cut -f 1 "$here/left-out.txt" >"$SCRATCH/left-out"
	cd "$tree" || exit
	./runtest --host "$HOST" --port "$PORT" --tags '-slow' --durable --no-latency \
		--skipfile "$SCRATCH/left-out" "$@" | to_tap
}
