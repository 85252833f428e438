# Peers: what a script can do wrong, and what stays of it. Nothing is fetched.

load ../helpers

setup() {
	scratch
	mkdir "$SCRATCH/specs"
	printf 'app x\nmachine microvm\nmemory 64M\ncommand /bin/x\nready http:80/\n' >"$SCRATCH/image.spec"
}
teardown() { discard_scratch; }

peer() {
	"$TOOLS/peer" "$@"
}

# A peer of the script $1, whose text is the standard input.
make_peer() {
	cat >"$SCRATCH/$1.sh"
	run peer make --app x --machine microvm --cache "$SCRATCH/cache" --lock "$SCRATCH/peers.lock" \
		--source-lock "$SCRATCH/sources.lock" --specs "$SCRATCH/specs" --spec "$SCRATCH/image.spec" \
		--tools "$TOOLS" --output "$SCRATCH/out" "$SCRATCH/$1.sh"
}

# What a script leaves that is complete; its output shows that it ran.
complete='# peer apps x
echo "ran" >>"$SPECS/../runs"
echo image >"$OUT/image"
cp "$SPEC" "$OUT/image.spec"
echo "[{\"name\": \"kernel\", \"start\": \"0xffffffff81000000\", \"end\": \"0xffffffff82000000\"}]" >"$OUT/regions.json"
"$PEER" describe --title T --describe D --shipped "kernel=$OUT/image" --source linux=6 "$OUT"'

# Nothing but locks, logs and the peers that are named.
left() {
	[ "$(ls "$SCRATCH/out" | grep -v '\.log$')" = "${1:-}" ]
	[ -z "$(find "$SCRATCH/out" -name '.new-*')" ]
}

@test "a complete peer is kept, and built again only when its inputs change" {
	make_peer good <<<"$complete"
	echo "$output"
	[ "$status" -eq 0 ]
	left good
	peer check "$SCRATCH/out/good"
	jq -e '.schema == 1 and .name == "good" and .shipped[0].bytes == 6 and .shipped[0].xz_bytes > 6' \
		"$SCRATCH/out/good/peer.json"
	make_peer good <<<"$complete"
	[ "$(wc -l <"$SCRATCH/runs")" -eq 1 ]
	make_peer good <<<"$complete
# changed"
	[ "$(wc -l <"$SCRATCH/runs")" -eq 2 ]
	echo 'environment A=b' >>"$SCRATCH/image.spec"
	make_peer good <<<"$complete
# changed"
	[ "$(wc -l <"$SCRATCH/runs")" -eq 3 ]
	# damaged: built again
	rm "$SCRATCH/out/good/image"
	make_peer good <<<"$complete
# changed"
	[ "$status" -eq 0 ]
	[ "$(wc -l <"$SCRATCH/runs")" -eq 4 ]
	[ -s "$SCRATCH/out/good/image" ]
}

@test "a script that fails leaves what was there before, and says why" {
	make_peer good <<<"$complete"
	before=$(cat "$SCRATCH/out/good/inputs.sha256")
	make_peer good <<<'# peer apps x
echo half >"$OUT/image"; echo "no such compiler" >&2; exit 7'
	[ "$status" -eq 2 ]
	[[ $output == *'no such compiler'* ]]
	[[ $output == *'the script of the peer good ended with status 7'* ]]
	left good
	[ "$(cat "$SCRATCH/out/good/inputs.sha256")" = "$before" ]
	peer check "$SCRATCH/out/good"
}

@test "half a peer is none" {
	make_peer half <<<"${complete/echo image >/: >}"
	[ "$status" -eq 2 ]
	left
	make_peer half <<<"$complete
rm \$OUT/image"
	[ "$status" -eq 2 ]
	[[ $output == *'left no complete peer: there is no image, or it is empty'* ]]
	left
	make_peer half <<<"$complete
echo 'initrd initrd' >>\"\$OUT/image.spec\""
	[ "$status" -eq 2 ]
	[[ $output == *'there is no initrd, which image.spec names'* ]]
	left
	make_peer half <<<"$complete
sed -i 's/\"half\"/\"whole\"/' \"\$OUT/peer.json\""
	[ "$status" -eq 2 ]
	[[ $output == *"peer.json calls it 'whole'"* ]]
	left
}

@test "a script that is none; a program, component, input that is not there; another app's" {
	make_peer bad <<<true
	[ "$status" -eq 2 ]
	[[ $output == *"is no peer's script: it has no line '# peer apps NAME'"* ]]
	make_peer bad <<<'# peer apps x
# peer programs no-such-compiler'
	[ "$status" -eq 2 ]
	[[ $output == *'needs the program no-such-compiler, which is not installed'* ]]
	[[ $output == *'apt-get install no-such-compiler'* ]]
	make_peer bad <<<'# peer apps x
# peer components none'
	[ "$status" -eq 2 ]
	[[ $output == *'there is no such recipe'* ]]
	make_peer bad <<<'# peer apps x
# peer inputs no/such/file'
	[ "$status" -eq 2 ]
	[[ $output == *"the input 'no/such/file' of the peer bad is not there"* ]]
	make_peer other <<<'# peer apps y
exit 3'
	[ "$status" -eq 0 ]
	left
}

@test "peer check says what is wrong" {
	mkdir "$SCRATCH/p"
	run peer check "$SCRATCH/p"
	[ "$status" -eq 1 ]
	[[ $output == *"/p/peer.json' does not describe a peer: "* ]]
	echo '{"schema": 2}' >"$SCRATCH/p/peer.json"
	run peer check "$SCRATCH/p"
	[ "$status" -eq 1 ]
	[[ $output == *'its schema is not 1'* ]]
	run peer frob "$SCRATCH"
	[ "$status" -eq 2 ]
	[[ $output == *"there is no command 'frob'"* ]]
	run peer make "$SCRATCH/p"
	[ "$status" -eq 64 ]
}

@test "libraries: what a program needs is copied, and what is in no package is an error" {
	mkdir -p "$SCRATCH/packages/lib" "$SCRATCH/root/bin"
	printf '.globl f\nf: ret\n' >"$SCRATCH/f.s"
	printf '.globl _start\n_start: call f@PLT\n' >"$SCRATCH/m.s"
	clang-19 -target x86_64-linux-gnu -nostdlib -shared -fuse-ld=lld-19 -Wl,-soname,libf.so.1 \
		"$SCRATCH/f.s" -o "$SCRATCH/packages/lib/libf.so.1"
	clang-19 -target x86_64-linux-gnu -nostdlib -fuse-ld=lld-19 "$SCRATCH/m.s" \
		"$SCRATCH/packages/lib/libf.so.1" -o "$SCRATCH/root/bin/m" -Wl,--dynamic-linker,/lib64/ld.so
	mkdir "$SCRATCH/packages/lib64"
	echo loader >"$SCRATCH/packages/lib64/ld.so"
	run peer libraries --from "$SCRATCH/packages" --root "$SCRATCH/root" /bin/m
	[ "$status" -eq 0 ]
	[ -f "$SCRATCH/root/lib/x86_64-linux-gnu/libf.so.1" ]
	[ -f "$SCRATCH/root/lib64/ld.so" ]
	[ "${#lines[@]}" -eq 2 ]
	rm "$SCRATCH/packages/lib/libf.so.1"
	run peer libraries --from "$SCRATCH/packages" --root "$SCRATCH/root" /bin/m
	[ "$status" -eq 2 ]
	[[ $output == *"needs libf.so.1, which is in none of the packages"* ]]
}

# A module $1 that depends on $2.
module() {
	printf '.section .modinfo,"a"\n.asciz "license=GPL"\n.asciz "depends=%s"\n' "$2" |
		clang-19 -target x86_64-linux-gnu -c -x assembler - -o "$SCRATCH/modules/$1.ko"
}

@test "modules: in the order of loading" {
	mkdir -p "$SCRATCH/modules/net"
	module net/card ring-2,core
	module core ring_2
	module ring-2 ''
	sed -i 's/ring-2/ring_2/' "$SCRATCH/modules/net/card.ko"
	peer modules --from "$SCRATCH/modules" --root "$SCRATCH/root" card core
	printf '/modules/%s.ko\n' ring-2 core card | cmp - "$SCRATCH/root/etc/anneal/modules"
	rm "$SCRATCH/modules/core.ko"
	run peer modules --from "$SCRATCH/modules" --root "$SCRATCH/root" card
	[ "$status" -eq 2 ]
	[[ $output == *'the module core, which card needs, is not below'* ]]
}

@test "make peers: a peer that is not there, and every script of ours is understood" {
	run mk peers APP=nginx PEERS=devuan O="$SCRATCH/o"
	[ "$status" -ne 0 ]
	[[ $output == *"there is no peer 'devuan'; there are: debian debian-unmitigated gcc"* ]]
	for script in bench/peers/*.sh; do
		run peer make --app none --machine microvm --cache "$SCRATCH/cache" --lock "$SCRATCH/l" \
			--source-lock "$SCRATCH/l" --specs "$SCRATCH" --spec "$SCRATCH/image.spec" \
			--tools "$TOOLS" --output "$SCRATCH/out" "$script"
		[ "$status" -eq 0 ]
	done
	[ ! -e "$SCRATCH/out" ]
}

@test "record: a peer.json that is none, an ELF that is not there, ranges that overlap" {
	mkdir "$SCRATCH/p"
	cp "$SCRATCH/image.spec" "$SCRATCH/p/"
	echo image >"$SCRATCH/p/image"
	echo '{' >"$SCRATCH/p/peer.json"
	run "$TOOLS/record" --generation "$SCRATCH/p" --output "$SCRATCH/r/rec"
	[ "$status" -eq 2 ]
	[[ $output == *"peer.json' does not describe a peer: line"* ]]
	jq -n '{schema: 1, name: "p", title: "P", describe: "d", sources: [{name: "a", version: "1"}],
		shipped: [{name: "kernel", bytes: 1, xz_bytes: 1}],
		regions: [{name: "kernel", elf: "none.elf"}]}' >"$SCRATCH/p/peer.json"
	run "$TOOLS/record" --generation "$SCRATCH/p" --output "$SCRATCH/r/rec"
	[ "$status" -eq 2 ]
	[[ $output == *"cannot read '$SCRATCH/p/none.elf'"* ]]
	jq '.regions = [{name: "kernel", start: "0x1000", end: "0x2000"},
		{name: "app", start: "0x1800", end: "0x3000"}]' "$SCRATCH/p/peer.json" >"$SCRATCH/new"
	mv "$SCRATCH/new" "$SCRATCH/p/peer.json"
	run "$TOOLS/record" --generation "$SCRATCH/p" --output "$SCRATCH/r/rec"
	[ "$status" -eq 2 ]
	[[ $output == *'the code of app and of kernel is at the same addresses'* ]]
	[ "$(ls "$SCRATCH/r")" = rec.lock ]
}

@test "a machine and an initrd that are not there" {
	echo image >"$SCRATCH/image"
	sed -i 's/machine .*/machine pdp11/' "$SCRATCH/image.spec"
	run "$TOOLS/run" --prove --image "$SCRATCH/image" --spec "$SCRATCH/image.spec"
	[ "$status" -eq 2 ]
	[[ $output == *"machine 'pdp11' is not known; there are: microvm "* ]]
	sed -i 's/machine .*/machine microvm/; $a initrd none' "$SCRATCH/image.spec"
	run "$TOOLS/run" --prove --image "$SCRATCH/image" --spec "$SCRATCH/image.spec"
	[ "$status" -eq 2 ]
	[[ $output == *"there is no initrd '$SCRATCH/none'"* ]]
}

@test "a build that is killed leaves no peer, and the next one clears up behind it" {
	make_peer good <<<"$complete"
	printf '# peer apps x\necho half >"$OUT/image"\ntouch "$SPECS/../started"\nexec sleep 600\n' >"$SCRATCH/good.sh"
	"$TOOLS/peer" make --app x --machine microvm --cache "$SCRATCH/cache" --lock "$SCRATCH/peers.lock" \
		--source-lock "$SCRATCH/sources.lock" --specs "$SCRATCH/specs" --spec "$SCRATCH/image.spec" \
		--tools "$TOOLS" --output "$SCRATCH/out" "$SCRATCH/good.sh" 3>&- &
	builder=$!
	eventually test -e "$SCRATCH/started"
	kill -KILL $builder
	wait $builder || true
	peer check "$SCRATCH/out/good"
	make_peer good <<<"$complete"
	make_peer good <<<"$complete
# changed"
	[ "$status" -eq 0 ]
	left good
	[ -z "$(find "$SCRATCH/cache/build" -mindepth 1 -type d)" ]
}

@test "what the make around it was told does not reach a script's own builds" {
	# shellcheck disable=SC2016 # for the script
	MAKEFLAGS='s -- O=/nowhere' MAKEOVERRIDES='O=/nowhere' make_peer good <<<"$complete
[ -z \"\${MAKEFLAGS:-}\${MAKEOVERRIDES:-}\${MFLAGS:-}\" ]"
	echo "$output"
	[ "$status" -eq 0 ]
	left good
}
