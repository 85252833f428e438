#!/bin/sh
# A generation of ours as a peer, so that one table has all: peer.json beside the image.
#
#   ours.sh TOOLS GENERATION OUTPUT TITLE SENTENCE
set -eu
tools=$(realpath "$1") generation=$2 output=$3 title=$4 sentence=$5
name=$(basename "$output")
[ -f "$generation/manifest.json" ] || {
	echo "error: '$generation' is no generation: it has no manifest.json" >&2
	exit 2
}
# The same image as last time keeps what was measured of it.
! cmp -s "$generation/image" "$output/image" || exit 0

new=$(dirname "$output")/.$name.new
rm -rf -- "$new"
mkdir -p "$new/$name"
trap 'rm -rf -- "$new"' EXIT
cp -R -- "$generation/." "$new/$name"
rm -f -- "$new/$name"/bench*
app=$(sed -n 's/^ *app //p' "$generation/image.spec")
printf '[{"name": "kernel", "elf": "vmlinux.debug"}, {"name": "app", "elf": "%s.debug"}]\n' "$app" \
	>"$new/$name/regions.json"
number=$(sed -n 's/^ *"generation": \([0-9]*\).*/\1/p' "$generation/manifest.json")
(cd "$new/$name" && NAME=$name "$tools/peer" describe --title "$title" --describe "$sentence" \
	--shipped image=image --source "generation=$number" . && "$tools/peer" check "$PWD")
rm -rf -- "$output"
mv -- "$new/$name" "$output"
