# The report in a browser: what a reader does with it

load ../helpers
load ../report
load ../browser

setup_file() {
	SCRATCH=$BATS_FILE_TMPDIR
	export SCRATCH NO_BROWSER
	everything
	report >/dev/null
	NO_BROWSER=$(browser_missing)
	[ -z "$NO_BROWSER" ] || return 0
	open_browser
	export DRIVER DRIVER_PID SESSION
}

teardown_file() { close_browser; }

setup() {
	[ -z "$NO_BROWSER" ] || skip "$NO_BROWSER"
	PAGE=file://$SCRATCH/report.html
	scheme light
	screen 1200 900
	# the same file with another fragment would not be loaded anew
	visit about:blank
	visit "$PAGE"
}

fragment() { js 'decodeURIComponent(location.hash)'; }

address_has() { [[ $(js location.hash) == *"$1"* ]]; }

log_has() { console_log | grep -q "$1"; }

# How many elements, of those that are seen.
count() { js "[...document.querySelectorAll('$1')].filter((e) => e.getClientRects().length).length"; }

@test "browser: opens without an error, markup in names does nothing" {
	run console_log
	[ "$output" = "" ]
	[ "$(count '#treemap g[role=button]')" -ge 3 ]
	[ "$(count '#flamegraph g[role=button]')" -ge 6 ]
	[ "$(js 'document.images.length')" = 0 ]
	[ "$(js 'document.querySelectorAll("#flamegraph [aria-label^=\"<img src=x onerror=alert(1)>:\"]").length')" = 1 ]
}

@test "browser: what would be loaded from outside is refused by the page's policy" {
	js 'document.body.appendChild(Object.assign(document.createElement("img"), {src: "http://127.0.0.1:9/x.png"}))' >/dev/null
	eventually log_has 'Content Security Policy'
}

@test "browser: the treemap goes in by click and out by breadcrumb, and the address says where" {
	click '#treemap g[aria-label^="web:"]'
	[ "$(fragment)" = '"#size?tree=web"' ]
	[ "$(js 'document.querySelector("#treemap [aria-current]").textContent')" = '"web"' ]
	click '#treemap .path button'
	[ "$(fragment)" = '"#size"' ]
	browser POST back >/dev/null
	[ "$(js 'document.querySelector("#treemap [aria-current]").textContent')" = '"web"' ]
}

@test "browser: the treemap with the keyboard: arrows, Enter, Space, Escape; focus is seen" {
	js 'document.querySelector("#treemap g[tabindex=\"0\"]").focus()' >/dev/null
	first=$(js 'document.activeElement.getAttribute("aria-label")')
	press ArrowRight
	[ "$(js 'document.activeElement.getAttribute("aria-label")')" != "$first" ]
	second=$(js 'document.activeElement.getAttribute("aria-label")')
	press ArrowLeft
	[ "$(js 'document.activeElement.getAttribute("aria-label")')" != "$second" ]
	[ "$(js 'getComputedStyle(document.activeElement.firstChild).strokeWidth')" = '"3px"' ]
	press Enter
	[ "$(fragment)" != '""' ]
	[ "$(js 'document.activeElement.closest("#treemap") !== null')" = true ]
	press Escape
	[ "$(fragment)" = '"#size"' ]
	press ' '
	[[ $(fragment) == '"#size?tree='* ]]
}

@test "browser: the flame graph zooms by click and by keyboard, Escape goes back" {
	click '#flamegraph g[aria-label^="loop:"]'
	[[ $(fragment) == '"#flame?frame='*'~loop"' ]]
	[ "$(js 'Math.abs(document.activeElement.getBBox().width - document.getElementById("flamegraph").clientWidth) < 3')" = true ]
	press ArrowDown
	[[ $(js 'document.activeElement.getAttribute("aria-label")') == '"read:'* ]]
	press ArrowUp
	press Escape
	[[ $(fragment) == *'~main"' ]]
	press ArrowDown
	press Enter
	[[ $(fragment) != *'~main"' ]]
	browser POST back >/dev/null
	[[ $(fragment) == *'~main"' ]]
	[[ $(js 'document.querySelector("#flamegraph g[tabindex=\"0\"]").getAttribute("aria-label")') == '"main:'* ]]
}

@test "browser: searching the flame graph says what share it is; a bad expression is plain text" {
	type_into '#flamegraph input' 'loop|parse'
	[ "$(js 'document.querySelectorAll("#flamegraph .match").length')" = 2 ]
	[[ $(js 'document.querySelector("#flamegraph .found").textContent') == '"matched 91.7 % in 2 frames"' ]]
	eventually address_has find=loop
	type_into '#flamegraph input' '['
	[[ $(js 'document.querySelector("#flamegraph .found").textContent') == *' in 0 frames"' ]]
	run console_log
	[ "$output" = "" ]
}

@test "browser: a search says at least, if frames were left out of the page" {
	cp -a "$SCRATCH/out" "$BATS_TEST_TMPDIR/out"
	# the page keeps 10,000
	{
		echo 'web;main;leaf 60000'
		echo 'web;main;other 30000'
		seq 10500 | sed 's/.*/web;main;leaf& 1/'
	} >"$BATS_TEST_TMPDIR/out/web/1/bench.folded"
	"$TOOLS/report" --out "$BATS_TEST_TMPDIR/out" --app web --output "$BATS_TEST_TMPDIR/report.html"
	visit "file://$BATS_TEST_TMPDIR/report.html"
	type_into '#flamegraph input' 'leaf'
	[[ $(js 'document.querySelector("#flamegraph .found").textContent') == '"matched at least '*' % in '*' frames"' ]]
}

@test "browser: both directions of the comparison" {
	[ "$(js '[...document.querySelectorAll("#flamegraph option")].length')" = 3 ]
	js '(() => { const s = document.querySelector("#flamegraph select"); s.value = "before"; s.dispatchEvent(new Event("change")); })()' >/dev/null
	[[ $(fragment) == *stacks=before* ]]
	# parse doubled, so the others' shares shrank
	[ "$(js 'document.querySelector("#flamegraph g[aria-label^=\"parse:\"] rect").className.baseVal.startsWith("up")')" = true ]
	[ "$(js 'document.querySelector("#flamegraph g[aria-label^=\"loop:\"] rect").className.baseVal.startsWith("down")')" = true ]
	[[ $(js 'document.querySelector("#flamegraph g[aria-label^=\"parse:\"]").getAttribute("aria-label")') == *'in generation 0'*'in 1 (+'* ]]
}

@test "browser: tables sort by button and search, and a link brings the view back" {
	click '#hot th:nth-child(1) button'
	[ "$(js 'document.querySelector("#hot th").getAttribute("aria-sort")')" = '"ascending"' ]
	[ "$(js 'document.querySelector("#hot tbody td").textContent')" = '"<img src=x onerror=alert(1)>"' ]
	js 'document.querySelector("#hot th:nth-child(4) button").focus()' >/dev/null
	press Enter
	[ "$(js 'document.querySelector("#hot th:nth-child(4)").getAttribute("aria-sort")')" = '"descending"' ]
	[ "$(js 'document.querySelector("#hot tbody td").textContent')" = '"tcp_ack"' ]
	type_into 'input[data-table=hot]' parse
	[ "$(count '#hot tbody tr')" = 1 ]
	eventually address_has hot-find=parse
	link=$(js 'location.href' | jq -r .)
	visit about:blank
	visit "$link"
	[ "$(count '#hot tbody tr')" = 1 ]
	[ "$(js 'document.querySelector("#hot th:nth-child(4)").getAttribute("aria-sort")')" = '"descending"' ]
	[ "$(js 'document.querySelector("input[data-table=hot]").value')" = '"parse"' ]
}

@test "browser: a link into treemap and flame graph opens them there" {
	visit about:blank
	visit "$PAGE#size?tree=web&frame=0.0~main&find=loop"
	[ "$(js 'document.querySelector("#treemap [aria-current]").textContent')" = '"web"' ]
	[ "$(js 'document.querySelectorAll("#flamegraph .match").length')" = 1 ]
	[[ $(js 'document.querySelector("#flamegraph g[tabindex=\"0\"]").getAttribute("aria-label")') == '"main:'* ]]
	visit about:blank
	visit "$PAGE#size?tree=%FF/nowhere&frame=9.9.9~x&hot=99z"
	[ "$(js 'document.querySelector("#treemap [aria-current]").textContent')" = '"image"' ]
	run console_log
	[ "$output" = "" ]
}

@test "browser: the first Tab shows the link that skips to the content" {
	press Tab
	[ "$(js 'document.activeElement.className')" = '"skip"' ]
	[ "$(js 'document.activeElement.getBoundingClientRect().left >= 0')" = true ]
	press Enter
	[ "$(js 'document.activeElement.id')" = '"main"' ]
}

@test "browser: everything that is used can be reached, and has a name" {
	[ "$(js '[...document.querySelectorAll("button, input, select, [role=button], [role=region]")].filter((e) =>
		!(e.textContent.trim() || e.getAttribute("aria-label") || (e.labels && e.labels.length))).length')" = 0 ]
	# one stop of the Tab key in each graph
	[ "$(js 'document.querySelectorAll("#treemap g[tabindex=\"0\"]").length')" = 1 ]
	[ "$(js 'document.querySelectorAll("#flamegraph g[tabindex=\"0\"]").length')" = 1 ]
}

@test "browser: on a phone nothing sticks out of the page" {
	for width in 390 320; do
		screen $width 800 true
		visit about:blank
		visit "$PAGE"
		[ "$(js 'document.scrollingElement.scrollWidth <= innerWidth')" = true ]
		[ "$(js 'document.getElementById("treemap").getBoundingClientRect().right <= innerWidth')" = true ]
	done
}

@test "browser: light and dark follow the system, and text is readable on both" {
	light=$(js 'getComputedStyle(document.body).backgroundColor')
	screenshot "$SCRATCH/light.png"
	scheme dark
	[ "$(js 'getComputedStyle(document.body).backgroundColor')" != "$light" ]
	screenshot "$SCRATCH/dark.png"
	! cmp -s "$SCRATCH/light.png" "$SCRATCH/dark.png" || false
	# contrast of WCAG 2: text, soft text, links, good and bad, on paper
	for one in light dark; do
		scheme $one
		js '(() => {
			const probe = document.createElement("span");
			document.body.append(probe);
			const luminance = (name) => {
				probe.style.color = "var(--" + name + ")";
				const c = getComputedStyle(probe).color.match(/\d+/g).slice(0, 3).map((v) => v / 255)
					.map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
				return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
			};
			const contrast = (a, b) => {
				const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
				return (x + 0.05) / (y + 0.05);
			};
			const low = [];
			for (const text of ["ink", "soft", "accent", "good", "bad"])
				for (const ground of text === "ink" ? ["paper", "panel", "kernel", "libc", "app", "other", "found", "grew3", "shrank3"] : ["paper"])
					if (contrast(text, ground) < 4.5) low.push(text + " on " + ground + " " + contrast(text, ground).toFixed(2));
			probe.remove();
			return low.join(", ");
		})()' >"$SCRATCH/low"
		cat "$SCRATCH/low"
		[ "$(cat "$SCRATCH/low")" = '""' ]
	done
}

# Layout shifts since the page was opened.
shifts() {
	js 'new Promise((done) => {
		let n = 0;
		new PerformanceObserver((list) => { n += list.getEntries().length; }).observe({type: "layout-shift", buffered: true});
		setTimeout(() => done(n), 500);
	})'
}

@test "browser: nothing moves while it loads" {
	[ "$(shifts)" = 0 ]
	# the same question sees one that is made
	js 'new Promise((done) => { document.body.prepend(Object.assign(document.createElement("div"), {innerHTML: "<br>".repeat(9)})); setTimeout(done, 300, 1); })' >/dev/null
	[ "$(shifts)" != 0 ]
}

@test "browser: prints, with everything open and no controls" {
	HOME=$SCRATCH timeout 120 chromium --headless=new --no-sandbox --disable-gpu --no-pdf-header-footer \
		--user-data-dir="$SCRATCH/printing" --print-to-pdf="$SCRATCH/report.pdf" "$PAGE" >"$SCRATCH/print.log" 2>&1
	[ "$(head -c 5 "$SCRATCH/report.pdf")" = %PDF- ]
	[ "$(grep -ac '/Type /Page$' "$SCRATCH/report.pdf")" -ge 3 ]
	cdp Emulation.setEmulatedMedia '{"media": "print"}' >/dev/null
	js 'dispatchEvent(new Event("beforeprint"))' >/dev/null
	[ "$(js 'document.querySelectorAll("details:not([open])").length')" = 0 ]
	[ "$(count '.controls, nav, .find')" = 0 ]
	[ "$(js 'getComputedStyle(document.body).backgroundColor')" = '"rgb(255, 255, 255)"' ]
	js 'dispatchEvent(new Event("afterprint"))' >/dev/null
	[ "$(js 'document.querySelectorAll("details[open]").length')" = 0 ]
	cdp Emulation.setEmulatedMedia '{"media": ""}' >/dev/null
}

@test "browser: without JavaScript the text and the tables are there, and what is missing is said" {
	cdp Emulation.setScriptExecutionDisabled '{"value": true}' >/dev/null
	visit about:blank
	visit "$PAGE"
	notice=$(style_of noscript display)
	graph=$(style_of '#treemap' display)
	table=$(style_of '#hot tbody tr' visibility)
	search=$(style_of .find display)
	cdp Emulation.setScriptExecutionDisabled '{"value": false}' >/dev/null
	echo "$notice $graph $table $search"
	[ "$notice $graph $table $search" = 'inline none visible none' ]
}
