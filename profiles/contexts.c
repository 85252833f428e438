/* SPDX-License-Identifier: MIT */
#include "contexts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pipeline/lib/util.h"

enum { HEADS = 1 << 18 };

/* Zeros, which take memory once they are written. */
static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		die("cannot reserve %zu bytes of addresses: %s", bytes, strerror(errno));
	return p;
}

void contexts_init(struct contexts *c, unsigned vcpus)
{
	*c = (struct contexts){ .vcpus = vcpus, .count = 1 };
	pthread_mutex_init(&c->lock, NULL);
	c->v = reserve(CONTEXTS_MAX * sizeof(*c->v));
	c->heads = reserve(HEADS * sizeof(*c->heads));
	c->instructions = xcalloc(vcpus, sizeof(*c->instructions));
	for (unsigned v = 0; v < vcpus; v++)
		c->instructions[v] = reserve(CONTEXTS_MAX * sizeof(**c->instructions));
}

void contexts_zero(struct contexts *c)
{
	uint32_t count = atomic_load(&c->count);

	for (unsigned v = 0; v < c->vcpus; v++)
		memset(c->instructions[v], 0, count * sizeof(**c->instructions));
}

static _Atomic uint32_t *head_of(const struct contexts *c, uint32_t parent, uint32_t function)
{
	uint64_t mixed = (((uint64_t)parent << 32) | function) * 0x9e3779b97f4a7c15u;

	return &c->heads[mixed >> 46];
}

/* 0: there is none. */
static uint32_t find(const struct contexts *c, uint32_t from, uint32_t parent, uint32_t function)
{
	while (from && (c->v[from].parent != parent || c->v[from].function != function))
		from = c->v[from].next;
	return from;
}

static uint32_t make(struct contexts *c, uint32_t parent, uint32_t function)
{
	_Atomic uint32_t *head = head_of(c, parent, function);
	uint32_t found, first;

	pthread_mutex_lock(&c->lock);
	first = atomic_load(head);
	found = find(c, first, parent, function);
	if (!found && atomic_load(&c->count) < CONTEXTS_MAX) {
		found = atomic_load(&c->count);
		c->v[found] = (struct context){ parent, function, first, c->v[parent].depth + 1 };
		atomic_store(&c->count, found + 1);
		atomic_store_explicit(head, found, memory_order_release);
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

uint32_t contexts_child(struct contexts *c, uint32_t parent, uint32_t function)
{
	uint32_t first = atomic_load_explicit(head_of(c, parent, function), memory_order_acquire);
	uint32_t found = find(c, first, parent, function);

	if (!found && c->v[parent].depth < CONTEXTS_DEPTH_MAX)
		found = make(c, parent, function);
	if (found)
		return found;
	atomic_fetch_add(&c->refused, 1);
	return parent;
}

static uint64_t instructions_of(const struct contexts *c, uint32_t context)
{
	uint64_t sum = 0;

	for (unsigned v = 0; v < c->vcpus; v++)
		sum += c->instructions[v][context];
	return sum;
}

uint64_t contexts_instructions(const struct contexts *c)
{
	uint32_t count = atomic_load(&c->count);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += instructions_of(c, i);
	return sum;
}

char *contexts_text(const struct contexts *c, size_t *bytes)
{
	uint32_t count = atomic_load(&c->count);
	char *text = NULL;
	FILE *f = open_memstream(&text, bytes);

	if (!f)
		die("out of memory");
	for (uint32_t i = 1; i < count; i++)
		fprintf(f, "%" PRIu32 " %" PRIu32 " %" PRIu64 "\n", c->v[i].parent,
			c->v[i].function, instructions_of(c, i));
	if (fclose(f))
		die("out of memory");
	return text;
}
