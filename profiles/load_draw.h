/* SPDX-License-Identifier: MIT */
/*
 * load_draw.h - the generator of loads: splitmix64 (Steele, Lea, Flood 2014)
 */
#ifndef PROFILES_LOAD_DRAW_H
#define PROFILES_LOAD_DRAW_H

#include <stdint.h>

/* One step. */
static inline uint64_t load_draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A draw as a number from 0 to `count` - 1: its product with `count`, shifted right by 64. */
static inline uint64_t load_draw_below(uint64_t draw, uint64_t count)
{
	return (uint64_t)(((unsigned __int128)draw * count) >> 64);
}

#endif
