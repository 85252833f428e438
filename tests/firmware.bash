# Firmware that is a whole program, for tests of the tracer; SCRATCH is the test's directory.

# Assemble tests/data/firmware/$1.S with the rest as options; its labels are in $SCRATCH/names.
firmware() {
	local name=$1
	shift
	clang-19 --target=i386-linux-gnu -c -o "$SCRATCH/firmware.o" "$@" "tests/data/firmware/$name.S"
	llvm-objcopy-19 -O binary -j .text "$SCRATCH/firmware.o" "$SCRATCH/firmware"
	llvm-nm-19 "$SCRATCH/firmware.o" >"$SCRATCH/names"
}

# Where a label is when the firmware runs.
address() {
	printf '%x\n' $((0xf0000 + 0x$(awk -v name="$1" '$3 == name { print $1 }' "$SCRATCH/names")))
}

# $1 processors; the rest goes to QEMU. Its exit status is 1 when the firmware says so.
execute() {
	local processors=$1
	shift
	timeout 60 qemu-system-x86_64 -nodefaults -display none -M pc -accel tcg -cpu max -m 16M \
		-smp "$processors" -bios "$SCRATCH/firmware" -device isa-debug-exit,iobase=0xf4 "$@" || [ $? = 1 ]
}
