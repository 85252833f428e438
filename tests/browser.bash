# A browser for tests: headless Chromium, driven over WebDriver with curl and jq.
# shellcheck disable=SC2034 # for the tests

# Why there is no browser, or nothing.
browser_missing() {
	local program
	for program in chromium chromedriver curl jq; do
		command -v "$program" >/dev/null || {
			echo "there is no $program: make setup-browser installs it"
			return
		}
	done
}

# Starts it; $SCRATCH is its home. Sets DRIVER, SESSION.
open_browser() {
	local port
	port=$(free_port)
	HOME=$SCRATCH chromedriver --port="$port" >"$SCRATCH/driver.log" 2>&1 3>&- &
	DRIVER_PID=$!
	DRIVER=http://127.0.0.1:$port
	for _ in $(seq 100); do
		curl -sf "$DRIVER/status" >/dev/null && break
		sleep 0.1
	done
	SESSION=
	SESSION=$(jq -n --arg profile "$SCRATCH/profile" '{capabilities: {alwaysMatch: {browserName: "chrome",
		"goog:loggingPrefs": {browser: "ALL"},
		"goog:chromeOptions": {args: ["--headless=new", "--no-sandbox", "--disable-gpu",
			"--disable-dev-shm-usage", "--hide-scrollbars", "--user-data-dir=\($profile)"]}}}}' |
		curl -sS "$DRIVER/session" -d @- | jq -er .value.sessionId) || {
		cat "$SCRATCH/driver.log"
		return 1
	}
}

close_browser() {
	[ -z "${SESSION:-}" ] || curl -s -X DELETE "$DRIVER/session/$SESSION" >/dev/null || true
	[ -z "${DRIVER_PID:-}" ] || kill "$DRIVER_PID" 2>/dev/null || true
}

# browser METHOD PATH [JSON]: the answer's value, as JSON; fails if the driver says it is an error.
browser() {
	local answer
	if [ "$1" = GET ]; then
		answer=$(curl -sS "$DRIVER/session/$SESSION/$2")
	else
		answer=$(curl -sS -X "$1" "$DRIVER/session/$SESSION/$2" -d "${3:-{\}}")
	fi
	jq -e '.value | type == "object" and has("error") | not' <<<"$answer" >/dev/null || {
		jq -c '.value | {error, message}' <<<"$answer" | head -c 2000 >&2
		return 1
	}
	jq -c .value <<<"$answer"
}

visit() { browser POST url "$(jq -n --arg url "$1" '{url: $url}')" >/dev/null; }

# The value of a JavaScript expression, as JSON.
js() { browser POST execute/sync "$(jq -n --arg script "return ($1);" '{script: $script, args: []}')"; }

# The computed value of a CSS property, asked without JavaScript.
style_of() {
	local node
	cdp DOM.enable >/dev/null
	cdp CSS.enable >/dev/null
	node=$(cdp DOM.getDocument | jq .root.nodeId)
	node=$(cdp DOM.querySelector "$(jq -n --argjson node "$node" --arg s "$1" '{nodeId: $node, selector: $s}')" | jq .nodeId)
	cdp CSS.getComputedStyleForNode "{\"nodeId\": $node}" |
		jq -r --arg name "$2" '.computedStyle[] | select(.name == $name) | .value'
}

# A command of the browser's own protocol.
cdp() { browser POST goog/cdp/execute "{\"cmd\": \"$1\", \"params\": ${2:-{\}}}"; }

# Press one key: "Enter", "Escape", "ArrowRight", "Tab", " " or a character.
press() {
	local key=$1
	case $key in
	Enter) key='\uE007' ;;
	Escape) key='\uE00C' ;;
	Tab) key='\uE004' ;;
	ArrowLeft) key='\uE012' ;;
	ArrowUp) key='\uE013' ;;
	ArrowRight) key='\uE014' ;;
	ArrowDown) key='\uE015' ;;
	esac
	browser POST actions '{"actions": [{"type": "key", "id": "keyboard", "actions": [
		{"type": "keyDown", "value": "'"$key"'"}, {"type": "keyUp", "value": "'"$key"'"}]}]}' >/dev/null
}

# Click in the middle of what a CSS selector finds, as a pointer does.
click() {
	local box
	js "document.querySelector($(jq -n --arg s "$1" '$s')).scrollIntoView({block: 'center'})" >/dev/null
	box=$(js "(() => { const b = document.querySelector($(jq -n --arg s "$1" '$s')).getBoundingClientRect();
		return {x: Math.round(b.x + b.width / 2), y: Math.round(b.y + Math.min(b.height / 2, 8))}; })()")
	browser POST actions "$(jq -n --argjson at "$box" '{actions: [{type: "pointer", id: "mouse", actions: [
		{type: "pointerMove", x: $at.x, y: $at.y}, {type: "pointerDown", button: 0},
		{type: "pointerUp", button: 0}]}]}')" >/dev/null
}

type_into() {
	local element
	element=$(browser POST element "$(jq -n --arg s "$1" '{using: "css selector", value: $s}')" | jq -r '.[]')
	browser POST "element/$element/value" "$(jq -n --arg text "$2" '{text: $text}')" >/dev/null
}

# A screen of this width and height; a phone's does not grow with the page.
screen() {
	cdp Emulation.setDeviceMetricsOverride \
		"{\"width\": $1, \"height\": $2, \"deviceScaleFactor\": 1, \"mobile\": ${3:-false}}" >/dev/null
}

# light or dark
scheme() {
	cdp Emulation.setEmulatedMedia \
		"{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"$1\"}]}" >/dev/null
}

# What is on the screen, as PNG.
screenshot() { browser GET screenshot | jq -r . | base64 -d >"$1"; }

# Errors and warnings of the console since the last time.
console_log() {
	browser POST se/log '{"type": "browser"}' | jq -r '.[] | "\(.level): \(.message)"'
}
