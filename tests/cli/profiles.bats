# check-profile and profile-store: small programs, counts made from their disassembly

load ../helpers

setup_file() {
	export MADE=$BATS_FILE_TMPDIR/made
	mkdir -p "$MADE"
	for unit in 1 2 3; do program "$unit" "$MADE/$unit" -g -gdwarf-5; done
	program 4 "$MADE/other"  -g
	program 5 "$MADE/bare" -g0
}

# $1 makes it another program, $2 is where it goes.
program() {
	clang-19 -O2 -nostdlib -static -ffreestanding -fno-stack-protector "-DUNIT=$1" "${@:3}" \
		-fdebug-info-for-profiling -mllvm -enable-fs-discriminator=true \
		-fuse-ld=lld -Wl,--build-id=sha1 -o "$2" "$PROGRAM"
}

setup() {
	scratch
	O=$SCRATCH/out
	G=$O/a/0
	REC=$SCRATCH/rec
	mkdir -p "$G" "$REC"
	cp "$MADE/1" "$G/vmlinux.debug"
	cp "$MADE/2" "$G/a.debug"
	cp "$MADE/3" "$G/init.debug"
	counts "$G/vmlinux.debug" 1000 >"$REC/vmlinux.raw"
	counts "$G/a.debug" 500 >"$REC/a.raw"
	record
}
teardown() { discard_scratch; }

build_id() {
	llvm-readelf-19 -n "$1" | awk '/Build ID/ { print $3 }'
}

record() {
	jq -n --arg v "$(build_id "$G/vmlinux.debug")" --arg a "$(build_id "$G/a.debug")" \
		--arg i "$(build_id "$G/init.debug")" --arg load "${LOAD:-get}" \
		'{schema: 1, app: "a", generation: 0, machine: "microvm", method: "tracer", load: $load,
		  accelerator: "tcg", window: "load", build_ids: {vmlinux: $v, a: $a, init: $i}}' \
		>"$REC/record.json"
}

# The code of ELF $1 as lines "FUNCTION ADDRESS MNEMONIC TARGET".
code() {
	llvm-objdump-19 -d --no-show-raw-insn "$1" |
		sed -n 's/^[0-9a-f]* <\(.*\)>:$/F \1/p; s/^ *\([0-9a-f]*\): *\([a-z0-9]*\)[[:space:]]*\([^ ]*\).*/I \1 \2 \3/p' |
		awk '$1 == "F" { f = $2; next } { sub(/^0x/, "", $4); print f, $2, $3, $4 }'
}

# $3rd (from 1) instruction's address in function $2 of ELF $1.
at() {
	code "$1" | awk -v f="$2" -v n="$3" '$1 == f && ++i == n { print $2 }'
}

# Raw counts: each function from its start to its first branch, and the direct calls there.
counts() {
	code "$1" | awk -v n="$2" '
		$1 != f { f = $1; start = $2; open = 1 }
		open && $3 ~ /^(j|call|ret|syscall)/ {
			range[++r] = start "-" $2 ":" n
			if ($3 ~ /^call/) branch[++b] = $2 "->" $4 ":" n
			open = 0
		}
		END { print r; for (i = 1; i <= r; i++) print range[i]
		      print b + 0; for (i = 1; i <= b; i++) print branch[i] }'
}

# One more line, $2, in the block of ranges or of branches of file $1.
add_line() {
	awk -v line="$2" -v want="$([[ $2 == *'->'* ]] && echo 2 || echo 1)" '
		/^[0-9]+$/ { block++; if (block == want) { print $1 + 1; print line; next } } { print }' \
		"$1" >"$1.new"
	mv "$1.new" "$1"
}

check() {
	"$TOOLS/check-profile" --elf "$G/vmlinux.debug" --raw "$REC/vmlinux.raw" \
		--output "$SCRATCH/checked" --result "$SCRATCH/result" "$@"
}

store() {
	"$TOOLS/profile-store" --out "$O" --app a "$@"
}

id_of() {
	store list --json | jq -r ".[$1].id"
}

@test "good counts pass unchanged" {
	run check --build-id "$(build_id "$G/vmlinux.debug")"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	cmp "$SCRATCH/checked" "$REC/vmlinux.raw"
	jq -e '.accepted and .reason == null and .rejected == [] and .symbolized_percent == 100' "$SCRATCH/result"
	# three functions, each to its first branch
	[ "$(jq .ranges.lines "$SCRATCH/result")" -eq 3 ]
	jq -e '.functions == 3 and ([.hot[].name] | sort) == ["_start", "leaf", "work"]' "$SCRATCH/result"
}

# rejected REASON LINE: refused when it is most of the counts, and left out when it is little.
rejected() {
	cp "$REC/vmlinux.raw" "$SCRATCH/good"
	add_line "$REC/vmlinux.raw" "$2:900000"
	run check
	echo "$1: $output"
	[ "$status" -eq 1 ]
	[[ $output == *'cannot have come from this ELF, which is more than 1 %'*"$2:900000"* ]]
	[ ! -e "$SCRATCH/checked" ]
	jq -e --arg r "$1" '.accepted == false and .rejected[0].reason == $r and .rejected[0].counts == 900000' \
		"$SCRATCH/result"
	cp "$SCRATCH/good" "$REC/vmlinux.raw"
	add_line "$REC/vmlinux.raw" "$2:3"
	run check
	[ "$status" -eq 0 ]
	cmp "$SCRATCH/checked" "$SCRATCH/good"
	jq -e --arg r "$1" '.rejected[0].reason == $r and .rejected[0].lines == 1 and .rejected[0].percent > 0' \
		"$SCRATCH/result"
	rm "$SCRATCH/checked"
	run check --threshold-percent 0
	[ "$status" -eq 1 ]
	cp "$SCRATCH/good" "$REC/vmlinux.raw"
}

@test "counts that cannot have happened are found, each under its reason" {
	elf=$G/vmlinux.debug
	# the third instruction of work is within work, and longer than a byte
	work=$(at "$elf" work 1)
	inside=$(printf '%x' $((0x$(code "$elf" | awk '$3 ~ /^call/ { print $2; exit }') + 1)))
	call=$(code "$elf" | awk '$1 == "_start" && $3 ~ /^call/ { print $2; exit }')
	start=$(at "$elf" _start 1)
	return=$(code "$elf" | awk '$3 ~ /^ret/ { print $2; exit }')
	rejected outside 10-10
	rejected reversed "$(at "$elf" work 2)-$work"
	rejected starts-inside "$inside-$inside"
	rejected ends-inside "$call-$(printf '%x' $((0x$call + 1)))"
	rejected crosses-functions "$work-$start"
	rejected runs-through "$call-$(code "$elf" | awk -v c="$call" 'p { print $2; exit } $2 == c { p = 1 }')"
	rejected source-outside "10->$work"
	rejected not-a-branch "$start->$work"
	rejected target-outside "$call->10"
	rejected wrong-target "$call->$start"
	rejected not-behind-call "$return->$(at "$elf" work 2)"
}

@test "2^64-1 is found, and so are counts that add up to more than 63 bits" {
	add_line "$REC/vmlinux.raw" "$(at "$G/vmlinux.debug" work 1)-$(at "$G/vmlinux.debug" work 1):18446744073709551615"
	run check
	[ "$status" -eq 2 ]
	[[ $output == *"vmlinux.raw:2: with this one, the counts add up to more than 63 bits"* ]]
	run store add "$REC"
	[ "$status" -eq 2 ]
	[[ $output == *"vmlinux.raw:2: with this one"* ]]
	[ -z "$(ls "$O/a/profiles")" ]
}

@test "malformed counts are named by file and line, and nothing is written" {
	good=$REC/vmlinux.raw
	cp "$good" "$SCRATCH/good"
	malformed() {
		run check
		echo "$1: $output"
		[ "$status" -eq 2 ]
		[[ $output == *"vmlinux.raw:$1"* ]]
		[ ! -e "$SCRATCH/checked" ]
		[ ! -e "$SCRATCH/result" ]
		run store add "$REC"
		[ "$status" -eq 2 ]
		[ -z "$(ls "$O/a/profiles")" ]
		cp "$SCRATCH/good" "$good"
	}
	: >"$good" && malformed '1: the file is empty'
	head -n 2 "$SCRATCH/good" >"$good" && malformed '3: the file ends before'
	head -c -3 "$SCRATCH/good" >"$good" && malformed "$(wc -l <"$SCRATCH/good"): the line is cut off"
	sed -i '2s/^/0x/' "$good" && malformed '2: addresses are written without 0x'
	sed -i '2s/^/\n/' "$good" && malformed '2: the line is blank'
	sed -i '1s/^/# by hand\n/' "$good" && malformed '1: comments'
	sed -i 's/$/\r/' "$good" && malformed '1: the line ends with CR LF'
	sed -i '3s/-/\x00/' "$good" && malformed '3: there is a NUL byte'
	sed -i '2s/:.*/:99999999999999999999/' "$good" && malformed '2: a number does not fit'
	echo 1-2:3 >>"$good" && malformed "$(($(wc -l <"$SCRATCH/good") + 1)): there are more lines"
}

@test "nothing counted is refused" {
	printf '0\n0\n' >"$REC/vmlinux.raw"
	run check
	[ "$status" -eq 1 ]
	[[ $output == *'it is empty: nothing was counted'* ]]
}

@test "an ELF without debug information, and one with little, are refused" {
	cp "$MADE/bare" "$G/vmlinux.debug"
	counts "$G/vmlinux.debug" 10 >"$REC/vmlinux.raw"
	run check
	[ "$status" -eq 1 ]
	[[ $output == *'its ELF has no debug information'* ]]
	printf '__attribute__((noinline)) int far(int n) { volatile int x = n; for (int i = 0; i < 99; i++) x += x ^ n; return x * 3; }' \
		>"$SCRATCH/far.c"
	clang-19 -O2 -g0 -fasynchronous-unwind-tables -c -o "$SCRATCH/far.o" "$SCRATCH/far.c"
	clang-19 -O2 -g -DUNIT=1 -DFAR -nostdlib -static -fuse-ld=lld -Wl,--build-id=sha1 -o "$G/vmlinux.debug" \
		"$PROGRAM" "$SCRATCH/far.o"
	counts "$G/vmlinux.debug" 10 >"$REC/vmlinux.raw"
	run check
	[ "$status" -eq 1 ]
	[[ $output == *'% of its ELF'"'"'s code has debug information; 90 % are needed'* ]]
	run check --symbolized-percent 0
	[ "$status" -eq 0 ]
	jq -e '.symbolized_percent < 90 and .assembly_percent == 0' "$SCRATCH/result"
}

@test "another build id, something that is no ELF, and a missing file" {
	run check --build-id 00
	[ "$status" -eq 2 ]
	[[ $output == *'has the build id '*', not 00'* ]]
	echo text >"$G/vmlinux.debug"
	run check
	[ "$status" -eq 2 ]
	[[ $output == *'is not a 64-bit ELF file'* ]]
	rm "$REC/vmlinux.raw"
	run check
	[ "$status" -eq 2 ]
	[[ $output == *"cannot read '$REC/vmlinux.raw'"* ]]
	run "$TOOLS/check-profile" --elf x
	[ "$status" -eq 64 ]
	run check --threshold-percent lots
	[ "$status" -eq 64 ]
}

@test "a damaged ELF never crashes the checker" {
	bytes=$(stat -c %s "$MADE/1")
	for cut in 10 70 500 1000 $((bytes / 2)) $((bytes - 100)); do
		head -c "$cut" "$MADE/1" >"$G/vmlinux.debug"
		run check
		[ "$status" -eq 1 ] || [ "$status" -eq 2 ]
		[ -n "$output" ]
	done
}

@test "add keeps a profile that can be looked at, found and used" {
	counts "$G/init.debug" 5 >"$REC/init.raw"
	run store add "$REC"
	echo "$output"
	[ "$status" -eq 0 ]
	id=$(id_of 0)
	[[ ${lines[0]} == "profile $id, number 1 of a" ]]
	[[ ${lines[-1]} == 'next: make image APP=a' ]]
	directory=$O/a/profiles/$id
	[ "$(store path auto)" = "$directory" ]
	[ "$(store path "${id:0:5}")" = "$directory" ]
	cmp "$directory/raw/vmlinux.raw" "$REC/vmlinux.raw"
	for unit in vmlinux a init; do
		llvm-profdata-19 show --sample "$directory/$unit.prof" | grep -q '^Function: work: '
		llvm-profdata-19 show --sample --show-sec-info-only "$directory/$unit.prof" | grep -q fs-discriminator
	done
	jq -e '.schema == 1 and .app == "a" and .generation == 0 and .method == "tracer" and .load == "get"
		and .accepted and .merged_from == null and .number == 1 and (.units | length) == 3' "$directory/profile.json"
	jq -e --arg b "$(build_id "$G/a.debug")" '.build_ids.a == $b' "$directory/profile.json"
	# samples are counts times bytes of instructions: work is the greater part of it
	jq -e '.units.vmlinux | .samples > 3000 and .profile_functions == 3 and .fs_discriminators' "$directory/profile.json"
	run store list
	[[ ${lines[1]} == "$id   1    0  tracer   exact     get "*'100.00 %  accepted' ]]
	run store show auto
	[[ $output == *'hot in vmlinux'*work* ]]
	store show auto --json | jq -e --arg id "$id" '.id == $id'
	# no path, so that the same thing is the same anywhere
	run grep -rF "$SCRATCH" "$directory"
	[ "$status" -eq 1 ]
}

@test "the same twice is the same profile, wherever and whenever it is added" {
	store add "$REC"
	run store add "$REC"
	[ "$status" -eq 0 ]
	[[ $output == *'it was there already'* ]]
	[ "$(store list --json | jq length)" -eq 1 ]
	mkdir -p "$SCRATCH/other/a"
	cp -r "$G" "$SCRATCH/other/a/"
	"$TOOLS/profile-store" --out "$SCRATCH/other" --app a add "$REC"
	diff -r "$O/a/profiles" "$SCRATCH/other/a/profiles"
}

@test "two at once wait for each other" {
	cp -r "$REC" "$SCRATCH/rec2"
	(REC=$SCRATCH/rec2 LOAD=put record)
	store add "$REC" >"$SCRATCH/1" 2>&1 3>&- &
	first=$!
	store add "$SCRATCH/rec2" >"$SCRATCH/2" 2>&1
	wait "$first"
	[ "$(store list --json | jq -c '[.[].number]')" = '[1,2]' ]
	[ -z "$(find "$O/a/profiles" -name '.unfinished*')" ]
}

@test "what an ended process left is cleared away, and is no profile" {
	mkdir -p "$O/a/profiles/.unfinished.xyz/raw"
	store add "$REC"
	[ "$(store list --json | jq length)" -eq 1 ]
	[ ! -e "$O/a/profiles/.unfinished.xyz" ]
}

@test "a recording that does not fit is refused with a sentence, and not kept" {
	refused() {
		run store add "$REC"
		echo "$output"
		[ "$status" -eq 2 ]
		[[ $output == *"$1"* ]]
		[ -z "$(ls "$O/a/profiles" 2>/dev/null)" ]
		record
	}
	edit() {
		jq "$1" "$REC/record.json" >"$REC/new" && mv "$REC/new" "$REC/record.json"
	}
	edit '.app = "b"' && refused "is of 'b', not of 'a'"
	edit '.generation = 7' && refused "is of generation 7 of 'a', which is not there"
	edit '.generation = 7' && refused 'hint: generation 0 has these build ids'
	edit '.generation = -1' && refused 'has no generation of number'
	edit '.build_ids.a = "00"' && refused "was not made with the 'a' of generation 0: the build ids differ"
	edit '.build_ids.a = "00"' && refused 'no generation in'
	edit '.build_ids = 3' && refused "has no object 'build_ids'"
	edit 'del(.method)' && refused "has no string 'method'"
	edit '.schema = 2' && refused 'another schema'
	echo '{' >"$REC/record.json" && refused 'is not JSON'
	mkdir "$O/a/1" && cp "$MADE/other" "$O/a/1/vmlinux.debug" && cp "$G/a.debug" "$O/a/1"
	edit '.generation = 1' && refused "was not made with the 'vmlinux' of generation 1"
	rm "$REC/record.json" && refused "cannot read '$REC/record.json'"
	rm "$REC/a.raw" && refused "has no 'a.raw'"
	run store add "$SCRATCH/none"
	[ "$status" -eq 2 ]
	[[ $output == *"there is no recording '$SCRATCH/none'"* ]]
}

@test "what is refused for its quality is kept with the reason, and never used" {
	add_line "$REC/a.raw" 10-20:9000
	run store add "$REC"
	[ "$status" -eq 1 ]
	[[ $output == *'refused: a: '*'no code of this ELF is there, as in 10-20:9000'* ]]
	id=$(id_of 0)
	[ -z "$(find "$O/a/profiles/$id" -name '*.prof')" ]
	jq -e '.accepted == false and (.reason | startswith("a: ")) and .units.a.rejected[0].reason == "outside"' \
		"$O/a/profiles/$id/profile.json"
	run store list
	[[ ${lines[1]} == *refused ]]
	run store path "$id"
	[ "$status" -eq 1 ]
	run store path auto
	[ "$status" -eq 2 ]
	[[ $output == *"'a' has no accepted profile"* ]]
	run store compare "$id" "$id"
	[ "$status" -eq 2 ]
	[[ $output == *"profile $id was not accepted"* ]]
	# with a wider limit it is another record
	run store add "$REC" --threshold-percent 99
	[ "$status" -eq 0 ]
	[ "$(store path auto)" = "$O/a/profiles/$(id_of 1)" ]
}

@test "init is left out when it did not run; the app may not be" {
	printf '0\n0\n' >"$REC/init.raw"
	run store add "$REC"
	[ "$status" -eq 0 ]
	[[ $output == *'init is left out: it is empty'* ]]
	jq -e '.left_out.init and (.units | has("init") | not)' "$O/a/profiles/$(id_of 0)/profile.json"
	[ ! -e "$O/a/profiles/$(id_of 0)/raw/init.raw" ]
	printf '0\n0\n' >"$REC/a.raw"
	run store add "$REC"
	[ "$status" -eq 1 ]
	[[ $output == *'refused: a: it is empty'* ]]
}

@test "choose: the newest that was accepted, a certain one, none; never a refused one" {
	chosen() {
		store --output "$SCRATCH/chosen.json" choose "$1"
		jq -e --arg id "$2" --arg d "$O/a/profiles/$2" \
			'. == {schema: 1, id: $id, units: {a: "\($d)/a.prof", vmlinux: "\($d)/vmlinux.prof"}}' \
			"$SCRATCH/chosen.json"
	}
	store add "$REC"
	one=$(id_of 0)
	chosen auto "$one"
	LOAD=put record
	store add "$REC"
	two=$(id_of 1)
	chosen auto "$two"
	chosen "${one:0:6}" "$one"
	add_line "$REC/a.raw" 10-20:9000
	run store add "$REC"
	[ "$status" -eq 1 ]
	chosen auto "$two"
	run store --output "$SCRATCH/chosen.json" choose "$(id_of 2)"
	[ "$status" -eq 2 ]
	[[ $output == *"the profile $(id_of 2) was refused: a: "*'PROFILE=none builds without one'* ]]
	store --output "$SCRATCH/chosen.json" choose none
	jq -e '.id == null and .units == {}' "$SCRATCH/chosen.json"
	# each file of a choice is there
	store --output "$SCRATCH/chosen.json" choose auto
	jq -r '.units[]' "$SCRATCH/chosen.json" | xargs ls
}

@test "a recording of a relinked generation counts together with the profile it was relinked with" {
	store add "$REC"
	one=$(id_of 0)
	jq -n --arg p "$one" '{schema: 1, profile: $p}' >"$G/manifest.json"
	LOAD=put record
	run store add "$REC"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"generation 0 was relinked with $one: both count in the next profile"* ]]
	two=$(id_of 1)
	store show auto --json | jq -e --arg one "$one" --arg two "$two" \
		'.accepted and ([.merged_from[].id] | sort) == ([$one, $two] | sort) and .number == 3'
	# one that is gone, or a manifest that is none, takes nothing away
	for manifest in '{"profile": "ffffffffffff"}' '{"profile": null}' '{' '[]'; do
		echo "$manifest" >"$G/manifest.json"
		LOAD=$(tr -dc a-z <<<"$manifest")x record
		store add "$REC"
		store show auto --json | jq -e '.merged_from == null'
	done
}

# All samples of the newest profile, and which part of them the profile $1 has.
newest() { store show auto --json; }
samples_of() { jq '[.units[].samples] | add'; }
part_of() {
	newest | jq --arg id "$1" --slurpfile all <(store list --json) '(.merged_from | map({(.id): .weight}) | add) as $weights |
		($all[0] | map(select($weights[.id]) | {(.id): (([.units[].samples] | add) * $weights[.id])}) | add) | .[$id] / add'
}

# 70 rounds of: record, merge with what went before, relink.
@test "recorded and relinked again and again, sums stay as large as they are and the newest keeps its half" {
	local round recorded
	for round in $(seq 70); do
		counts "$G/a.debug" $((500 + round)) >"$REC/a.raw"
		recorded=$(store add "$REC" | sed -n '1s/^profile \([0-9a-f]*\),.*/\1/p')
		jq '{schema: 1, profile: .id}' <<<"$(newest)" >"$G/manifest.json"
		[ "$round" != 20 ] || newest | samples_of >"$SCRATCH/after-20"
	done
	newest | samples_of >"$SCRATCH/after-70"
	cat "$SCRATCH"/after-*
	awk 'NR == 1 { before = $1 } END { exit !($1 < 1.2 * before) }' "$SCRATCH"/after-*
	part_of "$recorded" | awk '{ print } $1 < 0.49 || $1 > 0.52 { exit 1 }'
	newest | jq -e '.merged_from | length > 5 and length < 12'
}

@test "recordings that are gone make sums grow, until what is too large is left out" {
	local round merged=
	for round in $(seq 12); do
		counts "$G/a.debug" $((500 + round)) >"$REC/a.raw"
		run store add "$REC"
		[ "$status" -eq 0 ]
		[[ $output != *'does not count any more'* ]] || merged=gone
		jq '{schema: 1, profile: .id}' <<<"$(newest)" >"$G/manifest.json"
		newest | samples_of | awk '{ print } $1 >= 2 ^ 61 { exit 1 }'
		newest | jq -r '(.merged_from // [])[].id' | while read -r id; do rm -r "$O/a/profiles/$id"; done
	done
	[ "$merged" = gone ]
}

@test "merged ones that are merged on are taken apart before their sums are too large" {
	store add "$REC"
	counts "$G/a.debug" 700 >"$REC/a.raw"
	store add "$REC"
	local one two round
	one=$(id_of 0) two=$(id_of 1)
	store merge "$one=2" "$two"
	for round in 3 4 5; do
		run store merge "$(id_of $((round - 1)))=1000000" "$two=$round"
		echo "$output"
		[ "$status" -eq 0 ]
		newest | samples_of | awk '$1 >= 2 ^ 61 { exit 1 }'
	done
	[[ $output == *'the recordings that these are merged from are merged instead'* ]]
	newest | jq -e --arg one "$one" --arg two "$two" '[.merged_from[].id] | sort == ([$one, $two] | sort)'
	# each has the part that it had
	part_of "$one" >"$SCRATCH/part"
	store merge "$one=2" "$two=1" | cat
	part_of "$one" | paste - "$SCRATCH/part" | awk '{ print; exit !($1 > 0.98 * $2 && $1 < 1.02 * $2) }'
}

@test "a damaged record is told and never used" {
	store add "$REC"
	LOAD=put record
	store add "$REC"
	one=$(id_of 0) two=$(id_of 1)
	cp -r "$O/a/profiles" "$SCRATCH/good"
	damaged() {
		run store list
		[[ $output == *"$two   -    -  damaged: "*"$1"* ]]
		run store show "$two"
		[ "$status" -eq 2 ]
		[[ $output == *"profile $two is damaged and cannot be used: "*"$1"* ]]
		run store path auto
		[ "$status" -eq 0 ]
		[[ $output == *"warning: profile $two is damaged and not used"*"$O/a/profiles/$one" ]]
		run store merge "$one" "$two"
		[ "$status" -eq 2 ]
		rm -rf "$O/a/profiles" && cp -r "$SCRATCH/good" "$O/a/profiles"
	}
	record=$O/a/profiles/$two
	printf x >>"$record/a.prof" && damaged "'a.prof' was changed"
	rm "$record/raw/a.raw" && damaged "'raw/a.raw' cannot be read"
	sed -i 's/"load": "put"/"load": "get"/' "$record/profile.json" && damaged "'profile.json' was changed"
	echo '{' >"$record/profile.json" && damaged "'profile.json' is missing or is not a profile's"
	echo '[]' >"$record/profile.json" && damaged "'profile.json' is missing or is not a profile's"
	cp "$O/a/profiles/$one/profile.json" "$record/" && damaged "its contents are those of profile $one"
	# added again, it is whole
	printf x >>"$record/a.prof"
	run store add "$REC"
	[ "$status" -eq 0 ]
	[[ $output == *"profile $two was damaged and is made again"* ]]
	[ "$(store path auto)" = "$record" ]
}

@test "merge weighs, remembers its parents, and is itself a profile" {
	store add "$REC"
	counts "$G/vmlinux.debug" 10 >"$REC/vmlinux.raw"
	store add "$REC"
	one=$(id_of 0) two=$(id_of 1)
	run store merge "$one" "$two=3"
	echo "$output"
	[ "$status" -eq 0 ]
	merged=$(id_of 2)
	[ "$(store path auto)" = "$O/a/profiles/$merged" ]
	samples() { jq ".units.$2.samples" "$O/a/profiles/$1/profile.json"; }
	[ "$(samples "$merged" vmlinux)" -eq $(($(samples "$one" vmlinux) + 3 * $(samples "$two" vmlinux))) ]
	instructions() { jq ".units.$2.instructions" "$O/a/profiles/$1/profile.json"; }
	[ "$(instructions "$merged" a)" -eq $(($(instructions "$one" a) * 4)) ]
	store show auto --json | jq -e --arg one "$one" --arg two "$two" \
		'(.merged_from | map({(.id): .weight}) | add) == {($one): 1, ($two): 3} and .generation == 0 and .load == "get"'
	llvm-profdata-19 show --sample --show-sec-info-only "$O/a/profiles/$merged/a.prof" | grep -q fs-discriminator
	# the order does not matter
	run store merge "$two=3" "$one"
	[[ $output == *"profile $merged"*'it was there already'* ]]
	# and it can be merged on
	store merge "$merged" "$one"
}

@test "merge refuses what makes no sense" {
	store add "$REC"
	id=$(id_of 0)
	refused() {
		run store merge "${@:2}"
		echo "$output"
		[ "$status" -eq 2 ]
		[[ $output == *"$1"* ]]
		[ "$(store list --json | jq length)" -eq 1 ]
	}
	refused 'name two profiles or more' "$id"
	refused "is named twice; to count it double, write $id=2" "$id" "$id"
	refused 'a weight is a whole number from 1' "$id=0" "$id"
	refused 'a weight is a whole number from 1' "$id=-1" "$id"
	refused 'a weight is a whole number from 1' "$id=1.5" "$id"
	refused 'a weight is a whole number from 1' "$id=" "$id"
	refused "'a' has no profile 'fffffffffffff'" "$id" fffffffffffff
}

@test "compare: a profile with itself, with a scaled one, and with another" {
	store add "$REC"
	counts "$G/vmlinux.debug" 10 >"$REC/vmlinux.raw"
	store add "$REC"
	# only leaf, not work
	counts "$G/vmlinux.debug" 10 | awk 'NR == 1 { print 1 } NR == 2; /^[0-9]+$/ && NR > 1 { print 0; exit }' >"$REC/vmlinux.raw"
	store add "$REC"
	same=$(store compare "$(id_of 0)" "$(id_of 0)" --json)
	jq -e '.total.similarity_percent == 100 and .units.a.hot_block_overlap_percent == 100
		and .units.vmlinux.weight_percent + .units.a.weight_percent > 99.9' <<<"$same"
	# what is scaled is similar, though the samples differ
	scaled=$(store compare "$(id_of 0)" "$(id_of 1)" --json)
	jq -e '.units.vmlinux.similarity_percent > 99.9 and .units.vmlinux.sample_overlap_percent < 50' <<<"$scaled"
	other=$(store compare "$(id_of 0)" "$(id_of 2)" --json)
	jq -e '.units.vmlinux.similarity_percent < 60 and .units.a.similarity_percent == 100
		and .total.similarity_percent < 100' <<<"$other"
	run store compare "$(id_of 0)" "$(id_of 2)"
	[[ ${lines[-1]} == total* ]]
}

@test "commands: unknown ones, missing words, ambiguous ids" {
	run store frobnicate
	[ "$status" -eq 64 ]
	[[ $output == *"there is no command 'frobnicate'"* ]]
	run "$TOOLS/profile-store" list
	[ "$status" -eq 64 ]
	run store list
	[ "$status" -eq 2 ]
	[[ $output == *'there is no profile of a yet'* ]]
	run store list --json
	[ "$output" = '[]' ]
	run store show auto
	[ "$status" -eq 2 ]
	store add "$REC"
	id=$(id_of 0)
	last=0
	[[ $id == *0 ]] && last=1
	cp -r "$O/a/profiles/$id" "$O/a/profiles/${id:0:11}$last"
	run store show "${id:0:6}"
	[ "$status" -eq 2 ]
	[[ $output == *"'${id:0:6}' is not enough"* ]]
	run store show "$id"
	[ "$status" -eq 0 ]
	run store show ''
	[ "$status" -eq 2 ]
}

@test "what llvm-profgen lets pass is caught: an empty profile with status 0, and a failure" {
	real=$(command -v llvm-profgen-19)
	mkdir "$SCRATCH/bin"
	llvm-strip-19 -g -o "$SCRATCH/bare" "$G/vmlinux.debug"
	# it ends with status 0 for an ELF without debug information
	printf '#!/bin/sh\nfor w in "$@"; do case $w in --binary=*) set -- "$@" "--binary=%s";; esac; done\nexec %s "$1" "$2" "$3" "$5" "$6"\n' \
		"$SCRATCH/bare" "$real" >"$SCRATCH/bin/llvm-profgen-19"
	chmod +x "$SCRATCH/bin/llvm-profgen-19"
	PATH=$SCRATCH/bin:$PATH run store add "$REC"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *'refused: vmlinux: llvm-profgen made an empty profile'* ]]
	rm -r "$O/a/profiles"
	printf '#!/bin/sh\necho "error: no" >&2\nexit 1\n' >"$SCRATCH/bin/llvm-profgen-19"
	PATH=$SCRATCH/bin:$PATH run store add "$REC"
	[ "$status" -eq 2 ]
	[[ $output == *'cannot convert the counts of vmlinux: llvm-profgen-19 ended with exit status 1: error: no'* ]]
	[ -z "$(ls "$O/a/profiles")" ]
}

@test "places that a kernel's tables call patched are not held against their bytes" {
	cat >"$SCRATCH/k.S" <<'END'
	.text
	.type label, @function
label:	.byte 0x0f, 0x1f, 0x44, 0x00, 0x00	// a jump label that is off
	ret
on:	nop
	ret
	.size label, . - label
	.type alternative, @function
alternative:
	jmp old
	nop
old:	ret
	.size alternative, . - alternative
	.type static_call, @function
static_call:
	call work
	ret
	.size static_call, . - static_call
	.section .rodata, "a"
	.globl __start___jump_table, __stop___jump_table, __alt_instructions, __alt_instructions_end
	.globl __start_static_call_sites, __stop_static_call_sites
__start___jump_table:
	.long label - ., on - .
	.quad 0
__stop___jump_table:
__alt_instructions:
	.long alternative - ., 0, 0
	.byte 2, 2
__alt_instructions_end:
__start_static_call_sites:
	.long static_call - ., 0
__stop_static_call_sites:
END
	clang-19 -c -o "$SCRATCH/k.o" "$SCRATCH/k.S"
	clang-19 -O2 -g -DUNIT=1 -nostdlib -static -fuse-ld=lld -Wl,--build-id=sha1 -o "$G/vmlinux.debug" \
		"$PROGRAM" "$SCRATCH/k.o"
	elf=$G/vmlinux.debug
	counts "$elf" 1000 | sed 's/:1000$/:1/' >"$SCRATCH/good"
	symbol() { llvm-nm-19 "$elf" | awk -v s="$1" '$3 == s { sub(/^0*/, "", $1); print $1 }'; }
	plus() { printf '%x' $((0x$1 + $2)); }
	label=$(symbol label) on=$(symbol on) alternative=$(symbol alternative) site=$(symbol static_call)
	# patched LINE STATUS
	patched() {
		cp "$SCRATCH/good" "$REC/vmlinux.raw"
		add_line "$REC/vmlinux.raw" "$1:900"
		run check --symbolized-percent 0
		echo "$1: $output"
		[ "$status" -eq "$2" ]
		[ "$status" -eq 1 ] || jq -e '.patched >= 900' "$SCRATCH/result"
	}
	patched "$label->$on" 0
	patched "$label->$(symbol work)" 1
	patched "$label-$(plus "$label" 2)" 0
	# a nop where the ELF jumps
	patched "$alternative-$(plus "$alternative" 1)" 0
	patched "$alternative-$(plus "$alternative" 3)" 0
	patched "$(plus "$alternative" 1)-$(plus "$alternative" 3)" 0
	# another function than the one in the ELF, but only a function
	patched "$site->$(symbol _start)" 0
	patched "$site->$(at "$elf" work 2)" 1
	# the tables say nothing of what is beside
	patched "$on->$label" 1
}
