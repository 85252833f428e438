/* SPDX-License-Identifier: MIT */
/*
 * probe.h - does the app answer?
 *
 * A recipe says how that is known:
 *
 *   http:80/index.html			status 200
 *   https:443/				the same over TLS; the certificate is not verified
 *   exchange:6379 "PING\r\n" "+PONG"	what is sent, and how the answer begins; \xNN is a byte
 *   exchange:25 "" "220 "		a server that speaks first
 *   tcp:6379				the guest's kernel takes a connection: something listens, no more
 *
 * The port is the guest's; what is sent goes to the port of this machine that is forwarded to it.
 */
#ifndef PIPELINE_PROBE_H
#define PIPELINE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

struct probe_text {
	char *data; /* may hold NUL */
	size_t bytes;
};

struct probe {
	enum { PROBE_HTTP, PROBE_HTTPS, PROBE_EXCHANGE, PROBE_TCP } kind;
	unsigned guest_port;
	char *path;			  /* "/index.html"; http and https only */
	struct probe_text sent, expected; /* exchange only */
	const char *awaited;		  /* "status 200", for messages */
};

/* The forms there are, for messages. */
#define PROBE_FORMS \
	"http:PORT/PATH, https:PORT/PATH, exchange:PORT \"SENT\" \"EXPECTED\" or tcp:PORT"

/* False if `text` is none of these forms. */
bool probe_parse(struct probe *p, const char *text);

/* "http", "https" or "tcp". */
const char *probe_scheme(const struct probe *p);

/*
 * One try on 127.0.0.1:`port`, of at most `timeout_ms`. QEMU's network takes a connection before it
 * has asked the guest, and keeps it for a minute if the guest is not there yet; so "tcp" is
 * answered by QEMU itself, asked at `monitor_fd` (monitor.h). With -1 a connection that is not closed at
 * once counts: right where there is no QEMU between.
 */
bool probe_try(const struct probe *p, unsigned port, int monitor_fd, long timeout_ms);

#endif
