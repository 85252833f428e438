# A flame graph in a browser: what its search says

load ../helpers
load ../browser

setup_file() {
	SCRATCH=$BATS_FILE_TMPDIR
	export SCRATCH NO_BROWSER
	NO_BROWSER=$(browser_missing)
	[ -z "$NO_BROWSER" ] || return 0
	open_browser
	export DRIVER DRIVER_PID SESSION
}

teardown_file() { close_browser; }

setup() { [ -z "$NO_BROWSER" ] || skip "$NO_BROWSER"; }

# Draw the stacks of standard input and open them.
draw() {
	cat >"$SCRATCH/x.folded"
	"$TOOLS/flamegraph" --output "$SCRATCH/x.svg" "$SCRATCH/x.folded"
	visit about:blank
	visit "file://$SCRATCH/x.svg"
}

# Search for $1; what is said.
search() {
	js "(() => { const input = document.getElementById('search'); input.value = '$1'; input.dispatchEvent(new Event('input'));
		return document.getElementById('matched').textContent; })()"
}

@test "browser: a search of a flame graph says the share, at least, if frames are left out" {
	printf 'main;read 25\nmain;write 75\n' | draw
	[ "$(search read)" = '"matched 25.00 %"' ]
	[ "$(search '')" = '""' ]
	# 10,000 frames below a tenth of a pixel
	{
		seq 10000 | sed 's/.*/main;read& 1/'
		echo 'main;read 20000'
		echo 'main;write 70000'
	} | draw
	[ "$(search read)" = '"matched at least 20.00 %"' ]
	# nothing is missing from all
	[ "$(search main)" = '"matched 100.00 %"' ]
	[ "$(search nothing)" = '"matched at least 0.00 %"' ]
	run console_log
	[ "$output" = "" ]
}
