#!/bin/sh
# Style of what is tracked: C, shell, recipes, words. Each finding is printed
# with file and line; exit status 1 if there is one.
set -eu
cd "$(dirname "$0")/.."

found=$(mktemp)
trap 'rm -f "$found"' EXIT

# $1 says what is wrong; the lines that are come on standard input.
findings() {
	lines=$(cat)
	[ -n "$lines" ] || return 0
	printf '%s\nlint: %s\n' "$lines" "$1" | tee -a "$found" >&2
}

tracked() {
	git ls-files -co --exclude-standard -- "$@"
}

# Inputs of lit tests are written for FileCheck, not for the eye.
c=$(tracked '*.c' '*.h' | grep -v '^tests/bitcode/')
shell=$(tracked '*.sh' .ci/run)
# What other programs wrote is kept as it is.
text=$(tracked | grep -vE '^kernel/patches/|^LICENSES/|^tests/fuzz/corpus/|^tests/data/perf/')

# shellcheck disable=SC2086 # lists of file names without blanks
{
	{ clang-format-19 --dry-run --Werror $c || true; } 2>&1 | { grep -E 'error|warning|not found' || true; } |
		findings 'clang-format-19 -i FILE puts it right'
	{ shellcheck -x $shell || true; } 2>&1 | findings 'shellcheck'
	{ shellcheck -s bash tests/helpers.bash || true; } 2>&1 | findings 'shellcheck'
	{ grep -L 'SPDX-License-Identifier' $c || true; } | findings 'these C files have no SPDX line'
	awk 'FNR == 1 { n = 0 } ++n == 601 { print FILENAME ": more than 600 lines" }' $c |
		findings 'files that are too long: more than one noun?'
	{ grep -nE '[[:space:]]+$' $text || true; } | head -n 20 | findings 'blanks at the end of a line'
	{ codespell -L 'ot,te,fo,gost' $text || true; } 2>&1 | findings 'codespell'
}
tracked '*.py' | findings 'Python of our own: logic belongs in C'
[ ! -s "$found" ]
