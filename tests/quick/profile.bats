# What is wrong with PROFILE=, LOAD= and IDS= is said before anything is built or booted

load ../helpers

setup() { scratch; }
teardown() { discard_scratch; }

# make with outputs of the test's own
goal() {
	run mk "$@" O="$SCRATCH/out" TOOLS="$TOOLS"
	echo "$output"
}

choose() {
	"$TOOLS/profile-store" --out "$SCRATCH/out" --app nginx --output "$SCRATCH/chosen.json" choose "$@"
}

@test "a load that is not there is named, with those that are" {
	goal profile APP=nginx LOAD=none-such
	[ "$status" -eq 2 ]
	[[ $output == *"error: nginx has no load 'none-such'; there are: "*train* ]]
	goal profile APP=nginx LOAD=
	[ "$status" -eq 2 ]
	[[ $output == *"error: nginx has no load ''; there are: "*train* ]]
	[ ! -e "$SCRATCH/out" ]
}

@test "no image, no profile of it" {
	goal profile APP=nginx
	[ "$status" -eq 2 ]
	[[ $output == *"error: there is no image of 'nginx'"*'make image APP=nginx'* ]]
	# one sentence, not one for each tool that needs it
	[ "$(grep -c '^error' <<<"$output")" -eq 1 ]
	[ ! -e "$SCRATCH/out" ]
}

@test "profiles says so when there are none, and how to get one" {
	goal profiles APP=nginx
	[ "$status" -eq 2 ]
	[[ $output == *'there is no profile of nginx yet'*'make profile APP=nginx'* ]]
	goal profile-compare APP=nginx IDS='aa bb'
	[ "$status" -eq 2 ]
	[[ $output == *"error: 'nginx' has no profile 'aa'"*'make profiles APP=nginx'* ]]
	goal profile-merge APP=nginx
	[ "$status" -eq 2 ]
	[[ $output == *'name two profiles or more'* ]]
}

@test "PROFILE= with an id that is not there stops make image at once" {
	goal image APP=nginx PROFILE=ffff
	[ "$status" -eq 2 ]
	[[ $output == *"'nginx' has no profile 'ffff'"*'make profiles APP=nginx'* ]]
	[[ $output != *capsule* ]]
	[ ! -e "$SCRATCH/out/nginx/build/chosen.json" ]
	goal image APP=nginx PROFILE=
	[ "$status" -eq 2 ]
	[[ $output == *"'nginx' has no profile ''"* ]]
}

@test "auto without a profile is none; the choice is written once" {
	run choose auto
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	jq -e '. == {schema: 1, id: null, units: {}}' "$SCRATCH/chosen.json"
	touch -d 2001-01-01 "$SCRATCH/chosen.json"
	choose none
	[ "$(date -r "$SCRATCH/chosen.json" +%Y)" -eq 2001 ]
}

@test "a failed choice leaves the earlier one alone" {
	choose none
	cp "$SCRATCH/chosen.json" "$SCRATCH/before"
	for word in ffff '' ../x FFFF; do
		run choose "$word"
		[ "$status" -eq 2 ]
		[[ $output == *"'nginx' has no profile '$word'"* ]]
	done
	for words in '' 'none auto'; do
		# shellcheck disable=SC2086
		run choose $words
		[ "$status" -eq 2 ]
		[[ $output == *'name one id, auto or none'* ]]
	done
	cmp "$SCRATCH/chosen.json" "$SCRATCH/before"
	run "$TOOLS/profile-store" --out "$SCRATCH/out" --app nginx choose auto
	[ "$status" -eq 2 ]
	[[ $output == *'name a file with --output'* ]]
}

@test "a damaged profile is told and not used" {
	mkdir -p "$SCRATCH/out/nginx/profiles/0123456789ab"
	echo '{"schema": 1, "id": "0123456789ab", "accepted": true, "files": {}, "units": {"nginx": {}}}' \
		>"$SCRATCH/out/nginx/profiles/0123456789ab/profile.json"
	run choose auto
	[ "$status" -eq 0 ]
	[[ $output == *'warning: profile 0123456789ab is damaged and not used: '* ]]
	jq -e '.id == null' "$SCRATCH/chosen.json"
	run choose 0123
	[ "$status" -eq 2 ]
	[[ $output == *'profile 0123456789ab is damaged and cannot be used'* ]]
}
