#!/bin/sh
# keep.sh STORE OUT APP DIR: add the recordings in DIR, of several generations, to the store of profiles,
# and make one profile of those that it accepts. Exit status 1 if it accepts none, that of the store if
# one could not be added; the others are kept nevertheless.
set -eu

store=$1 out=$2 app=$3 directory=$4
said=$(mktemp)
trap 'rm -f "$said"' EXIT
ids='' refused=0 failed=0

for recording in "$directory"/*/; do
	status=0
	"$store" --out "$out" --app "$app" --alone add "${recording%/}" >"$said" || status=$?
	# what to do next is for the end
	sed '/^next: /d' "$said"
	case $status in
	0) ids="$ids $(sed -n 's/^profile \([0-9a-f]*\),.*/\1/p' "$said")" ;;
	1) refused=$((refused + 1)) ;;
	*) failed=$status ;;
	esac
done

# shellcheck disable=SC2086 # ids have no blanks
set -- $ids
[ $# -gt 0 ] || [ "$failed" = 0 ] || exit "$failed"
[ $# -gt 0 ] || { echo "refused: the store accepts none of the $refused recordings" >&2 && exit 1; }
# together with what the generations were relinked with, each as much as its share says
"$store" --out "$out" --app "$app" --onward merge "$@"
exit "$failed"
