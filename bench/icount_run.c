/* SPDX-License-Identifier: MIT */
#include "icount_run.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/guestfiles.h"
#include "../pipeline/initramfs.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "scratch.h"
#include "script_write.h"

#define CLIENT_PATH "etc/anneal/load-client"
#define SCRIPT_PATH "etc/anneal/load-script"

static char *of_run(const struct icount_run *r, const char *what)
{
	return xasprintf("%s/%s.%s", r->scratch, r->name, what);
}

/* What init reads (kernel/init/plan.h), with the client in the app's place. */
static void add_init_conf(struct initramfs *fs, const struct imagespec *s)
{
	struct imagespec client = *s;

	client.app = ICOUNT_CLIENT;
	client.stop_signal = SIGTERM;
	client.command = (struct strlist)STRLIST_INIT;
	strlist_push(&client.command, "/" CLIENT_PATH);
	strlist_push(&client.command, "/" SCRIPT_PATH);
	guestfiles_add_init_conf(fs, &client, NULL);
	strlist_release(&client.command);
}

/* The archive that is laid over the image's own. NULL, or a reason. */
static char *write_initrd(const struct icount_run *r, const char *client, const char *path)
{
	const struct script_options o = { r->port, &r->spec->command, r->spec->stop_signal,
					  r->counted };
	struct initramfs *fs = initramfs_new();
	size_t bytes;
	char *reason, *script = script_write(r->load, &o, &bytes, &reason);

	if (!script)
		return reason;
	xinitramfs_add_file(fs, CLIENT_PATH, client);
	initramfs_add_data(fs, SCRIPT_PATH, 0644, script, bytes);
	add_init_conf(fs, r->spec);
	xinitramfs_write(fs, path);
	free(script);
	return NULL;
}

/* The first line that `record` calls an error, without that word; to be freed. */
static char *complaint(const char *log_path, int status)
{
	static const char key[] = "error: ";
	char *text = fs_read(log_path, NULL);
	char *at = text && !strncmp(text, key, strlen(key)) ? text
		   : text				    ? strstr(text, "\nerror: ")
							    : NULL;
	char *sentence;

	if (at) {
		at += *at == '\n';
		at += strlen(key);
		sentence = xstrndup(at, strcspn(at, "\n"));
	} else {
		sentence = xasprintf("'record' ended with exit status %d", status);
	}
	free(text);
	return sentence;
}

/* NULL, or why there is no recording. V and ACCEL of the user's are about other boots than this. */
static char *record(const struct icount_run *r, const char *client, const char *initrd,
		    const char *console)
{
	static const char *const environment[] = { "V=0", "ACCEL=tcg", NULL };
	char *log_path = of_run(r, "log"), *reason = NULL;
	struct strlist argv = STRLIST_INIT;
	struct process p = PROCESS_INIT;
	int fd = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), status;

	if (fd < 0)
		die("cannot write '%s'", log_path);
	strlist_pushf(&argv, "%s/record", r->tools);
	strlist_pushf(&argv, "--generation=%s", r->generation);
	strlist_pushf(&argv, "--output=%s", of_run(r, "recording"));
	strlist_push(&argv, "--until=end");
	strlist_push(&argv, "--icount");
	strlist_push(&argv, "--models");
	strlist_pushf(&argv, "--initrd=%s", initrd);
	strlist_pushf(&argv, "--program=" ICOUNT_CLIENT "=%s", client);
	strlist_pushf(&argv, "--console=%s", console);
	strlist_pushf(&argv, "--timeout=%u", r->timeout_s);
	p.argv = argv.v;
	p.environment = environment;
	p.err_fd = fd;
	p.out_fd = fd;
	status = scratch_run(&p);
	close(fd);
	if (status)
		reason = complaint(log_path, status);
	free(log_path);
	strlist_release(&argv);
	return reason;
}

/* The rest of the line behind the last `key` in `text`, or NULL; to be freed. */
static char *line_behind(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? xstrndup(at + strlen(key), strcspn(at + strlen(key), "\r\n")) : NULL;
}

static bool parse_report(const char *line, struct icount_report *r)
{
	int end = -1;

	return sscanf(line,
		      "%" SCNu64 " failed %" SCNu64 " p50_ns %" SCNu64 " p90_ns %" SCNu64
		      " p99_ns %" SCNu64 " max_ns %" SCNu64 " latencies %16[0-9a-f]%n",
		      &r->requests, &r->failed, &r->p50_ns, &r->p90_ns, &r->p99_ns, &r->max_ns,
		      r->latencies, &end) == 7 &&
	       end > 0 && !line[end] && strlen(r->latencies) == 16;
}

char *icount_read_console(const char *text, struct icount_report *report)
{
	static const struct {
		const char *key, *sentence;
	} complaints[] = {
		{ "anneal: client fatal: ", "the client in the guest says: %s" },
		{ "anneal: client failed: ", "an answer is not what the load expects: %s" },
		{ "anneal: dropped ",
		  "this generation's kernel lacks what the client in the guest uses: %s" },
		{ "anneal: fatal: ", "init says: %s" },
		{ "Kernel panic", "the guest's kernel stopped: panic%s" },
	};
	char *line;
	bool good;

	for (size_t i = 0; i < ARRAY_SIZE(complaints); i++) {
		char *sentence, *what = line_behind(text, complaints[i].key);

		if (!what)
			continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		sentence = xasprintf(complaints[i].sentence, what);
#pragma GCC diagnostic pop
		free(what);
		return sentence;
	}
	line = line_behind(text, "anneal: client requests ");
	if (!line)
		return xstrdup("the guest ended without a report of the client: does its kernel "
			       "take a second initramfs?");
	good = parse_report(line, report);
	free(line);
	return good ? NULL : xstrdup("the report of the client in the guest cannot be read");
}

/* Everything that was counted, and every latency: two runs are the same if this is. */
static void hash_run(struct icount_run *r)
{
	static const char *const names[] = { "blocks.txt", "trace.json" };
	struct hash h;

	hash_init(&h);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf("%s/%s", of_run(r, "recording"), names[i]);

		hash_add_file(&h, path);
		free(path);
	}
	hash_add_string(&h, r->report.latencies);
	hash_finish(&h, r->sha256);
}

char *icount_run(struct icount_run *r)
{
	char *client = xasprintf("%s/load-client", r->tools);
	char *initrd = of_run(r, "initrd"), *console = of_run(r, "console");
	char *reason = write_initrd(r, client, initrd), *text, *said;

	if (reason)
		return reason;
	reason = record(r, client, initrd, console);
	if (reason)
		return reason;
	text = fs_read(console, NULL);
	if (!text)
		return xasprintf("'%s', what the guest said, cannot be read", console);
	said = icount_read_console(text, &r->report);
	free(text);
	if (said)
		return said;
	if (r->report.requests != r->counted)
		return xasprintf("the client in the guest played %" PRIu64 " requests instead of "
				 "%" PRIu64,
				 r->report.requests, r->counted);
	r->trace = xjson_read(xasprintf("%s/trace.json", of_run(r, "recording")));
	hash_run(r);
	return NULL;
}
