/* SPDX-License-Identifier: MIT */
#include "cpu.h"

#include <cpuid.h>
#include <stddef.h>
#include <string.h>

enum reg { EAX, EBX, ECX, EDX };

/* Intel SDM volume 2A, CPUID: leaf (subleaf 0), register, bit. */
static const struct {
	const char *name;
	unsigned leaf;
	enum reg reg;
	unsigned bit;
} features[] = {
	{ "sse3", 1, ECX, 0 },
	{ "pclmul", 1, ECX, 1 },
	{ "ssse3", 1, ECX, 9 },
	{ "fma", 1, ECX, 12 },
	{ "cx16", 1, ECX, 13 },
	{ "sse4.1", 1, ECX, 19 },
	{ "sse4.2", 1, ECX, 20 },
	{ "movbe", 1, ECX, 22 },
	{ "popcnt", 1, ECX, 23 },
	{ "aes", 1, ECX, 25 },
	{ "xsave", 1, ECX, 26 },
	{ "avx", 1, ECX, 28 },
	{ "f16c", 1, ECX, 29 },
	{ "rdrnd", 1, ECX, 30 },
	{ "bmi", 7, EBX, 3 },
	{ "avx2", 7, EBX, 5 },
	{ "bmi2", 7, EBX, 8 },
	{ "avx512f", 7, EBX, 16 },
	{ "avx512dq", 7, EBX, 17 },
	{ "rdseed", 7, EBX, 18 },
	{ "adx", 7, EBX, 19 },
	{ "avx512ifma", 7, EBX, 21 },
	{ "clflushopt", 7, EBX, 23 },
	{ "avx512cd", 7, EBX, 28 },
	{ "sha", 7, EBX, 29 },
	{ "avx512bw", 7, EBX, 30 },
	{ "avx512vl", 7, EBX, 31 },
	{ "avx512vbmi", 7, ECX, 1 },
	{ "avx512vbmi2", 7, ECX, 6 },
	{ "gfni", 7, ECX, 8 },
	{ "vaes", 7, ECX, 9 },
	{ "vpclmulqdq", 7, ECX, 10 },
	{ "avx512vnni", 7, ECX, 11 },
	{ "avx512bitalg", 7, ECX, 12 },
	{ "avx512vpopcntdq", 7, ECX, 14 },
	{ "sahf", 0x80000001, ECX, 0 },
	{ "lzcnt", 0x80000001, ECX, 5 },
	{ "sse4a", 0x80000001, ECX, 6 },
	{ "prfchw", 0x80000001, ECX, 8 },
	{ "xop", 0x80000001, ECX, 11 },
	{ "fma4", 0x80000001, ECX, 16 },
};

/* The kernel saves the wide registers: XCR0 bits 1 and 2 (ymm), 5 to 7 (zmm). */
static bool kernel_saves(unsigned long mask)
{
	unsigned low, high, r[4];

	if (!__get_cpuid(1, &r[0], &r[1], &r[2], &r[3]) || !(r[ECX] & 1u << 27))
		return false;
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & mask) == mask;
}

bool cpu_has(const char *feature)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		unsigned r[4];

		if (strcmp(features[i].name, feature))
			continue;
		if (!__get_cpuid_count(features[i].leaf, 0, &r[0], &r[1], &r[2], &r[3]) ||
		    !(r[features[i].reg] & 1u << features[i].bit))
			return false;
		if (!strncmp(feature, "avx512", 6))
			return kernel_saves(0xe6);
		if (!strncmp(feature, "avx", 3))
			return kernel_saves(0x6);
		return true;
	}
	return false;
}
