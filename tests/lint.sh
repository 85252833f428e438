#!/bin/sh
# Style of what is tracked: C, shell, recipes, words. Each finding is printed
# with file and line; exit status 1 if there is one.
set -u
cd "$(dirname "$0")/.."
status=0

# $1 says what is wrong; the lines that are come on standard input.
findings() {
	lines=$(cat)
	[ -n "$lines" ] || return 0
	printf '%s\n' "$lines"
	echo "lint: $1" >&2
	status=1
}

tracked() {
	git ls-files -co --exclude-standard -- "$@"
}

c=$(tracked '*.c' '*.h')
shell=$(tracked '*.sh' .ci/run)

# shellcheck disable=SC2086 # lists of file names without blanks
{
	clang-format-19 --dry-run --Werror $(printf '%s\n' $c | grep -v '^tests/bitcode/') 2>&1 |
		grep -E 'error|warning' | findings 'clang-format-19 -i FILE puts it right'
	shellcheck -x $shell 2>&1 | findings 'shellcheck'
	shellcheck -s bash -e SC2034,SC2154,SC1091,SC2030,SC2031,SC2314,SC2315 tests/helpers.bash 2>&1 | findings 'shellcheck'
	grep -L 'SPDX-License-Identifier' $(printf '%s\n' $c | grep -v '^tests/bitcode/') |
		findings 'these C files have no SPDX line'
	awk 'FNR == 1 { n = 0 } ++n == 601 { print FILENAME ": more than 600 lines: more than one noun?" }' $c |
		findings 'files that are too long'
	grep -nE '[[:space:]]+$' $(tracked | grep -vE '^kernel/patches/|^LICENSES/') | head -n 20 |
		findings 'blanks at the end of a line'
}
codespell --skip='./out,./.git,./LICENSES' -L 'ot,te,fo' . 2>&1 | findings 'codespell'
tracked '*.py' | findings 'Python of our own: logic belongs in C'
exit $status
