/* SPDX-License-Identifier: MIT */
/*
 * monitor.h - what QEMU knows about a guest's network
 *
 * Asked by QMP (QEMU's docs/interop/qmp-spec.txt) over a socket that QEMU inherits; nothing
 * of it is in the file system. The table of its user network is there by HMP's "info usernet" alone.
 */
#ifndef PIPELINE_MONITOR_H
#define PIPELINE_MONITOR_H

#include <stdbool.h>

struct strlist;

/* Words for QEMU so that it is asked at `fd`, which it has to inherit. */
void monitor_words(struct strlist *argv, int fd);

/*
 * Has the guest taken a connection that came to 127.0.0.1:`host_port`? Asked at the other end of the
 * socket. False, too, if QEMU does not answer within two seconds.
 */
bool monitor_has_connection(int fd, unsigned host_port);

/* The same in a table as QEMU prints it. */
bool monitor_table_has(const char *table, unsigned host_port);

#endif
