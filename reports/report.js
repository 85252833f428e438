"use strict";
/*
 * The page's script: tables that sort and search, the treemap, the flame graph. What is seen
 * (zoom, search, order) is in the address behind #, "#size?tree=vmlinux/net&hot=2d". Names come from
 * files: they are set as text, never as markup.
 */
(function () {
const SVG = document.getElementById("svg").namespaceURI;
const byId = (id) => document.getElementById(id);
const whole = (n) => Math.round(n).toLocaleString("en");
const percent = (share) => (100 * share).toFixed(share < 0.01 ? 3 : 1) + " %";
const signed = (share) => (share > 0 ? "+" : "") + (100 * share).toFixed(3) + " percentage points";

function data(id) {
	const element = byId(id);
	return element ? JSON.parse(element.textContent) : null;
}

function make(parent, name, attributes, text) {
	const element = parent.namespaceURI === SVG || name === "svg" ?
		document.createElementNS(SVG, name) : document.createElement(name);
	for (const key in attributes)
		element.setAttribute(key, attributes[key]);
	if (text !== undefined)
		element.textContent = text;
	parent.appendChild(element);
	return element;
}

/* The state, as key and value, in the address. */
const state = new Map();
const restorers = [];

function readAddress() {
	const hash = location.hash.slice(1), mark = hash.indexOf("?");
	state.clear();
	if (mark >= 0)
		for (const [key, value] of new URLSearchParams(hash.slice(mark + 1)))
			state.set(key, value);
	return mark >= 0 ? hash.slice(0, mark) : hash;
}

function address(section) {
	const query = new URLSearchParams([...state]).toString();
	return "#" + section + (query ? "?" + query : "");
}

/* A step that "back" undoes, or (typing) one that takes the place of the last. */
function remember(section, key, value, isStep) {
	if ((state.get(key) || "") === value)
		return;
	if (value)
		state.set(key, value);
	else
		state.delete(key);
	try {
		if (isStep)
			history.pushState(null, "", address(section));
		else
			history.replaceState(null, "", address(section));
	} catch (error) {
		/* a browser that counts changes refuses some; the view is right all the same */
	}
}

function restoreAll() {
	const place = byId(readAddress());
	for (const restore of restorers)
		restore();
	if (place)
		place.scrollIntoView();
}

/* Links inside the page keep the state. */
function links() {
	for (const link of document.querySelectorAll('a[href^="#"]'))
		link.addEventListener("click", (event) => {
			const id = link.getAttribute("href").slice(1), place = byId(id);
			event.preventDefault();
			history.pushState(null, "", address(id));
			place.scrollIntoView();
			if (!place.hasAttribute("tabindex"))
				place.setAttribute("tabindex", "-1");
			place.focus({ preventScroll: true });
		});
}

/*
 * Tables
 */
function cellKey(row, column) {
	const text = row.cells[column] ? row.cells[column].textContent.trim() : "";
	const number = parseFloat(text.replace(/,/g, "").replace("\u2212", "-"));
	return { text, number };
}

function sortTable(table, column, descending) {
	const body = table.tBodies[0], numbers = table.tHead.rows[0].cells[column].classList.contains("n");
	const rows = [...body.rows].map((row) => ({ row, at: row.at, ...cellKey(row, column) }));
	rows.sort((a, b) => {
		let order;
		if (!numbers)
			order = a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
		else if (isNaN(a.number) || isNaN(b.number))
			return isNaN(a.number) - isNaN(b.number) || a.at - b.at;
		else
			order = a.number - b.number;
		return (descending ? -order : order) || a.at - b.at;
	});
	for (const cell of table.tHead.rows[0].cells)
		cell.removeAttribute("aria-sort");
	table.tHead.rows[0].cells[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
	body.append(...rows.map((entry) => entry.row));
}

function unsort(table) {
	for (const cell of table.tHead.rows[0].cells)
		cell.removeAttribute("aria-sort");
	table.tBodies[0].append(...[...table.tBodies[0].rows].sort((a, b) => a.at - b.at));
}

function sortable(table, section) {
	const heads = [...table.tHead.rows[0].cells];
	[...table.tBodies[0].rows].forEach((row, i) => { row.at = i; });
	heads.forEach((head, column) => {
		const button = document.createElement("button");
		button.type = "button";
		button.textContent = head.textContent;
		head.textContent = "";
		head.appendChild(button);
		button.addEventListener("click", () => {
			const now = head.getAttribute("aria-sort");
			const descending = now ? now === "ascending" : head.classList.contains("n");
			sortTable(table, column, descending);
			remember(section, table.id, column + (descending ? "d" : "a"), false);
		});
	});
	restorers.push(() => {
		const [, column, way] = /^(\d+)([ad])$/.exec(state.get(table.id) || "") || [];
		if (column < heads.length)
			sortTable(table, Number(column), way === "d");
		else if (heads.some((head) => head.hasAttribute("aria-sort")))
			unsort(table);
	});
}

function searchable(input, section) {
	const table = byId(input.dataset.table), box = input.closest(".find"), key = table.id + "-find";
	const found = box.querySelector(".found"), rows = [...table.tBodies[0].rows];
	const texts = rows.map((row) => row.textContent.toLowerCase());
	let timer = 0;
	function apply() {
		const words = input.value.toLowerCase();
		let n = 0;
		rows.forEach((row, i) => {
			row.hidden = !texts[i].includes(words);
			n += !row.hidden;
		});
		found.textContent = words ? whole(n) + " of " + whole(rows.length) : whole(rows.length) + " rows";
	}
	box.hidden = false;
	input.addEventListener("input", () => {
		apply();
		clearTimeout(timer);
		timer = setTimeout(() => remember(section, key, input.value, false), 200);
	});
	restorers.push(() => {
		input.value = state.get(key) || "";
		apply();
	});
}

function tables() {
	for (const table of document.querySelectorAll("table"))
		sortable(table, table.closest("section").id);
	for (const input of document.querySelectorAll("input[data-table]"))
		searchable(input, input.closest("section").id);
}

/* Everything is open on paper. */
function printing() {
	let closed = [];
	addEventListener("beforeprint", () => {
		closed = [...document.querySelectorAll("details:not([open])")];
		for (const one of closed)
			one.open = true;
	});
	addEventListener("afterprint", () => {
		for (const one of closed)
			one.open = false;
	});
}

/*
 * What both graphs share: rectangles that are focused one at a time, moved between with arrow
 * keys, a line that says what is under pointer or focus, drawn again when the width changes.
 */
function fitted(text, width) {
	const most = Math.floor((width - 6) / 6.5);
	if (most < 3)
		return "";
	return text.length <= most ? text : text.slice(0, most - 1) + "\u2026";
}

function graph(root, label, widget) {
	let current = null, groups = new Map(), had = 0;
	const frame = make(root, "div", { class: "picture" });
	const picture = make(frame, "svg", { role: "group", "aria-label": label });
	const detail = make(frame, "p", { class: "detail", "aria-live": "polite" });

	function draw() {
		const focused = picture.contains(document.activeElement);
		const width = Math.max(root.clientWidth, 200);
		groups = new Map();
		picture.textContent = "";
		const height = widget.draw(picture, width, (node, g) => {
			groups.set(node, g);
			g.node = node;
			g.setAttribute("tabindex", "-1");
			g.setAttribute("role", "button");
			g.setAttribute("aria-label", widget.describe(node));
		});
		picture.setAttribute("viewBox", "0 0 " + width + " " + height);
		had = width;
		if (!groups.has(current))
			current = groups.keys().next().value;
		if (current) {
			groups.get(current).setAttribute("tabindex", "0");
			detail.textContent = widget.describe(current);
			if (focused)
				groups.get(current).focus({ preventScroll: true });
		}
	}
	function point(node, focus) {
		if (!groups.has(node))
			return;
		if (groups.has(current))
			groups.get(current).setAttribute("tabindex", "-1");
		current = node;
		groups.get(node).setAttribute("tabindex", "0");
		detail.textContent = widget.describe(node);
		if (focus)
			groups.get(node).focus({ preventScroll: false });
	}
	const under = (event) => {
		const g = event.target.closest("g[role=button]");
		return g && g.node;
	};
	picture.addEventListener("pointerover", (event) => {
		const node = under(event);
		if (node)
			detail.textContent = widget.describe(node);
	});
	picture.addEventListener("focusin", (event) => under(event) && point(under(event), false));
	picture.addEventListener("click", (event) => {
		const node = under(event);
		if (!node)
			return;
		point(node, true);
		widget.enter(node);
	});
	picture.addEventListener("keydown", (event) => {
		if (event.ctrlKey || event.altKey || event.metaKey || !current)
			return;
		if (event.key === "Enter" || event.key === " ")
			widget.enter(current);
		else if (event.key === "Escape")
			widget.leave();
		else if (event.key.startsWith("Arrow"))
			point(widget.move(current, event.key.slice(5), groups), true);
		else
			return;
		event.preventDefault();
	});
	new ResizeObserver(() => {
		if (root.clientWidth && root.clientWidth !== had)
			draw();
	}).observe(root);
	return { draw, choose: (node) => { current = node; } };
}

/*
 * Treemap: squarified (Bruls, Huizing, van Wijk 2000), two levels at a time
 */
function squarify(children, box, place) {
	let rest = children.filter((c) => c.bytes > 0), { x, y, w, h } = box;
	let left = rest.reduce((sum, c) => sum + c.bytes, 0);
	const scale = left ? (w * h) / left : 0;
	while (rest.length && w > 0 && h > 0) {
		const side = Math.min(w, h);
		let row = 0, sum = 0, worst = Infinity;
		while (row < rest.length) {
			const next = sum + rest[row].bytes, area = next * scale;
			const most = rest[0].bytes * scale, least = rest[row].bytes * scale;
			const ratio = Math.max((side * side * most) / (area * area), (area * area) / (side * side * least));
			if (ratio > worst)
				break;
			worst = ratio;
			sum = next;
			row++;
		}
		const thick = (sum * scale) / side;
		let along = 0;
		for (const c of rest.slice(0, row)) {
			const length = (c.bytes / sum) * side;
			if (w >= h)
				place(c, { x, y: y + along, w: thick, h: length });
			else
				place(c, { x: x + along, y, w: length, h: thick });
			along += length;
		}
		if (w >= h) {
			x += thick;
			w -= thick;
		} else {
			y += thick;
			h -= thick;
		}
		rest = rest.slice(row);
	}
}

function sizeNode(array, parent, dropped) {
	const node = { name: array[0], parent, dropped, bytes: 0, children: null, count: 0, reason: 0 };
	if (Array.isArray(array[1])) {
		node.children = array[1].map((child) => sizeNode(child, node, dropped));
		node.bytes = node.children.reduce((sum, child) => sum + child.bytes, 0);
	} else {
		node.bytes = array[1];
		node.count = array[2] || 0;
		node.reason = array[3] || 0;
	}
	return node;
}

const sizeName = (node) => node.name || whole(node.count) + " smaller";

function sizePath(node) {
	const names = [];
	for (; node && node.parent; node = node.parent)
		names.unshift(sizeName(node));
	return names;
}

function sizeAt(node, path) {
	for (const name of path)
		node = node && node.children && node.children.find((child) => child.name === name && child.children);
	return node || null;
}

function treemap() {
	const root = byId("treemap"), json = data("size-data");
	if (!root || !json)
		return;
	const trees = [sizeNode(json.kept, null, false)];
	if (json.dropped)
		trees.push(sizeNode(json.dropped, null, true));
	let path = [];
	const crumbs = make(root, "p", { class: "path", "aria-label": "Where the treemap is" });
	const kind = (node) => {
		const unit = sizePath(node)[0];
		return unit === "vmlinux" ? "k" : unit === "init" ? "o" : "a";
	};

	/* A directory with one directory in it is passed through. */
	function settle(names, step) {
		for (;;) {
			const nodes = trees.map((tree) => sizeAt(tree, names)).filter(Boolean);
			const only = nodes.length && nodes[0].children.length === 1 && nodes[0].children[0];
			const alone = only && only.children && nodes.every((node) => node.children.length === 1 &&
				node.children[0].name === only.name);
			if (!alone || (step < 0 && !names.length))
				return names;
			names = step < 0 ? names.slice(0, -1) : [...names, only.name];
		}
	}
	function show(names, isStep) {
		/* who goes out stands where he was */
		const left = trees.map((tree) => sizeAt(tree, path.slice(0, names.length + 1))).find(Boolean);
		path = names;
		view.choose(left);
		if (isStep)
			remember("size", "tree", names.map(encodeURIComponent).join("/"), true);
		crumbs.textContent = "";
		["image", ...names].forEach((name, i, all) => {
			if (i)
				make(crumbs, "span", { "aria-hidden": "true" }, "/");
			const button = make(crumbs, "button", { type: "button" }, name);
			if (i === all.length - 1)
				button.setAttribute("aria-current", "location");
			else
				button.addEventListener("click", () => show(names.slice(0, i), true));
		});
		view.draw();
	}
	function cell(parent, node, box, level, register) {
		if (box.w < 1.5 || box.h < 1.5)
			return;
		const g = level === 1 ? make(parent, "g", {}) : parent;
		const shape = { x: box.x.toFixed(1), y: box.y.toFixed(1), width: box.w.toFixed(1), height: box.h.toFixed(1) };
		make(g, "rect", { ...shape, class: level === 1 ? kind(node) : "inner" });
		if (node.dropped && level === 1)
			make(g, "rect", { ...shape, class: "dropped" });
		if (level === 1)
			register(node, g);
		const title = level === 1 && node.children && box.w > 30 && box.h > 30;
		const text = box.h > 14 ? fitted(sizeName(node), box.w * (title ? 0.93 : 1)) : "";
		if (title)
			squarify(node.children, { x: box.x + 2, y: box.y + 17, w: box.w - 4, h: box.h - 19 },
				(child, inside) => cell(g, child, inside, 2, register));
		if (text)
			make(g, "text", { x: (box.x + 4).toFixed(1), y: (box.y + 13).toFixed(1),
				class: (title ? "title" : "") + (node.dropped ? " halo" : "") }, text);
	}
	const view = graph(root, "Treemap of sizes. Arrow keys move, Enter goes in, Escape goes out.", {
		draw(picture, width, register) {
			const nodes = trees.map((tree) => sizeAt(tree, path)).filter((node) => node && node.bytes);
			const height = Math.round(Math.min(Math.max(width * 0.6, 360), 600));
			const all = nodes.reduce((sum, node) => sum + node.bytes, 0), wide = width > height;
			const HEAD = 16, gap = nodes.length > 1 ? 8 : 0;
			const room = wide ? width - gap : height - gap - HEAD * nodes.length;
			let at = 0;
			for (const node of nodes) {
				const length = room * (node.bytes / all);
				const box = wide ? { x: at, y: HEAD, w: length, h: height - HEAD } : { x: 0, y: at + HEAD, w: width, h: length };
				const head = fitted(node.dropped ? "dropped, about " + whole(node.bytes) + " bytes" : "in the image, " + whole(node.bytes) + " bytes", box.w);
				make(picture, "text", { x: box.x.toFixed(1), y: (box.y - 5).toFixed(1) }, head);
				squarify(node.children, box, (child, inside) => cell(picture, child, inside, 1, register));
				at += length + gap + (wide ? 0 : HEAD);
			}
			return height;
		},
		describe(node) {
			const share = node.bytes / trees[0].bytes, words = [sizePath(node).join("/")];
			words.push(node.dropped ? "dropped, about " + whole(node.bytes) + " bytes (estimated)" :
				whole(node.bytes) + " bytes, " + percent(share) + " of the image");
			if (node.reason && json.reasons[node.reason - 1])
				words.push("gone with " + json.reasons[node.reason - 1]);
			return words.join(": ");
		},
		enter(node) {
			if (node.children)
				show(settle(sizePath(node), 1), true);
		},
		leave() {
			if (path.length)
				show(settle(path.slice(0, -1), -1), true);
		},
		move(node, way, groups) {
			return nearest(node, way, groups);
		},
	});
	root.hidden = false;
	restorers.push(() => {
		const names = (state.get("tree") || "").split("/").filter(Boolean).map(decode);
		while (names.length && !trees.some((tree) => sizeAt(tree, names)))
			names.pop();
		show(names, false);
	});
}

function decode(text) {
	try {
		return decodeURIComponent(text);
	} catch (error) {
		return text;
	}
}

/* The rectangle whose middle is nearest in that direction. */
function nearest(node, way, groups) {
	const middle = (g) => {
		const box = g.firstChild.getBBox();
		return [box.x + box.width / 2, box.y + box.height / 2];
	};
	const [x, y] = middle(groups.get(node));
	let best = node, least = Infinity;
	for (const [other, g] of groups) {
		const [ox, oy] = middle(g), dx = ox - x, dy = oy - y;
		const ahead = { Left: -dx, Right: dx, Up: -dy, Down: dy }[way];
		const aside = way === "Left" || way === "Right" ? Math.abs(dy) : Math.abs(dx);
		if (ahead > 1 && ahead + 2 * aside < least) {
			least = ahead + 2 * aside;
			best = other;
		}
	}
	return best;
}

/*
 * Flame graph, the root on top
 */
function flameNode(array, parent, depth, graph) {
	const node = { name: graph.names[array[0]], kind: graph.kinds[array[0]], now: array[1], before: array[2], parent, depth };
	node.children = (array[3] || []).map((child) => flameNode(child, node, depth + 1, graph));
	return node;
}

function flamegraph() {
	const root = byId("flamegraph"), json = data("flame-data");
	if (!root || !json)
		return;
	const graph_ = json.graph, tree = flameNode(graph_.root, null, 0, graph_);
	const differs = graph_.before_total > 0;
	const all = [];
	(function collect(node) {
		all.push(node);
		node.children.forEach(collect);
	})(tree);
	const shareNow = (node) => node.now / graph_.total;
	const shareBefore = (node) => (differs ? node.before / graph_.before_total : 0);
	const change = (node) => shareNow(node) - shareBefore(node);
	const most = all.reduce((high, node) => Math.max(high, Math.abs(change(node))), 0);
	const views = [["kind", "generation " + json.to + ", coloured by kind of code"]];
	if (differs)
		views.push(["now", "generation " + json.to + ", coloured by change from " + json.from],
			["before", "generation " + json.from + ", coloured by change to " + json.to]);
	let zoom = tree, way = "kind", query = "", matches = null, timer = 0;
	const old = () => way === "before";
	const count = (node) => (old() ? node.before : node.now);

	const controls = make(root, "p", { class: "controls" });
	const select = make(make(controls, "label", {}, "show "), "select", {});
	for (const [value, text] of views)
		make(select, "option", { value }, text);
	const input = make(make(controls, "label", {}, "search "), "input", { type: "search", autocomplete: "off", spellcheck: "false",
		"aria-label": "search frames, a regular expression" });
	const reset = make(controls, "button", { type: "button" }, "whole picture");
	const found = make(controls, "span", { class: "found", role: "status" });
	const legend = make(root, "p", { class: "note" });

	const ordinals = (node) => (node.parent ? [...ordinals(node.parent), node.parent.children.indexOf(node)] : []);
	/* "0.2.1~name": a file made anew may have another frame there, which is not gone to */
	const flamePath = (node) => (node.parent ? ordinals(node).join(".") + "~" + node.name.slice(0, 60) : "");
	function atPath(text) {
		const mark = text.indexOf("~");
		let node = tree;
		for (const i of mark > 0 ? text.slice(0, mark).split(".") : [])
			node = node && node.children[Number(i)];
		return node && node.name.slice(0, 60) === text.slice(mark + 1) ? node : tree;
	}
	function colour(node) {
		if (matches && matches.has(node))
			return "match";
		if (way === "kind" || !most)
			return node.kind;
		const step = Math.round(3 * Math.sqrt(Math.abs(change(node)) / most));
		return step ? (change(node) > 0 ? "up" : "down") + step : "o";
	}
	/* Frames that were left out cannot be found. */
	const canBeMore = () => graph_.cut_stacks > 0 || (old() ? graph_.pruned.before_count : graph_.pruned.count) > 0;
	function search() {
		let pattern = null, share = 0;
		if (query)
			try {
				pattern = new RegExp(query, "i");
			} catch (error) {
				pattern = new RegExp(query.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
			}
		matches = pattern && new Set(all.filter((node) => node.parent && pattern.test(node.name)));
		if (matches)
			(function outermost(node) {
				if (matches.has(node))
					share += count(node) / count(tree);
				else
					node.children.forEach(outermost);
			})(tree);
		found.textContent = matches ? "matched " + (canBeMore() && share < 1 ? "at least " : "") + percent(share) + " in " + whole(matches.size) + " frames" : "";
	}
	function words() {
		legend.textContent = way === "kind" ?
			"Blue: kernel. Green: C library. Sand: app and its libraries. Grey: not known." :
			"Red: its share of all instructions grew from generation " + json.from + " to " + json.to + ". Blue: it shrank. " +
			"Shares are compared, each of its own total. Widths are those of generation " + (old() ? json.from : json.to) +
			(old() ? "; what only " + json.to + " has is not seen here." : "; what vanished is not seen here: show generation " + json.from + ".");
	}
	function show(node, isStep) {
		zoom = count(node) ? node : tree;
		if (isStep)
			remember("flame", "frame", flamePath(zoom), true);
		view.choose(zoom);
		view.draw();
	}
	const ROW = 19;
	const view = graph(root, "Flame graph. Arrow keys move, Enter zooms, Escape goes back.", {
		draw(picture, width, register) {
			let deepest = 0;
			function frame(node, x, w) {
				if (w < 0.8)
					return;
				const g = make(picture, "g", zoom !== node && isAbove(node, zoom) ? { class: "faded" } : {});
				make(g, "rect", { x: x.toFixed(2), y: node.depth * ROW, width: w.toFixed(2), height: ROW - 1, class: colour(node) });
				const text = fitted(node.name, w);
				if (text)
					make(g, "text", { x: (x + 3).toFixed(1), y: node.depth * ROW + 13 }, text);
				register(node, g);
				deepest = Math.max(deepest, node.depth);
				if (zoom !== node && isAbove(node, zoom)) {
					frame(node.children.find((child) => child === zoom || isAbove(child, zoom)), 0, width);
					return;
				}
				let at = x;
				for (const child of node.children) {
					const part = w * (count(child) / count(node));
					frame(child, at, part);
					at += part;
				}
			}
			frame(tree, 0, width);
			return (deepest + 1) * ROW;
		},
		describe(node) {
			const text = [node.name + ": " + percent(count(node) / (count(tree) || 1)) + ", " + whole(count(node)) + " instructions"];
			if (differs && node.parent)
				text.push(percent(shareBefore(node)) + " in generation " + json.from + ", " + percent(shareNow(node)) +
					" in " + json.to + " (" + signed(change(node)) + ")");
			return text.join("; ");
		},
		enter(node) {
			show(node, true);
		},
		leave() {
			if (zoom !== tree)
				show(zoom.parent, true);
			else if (query) {
				input.value = query = "";
				remember("flame", "find", "", false);
				search();
				view.draw();
			}
		},
		move(node, direction, groups) {
			if (direction === "Up")
				return node.parent || node;
			if (direction === "Down")
				return node.children.filter((child) => groups.has(child))
					.reduce((wide, child) => (!wide || count(child) > count(wide) ? child : wide), null) || node;
			return nearest(node, direction, new Map([...groups].filter(([other]) => other.depth === node.depth)));
		},
	});
	function isAbove(node, other) {
		for (let n = other.parent; n; n = n.parent)
			if (n === node)
				return true;
		return false;
	}
	select.addEventListener("change", () => {
		way = select.value;
		remember("flame", "stacks", way === "kind" ? "" : way, true);
		search();
		words();
		show(zoom, false);
	});
	input.addEventListener("input", () => {
		query = input.value;
		search();
		view.draw();
		clearTimeout(timer);
		timer = setTimeout(() => remember("flame", "find", query, false), 200);
	});
	reset.addEventListener("click", () => show(tree, true));
	root.hidden = false;
	restorers.push(() => {
		way = views.some(([value]) => value === state.get("stacks")) ? state.get("stacks") : "kind";
		select.value = way;
		input.value = query = state.get("find") || "";
		search();
		words();
		show(atPath(state.get("frame") || ""), false);
	});
}

try {
	links();
	tables();
	printing();
	treemap();
	flamegraph();
	restoreAll();
	addEventListener("popstate", restoreAll);
} finally {
	byId("main").classList.add("ready");
}
})();
