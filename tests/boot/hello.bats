# hello: the smallest image

load ../helpers

setup_file() { mk image APP=hello O="$OUT/tests/out" TOOLS="$TOOLS" >&2; }
setup() { scratch; }
teardown() {
	end_guest
	discard_scratch
}

@test "it serves with the memory that its recipe names, and ends well" {
	boot "$OUT/tests/out/hello/latest"
	[ "$(curl -sS --noproxy '*' "http://127.0.0.1:$PORT/")" = hello ]
	# two requests of one connection, and more connections than one
	[ "$(curl -sS --noproxy '*' "http://127.0.0.1:$PORT/a" "http://127.0.0.1:$PORT/b")" = $'hello\nhello' ]
	for _ in 1 2 3; do curl -sS -o "$SCRATCH/answer.$RANDOM" --noproxy '*' "http://127.0.0.1:$PORT/" 3>&- & done
	eventually sh -c "cat '$SCRATCH'/answer.* | [ \$(grep -c hello) -eq 3 ]"
	printf 'GET / HTTP/1.1\r\nHost: x\r' | timeout 1 socat - "TCP:127.0.0.1:$PORT" || true
	[ "$(curl -sS --noproxy '*' "http://127.0.0.1:$PORT/")" = hello ]
	shut_down
	[ "$STATUS" -eq 0 ]
	grep -q "exit status 143" "$CONSOLE" # it has no handler for SIGTERM
}

@test "it is small: 910,000 bytes shipped, 35 system calls" {
	jq -e '.image.xz_bytes <= 910000 and (.syscalls.kept | length) <= 35 and .app_elf.bytes < 16384' \
		"$OUT/tests/out/hello/latest/manifest.json"
}
