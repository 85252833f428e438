/* SPDX-License-Identifier: MIT */
#include "launch.h"

#include <stdio.h>
#include <stdlib.h>

#include "disk.h"
#include "lib/fs.h"
#include "lib/util.h"

unsigned xlaunch_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (!*text || *end || !port || port > 65535)
		die_hint("give PORT= a number from 1 to 65535", "'%s' is not a port", text);
	return (unsigned)port;
}

static bool taken_already(const struct guest_options *o, unsigned port)
{
	for (size_t i = 0; i < o->forward_count; i++)
		if (o->forwards[i].host_port == port)
			return true;
	return o->port == port;
}

/* The port of this machine for the recipe's number `i`, with `first` for number 0; 0: any. */
static unsigned host_port(const struct guest_options *o, unsigned first, size_t i, bool udp)
{
	unsigned port = first + (unsigned)i;

	if (!first) {
		do
			port = guest_free_port(udp);
		while (taken_already(o, port));
		return port;
	}
	if (port > 65535)
		die_hint("choose a lower one: PORT=...", "there are not enough ports from %u on",
			 first);
	if (guest_port_in_use(port, udp))
		die_hint("choose another: PORT=...", "port %u of 127.0.0.1 is in use", port);
	return port;
}

static void prepare_ports(struct guest_options *o, const struct imagespec *spec)
{
	const struct imagespec_port only = { false, o->guest_port };
	const struct imagespec_port *ports = spec->port_count ? spec->ports : &only;
	size_t count = spec->port_count ? spec->port_count : 1;
	unsigned first = o->port;
	bool found = false;

	o->port = 0;
	for (size_t i = 0; i < count; i++) {
		unsigned port = host_port(o, first, i, ports[i].udp);

		if (!found && !ports[i].udp && ports[i].number == o->guest_port) {
			o->port = port;
			found = true;
		} else {
			o->forwards[o->forward_count++] =
				(struct guest_forward){ ports[i].udp, ports[i].number, port };
		}
	}
	if (!found)
		die_hint("add tcp:PORT of READY to PORTS in the recipe",
			 "PORTS of %s lacks port %u, where READY asks whether it is up", spec->app,
			 o->guest_port);
}

static void prepare_machine(struct guest_options *o, const struct imagespec *spec)
{
	o->machine = spec->machine;
	o->hostname = spec->hostname;
	if (o->cpus > spec->cpus)
		die_hint("make an image for more of them: CPUS in the recipe, 1 to 8",
			 "%s's image is for %u processor%s, not %u", spec->app, spec->cpus,
			 spec->cpus == 1 ? "" : "s", o->cpus);
	if (!o->cpus)
		o->cpus = spec->cpus;
	if (o->disk && !spec->disk_at)
		die_hint("DISK in the recipe says where it has one", "%s's image has no disk",
			 spec->app);
	o->disk_bytes = spec->disk_bytes;
	o->rng = imagespec_has(spec, "rng");
	o->ipv6 = imagespec_has(spec, "ipv6");
	if (!o->memory)
		o->memory = spec->memory;
}

void xlaunch_disk(struct guest_options *o, const struct imagespec *spec)
{
	if (!o->disk || !spec->disk_at)
		return;
	if (!fs_exists(o->disk)) {
		xfs_mkdirs_above(o->disk);
		xdisk_make(o->disk, spec->disk_bytes);
		fprintf(stderr, "made the disk %s (%s)\n", o->disk,
			fs_human_bytes(spec->disk_bytes));
	}
	xdisk_check(o->disk, spec->disk_bytes);
}

void xlaunch_prepare(struct guest_options *o, const char *spec_path, struct imagespec *spec,
		     struct probe *probe)
{
	ximagespec_read(spec, spec_path);
	if (!probe_parse(probe, spec->ready))
		die("READY of %s, '%s', is none of " PROBE_FORMS, spec->app, spec->ready);
	o->monitor = probe->kind == PROBE_TCP;
	o->guest_port = probe->guest_port;
	prepare_machine(o, spec);
	prepare_ports(o, spec);
	if (!o->initrd)
		o->initrd = spec->initrd;
	if (spec->append)
		o->append = xasprintf("%s%s%s", spec->append, o->append ? " " : "",
				      o->append ? o->append : "");
}
