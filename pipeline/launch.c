/* SPDX-License-Identifier: MIT */
#include "launch.h"

#include <stdlib.h>

#include "lib/util.h"

unsigned xlaunch_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (!*text || *end || !port || port > 65535)
		die_hint("give PORT= a number from 1 to 65535", "'%s' is not a port", text);
	return (unsigned)port;
}

void xlaunch_prepare(struct guest_options *o, const char *spec_path, struct imagespec *spec,
		     struct probe *probe)
{
	ximagespec_read(spec, spec_path);
	if (!probe_parse(probe, spec->ready))
		die("READY of %s, '%s', is none of " PROBE_FORMS, spec->app, spec->ready);
	o->monitor = probe->kind == PROBE_TCP;
	o->machine = spec->machine;
	o->guest_port = probe->guest_port;
	if (!o->initrd)
		o->initrd = spec->initrd;
	if (spec->append)
		o->append = xasprintf("%s%s%s", spec->append, o->append ? " " : "",
				      o->append ? o->append : "");
	if (!o->memory)
		o->memory = spec->memory;
	if (!o->port)
		o->port = guest_free_port();
	else if (guest_port_in_use(o->port))
		die_hint("choose another: PORT=...", "port %u of 127.0.0.1 is in use", o->port);
}
