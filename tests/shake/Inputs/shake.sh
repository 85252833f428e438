#!/bin/sh
# shake.sh KERNEL.ll TEMPORARY [RULES [MACHINE [FILES]]]: print the module that is left
set -eu
mkdir -p "$2"
llvm-as "$1" -o "$2/joined.bc"
echo '{"app": "x", "units": [{"name": "vmlinux", "kind": "kernel", "march": "x86-64", "modules": [], "lds": "'"$INPUTS"'/kernel.lds"}]}' \
	>"$2/plan.json"
: >"$2/empty"
"$TOOLS/shake" --plan "$2/plan.json" --module "$2/joined.bc" --syscalls "$INPUTS/syscalls.json" \
	--files "${5:-$2/empty}" --machine "${4:-$2/empty}" --rules "${3:-$2/empty}" --mode full \
	--output "$2/shaken.bc" --record "$2/shake.json"
llvm-dis "$2/shaken.bc" -o -
