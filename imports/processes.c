/* SPDX-License-Identifier: MIT */
#include "processes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

enum { ANCESTORS_MAX = 64 };

struct process {
	int32_t pid, parent; /* -1: not said */
	bool execed;
	uint8_t program[UNITS]; /* where the unit's code may be */
};

void processes_init(struct processes *p, const struct builds *builds)
{
	*p = (struct processes){ .builds = builds, .program_count = 1 };
}

void processes_release(struct processes *p)
{
	for (size_t i = 0; i < p->program_count; i++)
		free(p->programs[i].file);
	free(p->v);
	*p = (struct processes){ 0 };
}

void processes_hex(char hex[129], const uint8_t *id, size_t bytes)
{
	*hex = '\0';
	for (size_t i = 0; i < bytes && i < 64; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
}

static struct process *add(struct processes *p, int32_t pid)
{
	/* perf tells of one process after the other, all mappings of each */
	if (p->n && p->v[p->n - 1].pid == pid)
		return &p->v[p->n - 1];
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 256;
		p->v = xrealloc(p->v, p->room * sizeof(*p->v));
	}
	p->v[p->n] = (struct process){ .pid = pid, .parent = -1 };
	memset(p->v[p->n].program, NO_PROGRAM, sizeof(p->v[p->n].program));
	p->sorted = false;
	return &p->v[p->n++];
}

static size_t program_of(struct processes *p, enum unit unit, const char *file, const char *id)
{
	for (size_t i = 1; i < p->program_count; i++) {
		const struct program *old = &p->programs[i];

		if (old->unit == unit && !strcmp(old->file, file) && !strcmp(old->build_id, id))
			return i;
	}
	if (p->program_count == PROGRAMS_MAX)
		return NO_PROGRAM;
	p->programs[p->program_count].unit = unit;
	p->programs[p->program_count].file = xstrdup(file);
	memcpy(p->programs[p->program_count].build_id, id, sizeof(p->programs[0].build_id));
	return p->program_count++;
}

/* Modules and BPF programs are mapped as the kernel is; they are not part of its image. */
static bool is_kernel_itself(const char *file)
{
	return strstr(file, "kernel.kallsyms") || strstr(file, "vmlinux");
}

static void add_kernel(struct processes *p, const struct perf_mapping *m)
{
	if (m->build_id && m->file && is_kernel_itself(m->file))
		processes_hex(p->kernel_id[m->mode == PERF_MODE_GUEST_KERNEL], m->build_id,
			      m->build_id_bytes);
}

static bool overlaps(const struct build_unit *u, const struct perf_mapping *m)
{
	return m->bytes && m->start < u->end && m->start + (m->bytes - 1) >= u->start;
}

void processes_mapping(void *user, const struct perf_mapping *m)
{
	struct processes *p = user;
	struct process *process;
	char id[129] = "";

	if (m->mode == PERF_MODE_KERNEL || m->mode == PERF_MODE_GUEST_KERNEL || m->pid < 0) {
		add_kernel(p, m);
		return;
	}
	process = add(p, m->pid);
	if (!m->executable || !m->file)
		return;
	if (m->build_id)
		processes_hex(id, m->build_id, m->build_id_bytes);
	for (enum unit unit = UNIT_APP; unit <= UNIT_INIT; unit++)
		if (overlaps(&p->builds->all[unit], m) &&
		    builds_is_mapped(p->builds, unit, m->start, m->offset))
			process->program[unit] = (uint8_t)program_of(p, unit, m->file, id);
}

void processes_fork(void *user, int32_t pid, int32_t parent)
{
	if (pid != parent)
		add(user, pid)->parent = parent;
}

void processes_exec(void *user, int32_t pid, const char *name)
{
	(void)name;
	add(user, pid)->execed = true;
}

static int compare(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* What was learnt of a process at different places of the file becomes one. */
static void unite(struct process *to, const struct process *from)
{
	to->parent = to->parent < 0 ? from->parent : to->parent;
	to->execed |= from->execed;
	for (enum unit unit = 0; unit < UNITS; unit++)
		if (from->program[unit] != NO_PROGRAM)
			to->program[unit] = from->program[unit];
}

static void sort(struct processes *p)
{
	size_t kept = 0;

	p->sorted = true;
	if (!p->n)
		return;
	qsort(p->v, p->n, sizeof(*p->v), compare);
	for (size_t i = 1; i < p->n; i++)
		if (p->v[i].pid == p->v[kept].pid)
			unite(&p->v[kept], &p->v[i]);
		else
			p->v[++kept] = p->v[i];
	p->n = kept + 1;
}

static const struct process *find(const struct processes *p, int32_t pid)
{
	struct process wanted = { .pid = pid };

	return p->n ? bsearch(&wanted, p->v, p->n, sizeof(*p->v), compare) : NULL;
}

size_t processes_find(struct processes *p, int32_t pid, enum unit unit)
{
	const struct process *process;

	if (!p->sorted)
		sort(p);
	process = find(p, pid);
	if (!process)
		return ANY_PROGRAM;
	for (int i = 0; i < ANCESTORS_MAX && process; i++) {
		if (process->program[unit] != NO_PROGRAM)
			return process->program[unit];
		if (process->execed || process->parent < 0)
			break;
		process = find(p, process->parent);
	}
	return NO_PROGRAM;
}

static void name_kernel(struct processes *p, const struct perf_build_id *b)
{
	bool guest = b->mode == PERF_MODE_GUEST_KERNEL;

	if (!*p->kernel_id[guest] && b->file && is_kernel_itself(b->file))
		processes_hex(p->kernel_id[guest], b->id, b->bytes);
}

void processes_name(struct processes *p, const struct perf_facts *facts)
{
	for (size_t i = 0; i < facts->build_id_count; i++) {
		const struct perf_build_id *b = &facts->build_ids[i];

		if (b->mode == PERF_MODE_KERNEL || b->mode == PERF_MODE_GUEST_KERNEL)
			name_kernel(p, b);
		for (size_t j = 1; b->file && j < p->program_count; j++)
			if (!*p->programs[j].build_id && !strcmp(p->programs[j].file, b->file))
				processes_hex(p->programs[j].build_id, b->id, b->bytes);
	}
}
