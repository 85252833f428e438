/* SPDX-License-Identifier: MIT */
#include "load_schedule.h"

enum { IN_TIME_NS = 1000000 };

void load_schedule_begin(struct load_schedule *s, double rate_rps, uint64_t requests)
{
	*s = (struct load_schedule){ rate_rps, requests, 0, UINT64_MAX };
}

uint64_t load_schedule_due_ns(const struct load_schedule *s, uint64_t number)
{
	return (uint64_t)((double)number * 1e9 / s->rate_rps);
}

void load_schedule_note(struct load_schedule *s, uint64_t now_ns)
{
	uint64_t due_ns = load_schedule_due_ns(s, s->sent);
	uint64_t late_ns = now_ns > due_ns ? now_ns - due_ns : 0;

	if (s->sent++ >= s->requests - (s->requests + 9) / 10 && late_ns < s->least_late_ns)
		s->least_late_ns = late_ns;
}

bool load_schedule_held(const struct load_schedule *s)
{
	uint64_t interval_ns = load_schedule_due_ns(s, 1);

	return s->sent == s->requests &&
	       s->least_late_ns <= (interval_ns > IN_TIME_NS ? interval_ns : IN_TIME_NS);
}
