/* SPDX-License-Identifier: MIT */
#include "guestfiles.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/util.h"

const char guestfiles_collector[] = "bin/collector";
const char guestfiles_units[] = "etc/anneal/units";

/* Devices of a fixed number that programs expect; there is no devtmpfs. */
static void add_devices(struct initramfs *fs)
{
	static const struct {
		const char *name;
		mode_t mode;
		unsigned major, minor;
	} devices[] = {
		{ "console", 0600, 5, 1 }, { "tty", 0666, 5, 0 },    { "null", 0666, 1, 3 },
		{ "zero", 0666, 1, 5 },	   { "full", 0666, 1, 7 },   { "random", 0666, 1, 8 },
		{ "urandom", 0666, 1, 9 }, { "ttyS0", 0600, 4, 64 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		char *path = xasprintf("dev/%s", devices[i].name);

		initramfs_add_device(fs, path, devices[i].mode, devices[i].major, devices[i].minor);
		free(path);
	}
}

static void add_directories(struct initramfs *fs)
{
	static const char *const names[] = { "bin",  "dev", "dev/shm", "etc",
					     "proc", "run", "sys",     "var" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		initramfs_add_directory(fs, names[i], 0755);
	initramfs_add_directory(fs, "tmp", 01777);
}

/*
 * /dev/vda. virtio_blk asks for any major number, and is the only driver that does: it gets the last
 * of them (__register_blkdev() in block/genhd.c).
 */
static void add_disk(struct initramfs *fs, const char *where)
{
	initramfs_add_block_device(fs, "dev/vda", 0600, 254, 0);
	initramfs_add_directory(fs, where + 1, 0755);
}

void guestfiles_add_base(struct initramfs *fs, const struct imagespec *s)
{
	add_directories(fs);
	add_devices(fs);
	if (s->disk_at)
		add_disk(fs, s->disk_at);
	if (imagespec_has(s, "rng")) /* misc device HWRNG_MINOR */
		initramfs_add_device(fs, "dev/hwrng", 0600, 10, 183);
}

void guestfiles_add_resolver(struct initramfs *fs, const void *program, size_t bytes)
{
	static const char path[] = "/etc/resolv.conf";

	if (memmem(program, bytes, path, strlen(path)) && !initramfs_has(fs, path + 1))
		initramfs_add_link(fs, path + 1, "/proc/net/pnp");
}

void guestfiles_add_users(struct initramfs *fs, const struct imagespec *s)
{
	char *passwd = xstrdup("root:x:0:0:root:/:/sbin/nologin\n");
	char *group = xstrdup("root:x:0:\n");

	if (!s->users.n)
		return;
	for (size_t i = 0; i < s->users.n; i++) {
		const char *name = s->users.v[i];
		int length = (int)strcspn(name, ":");
		const char *uid = name + length + 1, *gid = uid + strcspn(uid, ":") + 1;

		passwd = xasprintf("%s%.*s:x:%s:%.*s:/:/sbin/nologin\n", passwd, length, name, uid,
				   length, name);
		group = xasprintf("%s%.*s:x:%s:\n", group, length, name, gid);
	}
	initramfs_add_data(fs, "etc/passwd", 0644, passwd, strlen(passwd));
	initramfs_add_data(fs, "etc/group", 0644, group, strlen(group));
}

void guestfiles_add_init_conf(struct initramfs *fs, const struct imagespec *s,
			      const json_t *cpu_needs)
{
	struct strlist lines = STRLIST_INIT;
	json_t *feature;
	char *text;
	size_t i;

	strlist_pushf(&lines, "app %s", s->app);
	strlist_pushf(&lines, "stop_signal %d", s->stop_signal);
	json_array_foreach(cpu_needs, i, feature)
		strlist_pushf(&lines, "cpu %s", json_string_value(feature));
	for (i = 0; i < s->command.n; i++)
		strlist_pushf(&lines, "argument %s", s->command.v[i]);
	if (s->disk_at)
		strlist_pushf(&lines, "disk_at %s", s->disk_at);
	if (s->collect)
		strlist_pushf(&lines, "collector /%s", guestfiles_collector);
	strlist_push(&lines, "environment PATH=/bin");
	for (i = 0; i < s->environment.n; i++)
		strlist_pushf(&lines, "environment %s", s->environment.v[i]);
	strlist_push(&lines, "");
	text = strlist_join(&lines, "\n");
	initramfs_add_data(fs, "etc/anneal/init.conf", 0644, text, strlen(text));
	free(text);
	strlist_release(&lines);
}
