# nginx with TLS: the image boots and serves; recipes/nginx-tls/tests has the rest

load ../helpers

setup_file() {
	mk image APP=nginx-tls O="$OUT" TOOLS="$TOOLS" >&2
}
setup() { scratch; }
teardown() {
	end_guest
	discard_scratch
}

@test "nginx-tls: a page, proxied as well; four workers; it ends when told to" {
	boot "$OUT/nginx-tls/latest"
	curl -sS --max-time 20 --noproxy '*' "http://127.0.0.1:$PORT/1k.txt" | cmp - recipes/nginx/rootfs/var/www/1k.txt
	curl -sS --max-time 20 --noproxy '*' "http://127.0.0.1:$PORT/own/1k.txt" | cmp - recipes/nginx/rootfs/var/www/1k.txt
	[ "$(grep -ac 'start worker process [0-9]' "$CONSOLE")" -eq 4 ]
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "nginx-tls: make test-app" {
	run mk test-app APP=nginx-tls O="$OUT" TOOLS="$TOOLS"
	echo "$output"
	[ "$status" -eq 0 ]
}
