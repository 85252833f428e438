# What a user types first

load ../helpers

setup() { scratch; }
teardown() { discard_scratch; }

@test "make alone prints help, grouped, with the apps" {
	run mk
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == 'usage: make GOAL APP=name'*'apps are '*nginx* ]]
	[[ $output == *'  image: '* ]]
	[[ $output == *'  doctor: '* ]]
}

# Not for users: steps of another goal, and a word of the help text.
internal='usage known-app known-malloc known-features known-shake known-audit known-load spec-directory specs build-image build-tools check-capsules build-capsules capsules tools unit known-method known-bench-load known-peers known-profile ours-profiled flamegraph-trace flamegraph-sample known-file gate'

@test "every goal of help has a rule, and every rule for users is in help" {
	goals=$(mk help | sed -n 's/^  \([a-z-]*\):.*/\1/p' | sort)
	rules=$(sed -n 's/^\([a-z][a-z-]*\):\($\| .*\)/\1/p' pipeline.mk [!r]*/*.mk reports/*.mk | sort -u)
	[ "$(echo "$goals" | wc -l)" -ge 15 ]
	[ "$goals" = "$(echo "$rules" | grep -vxF "${internal// /$'\n'}")" ]
}

@test "an unknown app is an error that names the nearest and lists the known" {
	run mk image APP=ngnix
	[ "$status" -ne 0 ]
	[[ $output == *"error: there is no app 'ngnix'"* ]]
	[[ $output == *"did you mean 'nginx'?"* ]]
}

@test "no app at all is an error that lists them" {
	run mk image
	[ "$status" -ne 0 ]
	[[ $output == *'error: which app?'* ]]
	[[ $output == *nginx* ]]
}

@test "a library is not an app" {
	run mk image APP=zlib
	[ "$status" -ne 0 ]
	[[ $output == *"there is no app 'zlib'"* ]]
}

@test "list shows every recipe with its first line" {
	run mk list
	[ "$status" -eq 0 ]
	[[ $output == *nginx*app*'static files'* ]]
	[[ $output == *musl-oldmalloc*library* ]]
}

@test "doctor names tools with versions, the accelerator and why" {
	run mk doctor
	[ "$status" -eq 0 ]
	[[ $output == *clang-19*ok*'version 19'* ]]
	[[ $output =~ accelerator\ +(kvm|tcg)\ +.+ ]]
	[[ $output == *'branch records'* ]]
	[[ $output == *'Gi free'* ]]
}

@test "doctor fails when something that a build needs is missing" {
	mkdir "$SCRATCH/bin"
	for program in sh head; do ln -s "$(command -v $program)" "$SCRATCH/bin/"; done
	run env PATH="$SCRATCH/bin" "$TOOLS/doctor" "$SCRATCH" "$SCRATCH"
	[ "$status" -eq 1 ]
	[[ $output == *clang-19*missing*"make setup"* ]]
}

@test "doctor installs nothing and says what is missing" {
	cp -r pipeline packages.txt "$SCRATCH/"
	echo 'no-such-package-for-anneal  to be missing' >>"$SCRATCH/packages.txt"
	run "$SCRATCH/pipeline/setup.sh" --check
	[ "$status" -eq 1 ]
	[[ $output == *missing*no-such-package-for-anneal*'make setup'* ]]
}

@test "a machine, a port and an allocator that do not exist are named" {
	run mk image APP=nginx MACHINE=vax
	[ "$status" -ne 0 ]
	[[ $output == *"there is no machine 'vax'; there are: microvm"* ]]
	run "$TOOLS/run" --image x --spec y --port abc
	[ "$status" -eq 2 ]
	[[ $output == *"'abc' is not a port"*'1 to 65535'* ]]
	mkdir -p "$SCRATCH/recipes/m"
	printf '# m - a test\nM_SOURCE = m\nM_LICENSE = MIT\nM_MALLOC = hoard\nM_BUILD = m\nM_PROGRAMS = m\nM_COMMAND = /m\nM_READY = tcp:1\n$(eval $(call recipe,m))\n' \
		>"$SCRATCH/recipes/m/m.mk"
	run mk source APP=m RECIPES="$SCRATCH/recipes" O="$SCRATCH/out" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *hoard*'there are: musl oldmalloc mimalloc'* ]]
}

@test "generations says so when there are none" {
	run mk generations O="$SCRATCH/out" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *'there is no image yet'*'make image APP='* ]]
}

@test "info of an app without an image says how to get one" {
	run "$TOOLS/generations" --out "$SCRATCH" --app nginx info
	[ "$status" -eq 2 ]
	[[ $output == *'make image APP=nginx'* ]]
}

@test "no colour when stderr is not a terminal" {
	run mk doctor
	[[ $output != *$'\e['* ]]
	run env COLOR=always TERM=xterm make --no-print-directory doctor
	[[ $output == *$'\e['* ]]
	run env COLOR=always NO_COLOR=1 COLOR=never TERM=xterm make --no-print-directory doctor
	[[ $output != *$'\e['* ]]
}

@test "a user who is not root is told the command and nothing is installed" {
	[ "$(id -u)" = 0 ] || skip "needs root to become another user"
	cp -r pipeline packages.txt "$SCRATCH/"
	echo 'no-such-package-for-anneal  to be missing' >>"$SCRATCH/packages.txt"
	chmod -R a+rX "$SCRATCH"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$SCRATCH/pipeline/setup.sh"
	[ "$status" -eq 2 ]
	[[ $output == *'only root can install'* ]]
	[[ $output == *'sudo apt-get update && sudo apt-get install'*no-such-package-for-anneal* ]]
}

@test "the browser is a list of its own, which make setup leaves alone" {
	cp -r pipeline packages.txt packages-browser.txt "$SCRATCH/"
	echo 'no-such-browser-for-anneal  to be missing' >>"$SCRATCH/packages-browser.txt"
	run "$SCRATCH/pipeline/setup.sh" --check packages-browser.txt
	[ "$status" -eq 1 ]
	[[ $output == *missing*no-such-browser-for-anneal* ]]
	run "$SCRATCH/pipeline/setup.sh" --check
	[[ $output != *browser* ]]
}

@test "the project names no host of a package registry and no host's path" {
	run git grep -nIE '[a-z]+\.(debian|npmjs)\.(org|com)' -- . ':!tests/quick/goals.bats'
	[ "$status" -eq 1 ]
}
