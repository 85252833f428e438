/* SPDX-License-Identifier: MIT */
#include "ports.h"

#include <stdlib.h>

char *ports_list(const struct guest_options *o)
{
	struct strlist words = STRLIST_INIT;
	char *list;

	strlist_pushf(&words, "tcp:%u=%u", o->guest_port, o->port);
	list = strlist_join(&words, " ");
	strlist_release(&words);
	return list;
}

void ports_environment(struct strlist *environment, const struct guest_options *o)
{
	char *list = ports_list(o);

	strlist_push(environment, "HOST=127.0.0.1");
	strlist_pushf(environment, "PORT=%u", o->port);
	strlist_pushf(environment, "BASE=http://127.0.0.1:%u", o->port);
	strlist_pushf(environment, "PORTS=%s", list);
	strlist_pushf(environment, "PORT_TCP_%u=%u", o->guest_port, o->port);
	free(list);
}
