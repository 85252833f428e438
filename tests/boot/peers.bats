# A peer booted, surveyed, recorded: one whose image is a generation's, so that no kernel is built.

load ../helpers

setup_file() {
	[ -n "${GENERATION:-}" ] || mk image APP=nginx O="$OUT" TOOLS="$TOOLS" >&2
}
setup() {
	scratch
	GENERATION=${GENERATION:-$OUT/nginx/latest}
	PEER_DIRECTORY=$SCRATCH/fake
	mkdir "$PEER_DIRECTORY"
	cp "$GENERATION/image" "$PEER_DIRECTORY/image"
	grep -v '^ *rootfs ' "$GENERATION/image.spec" >"$PEER_DIRECTORY/image.spec"
}
teardown() { discard_scratch; }

# An initrd with preinit and no init of its own: the kernel unpacks it over the image's files.
add_initrd() {
	mkdir "$SCRATCH/root"
	clang-19 -std=c11 -D_GNU_SOURCE -O2 -static -s -o "$SCRATCH/root/preinit" bench/preinit.c
	"$TOOLS/peer" initramfs --spec "$PEER_DIRECTORY/image.spec" --root "$SCRATCH/root" \
		"$PEER_DIRECTORY/initrd"
	printf 'initrd initrd\nappend norandmaps\n' >>"$PEER_DIRECTORY/image.spec"
}

# $1: regions.json's text
describe() {
	echo "$1" >"$PEER_DIRECTORY/regions.json"
	NAME=fake "$TOOLS/peer" describe --title Fake --describe "a generation as a peer" \
		--shipped "kernel=$PEER_DIRECTORY/image" --source nginx=1 "$PEER_DIRECTORY"
	"$TOOLS/peer" check "$PEER_DIRECTORY"
}

@test "a peer of an ELF file and a range is counted, and kernel and user told apart" {
	cp "$GENERATION/vmlinux.debug" "$PEER_DIRECTORY/kernel.elf"
	describe '[{"name": "kernel", "elf": "kernel.elf"}, {"name": "app", "start": "0x1000", "end": "0x7ffffffff000"}]'
	# shellcheck disable=SC2016 # for the load's shell
	"$TOOLS/record" --generation "$PEER_DIRECTORY" --output "$SCRATCH/rec" --models \
		--load 'curl -sSf --noproxy "*" -o /dev/null "$BASE/1k.txt?[1-200]"'
	jq -e '[.sides[].instructions] | add' "$SCRATCH/rec/trace.json" >"$SCRATCH/sum"
	jq -e --argjson sum "$(cat "$SCRATCH/sum")" '.total.instructions == $sum and
		.sides.kernel.instructions > .sides.user.instructions and .sides.physical.instructions == 0 and
		.sides.user.instructions == (.regions[] | select(.name == "app") | .instructions)' \
		"$SCRATCH/rec/trace.json"
	jq -e '.generation == null and .peer == "fake" and .build_ids.kernel != ""' "$SCRATCH/rec/record.json"
	jq -e '.regions[] | select(.name == "kernel") | .symbols | any(.name == "do_syscall_64")' \
		"$SCRATCH/rec/symbols.json"
	[ -s "$SCRATCH/rec/app.raw" ]
	# it is no generation, so no profile of it can be kept
	run "$TOOLS/profile-store" --out "$OUT" --app nginx add "$SCRATCH/rec"
	[ "$status" -eq 2 ]
}

@test "an initrd and further words of the command line reach the guest" {
	mkdir -p "$SCRATCH/root/var/www"
	echo 'from the initrd' >"$SCRATCH/root/var/www/extra.txt"
	"$TOOLS/peer" initramfs --spec "$PEER_DIRECTORY/image.spec" --root "$SCRATCH/root" \
		"$PEER_DIRECTORY/initrd"
	printf 'initrd initrd\nappend cow=1 pig=2\n' >>"$PEER_DIRECTORY/image.spec"
	V=1 boot "$PEER_DIRECTORY" --append hen=3
	curl -sSf --noproxy '*' "http://127.0.0.1:$PORT/1k.txt" | cmp - recipes/nginx/rootfs/var/www/1k.txt
	[ "$(curl -sSf --noproxy '*' "http://127.0.0.1:$PORT/extra.txt")" = 'from the initrd' ]
	grep -q -- ' cow=1 pig=2 hen=3' "$SCRATCH/run.err"
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "a survey without the kernel's symbols: an ELF file is asked for; with one, regions of what is mapped" {
	# preinit is a program of its own: the shaker has dropped what it needs
	[ -n "${UNSHAKEN:-}" ] || mk image APP=nginx SHAKE=0 O="$OUT/tests/unshaken" TOOLS="$TOOLS" >&2
	GENERATION=${UNSHAKEN:-$OUT/tests/unshaken/nginx/latest}
	cp "$GENERATION/image" "$PEER_DIRECTORY/image"
	add_initrd
	run "$TOOLS/peer" survey "$PEER_DIRECTORY"
	[ "$status" -eq 2 ]
	[[ $output == *'needs an ELF file: --elf kernel=FILE'* ]]
	cp "$GENERATION/vmlinux.debug" "$GENERATION/nginx.debug" "$PEER_DIRECTORY/"
	"$TOOLS/peer" survey --elf kernel=vmlinux.debug --elf app=nginx.debug "$PEER_DIRECTORY"
	jq -e 'map(.name) == ["kernel", "app"] and .[1].base == "0x0"' "$PEER_DIRECTORY/regions.json"
}
