/* SPDX-License-Identifier: MIT */
/*
 * probe.h - does the app answer?
 *
 * A recipe says how that is known: "http:80/index.html" (status 200) or
 * "tcp:6379" (a connection that stays open). The port is the guest's; the
 * request goes to the port of this machine that is forwarded to it.
 */
#ifndef PIPELINE_PROBE_H
#define PIPELINE_PROBE_H

#include <stdbool.h>

struct probe {
	bool http;
	unsigned guest_port;
	char *path; /* "/index.html"; http only */
};

/* False if `text` is neither form. */
bool probe_parse(struct probe *p, const char *text);

/* One try on 127.0.0.1:`port`, of at most `timeout_ms`. */
bool probe_try(const struct probe *p, unsigned port, long timeout_ms);

#endif
