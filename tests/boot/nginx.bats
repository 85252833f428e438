# nginx in its image, with a real client

load ../helpers

setup_file() {
	mk image APP=nginx O="$OUT" TOOLS="$TOOLS" >&2
	# ten megabytes, not of zeros, that gzip has nothing to gain from
	mkdir -p "$OUT/tests/files/var/www"
	[ -s "$OUT/tests/files/var/www/10m.bin" ] ||
		openssl enc -aes-128-ctr -pass pass:anneal -nosalt -pbkdf2 -in /dev/zero 2>/dev/null |
		head -c 10485760 >"$OUT/tests/files/var/www/10m.bin"
	# and a log that says when a worker starts
	mkdir -p "$OUT/tests/files/etc/nginx"
	sed 's/^error_log .*/error_log stderr notice;/' recipes/nginx/rootfs/etc/nginx/nginx.conf \
		>"$OUT/tests/files/etc/nginx/nginx.conf"
	mk image APP=nginx O="$OUT/tests/out" TOOLS="$TOOLS" FILES="$OUT/tests/files" >&2
}
setup() { scratch; }
teardown() {
	end_guest
	discard_scratch
}

GENERATION=$OUT/nginx/latest
www=recipes/nginx/rootfs/var/www

get() {
	curl -sS --max-time 20 --noproxy '*' "$@"
}

@test "page: status, type, body" {
	boot "$GENERATION"
	run get -i "http://127.0.0.1:$PORT/"
	[[ $output == 'HTTP/1.1 200 OK'* ]]
	[[ $output == *'Content-Type: text/html'* ]]
	get "http://127.0.0.1:$PORT/" | cmp - "$www/index.html"
	get "http://127.0.0.1:$PORT/1k.txt" | cmp - "$www/1k.txt"
	shut_down
	[ "$STATUS" -eq 0 ]
	grep -q 'anneal: signal QUIT' "$CONSOLE"
	grep -q 'anneal: exit status 0' "$CONSOLE"
}

@test "404, range, HEAD, rewrite" {
	boot "$GENERATION"
	[ "$(get -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PORT/none")" = 404 ]
	[ "$(get -r 64-127 "http://127.0.0.1:$PORT/1k.txt")" = "$(tail -c +65 "$www/1k.txt" | head -c 64)" ]
	[ "$(get -I -o /dev/null -w '%{http_code} %{size_download}' "http://127.0.0.1:$PORT/")" = '200 0' ]
	get "http://127.0.0.1:$PORT/home" | cmp - "$www/index.html"
	shut_down
}

@test "gzip: smaller on the wire, the same inside" {
	boot "$GENERATION"
	get -H 'Accept-Encoding: gzip' "http://127.0.0.1:$PORT/1k.txt" >"$SCRATCH/body.gz"
	[ "$(stat -c %s "$SCRATCH/body.gz")" -lt 512 ]
	gzip -dc <"$SCRATCH/body.gz" | cmp - "$www/1k.txt"
	shut_down
}

@test "keep-alive: five requests over one connection" {
	boot "$GENERATION"
	url=http://127.0.0.1:$PORT/1k.txt
	run get -o /dev/null -o /dev/null -o /dev/null -o /dev/null -o /dev/null \
		-w '%{num_connects}\n' "$url" "$url" "$url" "$url" "$url"
	[ "$output" = $'1\n0\n0\n0\n0' ]
	shut_down
}

@test "a file of ten megabytes arrives whole" {
	boot "$OUT/tests/out/nginx/latest"
	get "http://127.0.0.1:$PORT/10m.bin" | cmp - "$OUT/tests/files/var/www/10m.bin"
	shut_down
}

# QEMU's user network holds one pending connection at a time, and this machine drops
# what comes faster (TcpExtListenOverflows): connections are opened one by one, here
# and below, or only a few at once.
@test "200 connections open at once, all answered" {
	boot "$GENERATION"
	local fds=() fd
	for _ in $(seq 200); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
		fds+=("$fd")
		sleep 0.01
	done
	for fd in "${fds[@]}"; do
		printf 'GET /1k.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&"$fd"
	done
	for fd in "${fds[@]}"; do
		timeout 20 cat <&"$fd" >"$SCRATCH/answer"
		head -n 1 "$SCRATCH/answer" | grep -q '^HTTP/1.1 200 OK'
		tail -c 1024 "$SCRATCH/answer" | cmp - "$www/1k.txt"
		exec {fd}>&-
	done
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "a load of wrk: every answer is a good one" {
	boot "$GENERATION"
	run wrk -t1 -c8 -d3s --timeout 10s "http://127.0.0.1:$PORT/1k.txt"
	[[ $output == *'requests in'* ]]
	[[ $output != *'Socket errors'* ]]
	[[ $output != *'Non-2xx'* ]]
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "the recipe's loads: every answer is the one that is expected" {
	boot "$GENERATION"
	for load in recipes/nginx/loads/*.load; do
		"$TOOLS/load" --file "$load" --base "http://127.0.0.1:$PORT" --requests 2000
	done
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "reload by signal: the worker is another one, and answers" {
	boot "$OUT/tests/out/nginx/latest"
	[ "$(grep -c 'start worker process [0-9]' "$CONSOLE")" -eq 1 ]
	echo 'signal HUP' >&8
	eventually sh -c "[ \$(grep -c 'start worker process [0-9]' $CONSOLE) -eq 2 ]"
	eventually grep -q 'worker process .* exited with code 0' "$CONSOLE"
	[ "$(sed -n 's/.*start worker process \([0-9]*\).*/\1/p' "$CONSOLE" | sort -u | wc -l)" -eq 2 ]
	for _ in $(seq 10); do get "http://127.0.0.1:$PORT/1k.txt" | cmp - "$www/1k.txt"; done
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "master_process off works as well" {
	boot "$GENERATION" --arguments '-g "daemon off; master_process off;"'
	get "http://127.0.0.1:$PORT/" | cmp - "$www/index.html"
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "serves with 16 MB of memory" {
	boot "$GENERATION" --memory 16M
	seq -f "url = \"http://127.0.0.1:$PORT/1k.txt?%g\"" 50 >"$SCRATCH/config"
	get -K "$SCRATCH/config" >"$SCRATCH/bodies"
	[ "$(stat -c %s "$SCRATCH/bodies")" = $((50 * 1024)) ]
	run wrk -t1 -c8 -d2s --timeout 10s "http://127.0.0.1:$PORT/1k.txt"
	[[ $output == *'requests in'* ]]
	[[ $output != *'Socket errors'* ]]
	[[ $output != *'Non-2xx'* ]]
	get "http://127.0.0.1:$PORT/" | cmp - "$www/index.html"
	shut_down
	[ "$STATUS" -eq 0 ]
}

@test "the image keeps its size and its boot its time" {
	jq -e '.image.bytes <= 5000000 and .image.xz_bytes <= 1700000' "$GENERATION/manifest.json"
	boot "$GENERATION"
	shut_down
	ready=$(sed -n 's/^ready after \([0-9.]*\) s.*/\1/p' "$SCRATCH/run.err")
	echo "ready after $ready s"
	jq -en "$ready <= 2"
}

@test "init and nginx are the only programs in the image" {
	mkdir "$SCRATCH/root"
	bsdtar -xf "$OUT/nginx/build/initramfs.cpio" -C "$SCRATCH/root" --exclude 'dev/*'
	run sh -c "cd '$SCRATCH/root' && find . -type f -perm -u+x | sort"
	[ "$output" = $'./bin/nginx\n./init' ]
	run sh -c "cd '$SCRATCH/root' && find . -type f ! -perm -u+x | xargs file -b | grep -c ELF"
	[ "$output" = 0 ]
}

@test "no segment of init or nginx is writable and executable" {
	for program in init nginx; do
		run llvm-readelf-19 -lW "$GENERATION/$program.debug"
		[[ $output == *'R E'* ]]
		[[ $output != *RWE* ]]
	done
}

@test "make run: the port, the memory, ctrl-C, and its status" {
	PORT=$(free_port)
	setsid make --no-print-directory run APP=nginx O="$OUT" TOOLS="$TOOLS" PORT="$PORT" MEM=56M \
		</dev/null >"$SCRATCH/out" 2>"$SCRATCH/err" 3>&- &
	eventually grep -q "http://127.0.0.1:$PORT/   ctrl-C ends it" "$SCRATCH/err"
	pgrep -af "qemu.*-m 56M.*hostfwd=tcp:127.0.0.1:$PORT-"
	get "http://127.0.0.1:$PORT/" | cmp - "$www/index.html"
	run_pid=$(pgrep -f "tools/run .*--port $PORT")
	kill -INT "$run_pid"
	wait $!
	grep -q 'anneal: exit status 0' "$SCRATCH/out"
}
