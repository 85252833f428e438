/* SPDX-License-Identifier: MIT */
#include "library_calls.h"

#include <stddef.h>

const char *const library_calls[] = {
	"bcmp",	  "memchr", "memcmp",  "mempcpy", "stpcpy",  "stpncpy", "strchr", "strcmp",
	"strcpy", "strlen", "strncmp", "strncpy", "strnlen", "strrchr", NULL,
};
