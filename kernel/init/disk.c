/* SPDX-License-Identifier: MIT */
#include "disk.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#include "console.h"

/* statfs(2) itself: musl's statvfs is a wrapper of it. */
static void warn_if_full(const char *where)
{
	struct statfs s;

	if (!statfs(where, &s) && (!s.f_bavail || !s.f_ffree))
		say("warning: the disk at '", where,
		    "' is full: ", s.f_bavail ? "no file can be made" : "nothing can be written",
		    NULL);
}

static const char *mount_reason(int error)
{
	switch (error) {
	case ENOENT:
	case ENXIO: return "the machine has no disk";
	case ENODEV: return "this kernel has no ext4";
	case EROFS:
	case EACCES: return "the disk is read-only";
	case EIO: return "the disk cannot be read";
	case EINVAL: return "the disk has no ext4 file system, or is smaller than its file system";
	case EUCLEAN:
	case EBADMSG: return "the file system is damaged: e2fsck -f on the host repairs it";
	default: return reason(error);
	}
}

const char *disk_mount(const char *where)
{
	if (mount("/dev/vda", where, "ext4", MS_NOSUID | MS_NODEV, NULL))
		return mount_reason(errno);
	warn_if_full(where);
	return NULL;
}

void disk_unmount(const char *where)
{
	warn_if_full(where);
	if (!umount2(where, 0))
		return;
	say("warning: '", where, "' cannot be unmounted: ", reason(errno), NULL);
	/* writes all the same */
	if (mount(NULL, where, NULL, MS_REMOUNT | MS_RDONLY, NULL))
		say("warning: nor made read-only: ", reason(errno),
		    "; its journal is replayed when it is mounted next", NULL);
}
