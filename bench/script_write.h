/* SPDX-License-Identifier: MIT */
/*
 * script_write.h - a load file as the script of the client inside the guest
 */
#ifndef BENCH_SCRIPT_WRITE_H
#define BENCH_SCRIPT_WRITE_H

#include "../pipeline/lib/strlist.h"
#include "../profiles/loadfile.h"
#include "script.h"

struct script_options {
	unsigned port;
	const struct strlist *arguments; /* of the app */
	int stop_signal;
	uint64_t counted; /* requests of the counted part: at most the load's */
};

/*
 * The script (script.h); `*bytes` is its length. To be freed. NULL if the client cannot play this
 * load: then `*reason` is a sentence, to be freed.
 */
char *script_write(const struct loadfile *l, const struct script_options *o, size_t *bytes,
		   char **reason);

/*
 * A request as `load` sends it, which leaves this to libcurl: the order of headers, Accept, and a
 * body's Content-Type are that library's. To be freed.
 */
char *script_request_text(const struct load_request *r, bool closes);

#endif
