/* SPDX-License-Identifier: MIT */
/*
 * framekind.c - what kind of code a frame is, by its name alone
 *
 * Folded stacks say nothing of libraries, so functions of the C library are known by
 * their names: those of the standard, with what musl and glibc call their inner parts.
 */
#include <stdlib.h>
#include <string.h>

#include "frametree.h"
#include "pipeline/lib/util.h"

/* Sorted by bytes; leading underscores are passed over when a name is looked up. */
static const char *const libc_names[] = {
	"abort",
	"accept",
	"accept4",
	"access",
	"aligned_alloc",
	"atoi",
	"atol",
	"bin_chunk",
	"bind",
	"brk",
	"bsearch",
	"bzero",
	"calloc",
	"chdir",
	"chmod",
	"clock_gettime",
	"clone",
	"close",
	"connect",
	"copyfile",
	"dup",
	"dup2",
	"epoll_create",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_wait",
	"errno_location",
	"eventfd",
	"execve",
	"exit",
	"expand_heap",
	"fclose",
	"fcntl",
	"fdopen",
	"fflush",
	"fgets",
	"floatscan",
	"fmt_fp",
	"fmt_u",
	"fopen",
	"fork",
	"fprintf",
	"fputs",
	"fread",
	"free",
	"freeaddrinfo",
	"fseek",
	"fstat",
	"fstatat",
	"fsync",
	"ftruncate",
	"futex",
	"fwrite",
	"getaddrinfo",
	"getcwd",
	"getenv",
	"gethostname",
	"getpeername",
	"getpid",
	"getrandom",
	"getsockname",
	"getsockopt",
	"gettimeofday",
	"gmtime",
	"gmtime_r",
	"inet_ntop",
	"inet_pton",
	"intscan",
	"ioctl",
	"isalnum",
	"isalpha",
	"isdigit",
	"isspace",
	"kill",
	"libc_free",
	"libc_malloc",
	"libc_start_main",
	"listen",
	"localtime",
	"localtime_r",
	"longjmp",
	"lseek",
	"lstat",
	"madvise",
	"malloc",
	"malloc0",
	"malloc_usable_size",
	"mbrtowc",
	"mbtowc",
	"memalign",
	"memccpy",
	"memchr",
	"memcmp",
	"memcpy",
	"memmem",
	"memmove",
	"mempcpy",
	"memrchr",
	"memset",
	"mkdir",
	"mktime",
	"mmap",
	"month_to_secs",
	"mprotect",
	"mremap",
	"munmap",
	"nanosleep",
	"open",
	"openat",
	"opendir",
	"pipe",
	"pipe2",
	"poll",
	"pop_arg",
	"posix_memalign",
	"pread",
	"preadv",
	"printf",
	"printf_core",
	"pwrite",
	"pwritev",
	"qsort",
	"qsort_r",
	"raise",
	"read",
	"readdir",
	"readlink",
	"readv",
	"realloc",
	"recv",
	"recvfrom",
	"recvmsg",
	"rename",
	"rmdir",
	"sbrk",
	"secs_to_tm",
	"select",
	"send",
	"sendfile",
	"sendmsg",
	"sendto",
	"setjmp",
	"setsockopt",
	"shutdown",
	"sigaction",
	"sigprocmask",
	"sigsetjmp",
	"sigsuspend",
	"sn_write",
	"snprintf",
	"socket",
	"socketpair",
	"sprintf",
	"sscanf",
	"start_c",
	"stat",
	"statx",
	"stpcpy",
	"stpncpy",
	"strcasecmp",
	"strcat",
	"strchr",
	"strchrnul",
	"strcmp",
	"strcpy",
	"strcspn",
	"strdup",
	"strerror",
	"strftime",
	"strlcpy",
	"strlen",
	"strncasecmp",
	"strncat",
	"strncmp",
	"strncpy",
	"strndup",
	"strnlen",
	"strrchr",
	"strspn",
	"strstr",
	"strtod",
	"strtok",
	"strtok_r",
	"strtol",
	"strtoll",
	"strtoul",
	"strtoull",
	"syscall",
	"syscall_cp",
	"syscall_cp_asm",
	"syscall_cp_c",
	"syscall_ret",
	"sysconf",
	"time",
	"timegm",
	"tm_to_secs",
	"tolower",
	"toupper",
	"towrite",
	"tzset",
	"uname",
	"unbin",
	"unlink",
	"usleep",
	"vdsosym",
	"vfprintf",
	"vprintf",
	"vsnprintf",
	"vsprintf",
	"wait4",
	"waitpid",
	"wctomb",
	"write",
	"writev",
	"year_to_secs",
};

static int by_name(const void *one, const void *other)
{
	return strcmp(one, *(const char *const *)other);
}

static bool is_libc_word(const char *word, size_t bytes)
{
	char copy[32];

	if (bytes >= sizeof(copy))
		return false;
	memcpy(copy, word, bytes);
	copy[bytes] = '\0';
	return bsearch(copy, libc_names, ARRAY_SIZE(libc_names), sizeof(libc_names[0]), by_name);
}

static bool is_libc(const char *name)
{
	static const char *const prefixes[] = { "__pthread_", "pthread_", "__libc_",  "__stdio_",
						"__malloc_",  "__GI_",	  "__init_",  "__tz",
						"__syscall",  "__lock",	  "__unlock", "__vdso_" };
	size_t underscores = strspn(name, "_");
	const char *word = name + underscores;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	if (is_libc_word(word, strlen(word)))
		return true;
	/* glibc's variants: __memmove_avx_unaligned_erms */
	return underscores == 2 && is_libc_word(word, strcspn(word, "_"));
}

size_t frame_shown_bytes(const char *name)
{
	size_t bytes = strlen(name);

	if (bytes > 4 && !memcmp(name + bytes - 4, "_[", 2) && name[bytes - 1] == ']' &&
	    strchr("kwij", name[bytes - 2]))
		return bytes - 4;
	return bytes;
}

enum frame_kind frame_kind(const char *name)
{
	size_t bytes = strlen(name);

	if (!strcmp(name, "[kernel]") || (bytes > 4 && !strcmp(name + bytes - 4, "_[k]")))
		return FRAME_KERNEL;
	if (name[0] == '[')
		return FRAME_OTHER;
	return is_libc(name) ? FRAME_LIBC : FRAME_APP;
}
