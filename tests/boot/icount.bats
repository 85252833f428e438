# Requests from inside the guest: figures that are the same each time. GENERATION=DIR in the environment:
# that one, nothing is built.

load ../helpers

setup_file() {
	[ -n "${GENERATION:-}" ] || mk image APP=nginx O="$OUT" TOOLS="$TOOLS" >&2
}
setup() {
	scratch
	GENERATION=${GENERATION:-$OUT/nginx/latest}
}
teardown() { discard_scratch; }

icount() {
	"$TOOLS/icount" --generation "$GENERATION" "$@"
}

loads=recipes/nginx/loads

# A load of some requests for what follows.
load_of() {
	printf 'requests 20\nkeep-alive 1000\n%s\n' "$1" >"$SCRATCH/load"
}

# The same image with another line in its image.spec.
altered() {
	mkdir "$SCRATCH/generation"
	ln -s "$(realpath "$GENERATION")"/* "$SCRATCH/generation"
	rm "$SCRATCH/generation/image.spec"
	sed "s|^$1 .*|$1 $2|" "$GENERATION/image.spec" >"$SCRATCH/generation/image.spec"
	if cmp -s "$GENERATION/image.spec" "$SCRATCH/generation/image.spec"; then return 1; fi
	GENERATION=$SCRATCH/generation
}

because() {
	run icount --load "$SCRATCH/load"
	[ "$status" -eq 1 ]
	[ "$(jq -r .reason <<<"$output")" = "$1" ]
}

@test "two measurements at once on a busy machine are the same to the byte" {
	icount --load $loads/judge.load --requests 300 --output "$SCRATCH/alone.json"
	(while :; do :; done) &
	burner=$!
	icount --load $loads/judge.load --requests 300 --output "$SCRATCH/one.json" &
	one=$!
	icount --load $loads/judge.load --requests 300 --output "$SCRATCH/two.json"
	wait $one
	kill $burner
	cmp "$SCRATCH/alone.json" "$SCRATCH/one.json"
	cmp "$SCRATCH/alone.json" "$SCRATCH/two.json"
	jq -e '.requests == 300 and (.sha256 | test("^[0-9a-f]{64}$"))' "$SCRATCH/one.json"
}

@test "figures of kernel and app, and what they come to" {
	icount --load $loads/get1k.load --requests 300 --output "$SCRATCH/r.json"
	jq -e '.latency_ns | .p50 > 0 and .p50 <= .p90 and .p90 <= .p99' "$SCRATCH/r.json"
	jq -e '[.by[].name] == ["kernel", "app", "other"]' "$SCRATCH/r.json"
	jq -e '.per_request.instructions as $sum | [.by[].instructions] | add - $sum | fabs < 0.001' \
		"$SCRATCH/r.json"
	jq -e '.by[] | select(.name != "other") | .instructions > 5000 and .instructions < 60000 and
		.taken_branches > 500 and .l1i_misses > 100 and .l1d_misses > 100' "$SCRATCH/r.json"
	# what a request costs does not depend on how many there are
	icount --load $loads/get1k.load --requests 600 --output "$SCRATCH/s.json"
	jq -e -s '.[0].per_request.instructions / .[1].per_request.instructions | . > 0.99 and . < 1.01' \
		"$SCRATCH/r.json" "$SCRATCH/s.json"
	# time is at least eight nanoseconds an instruction
	jq -e '.latency_ns.p50 > 7 * .per_request.instructions' "$SCRATCH/r.json"
}

@test "all loads of the recipe get the answers they expect, also with several requests under way" {
	icount --load $loads/train.load --requests 200
	sed 's/^connections .*/connections 6\nin-flight 4/' $loads/judge.load >"$SCRATCH/load"
	icount --load "$SCRATCH/load" --requests 200
}

@test "another server is not the same" {
	load_of 'request 1 GET /1k.txt 200 bytes 1024'
	icount --load "$SCRATCH/load" --output "$SCRATCH/r.json"
	altered command '/bin/nginx -g "daemon off; master_process off;"'
	icount --load "$SCRATCH/load" --output "$SCRATCH/s.json"
	[ "$(jq -r .sha256 "$SCRATCH/r.json")" != "$(jq -r .sha256 "$SCRATCH/s.json")" ]
}

@test "an answer that is not what the load expects: no figures" {
	load_of 'request 1 GET /1k.txt 404'
	because 'an answer is not what the load expects: request 1, GET /1k.txt, line 3 of the load: another status; status 200, 1024 bytes'
	load_of 'request 1 GET /100k.txt 200 bytes 102401 header "Accept-Encoding: gzip"'
	run icount --load "$SCRATCH/load"
	[ "$status" -eq 1 ]
	[[ $(jq -r .reason <<<"$output") == *'another length; status 200, '* ]]
}

@test "an app that ends: the reason" {
	load_of 'request 1 GET /1k.txt 200'
	altered command '/bin/nginx -v'
	because 'the client in the guest says: the app ended with exit status 0'
}

@test "an app that does not listen: the reason" {
	load_of 'request 1 GET /1k.txt 200'
	altered ready http:81/
	because 'the client in the guest says: the app does not take connections'
}

@test "a program that the image does not have: the reason" {
	load_of 'request 1 GET /1k.txt 200'
	altered command /bin/none
	because "the client in the guest says: cannot run '/bin/none'"
}

@test "a guest that does not end in time is ended" {
	run icount --load $loads/train.load --requests 50000 --timeout 1
	[ "$status" -eq 1 ]
	[ "$(jq -r .reason <<<"$output")" = 'the guest did not end within 1 s; nothing was recorded' ]
}
