# haproxy: the image boots and serves; recipes/haproxy/tests has the rest

load ../helpers

setup_file() {
	mk image APP=haproxy O="$OUT" TOOLS="$TOOLS" >&2
}
setup() { scratch; }
teardown() {
	end_guest
	discard_scratch
}

@test "haproxy: a page of each of its two servers, also behind TLS; it ends when told to" {
	boot "$OUT/haproxy/latest"
	base=http://127.0.0.1:$PORT
	run curl -sS --max-time 20 --noproxy '*' -o /dev/null -w '%header{x-server} ' "$base/1k.txt" "$base/1k.txt" -o /dev/null
	[[ $output == 'one two '* || $output == 'two one '* ]]
	curl -sS --max-time 20 --noproxy '*' "$base/sealed/1k.txt" | cmp - recipes/haproxy/rootfs/etc/haproxy/1k.txt
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "haproxy: make test-app" {
	run mk test-app APP=haproxy O="$OUT" TOOLS="$TOOLS"
	echo "$output"
	[ "$status" -eq 0 ]
}
