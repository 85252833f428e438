# make import: counts from elsewhere, checked before they are converted. The programs are small ones
# linked to where an image's are; the text of perf script is made from their disassembly, perf.data
# by perf itself from a program that runs here.

load ../helpers

setup_file() {
	export MADE=$BATS_FILE_TMPDIR/made
	mkdir -p "$MADE"
	program vmlinux 0xffffffff80200000 -mcmodel=kernel
	program nginx 0x20000000
	program init 0x10000000
	program other 0x20000000 -DOTHER
	generation "$MADE/out/nginx/0"
	# another build, whose code is elsewhere
	program nginx 0x20000000 -DUNIT=77777 -DROUNDS=2000 -O1 -fno-omit-frame-pointer
	program vmlinux 0xffffffff80200000 -mcmodel=kernel -DUNIT=77777 -O1
	generation "$MADE/out/nginx/1"
}

# Functions of different names in each unit; $2 is where it is linked to.
program() {
	clang-19 -O2 "-DNAME=work_$1" -DUNIT=3 -DROUNDS=2000 -DLENGTH=100000 -Wno-macro-redefined "${@:3}" -g -gdwarf-5 -nostdlib -static \
		-ffreestanding -fno-stack-protector -fdebug-info-for-profiling \
		-mllvm -enable-fs-discriminator=true -fuse-ld=lld -Wl,--build-id=sha1 \
		"-Wl,--image-base=$2" -o "$MADE/$1" "$PROGRAM"
}

generation() {
	mkdir -p "$1"
	for unit in vmlinux nginx init; do cp "$MADE/$unit" "$1/$unit.debug"; done
	echo '{"profile": null}' >"$1/manifest.json"
}

setup() {
	scratch
	O=$SCRATCH/out
	mkdir -p "$O"
	cp -r "$MADE/out/." "$O/"
	G=$O/nginx/0
	REC=$SCRATCH/rec
}
teardown() { discard_scratch; }

build_id() {
	llvm-readelf-19 -n "$1" | awk '/Build ID/ { print $3 }'
}

import() {
	run "$TOOLS/import" --out "$O" --app nginx --output "$REC" "$@"
	echo "$output"
}

store() {
	"$TOOLS/profile-store" --out "$O" --app nginx "$@"
}

# What one turn of the loop in work_* of ELF $1 takes: "FROM TO" of its branches, newest first:
# back to the start of the loop, out of leaf, into leaf.
branches() {
	llvm-objdump-19 -d --no-show-raw-insn "$1" | awk '
		/^[0-9a-f]+ <.*>:/ { f = $2 }
		{ sub(/:$/, "", $1); sub(/^0x/, "", $3) }
		behind { after = $1; behind = 0 }
		f ~ "work" && $2 ~ /^call/ { call = $1; leaf = $3; behind = 1 }
		f ~ "work" && $2 ~ /^j/ && after { jump = $1; top = $3; after_call = after; after = "" }
		f ~ "leaf" && $2 ~ /^ret/ { ret = $1 }
		END { print jump, top; print ret, after_call; print call, leaf }'
}

# $2 samples of ELF $1 as perf script prints them: stacks of thirty branches.
stacks() {
	local stack='' from to _
	for _ in $(seq 10); do
		while read -r from to; do stack+=" 0x$from/0x$to/P/-/-/0"; done < <(branches "$1")
	done
	yes "$(printf '%16s 7/7 %16s%s' nginx "$(branches "$1" | awk 'NR == 1 { print $1 }')" "$stack")" | head -n "$2"
}

# $2 samples at each instruction of the loop in ELF $1.
plain() {
	llvm-objdump-19 -d --no-show-raw-insn "$1" |
		awk -v n="$2" '/^[0-9a-f]+ <.*>:/ { f = $2 }
			f ~ /work|leaf/ && $1 ~ /^[0-9a-f]+:$/ { sub(/:/, "", $1)
				for (i = 0; i < n; i++) printf "%16s 7/7 1.0: 1 %s: %16s\n", "nginx", EVENT, $1 }' \
			EVENT="${EVENT:-cycles}"
}

# What perf script --show-mmap-events prints of ELF $1 at its place, and of the kernel of build id $2.
mappings() {
	local start offset size
	read -r offset start size < <(llvm-readelf-19 -lW "$1" | awk '$1 == "LOAD" && / R E / { print $2, $3, $6 }')
	printf 'swapper 0/0 0.0: PERF_RECORD_MMAP2 -1/0: [0xffffffff80200000(0x1000) @ 0 <%s>]: r-xp [kernel.kallsyms]_text\n' "$2"
	printf 'nginx 7/7 0.0: PERF_RECORD_MMAP2 7/7: [0x%x(%s) @ %s <%s>]: r-xp /home/secret/nginx\n' "$start" \
		"$size" "$offset" "$(build_id "$1")"
}

kernel_id() { build_id "$G/vmlinux.debug"; }

both() {
	mappings "$G/nginx.debug" "$(kernel_id)"
	"$1" "$G/nginx.debug" "$2"
	"$1" "$G/vmlinux.debug" "$2"
}

@test "branch records of kernel and app become counts, and a profile" {
	both stacks 200 >"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 0 ]
	[[ $output == *"text of perf script"*"400 samples"* ]]
	[[ $output == *": generation 0"* ]]
	[[ $output == *"12,000 records, stacks of up to 30; 0.00 % bogus"* ]]
	[[ $output == *"100.0 % of samples in the image: vmlinux 50.0 %, nginx 50.0 %"* ]]
	[[ $output == *"quality     good: branch records"* ]]
	jq -e '.kind == "branches" and .method == "lbr" and .generation == 0 and .weight == 1 and
		(.partial | not) and .samples == {total: 400, inside: 400, lost: 0, excluded: 0}' "$REC/record.json"
	# nine whole turns in each stack, ten branches of each kind
	read -r jump top < <(branches "$G/nginx.debug" | head -1)
	grep -qx "$jump->$top:2000" "$REC/nginx.raw"
	read -r call _ < <(branches "$G/nginx.debug" | tail -1)
	grep -qx "$top-$call:1800" "$REC/nginx.raw"
	run store add "$REC"
	echo "$output"
	[ "$status" -eq 0 ]
	jq -e '.accepted and .kind == "branches" and .units.nginx.ranges.rejected == 0' "$O"/nginx/profiles/*/profile.json
	store list | grep -q ' branches '
}

@test "build ids that no generation has are refused, with those there are" {
	mappings "$MADE/other" 1234567890123456789012345678901234567890 >"$SCRATCH/f"
	stacks "$G/nginx.debug" 200 >>"$SCRATCH/f"
	for gen in '' 0; do
		import --generation "$gen" "$SCRATCH/f"
		[ "$status" -eq 1 ]
		[[ $output == *"refused: no generation of nginx has these build ids: kernel 1234567890123456789012345678901234567890, nginx $(build_id "$MADE/other")"* ]]
		[[ $output == *"hint: the generations are 0: vmlinux $(kernel_id | head -c 12), nginx"*"; 1: "* ]]
		[ ! -e "$REC" ]
	done
}

@test "GEN= that the ids contradict is refused, without ids it decides" {
	both stacks 200 >"$SCRATCH/f"
	import --generation 1 "$SCRATCH/f"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: the build ids in the file are of generation 0, not of 1"* ]]
	import --generation 0 "$SCRATCH/f"
	[ "$status" -eq 0 ]
	import --generation 5 "$SCRATCH/f"
	[ "$status" -eq 2 ]
	grep -v PERF_RECORD "$SCRATCH/f" >"$SCRATCH/g"
	import "$SCRATCH/g"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: the file has no build id"*"GEN="* ]]
	import --generation 0 "$SCRATCH/g"
	[ "$status" -eq 0 ]
	[[ $output == *"none in the file; generation 0, because GEN= says so"* ]]
	# counts of another build do not fit, whatever GEN= says
	rm -r "$REC"
	import --generation 1 "$SCRATCH/g"
	[ "$status" -eq 1 ]
	[[ $output == *"cannot be of vmlinux of generation 1: they are of another program or another build"* ]]
	[ ! -e "$REC" ]
}

@test "the build ids of another app's generation are named" {
	mkdir -p "$O/redis/4"
	cp "$G/vmlinux.debug" "$O/redis/4/vmlinux.debug"
	cp "$MADE/other" "$O/redis/4/redis.debug"
	rm -r "$O/nginx/0"
	mappings "$MADE/other" "$(build_id "$O/redis/4/vmlinux.debug")" >"$SCRATCH/f"
	stacks "$MADE/other" 100 >>"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 1 ]
	[[ $output == *'hint: generation 4 of redis has the build id '*': APP=redis'* ]]
}

@test "plain samples are taken, marked as such, and the better command is named" {
	both plain 100 >"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 0 ]
	[[ $output == *"branches    no branch records: plain samples"* ]]
	[[ $output == *"quality     fair: plain samples"* ]]
	[[ $output == *"better      on Intel: perf record -e BR_INST_RETIRED.NEAR_TAKEN -b -a -N -c 500009"* ]]
	[[ $output == *"--pfm-events RETIRED_TAKEN_BRANCH_INSTRUCTIONS"*brs*amd_lbr_v2* ]]
	jq -e '.kind == "addresses" and .method == "samples"' "$REC/record.json"
	[ ! -e "$REC/nginx.raw" ]
	head -1 "$REC/nginx.addresses" | grep -qE '^[0-9]+$'
	[ "$(tail -n +2 "$REC/nginx.addresses" | cut -d: -f2 | sort -u)" = 100 ]
}

@test "plain samples that never hit the kernel, or the app, are a profile of the other alone" {
	mappings "$G/nginx.debug" "$(kernel_id)" >"$SCRATCH/f"
	cp "$SCRATCH/f" "$SCRATCH/g"
	plain "$G/nginx.debug" 100 >>"$SCRATCH/f"
	plain "$G/vmlinux.debug" 100 >>"$SCRATCH/g"
	sed 's/cycles:/cycles:u:/' "$SCRATCH/f" >"$SCRATCH/u"
	# without events nothing says that there was a filter
	sed 's/1\.0: 1 cycles://' "$SCRATCH/f" >"$SCRATCH/bare"
	for file in f u bare g; do
		local there=nginx missing=vmlinux
		[ "$file" != g ] || { there=vmlinux && missing=nginx; }
		import "$SCRATCH/$file"
		[ "$status" -eq 0 ]
		[ "$(grep -c "^  partial     $missing has no counts: the relink uses the profile for $there only" <<<"$output")" -eq 1 ]
		jq -e --arg unit "$there" '.partial and .kind == "addresses" and (.build_ids | keys == [$unit])' "$REC/record.json"
		run store add "$REC"
		echo "$output"
		[ "$status" -eq 0 ]
		[[ $output == *"partial    used for $there only"* ]]
	done
	# branch records of a load that runs are of both
	mappings "$G/nginx.debug" "$(kernel_id)" >"$SCRATCH/f"
	stacks "$G/nginx.debug" 200 >>"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: the kernel has no counts, though it was sampled, too"*"of the app alone record with :u"* ]]
	# the app that ran is another one
	{ mappings "$MADE/other" "$(kernel_id)" && plain "$MADE/other" 100 && plain "$G/vmlinux.debug" 100; } >"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: nginx has no counts, though user space was sampled, too"* ]]
}

@test "samples of the clock: no processor with a PMU, and it says so" {
	EVENT=cpu-clock both plain 1 >"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 0 ]
	[[ $output == *"quality     poor: too few samples"* ]]
	[[ $output == *"this machine showed perf no PMU"* ]]
}

@test "kernel alone (:k) is partial, and used for the kernel" {
	both stacks 1 | grep PERF_RECORD >"$SCRATCH/f"
	stacks "$G/vmlinux.debug" 200 | sed 's,7/7,7/7 1.0: 500009 BR_INST_RETIRED.NEAR_TAKEN:k:,' >>"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 0 ]
	[[ $output == *"kernel only (:k)"* ]]
	[[ $output == *"partial     nginx has no counts: the relink uses the profile for vmlinux only"* ]]
	[[ $output == *"(no :k, so that the app is counted, too)"* ]]
	jq -e '.partial and .event == {name: "BR_INST_RETIRED.NEAR_TAKEN:k", period: null, frequency_hz: null, privilege: "kernel"}' "$REC/record.json"
	run store add "$REC"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"partial    used for vmlinux only"* ]]
	store choose auto --output "$SCRATCH/chosen"
	jq -e '.units | keys == ["vmlinux"]' "$SCRATCH/chosen"
	# the same without :k is no purpose
	sed 's/:k:/:/' "$SCRATCH/f" >"$SCRATCH/g"
	import "$SCRATCH/g"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: nginx has no counts, though user space was sampled, too"* ]]
}

@test "bogus branch records: some are left out, many are refused" {
	both stacks 200 >"$SCRATCH/f"
	local zero=' 0x0/0x0/-/-/-/0'
	awk -v z="$zero" '/PERF_RECORD/ { print; next } { print $0 (n++ % 4 ? "" : z) }' "$SCRATCH/f" >"$SCRATCH/g"
	import "$SCRATCH/g"
	[ "$status" -eq 0 ]
	[[ $output == *"12,100 records"*"0.83 % bogus: zero 0.83 %"* ]]
	sed "/PERF_RECORD/!s,\$,$zero$zero," "$SCRATCH/f" >"$SCRATCH/g"
	import "$SCRATCH/g"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: more than 5 % of the branch records are bogus"*autofdo* ]]
	# what is between two branches ends before it begins; addresses that no processor has
	read -r jump top < <(branches "$G/nginx.debug" | head -1)
	for wrong in " 0x$top/0x$top/P/-/-/0 0x$jump/0x$jump/P/-/-/0" \
		" 0x$jump/0x8000000000000000/P/-/-/0 0x$jump/0x8000000000000000/P/-/-/0"; do
		sed "/PERF_RECORD/!s,\$,$wrong$wrong$wrong," "$SCRATCH/f" >"$SCRATCH/g"
		import "$SCRATCH/g"
		[ "$status" -eq 1 ]
		[[ $output == *"branch records are bogus"* ]]
	done
}

@test "a file without samples of the image is refused" {
	mappings "$G/nginx.debug" "$(kernel_id)" >"$SCRATCH/f"
	echo "            bash  9/9            401000 0x401000/0x402000/P/-/-/0" >>"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 1 ]
	[[ $output == *"no sample is at an address of the kernel or the app of any generation"* ]]
}

@test "empty, unknown and missing files fail with a sentence" {
	: >"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 2 ]
	[[ $output == *"is empty"*"hint: "* ]]
	head -c 5000 /dev/urandom >"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 2 ]
	[[ $output == *"error: "* ]]
	import "$SCRATCH/none"
	[ "$status" -eq 2 ]
	[[ $output == *"there is no file"* ]]
	[ ! -e "$REC" ]
}

@test "what a host says of itself is not kept" {
	both stacks 200 | sed 's,/home/secret/nginx,/home/secret/bin/nginx,; s/^ *nginx/ hostname-secret/' >"$SCRATCH/f"
	import "$SCRATCH/f"
	[ "$status" -eq 0 ]
	[[ $output == *"no host name, command line, path"* ]]
	store add "$REC"
	run grep -rn secret "$REC" "$O/nginx/profiles"
	[ "$status" -eq 1 ]
}

@test "raw counts need GEN=, and say which line is wrong" {
	both stacks 200 >"$SCRATCH/f"
	import "$SCRATCH/f"
	cp "$REC/nginx.raw" "$SCRATCH/raw"
	import "$SCRATCH/raw"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: such text has no build ids"*"GEN="* ]]
	import --generation 0 --weight 3 "$SCRATCH/raw"
	[ "$status" -eq 0 ]
	[[ $output == *"used for"* || $output == *"for nginx only"* ]]
	cmp "$REC/nginx.raw" "$SCRATCH/raw"
	jq -e '.method == "raw" and .weight == 3 and .partial' "$REC/record.json"
	run store add "$REC"
	[ "$status" -eq 0 ]
	rm -r "$REC"
	for gen in 1 9; do
		import --generation "$gen" "$SCRATCH/raw"
		[ "$status" -ne 0 ]
	done
	head -c -3 "$SCRATCH/raw" >"$SCRATCH/cut"
	import --generation 0 "$SCRATCH/cut"
	[ "$status" -eq 2 ]
	[[ $output == *"cut:"*"cut off"* ]]
	[ ! -e "$REC" ]
}

@test "a weight multiplies in a merge, and makes another profile" {
	both stacks 200 >"$SCRATCH/f"
	for weight in 1 5; do
		import --weight "$weight" "$SCRATCH/f"
		[ "$status" -eq 0 ]
		store add "$REC"
	done
	[ "$(store list --json | jq length)" -eq 2 ]
	heavy=$(store list --json | jq -r '.[] | select(.weight == 5).id')
	light=$(store list --json | jq -r '.[] | select(.weight == 1).id')
	run store merge "$heavy" "$light"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"$heavy, weight 5"* && $output == *"$light, weight 1"* ]]
	[ "$(store list --json | jq '.[2].units.nginx.instructions / .[0].units.nginx.instructions')" -eq 6 ]
	for weight in 0 -1 1.5 x 1000001; do
		import --weight "$weight" "$SCRATCH/f"
		[ "$status" -eq 64 ]
	done
}

@test "an AutoFDO profile goes to the program it is of; another program's is refused" {
	both stacks 200 >"$SCRATCH/f"
	import "$SCRATCH/f"
	store add "$REC"
	cp "$O"/nginx/profiles/*/nginx.prof "$SCRATCH/made.afdo"
	llvm-profdata-19 merge --sample --text -o "$SCRATCH/text.prof" "$SCRATCH/made.afdo"
	llvm-profdata-19 merge --sample --binary -o "$SCRATCH/binary.prof" "$SCRATCH/made.afdo"
	for file in made.afdo text.prof binary.prof; do
		import "$SCRATCH/$file"
		[ "$status" -eq 0 ]
		[[ $output == *"an AutoFDO profile"*"100.0 % of"*"functions that nginx has"* ]]
		jq -e '.kind == "lines" and .method == "autofdo" and .partial and .generation == 1' "$REC/record.json"
		[ ! -e "$REC/vmlinux.prof" ]
		run store add "$REC"
		echo "$output"
		[ "$status" -eq 0 ]
	done
	store show auto | grep -q 'counts lines'
	sed 's/work_nginx/somebody/; s/^leaf[^:]*/elses/' "$SCRATCH/text.prof" >"$SCRATCH/else.prof"
	import "$SCRATCH/else.prof"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: less than 50 % of the samples"*"another program"* ]]
	# who writes such a recording by hand gets no further
	cp "$SCRATCH/else.prof" "$REC/nginx.prof"
	run store add "$REC"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: nginx: only 0.00 % of the samples"* ]]
	echo 'nonsense' >"$REC/nginx.prof"
	run store add "$REC"
	[ "$status" -eq 2 ]
}

@test "make import: PERF= is asked for, GEN= is not latest by itself" {
	goal() {
		run mk import O="$O" TOOLS="$TOOLS" "$@"
		echo "$output"
	}
	goal APP=nginx
	[ "$status" -eq 2 ]
	[[ $output == *"error: which file? PERF="* ]]
	both stacks 200 | grep -v PERF_RECORD >"$SCRATCH/f"
	goal APP=nginx PERF="$SCRATCH/f"
	[ "$status" -eq 2 ]
	[[ $output == *"refused: the file has no build id"* ]]
	goal APP=nginx PERF="$SCRATCH/f" GEN=0 WEIGHT=2
	[ "$status" -eq 0 ]
	[[ $output == *"profile "*"next: make image APP=nginx"* ]]
	jq -e '.weight == 2 and .accepted' "$O"/nginx/profiles/*/profile.json
	[ ! -e "$O/nginx/build/import" ]
}

# perf.data of the app's program, run here: perf writes host name, command line and paths into it.
record_here() {
	command -v perf >/dev/null || skip "no perf: apt-get install linux-perf"
	# the kernel, which is another one, does something meanwhile, too
	perf record -q -e cpu-clock -F 4999 -o "$SCRATCH/perf.data" -- \
		sh -c "'$G/nginx.debug'; dd if=/dev/zero of=/dev/null bs=64k count=20000 2>/dev/null" ||
		skip "perf may not sample here"
}

@test "perf.data of an app on another kernel: only the app is taken" {
	record_here
	import "$SCRATCH/perf.data"
	[ "$status" -eq 0 ]
	[[ $output == *"perf.data, "*" samples"*"x86_64"*"cpu-clock, 4,999 times a second"* ]]
	[[ $output == *"(another one: left out), nginx $(build_id "$G/nginx.debug" | head -c 12): generation 0"* ]]
	[[ $output == *"partial     vmlinux has no counts"* ]]
	[ ! -e "$REC/vmlinux.addresses" ]
	# all samples are in the loop
	awk -F: 'NR > 1 { sum += $2 } END { exit sum < 100 }' "$REC/nginx.addresses"
	strings -a "$SCRATCH/perf.data" | grep -q "$SCRATCH"
	run grep -rnF -e "$SCRATCH" -e "$(uname -n)" -e nginx.debug "$REC"
	[ "$status" -eq 1 ]
	jq -e '[.. | strings] | all(test("^[A-Za-z0-9-]*$"))' "$REC/record.json"
}

@test "perf.data cut off anywhere is used as far as it goes, or refused in a sentence" {
	made --branches=4 --samples=100
	mv "$SCRATCH/made" "$SCRATCH/perf.data"
	local bytes at
	bytes=$(stat -c %s "$SCRATCH/perf.data")
	for at in 1 7 8 100 103 104 105 $((bytes / 3)) $((bytes / 2)) $((bytes * 9 / 10)) $((bytes - 1)); do
		rm -rf "$REC"
		head -c "$at" "$SCRATCH/perf.data" >"$SCRATCH/cut"
		import --generation 0 "$SCRATCH/cut"
		[ "$status" -le 2 ]
		if [ "$status" -eq 0 ]; then
			[[ $output == *"it ends before its end"* ]]
			[ -s "$REC/record.json" ]
		else
			[[ $output == *error:* || $output == *refused:* ]]
			[ ! -e "$REC" ]
		fi
	done
	! ls -d "$SCRATCH"/.import* 2>/dev/null
}

@test "perf.data of another architecture is refused" {
	made --arch=aarch64
	mv "$SCRATCH/made" "$SCRATCH/perf.data"
	import "$SCRATCH/perf.data"
	[ "$status" -eq 2 ]
	[[ $output == *"it was recorded on aarch64"* ]]
	[ ! -e "$REC" ]
}

@test "perf.data of another build of the app is refused" {
	made --privilege=user
	mv "$SCRATCH/made" "$SCRATCH/perf.data"
	rm -r "$O/nginx/0"
	import "$SCRATCH/perf.data"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: no generation of nginx has these build ids"* ]]
	[ ! -e "$REC" ]
}

# perf.data as other machines write it (tests/perfgen), of the programs here
made() {
	"$TOOLS/perfgen" --kernel="$G/vmlinux.debug" --app="$G/nginx.debug" --samples=4000 "$@" "$SCRATCH/made"
}

@test "perf.data with branch stacks, compressed or as a stream" {
	for form in --branches=16 --compressed --stream --mapping-ids; do
		made "$form"
		import "$SCRATCH/made"
		[ "$status" -eq 0 ]
		[[ $output == *"x86_64, GenuineIntel"* ]]
		[[ $output == *"generation 0"*"; 0.00 % bogus"* ]]
		jq -e '.kind == "branches" and .cpu == "GenuineIntel" and .build_ids.vmlinux and .build_ids.nginx' "$REC/record.json"
		run grep -rn secret "$REC"
		[ "$status" -eq 1 ]
	done
	run store add "$REC"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "perf kvm: a guest's samples, told to be one's, with the command for a host" {
	made --guest --branches=0
	import "$SCRATCH/made"
	[ "$status" -eq 0 ]
	[[ $output == *"of a guest"* && $output == *"make collect APP=nginx"* ]]
	jq -e '.kind == "addresses" and (.partial | not)' "$REC/record.json"
	[ -s "$REC/nginx.addresses" ]
	[ -s "$REC/vmlinux.addresses" ]
	made --guest --branches=0 --no-build-ids
	import "$SCRATCH/made"
	[ "$status" -eq 1 ]
	[[ $output == *"the file has no build id of the guest's kernel"* ]]
	import --generation 0 "$SCRATCH/made"
	[ "$status" -eq 0 ]
}

@test "Zen 4's bogus records are refused, with what to do on that processor" {
	made --bogus=20 --cpuid=AuthenticAMD,25,17,1
	import "$SCRATCH/made"
	[ "$status" -eq 1 ]
	[[ $output == *"better      perf record --pfm-events RETIRED_TAKEN_BRANCH_INSTRUCTIONS"*"refused: more than 5 % of the branch records are bogus"* ]]
	[ ! -e "$REC" ]
}

@test "perf.data of the kernel or the app alone" {
	made --privilege=kernel
	import "$SCRATCH/made"
	[ "$status" -eq 0 ]
	[[ $output == *"kernel only (:k)"*"for vmlinux only"* ]]
	made --privilege=user
	import "$SCRATCH/made"
	[ "$status" -eq 0 ]
	[[ $output == *"user only (:u)"*"for nginx only"* ]]
	made --wrong-build-id
	import --generation 0 "$SCRATCH/made"
	[ "$status" -eq 1 ]
	[[ $output == *"refused: no generation of nginx has these build ids"* ]]
}
