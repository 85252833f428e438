/* SPDX-License-Identifier: MIT */
/*
 * ports.h - where a guest's ports are on this machine, as words for others
 */
#ifndef PIPELINE_PORTS_H
#define PIPELINE_PORTS_H

#include "guest.h"
#include "lib/strlist.h"

/* "tcp:80=8080 tcp:443=8081": each port of the guest's and that of 127.0.0.1; READY's first. To be freed. */
char *ports_list(const struct guest_options *o);

/*
 * Variables for a command that talks to the guest: HOST, PORT (of READY's), BASE (http://HOST:PORT), PORTS
 * (the list) and PORT_TCP_80, PORT_UDP_53 of each.
 */
void ports_environment(struct strlist *environment, const struct guest_options *o);

#endif
