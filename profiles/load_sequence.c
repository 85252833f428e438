/* SPDX-License-Identifier: MIT */
#include "load_sequence.h"

#include "load_draw.h"

uint64_t load_sequence_draw(uint64_t *state)
{
	return load_draw(state);
}

void load_sequence_begin(struct load_sequence *s, const struct loadfile *l)
{
	*s = (struct load_sequence){ .l = l, .state = l->seed };
	for (size_t i = 0; i < l->n; i++)
		s->weights += l->v[i].weight;
}

size_t load_sequence_next(struct load_sequence *s)
{
	uint64_t share = load_draw_below(load_draw(&s->state), s->weights);
	const struct load_exchange *x;
	size_t i = 0;

	for (; share >= s->l->v[i].weight; i++)
		share -= s->l->v[i].weight;
	x = s->l->v[i].exchange;
	for (size_t v = 0; x && v < x->variables.n; v++)
		s->drawn[v] = load_draw(&s->state);
	return i;
}
