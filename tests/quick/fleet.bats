# make fleet and fleet: recordings of many hosts become one a generation

load ../helpers

# Two generations of an app without a kernel's size: 200 functions each, whose ELF files have build
# ids and debug information; and a recording of each, from which others are made.
setup_file() {
	export HERE=$BATS_FILE_TMPDIR
	local generation unit
	for unit in vmlinux nginx; do
		for i in $(seq 200); do
			echo "int ${unit}_$i(int x) { return x * $i + (x >> $((i % 7 + 1))) + (x ^ $i); }"
		done >"$HERE/$unit.c"
		echo "int _start(void) { return ${unit}_1(2); }" >>"$HERE/$unit.c"
	done
	for generation in 0 1; do
		mkdir -p "$HERE/out/nginx/$generation"
		for unit in vmlinux nginx; do
			clang-19 -g "-O$((generation + 1))" -fdebug-info-for-profiling -nostdlib -static \
				-fuse-ld=lld -Wl,--build-id=sha1 "-DG=$generation" $([ $generation = 0 ] || echo -fno-inline -fomit-frame-pointer -mllvm -align-all-functions=5) \
				-o "$HERE/out/nginx/$generation/$unit.debug" "$HERE/$unit.c"
		done
		"$TOOLS/generate-recordings" --first "$HERE/out/nginx/$generation" --app nginx \
			--output "$HERE/first$generation"
	done
	cd "$HERE"
	"$TOOLS/generate-recordings" --records 40 --seed 1 --hosts 8 --loads 2 --copy 3 --hot 2 \
		--strange 2 --cut 1 --other 1 --wild 1 --output fleet first0 first1
}

setup() {
	scratch
	cd "$HERE"
}

teardown() { discard_scratch; }

fleet() {
	local command=$1
	shift
	case $command in
	run | scan | sum) set -- --out "$HERE/out" --app nginx "$@" ;;
	esac
	run "$TOOLS/fleet" "$command" "$@"
	echo "$output"
}

# Instructions at each address of $1, a .raw, in parts of all: "RANGE SHARE", sorted.
shares() {
	awk -F '[:-]' 'NF == 3 && !/>/ { n[$1 "-" $2] = $3; sum += $3 } END { for (r in n) printf "%s %.9f\n", r, n[r] / sum }' \
		"$1" | sort
}

# How much of the counts of $1 is elsewhere in $2, from 0 to 1 (the total variation distance).
distance() {
	join -a 1 -a 2 -e 0 -o 1.2,2.2 <(shares "$1") <(shares "$2") |
		awk '{ d += $1 > $2 ? $1 - $2 : $2 - $1 } END { print d / 2 }'
}

@test "what is broken or poisoned is refused, each with its reason" {
	fleet run --plan "$SCRATCH/plan.json" --output "$SCRATCH/result" fleet/list
	[ "$status" -eq 0 ]
	[[ $output == *'50 recordings of nginx: 40 count, 10 do not'* ]]
	[[ $output == *'unreadable fleet/cut-0000: vmlinux.raw:'* ]]
	[[ $output == *'unreadable fleet/other-0000: wrong build id'* ]]
	[[ $output == *'unreadable fleet/wild-0000: vmlinux: '*' of the counts of ranges cannot have come from this ELF'* ]]
	[[ $output == *'peak       fleet/hot-0000: '*' % of its counts are at '*' in '*_*', where others have '* ]]
	[[ $output == *'outlier    fleet/strange-0001: '*' % like the median of generation '*'; the others are '* ]]
	[ "$(grep -c '^refused  duplicate ' <<<"$output")" -eq 3 ]
	jq -e '[.refused[].why] | group_by(.) | map([.[0], length]) ==
		[["duplicate", 3], ["outlier", 2], ["peak", 2], ["unreadable", 3]]' "$SCRATCH/plan.json"
	# the honest are all there, or one that is the same as it
	jq -e '[.records[].label | select(test("/(hot|strange|cut|other|wild)-"))] == []' "$SCRATCH/plan.json"
}

@test "what is no regular file is refused, and nothing waits for it" {
	for unit in vmlinux nginx; do cp -r first0 "$SCRATCH/$unit" && rm "$SCRATCH/$unit/$unit.raw"; done
	mkfifo "$SCRATCH/vmlinux/vmlinux.raw"
	mkdir "$SCRATCH/nginx/nginx.raw"
	cp -r first0 "$SCRATCH/device"
	ln -sf /dev/zero "$SCRATCH/device/nginx.raw"
	cp -r first0 "$SCRATCH/nothing"
	ln -sf gone "$SCRATCH/nothing/nginx.raw"
	mkdir "$SCRATCH/record"
	mkfifo "$SCRATCH/record/record.json"
	run timeout 20 "$TOOLS/fleet" run --out "$HERE/out" --app nginx --output "$SCRATCH/result" first0 first1 \
		"$SCRATCH"/{vmlinux,nginx,device,nothing,record}
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'7 recordings of nginx: 2 count, 5 do not'* ]]
	[[ $output == *"unreadable $SCRATCH/vmlinux: vmlinux.raw is no regular file"* ]]
	[[ $output == *"unreadable $SCRATCH/nginx: nginx.raw is no regular file"* ]]
	[[ $output == *"unreadable $SCRATCH/device: nginx.raw is no regular file"* ]]
	[[ $output == *"unreadable $SCRATCH/nothing: nginx.raw cannot be read: No such file"* ]]
	[[ $output == *"unreadable $SCRATCH/record: record.json is no regular file"* ]]
}

@test "the result is the same whatever the order, and however many workers" {
	fleet run --output "$SCRATCH/one" fleet/list
	[ "$status" -eq 0 ]
	shuf --random-source=fleet/list fleet/list >"$SCRATCH/shuffled"
	fleet run --output "$SCRATCH/two" "$SCRATCH/shuffled"
	diff -r "$SCRATCH/one" "$SCRATCH/two"
	for i in 1 2 3; do
		split -n "r/$i/3" "$SCRATCH/shuffled" >"$SCRATCH/part$i.list"
		fleet scan --output "$SCRATCH/$i.sketches" "$SCRATCH/part$i.list"
		[ "$status" -eq 0 ]
	done
	fleet judge --output "$SCRATCH/plan.json" "$SCRATCH"/{3,1,2}.sketches
	[ "$status" -eq 0 ]
	# the workers of the second round may get other recordings than in the first
	split -n r/1/2 fleet/list | fleet sum --plan "$SCRATCH/plan.json" --output "$SCRATCH/a.part" -
	split -n r/2/2 fleet/list >"$SCRATCH/b.list"
	fleet sum --plan "$SCRATCH/plan.json" --output "$SCRATCH/b.part" "$SCRATCH/b.list"
	[ "$status" -eq 0 ]
	fleet merge --output "$SCRATCH/three" "$SCRATCH/b.part" "$SCRATCH/a.part"
	[ "$status" -eq 0 ]
	diff -r "$SCRATCH/one" "$SCRATCH/three"
}

@test "GNU parallel gives the same, too" {
	fleet run --output "$SCRATCH/one" fleet/list
	FLEET=$TOOLS/fleet OUT=$HERE/out "$BATS_TEST_DIRNAME/../../fleets/jobs/parallel.sh" fleet/list "$SCRATCH/work" 3
	diff -r "$SCRATCH/one" "$SCRATCH/work/result"
	# a worker without a recording is no error
	head -n 2 fleet/list >"$SCRATCH/two"
	FLEET=$TOOLS/fleet OUT=$HERE/out "$BATS_TEST_DIRNAME/../../fleets/jobs/parallel.sh" "$SCRATCH/two" "$SCRATCH/few" 3
	[ -d "$SCRATCH/few/result" ]
	# and one that fails ends all
	echo 'fleet/r-0000 host old' >"$SCRATCH/bad"
	run env FLEET="$TOOLS/fleet" OUT="$HERE/out" "$BATS_TEST_DIRNAME/../../fleets/jobs/parallel.sh" "$SCRATCH/bad" "$SCRATCH/failed" 2
	[ "$status" -ne 0 ]
	[ ! -e "$SCRATCH/failed/result" ]
}

@test "the job descriptions for Slurm and Kubernetes are well-formed" {
	cd "$BATS_TEST_DIRNAME/../../fleets/jobs"
	for script in *.sh; do
		sh -n "$script"
	done
	shellcheck ./*.sh ../keep.sh
	yamllint -s -d '{extends: default, rules: {line-length: {max: 110}}}' kubernetes.yaml
	# each of the four jobs runs its subcommand, in shell that can be parsed
	for stage in scan judge sum merge; do
		awk -v stage="stage: $stage}" '/^---/ { here = 0; script = 0 } index($0, stage) { here = 1 }
			here && /resources:/ { script = 0 } here && script { print substr($0, 15) }
			here && /- \|$/ { script = 1 }' kubernetes.yaml >"$SCRATCH/$stage.sh"
		grep -q "fleet $stage " "$SCRATCH/$stage.sh"
		sh -n "$SCRATCH/$stage.sh"
	done
}

# sbatch that runs each task at once, one after the other, as Slurm would.
@test "the Slurm script, with a stand-in for sbatch, gives the same" {
	mkdir "$SCRATCH/bin"
	cat >"$SCRATCH/bin/sbatch" <<'EOF'
#!/bin/sh
tasks=1
for word; do
	case $word in
	--array=*) tasks=$(echo "${word#*-}" | sed 's/.*-//') ;;
	-*) ;;
	*) script=$word ;;
	esac
done
for task in $(seq "$tasks"); do
	SLURM_ARRAY_TASK_ID=$task "$script" >>"$WORK/log" 2>&1 || exit 1
done
echo 7
EOF
	chmod +x "$SCRATCH/bin/sbatch"
	PATH=$SCRATCH/bin:$PATH FLEET=$TOOLS/fleet OUT=$HERE/out LIST=fleet/list WORK=$SCRATCH/work WORKERS=3 \
		"$BATS_TEST_DIRNAME/../../fleets/jobs/slurm.sh" || { cat "$SCRATCH/work/log" && false; }
	fleet run --output "$SCRATCH/one" fleet/list
	diff -r "$SCRATCH/one" "$SCRATCH/work/result"
}

@test "several generations: a recording for each, with its share in its counts" {
	fleet run --output "$SCRATCH/result" fleet/list
	[ "$(ls "$SCRATCH/result")" = $'0\n1' ]
	for generation in 0 1; do
		jq -e --argjson g $generation '.generation == $g and .method == "fleet" and .kind == "exact" and
			.machine == "microvm" and .load == null and .weight == 1' "$SCRATCH/result/$generation/record.json"
		[ "$(jq -r .build_ids.nginx "$SCRATCH/result/$generation/record.json")" = \
			"$(jq -r .build_ids.nginx "first$generation/record.json")" ]
	done
	jq -es 'map(.fleet.share) | add | . > 0.999998 and . < 1.000002' "$SCRATCH"/result/*/record.json
	jq -es 'map(.fleet.records) | add == 40' "$SCRATCH"/result/*/record.json
	# nothing says from which hosts, or from where
	! grep -rE 'host-|fleet/|/tmp' "$SCRATCH/result"
}

@test "make fleet ends in a profile of all generations" {
	mkdir -p "$SCRATCH/o"
	cp -r out/nginx "$SCRATCH/o"
	run mk -C "$BATS_TEST_DIRNAME/../.." fleet APP=nginx O="$SCRATCH/o" TOOLS="$TOOLS" RECORDS="$HERE/first0 $HERE/first1"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'2 recordings of nginx: 2 count, 0 do not'* ]]
	jq -es 'length == 3 and (map(select(.merged_from)) | length == 1) and all(.accepted)' \
		"$SCRATCH"/o/nginx/profiles/*/profile.json
	[ "$(grep -c '^next: ' <<<"$output")" -eq 1 ]
	run mk -C "$BATS_TEST_DIRNAME/../.." fleet APP=nginx O="$SCRATCH/o" TOOLS="$TOOLS"
	[ "$status" -eq 2 ]
	[[ $output == *'error: which recordings? RECORDS='* ]]
}

@test "make collect keeps what came of several generations as make fleet does" {
	local id peers=
	mkdir -p "$SCRATCH/o"
	cp -r out/nginx "$SCRATCH/o"
	# generation 0 was relinked with a profile, which goes on to count
	"$TOOLS/profile-store" --out "$SCRATCH/o" --app nginx add "$HERE/first0"
	id=$(ls "$SCRATCH/o/nginx/profiles")
	jq -n --arg id "$id" '{profile: $id}' >"$SCRATCH/o/nginx/0/manifest.json"
	for generation in 0 1; do
		"$TOOLS/guest-peer" --out "$SCRATCH/o" --app nginx --generation $generation --seconds 60 \
			--to "$SCRATCH/socket$generation" 3>&- &
		peers="$peers $!"
		eventually [ -S "$SCRATCH/socket$generation" ]
	done
	run mk -C "$BATS_TEST_DIRNAME/../.." collect APP=nginx O="$SCRATCH/o" TOOLS="$TOOLS" SECONDS=3 \
		FROM="$SCRATCH/socket0 $SCRATCH/socket1"
	echo "$output"
	# shellcheck disable=SC2086 # numbers
	kill $peers 2>/dev/null || true
	[ "$status" -eq 0 ]
	[ "$(grep -c '^next: ' <<<"$output")" -eq 1 ]
	# one profile of all: what each generation gave, and what was there before
	"$TOOLS/profile-store" --out "$SCRATCH/o" --app nginx --json list >"$SCRATCH/list"
	jq -e --arg id "$id" 'length == 4 and all(.accepted) and (.[3].merged_from | length == 3 and any(.id == $id))' \
		"$SCRATCH/list"
	# and of each it is known how it was collected
	jq -e '[.[1, 2].collection | .guests == 1 and .counts.inside > 0] == [true, true] and .[0].collection == null' \
		"$SCRATCH/list"
}

# How much of the newest profile below $1 is of generation $2: what it is merged from, down to recordings.
part_of() {
	jq -es --argjson of "$2" 'INDEX(.id) as $all | max_by(.number) |
		def counts($p; $by): if $p.merged_from then $p.merged_from[] | counts($all[.id]; $by * .weight)
			else [$p.generation, $by * ([$p.units[].instructions] | add)] end;
		[counts(.; 1)] | (map(select(.[0] == $of)[1]) | add) / (map(.[1]) | add)' "$1"/nginx/profiles/*/profile.json
}

@test "a generation keeps its share, whatever the profile weighs that it was relinked with" {
	mkdir -p "$SCRATCH/o"
	cp -r out/nginx "$SCRATCH/o"
	fleet() { mk -C "$BATS_TEST_DIRNAME/../.." fleet APP=nginx O="$SCRATCH/o" TOOLS="$TOOLS" RECORDS="$1"; }
	fleet "$HERE/first0"
	jq '{profile: .id}' "$SCRATCH"/o/nginx/profiles/*/profile.json >"$SCRATCH/o/nginx/0/manifest.json"
	printf '%s host0 0 - 1\n%s host1 0 - 3\n' "$HERE/first0" "$HERE/first1" >"$SCRATCH/list"
	fleet "$SCRATCH/list"
	local part
	part=$(part_of "$SCRATCH/o" 1)
	echo "generation 1 has $part"
	awk -v part="$part" 'BEGIN { exit !(part > 0.73 && part < 0.77) }'
	# and what went before is in it
	jq -es --arg before "$(jq -r .profile "$SCRATCH/o/nginx/0/manifest.json")" 'max_by(.number).merged_from |
		length == 3 and any(.id == $before)' "$SCRATCH"/o/nginx/profiles/*/profile.json
	# once more, on a merged one: its recordings are taken, and sums do not grow
	jq -s '{profile: max_by(.number).id}' "$SCRATCH"/o/nginx/profiles/*/profile.json >"$SCRATCH/o/nginx/1/manifest.json"
	sed 's/ 3$/ 2/' "$SCRATCH/list" >"$SCRATCH/again"
	fleet "$SCRATCH/again"
	jq -es 'INDEX(.id) as $all | max_by(.number) | ([.units[].samples] | add) < 1e17 and
		(.merged_from | all($all[.id].merged_from == null))' "$SCRATCH"/o/nginx/profiles/*/profile.json
}

@test "a fleet that cannot be kept fails as what it is" {
	mkdir "$SCRATCH/result" "$SCRATCH/result/0"
	run "$BATS_TEST_DIRNAME/../../fleets/keep.sh" "$TOOLS/profile-store" out nginx "$SCRATCH/result"
	[ "$status" -eq 2 ]
	[[ $output == *'record.json'* ]]
}

@test "a record that is let through on purpose moves the result by no more than its cap" {
	grep '/r-' fleet/list | awk '{ print $1, $2, 0, $4 }' >"$SCRATCH/honest"
	{ cat "$SCRATCH/honest" && echo "fleet/strange-0000 evil 0 load0 1000000"; } >"$SCRATCH/poisoned"
	echo 'half-life never' >"$SCRATCH/weights"
	fleet run --weights "$SCRATCH/weights" --output "$SCRATCH/without" "$SCRATCH/honest"
	fleet run --weights "$SCRATCH/weights" --output "$SCRATCH/refused" "$SCRATCH/poisoned"
	diff -r "$SCRATCH/without" "$SCRATCH/refused"
	fleet run --weights "$SCRATCH/weights" --keep-outliers --plan "$SCRATCH/plan.json" --output "$SCRATCH/with" "$SCRATCH/poisoned"
	[ "$status" -eq 0 ]
	[[ $output == *'note     fleet/strange-0000: '*'is refused'* ]]
	jq -e '.records[] | select(.label == "fleet/strange-0000") | .share <= 0.05 and .share > 0.04' "$SCRATCH/plan.json"
	# measured in what comes out: its generation has about half of the result
	local generation moved
	generation=$(jq .generation fleet/strange-0000/record.json)
	for unit in vmlinux nginx; do
		moved=$(distance "$SCRATCH/without/$generation/$unit.raw" "$SCRATCH/with/$generation/$unit.raw")
		echo "$unit moved by $moved"
		awk -v moved="$moved" 'BEGIN { exit !(moved > 0.005 && moved < 0.10) }'
	done
}

@test "a long recording counts no more than a brief one" {
	cp -r first0 "$SCRATCH/long"
	sed -i 's/:\([0-9]*\)$/:\1000000/' "$SCRATCH"/long/*.raw
	"$TOOLS/generate-recordings" --records 1 --seed 9 --output "$SCRATCH/brief" first0
	fleet run --output "$SCRATCH/result" --plan "$SCRATCH/plan.json" "$SCRATCH/long" "$SCRATCH/brief/r-0000"
	jq -e '[.records[].instructions] == [500000000000, 500000000000]' "$SCRATCH/plan.json"
}

@test "neither a host with many recordings nor one with a great weight has more than its cap" {
	awk '/\/r-/ { print $1, NR <= 25 ? "big" : "h" NR, 0, $4 }' fleet/list >"$SCRATCH/list"
	printf 'half-life never\nhost-records 1000\nrecord-cap 10\n' >"$SCRATCH/weights"
	fleet run --weights "$SCRATCH/weights" --plan "$SCRATCH/plan.json" --output "$SCRATCH/result" "$SCRATCH/list"
	[[ $output == *'largest host, of'*'20.00 %, cap 20.00 %'* ]]
	# without a host, of whom nobody knows anything: each for itself
	sed -i 's/ big / - /' "$SCRATCH/list"
	fleet run --weights "$SCRATCH/weights" --output "$SCRATCH/again" "$SCRATCH/list"
	[[ $output == *'largest host, of'*' 2.50 %, cap 20.00 %'* ]]
}

@test "a load has the share that the file of weights gives it" {
	printf 'half-life never\nload load0 80\nrecord-cap 10\n' >"$SCRATCH/weights"
	fleet run --weights "$SCRATCH/weights" --output "$SCRATCH/result" fleet/list
	[[ $output == *'load load0 '*' 80.00 %'*'load load1 '*' 20.00 %'* ]]
	printf 'load load0 100\nload none 0\n' >"$SCRATCH/weights"
	fleet run --weights "$SCRATCH/weights" --output "$SCRATCH/only" fleet/list
	[[ $output == *"refused  unwanted"*"the file of weights leaves nothing for its load 'load1'"* ]]
	echo 'half-live 3' >"$SCRATCH/weights"
	fleet run --weights "$SCRATCH/weights" --output "$SCRATCH/no" fleet/list
	[ "$status" -eq 2 ]
	[[ $output == *"weights:1: 'half-live' is not known"* ]]
	[ ! -e "$SCRATCH/no" ]
}

@test "no recording, one, and none that is any good" {
	fleet run --output "$SCRATCH/result" /dev/null
	[ "$status" -eq 2 ]
	[[ $output == *'error: there are no recordings'* ]]
	mkdir "$SCRATCH/empty"
	fleet run --output "$SCRATCH/result" "$SCRATCH/empty"
	[ "$status" -eq 2 ]
	[[ $output == *"error: there is no recording in '$SCRATCH/empty'"* ]]
	fleet run --output "$SCRATCH/result" fleet/cut-0000 fleet/other-0000
	[ "$status" -eq 1 ]
	[[ $output == *'refused: no recording is left that counts'* ]]
	[ ! -e "$SCRATCH/result" ]
	fleet run --output "$SCRATCH/result" first0
	[ "$status" -eq 0 ]
	[[ $output == *'largest recording'*'100.00 %, cap 100.00 %'* ]]
	awk -v moved="$(distance "$SCRATCH/result/0/nginx.raw" first0/nginx.raw)" 'BEGIN { exit !(moved < 1e-6) }'
	fleet run --output "$SCRATCH/result" first0
	[ "$status" -eq 2 ]
	[[ $output == *"'$SCRATCH/result' is there already"* ]]
}

@test "plain samples are added up as what they are, apart from exact counts" {
	for i in 0 1; do
		mkdir "$SCRATCH/s$i"
		jq '.kind = "addresses" | .method = "samples" | .samples = {total: 9, inside: 8, lost: 0, excluded: 1}' \
			first0/record.json >"$SCRATCH/s$i/record.json"
		for unit in vmlinux nginx; do
			sed -n 's/^\([0-9a-f]*\)-.*:\(.*\)/\1:\2/p' "first0/$unit.raw" >"$SCRATCH/lines"
			{ wc -l <"$SCRATCH/lines" && awk -v i=$i -F : '{ print $1 ":" $2 + i * (NR % 3) * 999999 }' "$SCRATCH/lines"; } \
				>"$SCRATCH/s$i/$unit.addresses"
		done
	done
	fleet run --output "$SCRATCH/result" "$SCRATCH/s0" "$SCRATCH/s1" first0
	[ "$status" -eq 0 ]
	[ "$(ls "$SCRATCH/result")" = $'0\n0-addresses' ]
	jq -e '.kind == "addresses" and .samples == {total: 18, inside: 16, lost: 0, excluded: 2}' \
		"$SCRATCH/result/0-addresses/record.json"
	[ "$(ls "$SCRATCH/result/0-addresses")" = $'nginx.addresses\nrecord.json\nvmlinux.addresses' ]
	# the store takes a sample for 10,000 instructions: so its share weighs as much as that of exact counts
	local samples share
	samples=$(awk -F : 'NF == 2 { n += $2 } END { printf "%d", n }' "$SCRATCH"/result/0-addresses/*.addresses)
	share=$(jq .fleet.share "$SCRATCH/result/0-addresses/record.json")
	awk -v n="$samples" -v s="$share" 'BEGIN { exit !(n * 10000 > 0.99 * s * 1e12 && n * 10000 < 1.01 * s * 1e12) }'
	# what came out can go in again
	fleet run --output "$SCRATCH/again" "$SCRATCH/result/0-addresses"
	[ "$status" -eq 0 ]
	cmp "$SCRATCH/again/0-addresses/nginx.addresses" "$SCRATCH/result/0-addresses/nginx.addresses" ||
		[ "$(wc -l <"$SCRATCH/again/0-addresses/nginx.addresses")" -eq "$(wc -l <"$SCRATCH/result/0-addresses/nginx.addresses")" ]
}

@test "samples of a kernel that waits are no part of a share, nor of what makes a profile good" {
	local out=$SCRATCH/o unit first idle
	mkdir -p "$out/nginx/0" "$SCRATCH/rec"
	cp out/nginx/0/nginx.debug "$out/nginx/0"
	sed 's/vmlinux_7(/default_idle(/' vmlinux.c >"$SCRATCH/vmlinux.c"
	clang-19 -g -O1 -fdebug-info-for-profiling -nostdlib -static -fuse-ld=lld -Wl,--build-id=sha1 \
		-o "$out/nginx/0/vmlinux.debug" "$SCRATCH/vmlinux.c"
	for unit in vmlinux nginx; do
		llvm-nm-19 --defined-only "$out/nginx/0/$unit.debug" | awk '/ [Tt] / { sub(/^0+/, "", $1); print $1, $3 }' |
			sort >"$SCRATCH/$unit"
		{ wc -l <"$SCRATCH/$unit" && awk '{ print $1 ":" ($2 == "default_idle" ? 9000000 : 10) }' "$SCRATCH/$unit"; } \
			>"$SCRATCH/rec/$unit.addresses"
	done
	"$TOOLS/generate-recordings" --first "$out/nginx/0" --app nginx --output "$SCRATCH/first"
	jq '.kind = "addresses"' "$SCRATCH/first/record.json" >"$SCRATCH/rec/record.json"
	"$TOOLS/fleet" run --out "$out" --app nginx --plan "$SCRATCH/plan.json" --output "$SCRATCH/result" "$SCRATCH/rec"
	first=$(($(wc -l <"$SCRATCH/vmlinux") + $(wc -l <"$SCRATCH/nginx") - 1))
	jq -e --argjson counted $((first * 10)) '.records[0].counted == $counted' "$SCRATCH/plan.json"
	idle=$(awk '$2 == "default_idle" { print $1 }' "$SCRATCH/vmlinux")
	grep -q "^$idle:" "$SCRATCH/rec/vmlinux.addresses"
	! grep "^$idle:" "$SCRATCH/result/0-addresses/vmlinux.addresses"
	# one import of the same: 10 samples a function are not enough because it mostly waited
	run "$TOOLS/import" --out "$out" --app nginx --generation 0 --output "$SCRATCH/import" "$SCRATCH/rec/vmlinux.addresses"
	echo "$output"
	[[ $output == *'waiting     vmlinux: 100.0 % of the samples are where it waits'* ]]
	[[ $output == *' functions with 90 % of them have 10 or more each'* ]]
}

@test "workers that lose, repeat or change a recording are found out" {
	head -n 6 fleet/list >"$SCRATCH/list"
	fleet scan --output "$SCRATCH/sketches" "$SCRATCH/list"
	fleet judge --output "$SCRATCH/plan.json" "$SCRATCH/sketches"
	head -n 3 "$SCRATCH/list" >"$SCRATCH/first"
	tail -n 3 "$SCRATCH/list" >"$SCRATCH/second"
	fleet sum --plan "$SCRATCH/plan.json" --output "$SCRATCH/1.part" "$SCRATCH/first"
	fleet merge --output "$SCRATCH/result" "$SCRATCH/1.part"
	[ "$status" -eq 2 ]
	[[ $output == *'3 of 6 recordings are in no part'* ]]
	fleet sum --plan "$SCRATCH/plan.json" --output "$SCRATCH/2.part" "$SCRATCH/list"
	fleet merge --output "$SCRATCH/result" "$SCRATCH/1.part" "$SCRATCH/2.part"
	[ "$status" -eq 2 ]
	[[ $output == *'is in '*' and in another part, and would count twice'* ]]
	fleet judge --keep-outliers --output "$SCRATCH/other.json" <(head -n 5 "$SCRATCH/sketches")
	fleet sum --plan "$SCRATCH/other.json" --output "$SCRATCH/3.part" "$SCRATCH/first"
	fleet merge --output "$SCRATCH/result" "$SCRATCH/1.part" "$SCRATCH/3.part"
	[ "$status" -eq 2 ]
	[[ $output == *'was summed up with another plan'* ]]
	fleet sum --plan "$SCRATCH/plan.json" --output "$SCRATCH/4.part" first0
	[ "$status" -eq 2 ]
	[[ $output == *"the recording 'first0' is not in the plan"* ]]
	cp -r first0 "$SCRATCH/rec"
	fleet scan --output "$SCRATCH/sketches" "$SCRATCH/rec"
	fleet judge --output "$SCRATCH/plan.json" "$SCRATCH/sketches"
	cp first0/nginx.raw "$SCRATCH/rec/"
	sed -i '2s/:.*/:77777/' "$SCRATCH/rec/nginx.raw"
	fleet sum --plan "$SCRATCH/plan.json" --output "$SCRATCH/5.part" "$SCRATCH/rec"
	[ "$status" -eq 2 ]
	[[ $output == *"the recording '$SCRATCH/rec' has changed since it was scanned"* ]]
	[ ! -e "$SCRATCH/result" ]
	[ ! -e "$SCRATCH/5.part" ]
}

@test "damaged sketches, plans and parts are told, and never make a result" {
	fleet scan --output "$SCRATCH/sketches" first0
	head -c 5000 "$SCRATCH/sketches" >"$SCRATCH/cut"
	fleet judge --output "$SCRATCH/plan.json" "$SCRATCH/cut"
	[ "$status" -eq 2 ]
	[[ $output == *'cut:2: the line is cut off'* ]]
	: >"$SCRATCH/nothing"
	fleet judge --output "$SCRATCH/plan.json" "$SCRATCH/nothing"
	[[ $output == *'it is empty: whatever wrote it did not finish'* ]]
	fleet judge --output "$SCRATCH/plan.json" "$SCRATCH/sketches"
	[ "$status" -eq 0 ]
	jq '.records[0].instructions = 2000000000000' "$SCRATCH/plan.json" >"$SCRATCH/greedy.json"
	fleet sum --plan "$SCRATCH/greedy.json" --output "$SCRATCH/part" first0
	[ "$status" -eq 2 ]
	[[ $output == *"it is not a plan of fleet's"* ]]
	fleet sum --plan "$SCRATCH/plan.json" --output "$SCRATCH/part" first0
	[ "$status" -eq 0 ]
	truncate -s -10 "$SCRATCH/part/0/nginx.raw"
	fleet merge --output "$SCRATCH/result" "$SCRATCH/part"
	[ "$status" -eq 2 ]
	[[ $output == *'nginx.raw:'* ]]
	[ ! -e "$SCRATCH/result" ]
}

@test "1,000 recordings take less than a minute and 1 GB" {
	"$TOOLS/generate-recordings" --records 970 --seed 3 --hosts 50 --loads 3 --hot 10 --strange 10 --copy 10 \
		--output "$SCRATCH/many" first0 first1
	V=1 fleet run --output "$SCRATCH/result" "$SCRATCH/many/list"
	[ "$status" -eq 0 ]
	[[ $output == *'1000 recordings of nginx: 970 count, 30 do not'* ]]
	[[ $output =~ ([0-9]+)\.[0-9]\ s\ of\ processor\ time,\ at\ most\ ([0-9]+)\ MB ]]
	[ "${BASH_REMATCH[1]}" -lt 60 ]
	[ "${BASH_REMATCH[2]}" -lt 1000 ]
}

@test "wrong usage is told" {
	run "$TOOLS/fleet" judge
	[ "$status" -eq 64 ]
	run "$TOOLS/fleet" run --output "$SCRATCH/x" fleet/list
	[ "$status" -eq 64 ]
	[[ $output == *'fleet run needs --out and --app'* ]]
	run "$TOOLS/fleet" frobnicate --output "$SCRATCH/x"
	[ "$status" -eq 64 ]
	[[ $output == *"there is no command 'frobnicate'"* ]]
	run "$TOOLS/fleet" run --out "$SCRATCH" --app nginx --output "$SCRATCH/x" first0
	[ "$status" -eq 2 ]
	[[ $output == *"there is no generation of 'nginx' in"* ]]
}
