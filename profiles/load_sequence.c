/* SPDX-License-Identifier: MIT */
#include "load_sequence.h"

uint64_t load_sequence_draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

void load_sequence_begin(struct load_sequence *s, const struct loadfile *l)
{
	*s = (struct load_sequence){ .l = l, .state = l->seed };
	for (size_t i = 0; i < l->n; i++)
		s->weights += l->v[i].weight;
}

size_t load_sequence_next(struct load_sequence *s)
{
	uint64_t draw = load_sequence_draw(&s->state);
	uint64_t share = (uint64_t)(((unsigned __int128)draw * s->weights) >> 64);
	size_t i = 0;

	for (; share >= s->l->v[i].weight; i++)
		share -= s->l->v[i].weight;
	return i;
}
