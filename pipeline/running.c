/* SPDX-License-Identifier: MIT */
#include "running.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/json.h"
#include "lib/util.h"

static const char prefix[] = "anneal-run", collect_name[] = "collect";

/* What is to be removed at the end; NULL: nothing. */
static char *state, *directory, *collect_link;

/* Field 22 of /proc/PID/stat, behind the name in parentheses; 0 if there is no such process. */
static unsigned long long start_of(pid_t pid)
{
	char *path = xasprintf("/proc/%d/stat", (int)pid), *text = fs_read(path, NULL), *at;
	unsigned long long start = 0;

	at = text ? strrchr(text, ')') : NULL;
	if (at && sscanf(at + 1,
			 " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			 "%*s %*s %*s %llu",
			 &start) != 1)
		start = 0;
	free(path);
	free(text);
	return start;
}

static bool read_state(struct running *r, const char *path, bool *alive)
{
	json_t *json = json_read(path);
	json_int_t pid, start, port;
	const char *generation, *gdb;

	if (!json || json_unpack(json, "{s:I, s:I, s:I, s:s, s:s}", "pid", &pid, "pid_start",
				 &start, "port", &port, "generation", &generation, "gdb", &gdb)) {
		json_decref(json);
		return false;
	}
	*r = (struct running){ xstrdup(generation), xstrdup(gdb), (pid_t)pid, (unsigned)port };
	*alive = start && start_of((pid_t)pid) == (unsigned long long)start;
	json_decref(json);
	return true;
}

static void release(struct running *r)
{
	free(r->generation);
	free(r->gdb);
}

bool running_find(struct running *r, const char *state_path)
{
	bool alive;

	if (!read_state(r, state_path, &alive))
		return false;
	if (!alive)
		release(r);
	return alive;
}

static void unlink_collect(const char *in)
{
	char *path = xasprintf("%s/%s", in, collect_name);

	unlink(path);
	free(path);
}

/* The socket's directory, if it is one of ours. */
static void remove_directory(const char *gdb)
{
	char *path = xstrdup(strncmp(gdb, "unix:", 5) ? gdb : gdb + 5), *socket = xstrdup(path);

	if (!strncmp(fs_base(dirname(path)), prefix, sizeof(prefix) - 1)) {
		unlink(socket);
		unlink_collect(path);
		rmdir(path);
	}
	free(socket);
	free(path);
}

static void remove_stale(const char *state_path)
{
	struct running r;
	bool alive;

	if (!read_state(&r, state_path, &alive))
		return;
	if (!alive) {
		remove_directory(r.gdb);
		unlink(state_path);
	}
	release(&r);
}

static char *new_directory(void)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	struct sockaddr_un address;
	char *path;

	/* a slash, the prefix, what makes it unique, and the socket's name */
	if (!base || base[0] != '/' || access(base, W_OK) ||
	    strlen(base) + sizeof(prefix) + sizeof("/.XXXXXX/gdb") > sizeof(address.sun_path))
		base = "/tmp";
	/* mkdtemp(3) makes it for the user alone */
	path = xasprintf("%s/%s.XXXXXX", base, prefix);
	if (!mkdtemp(path))
		die("cannot make a directory in '%s': %s", base, strerror(errno));
	return path;
}

/* A socket beside the stub's, and a link to it where its path is known beforehand. */
static void prepare_collect(const char *state_path, struct guest_options *o)
{
	char *copy = xstrdup(state_path);

	o->collect = xasprintf("%s/%s", directory, collect_name);
	collect_link = xasprintf("%s/%s.sock", dirname(copy), collect_name);
	unlink(collect_link);
	if (symlink(o->collect, collect_link))
		die("cannot make the link '%s': %s", collect_link, strerror(errno));
	free(copy);
}

void xrunning_prepare(const char *state_path, struct guest_options *o, bool collect)
{
	char *path;

	remove_stale(state_path);
	directory = new_directory();
	state = xstrdup(state_path);
	atexit(running_end);
	path = xdoubled(directory, ','); /* QEMU reads two commas as one */
	strlist_push(&o->qemu, "-chardev");
	strlist_pushf(&o->qemu, "socket,id=gdb,server=on,wait=off,path=%s/gdb", path);
	strlist_push(&o->qemu, "-gdb");
	strlist_push(&o->qemu, "chardev:gdb");
	free(path);
	if (collect)
		prepare_collect(state_path, o);
}

void xrunning_write(const struct guest *g, const struct guest_options *o)
{
	char *image = xfs_absolute(o->image);
	json_t *json = json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:[{s:o, s:I}], s:o}", "schema", 1,
				 "generation", fs_base(dirname(image)), "pid", (json_int_t)getpid(),
				 "pid_start", (json_int_t)start_of(getpid()), "qemu_pid",
				 (json_int_t)g->pid, "port", (json_int_t)o->port, "ports", "guest",
				 json_sprintf("tcp:%u", o->guest_port), "host", (json_int_t)o->port,
				 "gdb", json_sprintf("unix:%s/gdb", directory));

	if (!json)
		die("cannot describe the guest");
	if (o->collect)
		json_object_set_new(json, "collect", json_sprintf("unix:%s", o->collect));
	xjson_write(state, json);
	json_decref(json);
	free(image);
}

/* Another run may have put its own link there. */
static void unlink_own(const char *link)
{
	char *path = xasprintf("%s/%s", directory, collect_name), target[4096];
	ssize_t bytes = readlink(link, target, sizeof(target) - 1);

	target[bytes < 0 ? 0 : bytes] = '\0';
	if (!strcmp(target, path))
		unlink(link);
	free(path);
}

void running_end(void)
{
	struct running r;
	bool alive;
	char *socket;

	if (!directory)
		return;
	/* another run may have taken the file over */
	if (read_state(&r, state, &alive)) {
		if (r.pid == getpid())
			unlink(state);
		release(&r);
	}
	socket = xasprintf("%s/gdb", directory);
	unlink(socket);
	unlink_collect(directory);
	if (collect_link)
		unlink_own(collect_link);
	rmdir(directory);
	free(socket);
	free(directory);
	directory = NULL;
}
