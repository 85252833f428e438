/* SPDX-License-Identifier: MIT */
#include "scriptline.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* Columns that perf gives an address, with a blank in front, and a period; a process has fewer. */
enum { ADDRESS_COLUMNS = 17, PERIOD_COLUMNS = 10, MOST_WORDS = 64, MOST_PID_DIGITS = 7 };

struct word {
	const char *at, *end;
	size_t gap; /* columns from the end of the one before to this one's end */
};

struct words {
	struct word v[MOST_WORDS];
	size_t n;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A number at *at, which is moved behind it. False without a digit, and above 64 bits. */
static bool take_number(const char **at, const char *end, unsigned int base, uint64_t *value)
{
	const char *start = *at;

	*value = 0;
	for (; *at < end; (*at)++) {
		int digit = hex_digit(**at);

		if (digit < 0 || (unsigned int)digit >= base)
			break;
		if (__builtin_mul_overflow(*value, (uint64_t)base, value) ||
		    __builtin_add_overflow(*value, (uint64_t)digit, value))
			return false;
	}
	return *at > start;
}

/* `literal` at *at, which is moved behind it. */
static bool take(const char **at, const char *end, const char *literal)
{
	size_t length = strlen(literal);

	if ((size_t)(end - *at) < length || memcmp(*at, literal, length))
		return false;
	*at += length;
	return true;
}

static void skip_blanks(const char **at, const char *end)
{
	while (*at < end && is_blank(**at))
		(*at)++;
}

/* A process or thread: -1 is the kernel. */
static bool take_pid(const char **at, const char *end, int32_t *pid)
{
	bool negative = take(at, end, "-");
	uint64_t value;

	if (!take_number(at, end, 10, &value) || value > INT32_MAX)
		return false;
	*pid = negative ? -(int32_t)value : (int32_t)value;
	return true;
}

/* PID or PID/TID, the whole word. */
static bool is_process(const struct word *w, int32_t *pid, int32_t *tid)
{
	const char *at = w->at;

	if (!take_pid(&at, w->end, pid))
		return false;
	if (at == w->end) {
		*tid = -1;
		return true;
	}
	return take(&at, w->end, "/") && take_pid(&at, w->end, tid) && at == w->end;
}

static bool is_number(const struct word *w, unsigned int base, uint64_t *value)
{
	const char *at = w->at;

	return take_number(&at, w->end, base, value) && at == w->end;
}

/* An address, by its looks and by the columns it has. */
static bool is_address(const struct word *w, uint64_t *value)
{
	return is_number(w, 16, value) && w->gap >= ADDRESS_COLUMNS;
}

static bool is_cpu(const struct word *w)
{
	return w->end - w->at > 2 && *w->at == '[' && w->end[-1] == ']' && w->at[1] >= '0' &&
	       w->at[1] <= '9';
}

/* SECONDS.FRACTION: */
static bool is_time(const struct word *w)
{
	const char *at = w->at;
	uint64_t part;

	return take_number(&at, w->end, 10, &part) && take(&at, w->end, ".") &&
	       take_number(&at, w->end, 10, &part) && take(&at, w->end, ":") && at == w->end;
}

/* The words of the line, up to the first branch or a thousand of a symbol's. */
static void split(struct words *words, const char *text, const char *end)
{
	const char *before = text;

	words->n = 0;
	for (const char *at = text; words->n < MOST_WORDS;) {
		struct word w;

		skip_blanks(&at, end);
		if (at == end)
			return;
		w.at = at;
		while (at < end && !is_blank(*at))
			at++;
		w.end = at;
		w.gap = (size_t)(at - before);
		before = at;
		if (w.end - w.at > 2 && w.at[0] == '0' && w.at[1] == 'x' &&
		    memchr(w.at, '/', (size_t)(w.end - w.at)))
			return; /* what follows are branches */
		words->v[words->n++] = w;
	}
}

/*
 * FROM or TO: an address, perhaps with a (DSO) behind it, which may hold anything but a ")/".
 */
static bool take_branch_end(const char **at, const char *end, uint64_t *address)
{
	if (!take(at, end, "0x") || !take_number(at, end, 16, address))
		return false;
	if (*at < end && **at == '(') {
		while (*at < end && !(**at == ')' && *at + 1 < end && (*at)[1] == '/'))
			(*at)++;
		if (*at == end)
			return false;
		(*at)++;
	}
	return take(at, end, "/");
}

/* One branch; *at is moved behind it. */
static bool take_branch(const char **at, const char *end, struct perf_branch *b)
{
	*b = (struct perf_branch){ 0 };
	if (!take_branch_end(at, end, &b->from) || !take_branch_end(at, end, &b->to))
		return false;
	b->mispredicted = *at < end && **at == 'M';
	b->predicted = *at < end && **at == 'P';
	for (unsigned int field = 0; *at < end && !is_blank(**at); (*at)++) {
		field += **at == '/';
		if (field == 2 && **at == 'A')
			b->aborted = true;
	}
	return true;
}

/* All branches of the line, wherever they begin. */
static void take_branches(struct scriptline *l, const char *text, const char *end)
{
	for (const char *at = text; at < end && l->branch_count < SCRIPTLINE_MOST_BRANCHES;) {
		const char *word;
		struct perf_branch b;

		skip_blanks(&at, end);
		word = at;
		if (take_branch(&at, end, &b)) {
			if (!l->branches)
				l->branches =
					xcalloc(SCRIPTLINE_MOST_BRANCHES, sizeof(*l->branches));
			l->branches[l->branch_count++] = b;
			continue;
		}
		at = word;
		while (at < end && !is_blank(*at))
			at++;
	}
}

static bool find_in(const char **at, const char *end, const char *what)
{
	const char *found = memmem(*at, (size_t)(end - *at), what, strlen(what));

	if (found)
		*at = found + strlen(what);
	return found;
}

/* The rest of the line, as the line's own copy. */
static const char *copy_rest(struct scriptline *l, const char *at, const char *end)
{
	while (end > at && is_blank(end[-1]))
		end--;
	free(l->file);
	l->file = xstrndup(at, (size_t)(end - at));
	return l->file;
}

/* <HEX>, an even number of digits */
static bool take_build_id(struct scriptline *l, const char **at, const char *end)
{
	size_t n = 0;

	if (!take(at, end, "<"))
		return false;
	while (end - *at >= 2 && n < sizeof(l->build_id) && hex_digit((*at)[0]) >= 0 &&
	       hex_digit((*at)[1]) >= 0) {
		l->build_id[n++] = (uint8_t)(hex_digit((*at)[0]) << 4 | hex_digit((*at)[1]));
		*at += 2;
	}
	if (!n || !take(at, end, ">"))
		return false;
	l->mapping.build_id = l->build_id;
	l->mapping.build_id_bytes = n;
	return true;
}

/* Behind PERF_RECORD_MMAP or MMAP2. */
static bool take_mapping(struct scriptline *l, const char *at, const char *end)
{
	struct perf_mapping *m = &l->mapping;
	int32_t tid;

	*m = (struct perf_mapping){ 0 };
	skip_blanks(&at, end);
	if (!take_pid(&at, end, &m->pid) || !take(&at, end, "/") || !take_pid(&at, end, &tid) ||
	    !take(&at, end, ": [0x") || !take_number(&at, end, 16, &m->start) ||
	    !take(&at, end, "(") || (take(&at, end, "0x"), false) ||
	    !take_number(&at, end, 16, &m->bytes) || !take(&at, end, ") @ ") ||
	    (take(&at, end, "0x"), false) || !take_number(&at, end, 16, &m->offset))
		return false;
	take(&at, end, " ");
	take_build_id(l, &at, end);
	if (!find_in(&at, end, "]: "))
		return false;
	for (; at < end && !is_blank(*at); at++)
		m->executable |= *at == 'x';
	take(&at, end, " ");
	m->file = copy_rest(l, at, end);
	m->mode = !strncmp(m->file, "[guest", 6)   ? PERF_MODE_GUEST_KERNEL
		  : m->pid == -1 || m->start >> 63 ? PERF_MODE_KERNEL
						   : PERF_MODE_USER;
	m->executable |= m->mode != PERF_MODE_USER; /* perf gives no protection of these */
	return true;
}

/* "(PID:TID):(PARENT:...)" */
static enum scriptline_kind take_fork(struct scriptline *l, const char *at, const char *end)
{
	int32_t tid;

	if (!take(&at, end, "(") || !take_pid(&at, end, &l->pid) || !take(&at, end, ":") ||
	    !take_pid(&at, end, &tid) || !take(&at, end, "):(") || !take_pid(&at, end, &l->parent))
		return SCRIPTLINE_UNKNOWN;
	return l->pid == l->parent ? SCRIPTLINE_OTHER : SCRIPTLINE_FORK;
}

/* " exec: NAME:PID/TID"; the name may hold anything */
static enum scriptline_kind take_exec(struct scriptline *l, const char *at, const char *end)
{
	const char *colon = memrchr(at, ':', (size_t)(end - at));
	const char *number;

	if (!take(&at, end, " exec: "))
		return SCRIPTLINE_OTHER;
	if (!colon || colon < at)
		return SCRIPTLINE_UNKNOWN;
	number = colon + 1;
	if (!take_pid(&number, end, &l->pid))
		return SCRIPTLINE_UNKNOWN;
	copy_rest(l, at, colon);
	return SCRIPTLINE_EXEC;
}

/* What is behind PERF_RECORD_. */
static enum scriptline_kind take_record(struct scriptline *l, const char *at, const char *end)
{
	if (take(&at, end, "MMAP2") || take(&at, end, "MMAP"))
		return take_mapping(l, at, end) ? SCRIPTLINE_MAPPING : SCRIPTLINE_UNKNOWN;
	if (take(&at, end, "FORK"))
		return take_fork(l, at, end);
	if (take(&at, end, "COMM"))
		return take_exec(l, at, end);
	if (take(&at, end, "THROTTLE"))
		return SCRIPTLINE_THROTTLE;
	if (take(&at, end, "LOST_SAMPLES") || take(&at, end, "LOST"))
		return find_in(&at, end, "lost ") && take_number(&at, end, 10, &l->count)
			       ? SCRIPTLINE_LOST
			       : SCRIPTLINE_UNKNOWN;
	return SCRIPTLINE_OTHER;
}

/* The word that names the event: ends with a colon, has an address or nothing behind it. */
static size_t find_event(const struct words *w, size_t first)
{
	size_t found = SIZE_MAX;
	uint64_t value;

	for (size_t i = first; i < w->n; i++) {
		if (w->v[i].end[-1] != ':' || w->v[i].end - w->v[i].at == 1)
			continue;
		if (i + 1 == w->n || is_address(&w->v[i + 1], &value))
			return i;
		if (found == SIZE_MAX && is_number(&w->v[i + 1], 16, &value))
			found = i;
	}
	return found;
}

/*
 * Who, and for how many events, in the words before `end`: the process stands before processor
 * and time, or is the last number; the period is behind it, and padded to more columns.
 */
static void take_head(struct scriptline *l, const struct words *w, size_t end)
{
	size_t who = SIZE_MAX, behind = 0;

	for (size_t i = 0; i < end; i++)
		if (is_cpu(&w->v[i]) || is_time(&w->v[i])) {
			if (who == SIZE_MAX && i)
				who = i - 1;
			behind = i + 1;
		}
	if (end > behind && is_number(&w->v[end - 1], 10, &l->period)) {
		if (behind || w->v[end - 1].gap >= PERIOD_COLUMNS ||
		    (end > 1 && is_process(&w->v[end - 2], &l->pid, &l->tid)))
			end--;
		else
			l->period = 0;
	}
	if (who == SIZE_MAX && end > behind)
		who = end - 1;
	if (who == SIZE_MAX || !is_process(&w->v[who], &l->pid, &l->tid))
		l->pid = l->tid = -1;
}

static void set_mode(struct scriptline *l, const char *text, size_t bytes)
{
	if (memmem(text, bytes, "([guest.kernel", 14))
		l->mode = PERF_MODE_GUEST_KERNEL;
	else
		l->mode = l->address >> 63 ? PERF_MODE_KERNEL : PERF_MODE_USER;
}

/* The word that is the address in a line that names no event; SIZE_MAX if there is none. */
static size_t find_address(const struct words *w)
{
	uint64_t value;
	int32_t pid, tid;

	for (size_t i = 0; i < w->n; i++)
		if (is_address(&w->v[i], &value))
			return i;
	/* somebody took the blanks away: a process, then an address; or an address */
	if (w->n > 1 && is_process(&w->v[0], &pid, &tid) && is_number(&w->v[1], 16, &value) &&
	    w->v[0].end - w->v[0].at <= 2 * MOST_PID_DIGITS + 1)
		return 1;
	return w->n && is_number(&w->v[0], 16, &value) ? 0 : SIZE_MAX;
}

static enum scriptline_kind take_sample(struct scriptline *l, const struct words *w)
{
	size_t first = 0, event, address;

	for (size_t i = 0; i < w->n; i++)
		if (is_time(&w->v[i])) {
			first = i + 1;
			break;
		}
	event = find_event(w, first);
	if (event != SIZE_MAX) {
		l->event = w->v[event].at;
		l->event_bytes = (size_t)(w->v[event].end - l->event) - 1;
		take_head(l, w, event);
		if (event + 1 == w->n)
			return SCRIPTLINE_HEAD;
		address = event + 1;
	} else {
		address = find_address(w);
		if (address == SIZE_MAX)
			return SCRIPTLINE_UNKNOWN;
		take_head(l, w, address);
	}
	return is_number(&w->v[address], 16, &l->address) ? SCRIPTLINE_SAMPLE : SCRIPTLINE_UNKNOWN;
}

static enum scriptline_kind classify(struct scriptline *l, const char *text, size_t bytes)
{
	const char *at = text, *end = text + bytes;
	struct words w;

	if (find_in(&at, end, "PERF_RECORD_"))
		return take_record(l, at, end);
	split(&w, text, end);
	take_branches(l, w.n ? w.v[w.n - 1].end : text, end);
	l->is_symbolic = !l->branch_count && memmem(text, bytes, "/-/-/", 5);
	if (!w.n)
		return l->branch_count ? SCRIPTLINE_BRANCHES : SCRIPTLINE_EMPTY;
	if (*text == '\t')
		return is_number(&w.v[0], 16, &l->address) ? SCRIPTLINE_FRAME : SCRIPTLINE_UNKNOWN;
	if (w.n == 1 && w.v[0].at == text && is_number(&w.v[0], 10, &l->count) &&
	    w.v[0].end == end && !l->branch_count && bytes < ADDRESS_COLUMNS)
		return SCRIPTLINE_REPEAT;
	return take_sample(l, &w);
}

void scriptline_parse(struct scriptline *l, const char *text, size_t bytes)
{
	*l = (struct scriptline){ .pid = -1, .tid = -1, .file = l->file, .branches = l->branches };
	l->kind = memchr(text, 0, bytes) ? SCRIPTLINE_UNKNOWN : classify(l, text, bytes);
	if (l->kind == SCRIPTLINE_SAMPLE || l->kind == SCRIPTLINE_FRAME)
		set_mode(l, text, bytes);
}

void scriptline_release(struct scriptline *l)
{
	free(l->file);
	free(l->branches);
	*l = (struct scriptline){ 0 };
}
