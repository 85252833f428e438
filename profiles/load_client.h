/* SPDX-License-Identifier: MIT */
/*
 * load_client.h - send a load and check the answers
 *
 * Request number i goes out on connection i modulo their number, one after the other; with more
 * than one in flight the next is sent as soon as its connection is free. Nothing depends on time.
 * A connection is opened only while no other is being opened: QEMU's user network holds one pending
 * connection. One that is refused is tried again for two seconds.
 * With "pipeline" above 1 as many requests go out at once on a connection, which then is free when all of them
 * have been answered.
 *
 * With result->rate_rps the counted requests are an open loop instead: the same sequence, each at
 * its time (load_schedule.h), on the next connection that is free. With result->seconds it ends after them.
 */
#ifndef PROFILES_LOAD_CLIENT_H
#define PROFILES_LOAD_CLIENT_H

#include "load_result.h"
#include "loadfile.h"

/*
 * Send the warm-up over connections of its own, then the counted requests; both are the beginning
 * of the same sequence. `base` is as xload_client_check_base() wants it. The first answers that are wrong
 * are said on standard error. Dies if the server refuses connections, closes one without an answer, or takes
 * more than `timeout_s` for one answer. An open loop that is `timeout_s` behind sends no more.
 */
void xload_client_run(const struct loadfile *l, const char *base, unsigned timeout_s,
		      struct load_result *result);

/*
 * Dies unless `base` is "SCHEME://HOST:PORT", perhaps with a slash behind it, and SCHEME the load's
 * protocol. HTTP has a usual port, which may be left out.
 */
void xload_client_check_base(const struct loadfile *l, const char *base);

#endif
