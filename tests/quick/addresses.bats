# profile-store add takes plain samples: small programs, samples on the addresses of their code

load ../helpers

setup_file() {
	export MADE=$BATS_FILE_TMPDIR/made
	mkdir -p "$MADE"
	for unit in 1 2; do
		clang-19 -O2 -nostdlib -static -ffreestanding -fno-stack-protector "-DUNIT=$unit" -DIDLE -g -gdwarf-5 \
			-fdebug-info-for-profiling -mllvm -enable-fs-discriminator=true \
			-fuse-ld=lld -Wl,--build-id=sha1 -o "$MADE/$unit" "$PROGRAM"
	done
}

setup() {
	scratch
	O=$SCRATCH/out
	G=$O/a/0
	REC=$SCRATCH/rec
	mkdir -p "$G" "$REC"
	cp "$MADE/1" "$G/vmlinux.debug"
	cp "$MADE/2" "$G/a.debug"
	samples "$G/vmlinux.debug" 'work leaf default_idle' >"$REC/vmlinux.addresses"
	samples "$G/a.debug" 'work leaf' >"$REC/a.addresses"
	jq -n --arg v "$(build_id "$G/vmlinux.debug")" --arg a "$(build_id "$G/a.debug")" \
		'{schema: 1, app: "a", generation: 0, machine: "microvm", method: "samples", load: "get",
		  build_ids: {vmlinux: $v, a: $a}}' >"$REC/record.json"
}
teardown() { discard_scratch; }

build_id() {
	llvm-readelf-19 -n "$1" | awk '/Build ID/ { print $3 }'
}

# 100 samples on each instruction of the functions $2 of the ELF $1.
samples() {
	llvm-objdump-19 -d --no-show-raw-insn "$1" | awk -v names=" $2 " '
		/^[0-9a-f]+ <.*>:$/ { name = substr($2, 2, length($2) - 3) }
		!/int3|nop/ && /^ *[0-9a-f]+:/ && index(names, " " name " ") { sub(":", "", $1); line[n++] = $1 ":100" }
		END { print n; for (i = 0; i < n; i++) print line[i] }'
}

store() {
	"$TOOLS/profile-store" --out "$O" --app a "$@"
}

@test "plain samples become a profile that says what it is" {
	run store add "$REC"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"samples    vmlinux: "*" blocks of 2 functions, of 4"* ]]
	id=$(ls "$O/a/profiles")
	jq -e '.kind == "addresses" and .accepted' "$O/a/profiles/$id/profile.json"
	jq -e '.units[] | .ranges.rejected == 0 and .branches.rejected == 0 and .spread.taken == "anywhere"' \
		"$O/a/profiles/$id/profile.json"
	cmp "$REC/a.addresses" "$O/a/profiles/$id/raw/a.addresses"
	[ -s "$O/a/profiles/$id/a.prof" ]
	run store list
	[[ ${lines[1]} == *' addresses '* ]]
}

@test "the loop is found: the body runs as often as it is sampled, the call leads to the leaf" {
	store add "$REC"
	text=$(llvm-profdata-19 show --sample --all-functions "$(store path auto)/a.prof")
	echo "$text"
	[[ $text == *'calls: leaf:'* ]]
	[[ $text == *'Function: work:'* ]]
}

@test "samples of code that waits are left out, and counted" {
	store add "$REC"
	jq -e '.units.vmlinux | .spread.waiting > 0 and ([.hot[].name] | index("default_idle") == null)' \
		"$(store path auto)/profile.json"
	jq -e '.units.a.spread.waiting == 0' "$(store path auto)/profile.json"
}

@test "the same samples give the same profile" {
	store add "$REC"
	run store add "$REC"
	[ "$status" -eq 0 ]
	[[ $output == *'already'* ]]
	[ "$(find "$O/a/profiles" -mindepth 1 -maxdepth 1 -type d | wc -l)" -eq 1 ]
}

@test "text that is wrong is named by line, and nothing is kept" {
	printf '2\n10:1\n' >"$REC/a.addresses"
	run store add "$REC"
	[ "$status" -eq 2 ]
	[[ $output == *"a.addresses:3: the file ends before all announced lines have come"* ]]
	[ -z "$(ls "$O/a/profiles")" ]
}

@test "counts in two forms are an error; samples of other code are refused" {
	printf '0\n0\n' >"$REC/a.raw"
	run store add "$REC"
	[ "$status" -eq 2 ]
	[[ $output == *"has both 'a.raw' and 'a.addresses'"* ]]
	rm "$REC/a.raw"
	printf '1\n10:1\n' >"$REC/a.addresses"
	run store add "$REC"
	[ "$status" -eq 1 ]
	[[ $output == *'no sample is in the code of this ELF'* ]]
	[[ $output == *'refused: a: '* ]]
}
