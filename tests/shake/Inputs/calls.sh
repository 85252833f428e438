#!/bin/sh
# calls.sh PROGRAM.ll TEMPORARY [ALLOW]: print "number name function caller: arguments"
set -eu
mkdir -p "$2"
llvm-as "$1" -o "$2/prog.bc"
clang-19 -Wno-override-module -O0 -static -nostdlib -fuse-ld=lld -x ir "$1" -o "$2/prog.elf"
"$TOOLS/syscalls" --handlers "$INPUTS/handlers.json" --program "$2/prog.elf" ${3:+--allow "$3"} \
	--output "$2/syscalls.json"
jq -r '.kept[] | "\(.number) \(.name)" as $call | .sites[] |
	"\($call) \(.function) \(.caller): \(.arguments | map(if . == null then "?" else map(tostring) | join("|") end) | join(" "))"' \
	"$2/syscalls.json"
