"use strict";
// Zoom, search and keyboard of a flame graph; without it the picture and its tooltips remain.
// Frames stand in the file as a tree is walked: a frame, then all above it.
(function () {
	const svg = document.documentElement;
	const byId = (id) => document.getElementById(id);
	const frameHeight = 16, characterWidth = 7.23, side = 10;
	const drawnWidth = svg.viewBox.baseVal.width - 2 * side;
	const height = svg.viewBox.baseVal.height;
	const detail = byId("detail"), matched = byId("matched"), input = byId("search");
	const lines = Array.from(document.querySelectorAll("text.line"));
	// What is not in the file cannot be found.
	const incomplete = "leftOut" in matched.dataset || "cutStacks" in matched.dataset;
	let zoomed = 0, current = 0, pattern = null;

	const frames = Array.from(document.querySelectorAll(".frame"), (g) => {
		const rect = g.querySelector("rect"), title = g.querySelector("title").textContent;
		return {
			g, rect, title, text: g.querySelector("text"),
			name: title.slice(0, title.lastIndexOf(" (")),
			x: (rect.x.baseVal.value - side) / drawnWidth,
			width: rect.width.baseVal.value / drawnWidth,
			y: rect.y.baseVal.value, depth: 0, parent: -1, end: 0, found: false,
		};
	});
	const path = [];
	frames.forEach((f, i) => {
		f.depth = Math.round((frames[0].y - f.y) / frameHeight);
		path.length = f.depth;
		f.parent = f.depth ? path[f.depth - 1] : -1;
		path[f.depth] = i;
		f.end = i + 1;
		for (let above = f.parent; above >= 0; above = frames[above].parent)
			frames[above].end = i + 1;
		f.g.setAttribute("role", "button");
		f.g.setAttribute("tabindex", i ? "-1" : "0");
	});

	function shortened(name, pixels) {
		const room = Math.floor((pixels - 4) / characterWidth), all = Array.from(name);
		if (room < 3)
			return "";
		return all.length <= room ? name : all.slice(0, room - 1).join("") + "\u2026";
	}

	function place(f, x, width) {
		const label = shortened(f.name, width);
		f.rect.setAttribute("x", x.toFixed(2));
		f.rect.setAttribute("width", Math.max(width, 0).toFixed(2));
		if (!f.text && label) {
			f.text = document.createElementNS(svg.namespaceURI, "text");
			f.text.setAttribute("y", f.y + 12);
			f.g.appendChild(f.text);
		}
		if (f.text) {
			f.text.setAttribute("x", (x + 3).toFixed(2));
			f.text.textContent = label;
		}
	}

	// What holds the zoomed frame is as wide as the window; what is neither below nor above is hidden.
	function layout() {
		// without what a scroll bar takes
		svg.setAttribute("width", "100%");
		const window_width = Math.max(Math.floor(svg.getBoundingClientRect().width), 300);
		const all = window_width - 2 * side, z = frames[zoomed];
		svg.setAttribute("viewBox", "0 0 " + window_width + " " + height);
		for (const line of lines)
			line.textContent = shortened(line.dataset.text, window_width - side);
		frames.forEach((f, i) => {
			const holds = i < zoomed && f.end >= z.end;
			const inside = i >= zoomed && i < z.end;
			const width = inside ? f.width / z.width * all : all;
			f.shown = holds || (inside && width >= 0.1);
			f.g.classList.toggle("hidden", !f.shown);
			f.g.classList.toggle("dim", holds);
			if (f.shown)
				place(f, side + (inside ? (f.x - z.x) / z.width * all : 0), width);
		});
		byId("reset").disabled = !zoomed && !pattern;
		tell(current);
	}

	function tell(i) {
		detail.textContent = shortened(frames[i].title, svg.viewBox.baseVal.width - side);
	}

	// One frame is reached by the Tab key; the arrow keys go on from there.
	function select(i, focus) {
		frames[current].g.setAttribute("tabindex", "-1");
		current = i;
		frames[i].g.setAttribute("tabindex", "0");
		if (focus)
			frames[i].g.focus();
		tell(i);
	}

	function zoom(i) {
		zoomed = i;
		layout();
		mark();
	}

	// The share counts a frame once, however often the pattern is found above it.
	function mark() {
		const z = frames[zoomed];
		let sum = 0, until = 0;
		frames.forEach((f, i) => {
			f.found = pattern !== null && i > 0 && pattern.test(f.name);
			f.g.classList.toggle("found", f.found);
			if (f.found && i >= until && i >= zoomed && i < z.end) {
				sum += f.width;
				until = f.end;
			} else if (f.found && i < zoomed && f.end >= z.end) {
				sum = z.width;
				until = z.end;
			}
		});
		const least = incomplete && sum < z.width ? "at least " : "";
		matched.textContent = pattern ? "matched " + least + (100 * sum / z.width).toFixed(2) + " %" : "";
		byId("reset").disabled = !zoomed && !pattern;
	}

	function search(text) {
		try {
			pattern = text ? new RegExp(text, /[A-Z]/.test(text) ? "" : "i") : null;
			mark();
		} catch (error) {
			pattern = null;
			mark();
			matched.textContent = "no regular expression";
		}
	}

	function reset() {
		input.value = "";
		pattern = null;
		zoom(0);
	}

	// The next shown frame of the same height to the left or right.
	function beside(step) {
		for (let i = current + step; i >= 0 && i < frames.length; i += step)
			if (frames[i].shown && frames[i].depth === frames[current].depth)
				return i;
		return current;
	}

	// The widest one above it.
	function above() {
		let best = current;
		for (let i = current + 1; i < frames[current].end; i++)
			if (frames[i].parent === current && frames[i].shown &&
			    (best === current || frames[i].width > frames[best].width))
				best = i;
		return best;
	}

	const keys = {
		ArrowUp: () => select(above(), true),
		ArrowDown: () => select(Math.max(frames[current].parent, 0), true),
		ArrowLeft: () => select(beside(-1), true),
		ArrowRight: () => select(beside(1), true),
		Home: () => select(zoomed, true),
		Enter: () => zoom(current),
		" ": () => zoom(current),
	};

	svg.addEventListener("keydown", (event) => {
		const typing = event.target === input, find = event.ctrlKey || event.metaKey;
		if (event.key === "Escape") {
			reset();
			select(0, true);
		} else if (!typing && ((event.key === "/" && !find) || (event.key === "f" && find))) {
			input.focus();
			input.select();
		} else if (event.target.closest(".frame") && keys[event.key] && !find) {
			keys[event.key]();
		} else {
			return;
		}
		event.preventDefault();
	});
	input.addEventListener("input", () => search(input.value));
	byId("reset").addEventListener("click", reset);
	frames.forEach((f, i) => {
		f.g.addEventListener("click", () => {
			select(i, true);
			zoom(i);
		});
		f.g.addEventListener("focus", () => tell(i));
		f.g.addEventListener("mouseover", () => tell(i));
		f.g.addEventListener("mouseout", () => tell(current));
	});
	window.addEventListener("resize", layout);
	for (const part of document.querySelectorAll(".script"))
		part.classList.remove("script");
	layout();
})();
