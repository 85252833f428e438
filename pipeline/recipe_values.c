/* SPDX-License-Identifier: MIT */
#include "recipe_values.h"

#include <ctype.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "imagespec.h"
#include "lib/fs.h"
#include "lib/util.h"
#include "probe.h"

enum { MOST_CPUS = 8, MOST_ID = 65533 };

static const char lower_case[] = "abcdefghijklmnopqrstuvwxyz";
static const char upper_case[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

/* A whole number from `least` to `most` up to `*end`. */
static bool is_number(const char *text, unsigned long least, unsigned long most, const char **end)
{
	char *after;
	unsigned long n = strtoul(text, &after, 10);

	*end = after;
	return strspn(text, digits) == (size_t)(after - text) && after > text && n >= least &&
	       n <= most;
}

static bool is_size(const char *text)
{
	const char *end;

	return is_number(text, 1, 1000000, &end) && *end && strchr("KMG", *end) && !end[1];
}

static char *check_ready(const char *value)
{
	struct probe p;

	if (probe_parse(&p, value))
		return NULL;
	return xasprintf("'%s' is no probe: write " PROBE_FORMS, value);
}

static char *check_memory(const char *value)
{
	return is_size(value) ? NULL
			      : xasprintf("'%s' is no size: a number and K, M or G, as 64M", value);
}

static char *check_cpus(const char *value)
{
	const char *end;

	if (is_number(value, 1, MOST_CPUS, &end) && !*end)
		return NULL;
	return xasprintf("'%s' is no number of processors: 1 to %d", value, MOST_CPUS);
}

static bool is_port(const char *word)
{
	const char *end;

	return (!strncmp(word, "tcp:", 4) || !strncmp(word, "udp:", 4)) &&
	       is_number(word + 4, 1, 65535, &end) && !*end;
}

/* Each word by `is_right`, and none twice. `form` says what would be right. */
static char *check_words(const char *value, bool (*is_right)(const char *), const char *form)
{
	struct strlist words = STRLIST_INIT, seen = STRLIST_INIT;
	char *fault = NULL;

	strlist_split(&words, value);
	for (size_t i = 0; !fault && i < words.n; i++) {
		if (!is_right(words.v[i]))
			fault = xasprintf("'%s' is not %s", words.v[i], form);
		else if (strlist_has(&seen, words.v[i]))
			fault = xasprintf("'%s' is there twice", words.v[i]);
		strlist_push(&seen, words.v[i]);
	}
	strlist_release(&words);
	strlist_release(&seen);
	return fault;
}

static char *check_ports(const char *value)
{
	return check_words(value, is_port, "tcp:PORT or udp:PORT, as tcp:80 udp:53");
}

static char *check_disk(const char *value)
{
	struct strlist words = STRLIST_INIT;
	bool right;

	strlist_split(&words, value);
	right = words.n == 2 && words.v[0][0] == '/' && words.v[0][1] && is_size(words.v[1]);
	strlist_release(&words);
	return right ? NULL
		     : xasprintf("'%s' is no disk: where it is mounted and its size, as /data 64M",
				 value);
}

static bool is_name(const char *text, size_t length)
{
	size_t good = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return length && good >= length && length <= 32 &&
	       (strchr(lower_case, *text) || *text == '_');
}

static bool is_user(const char *word)
{
	size_t length = strcspn(word, ":");
	const char *end;

	return is_name(word, length) && word[length] == ':' &&
	       is_number(word + length + 1, 1, MOST_ID, &end) && *end == ':' &&
	       is_number(end + 1, 1, MOST_ID, &end) && !*end;
}

static char *check_users(const char *value)
{
	struct strlist words = STRLIST_INIT, names = STRLIST_INIT;
	char *fault = check_words(value, is_user,
				  "NAME:UID:GID, as redis:100:100 (root is there by itself)");

	strlist_split(&words, value);
	for (size_t i = 0; !fault && i < words.n; i++) {
		words.v[i][strcspn(words.v[i], ":")] = '\0';
		if (strlist_has(&names, words.v[i]) || !strcmp(words.v[i], "root"))
			fault = xasprintf("the user '%s' is there twice", words.v[i]);
		strlist_push(&names, words.v[i]);
	}
	strlist_release(&words);
	strlist_release(&names);
	return fault;
}

static char *check_hostname(const char *value)
{
	size_t length = strlen(value);

	if (length <= 63 && isalnum((unsigned char)value[0]) && value[length - 1] != '-' &&
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
		    length)
		return NULL;
	return xasprintf("'%s' is no host name: at most 63 letters, digits and '-'", value);
}

static char *check_signal(const char *value)
{
	for (int number = 1; number < NSIG; number++) {
		const char *name = sigabbrev_np(number);

		if (name && !strcmp(name, value))
			return NULL;
	}
	return xasprintf("'%s' is no signal: its name without SIG, as QUIT", value);
}

static char *check_command(const char *value)
{
	struct strlist words = STRLIST_INIT;
	bool closes = imagespec_split(&words, value);
	char *fault = NULL;

	if (!closes)
		fault = xasprintf("a quote does not close: %s", value);
	else if (!words.n || words.v[0][0] != '/')
		fault = xasprintf("'%s' is not where the program is in the image: write /bin/NAME",
				  value);
	strlist_release(&words);
	return fault;
}

static bool is_setting(const char *word)
{
	size_t length =
		strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	return length && word[length] == '=';
}

static char *check_environment(const char *value)
{
	struct strlist words = STRLIST_INIT;
	char *fault = imagespec_split(&words, value)
			      ? NULL
			      : xasprintf("a quote does not close: %s", value);

	for (size_t i = 0; !fault && i < words.n; i++)
		if (!is_setting(words.v[i]))
			fault = xasprintf("'%s' is not NAME=value", words.v[i]);
	strlist_release(&words);
	return fault;
}

static bool is_wish(const char *word)
{
	size_t length = strspn(word, upper_case) ? strcspn(word, "=") : 0;

	return length && strncmp(word, "CONFIG_", 7) && word[length] == '=' && word[length + 1];
}

static char *check_kconfig(const char *value)
{
	return check_words(value, is_wish, "an option without CONFIG_ and its value, as SYSFS=y");
}

static char *check_yes(const char *value)
{
	return strcmp(value, "yes") ? xasprintf("'%s': write yes, or leave it out", value) : NULL;
}

static char *check_kind(const char *value)
{
	static const char *const kinds[] = { "debian-source", "debian-binary", "tarball", "tree" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(value, kinds[i]))
			return NULL;
	return xasprintf(
		"'%s' is no kind: there are debian-source, debian-binary, tarball and tree", value);
}

static char *check_sha256(const char *value)
{
	if (strlen(value) == 64 && strspn(value, "0123456789abcdef") == 64)
		return NULL;
	return xasprintf("'%s' is no sha256: 64 digits, as sha256sum prints them", value);
}

static bool is_archive(const char *word)
{
	const char *base = fs_base(word);
	size_t length = strlen(base);

	return length > 5 && !strncmp(base, "lib", 3) && !strcmp(base + length - 2, ".a");
}

static char *check_libraries(const char *value)
{
	return check_words(value, is_archive, "an archive libNAME.a");
}

static char *choose(const struct strlist *there_are, const char *word)
{
	const char *nearest = strlist_nearest(there_are, word);

	if (!there_are->n || strlist_has(there_are, word))
		return NULL;
	return xasprintf("there is no '%s'%s%s%s; there are: %s", word,
			 nearest ? "; did you mean '" : "", nearest ? nearest : "",
			 nearest ? "'?" : "", strlist_join(there_are, " "));
}

static char *choose_each(const struct strlist *there_are, const char *value)
{
	struct strlist words = STRLIST_INIT;
	char *fault = NULL;

	strlist_split(&words, value);
	for (size_t i = 0; !fault && i < words.n; i++)
		fault = choose(there_are, words.v[i]);
	strlist_release(&words);
	return fault;
}

char *recipe_value_fault(const char *variable, const char *value, const struct choices *there_are)
{
	static const struct {
		const char *variable;
		char *(*check)(const char *value);
	} checks[] = {
		{ "READY", check_ready },	{ "MEM", check_memory },
		{ "CPUS", check_cpus },		{ "PORTS", check_ports },
		{ "DISK", check_disk },		{ "USERS", check_users },
		{ "HOSTNAME", check_hostname }, { "STOP_SIGNAL", check_signal },
		{ "COMMAND", check_command },	{ "ENVIRONMENT", check_environment },
		{ "KCONFIG", check_kconfig },	{ "FOLLOW", check_yes },
		{ "ALLOCATOR", check_yes },	{ "SOURCE_KIND", check_kind },
		{ "SHA256", check_sha256 },	{ "LIBRARIES", check_libraries },
	};

	if (!*value)
		return xstrdup("it has no value: leave the line out");
	if (strchr(value, '$'))
		return NULL;
	if (!strcmp(variable, "BUILD_SYSTEM"))
		return choose(&there_are->build_systems, value);
	if (!strcmp(variable, "MALLOC"))
		return choose(&there_are->allocators, value);
	if (!strcmp(variable, "FEATURES"))
		return choose_each(&there_are->features, value);
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if (!strcmp(variable, checks[i].variable))
			return checks[i].check(value);
	return NULL;
}
