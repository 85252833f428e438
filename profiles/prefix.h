/* SPDX-License-Identifier: MIT */
/*
 * prefix.h - bytes that stand before an x86-64 opcode
 */
#ifndef PROFILES_PREFIX_H
#define PROFILES_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

/* Segment, size, lock and repeat (Intel SDM volume 2, 2.1.1); REX, 40 to 4f, is none of them. */
static inline bool prefix_is_legacy(uint8_t byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x64:
	case 0x65:
	case 0x66:
	case 0x67:
	case 0xf0:
	case 0xf2:
	case 0xf3: return true;
	default: return false;
	}
}

#endif
