# init - the first program of every image: kernel/init

INIT_SOURCE = kernel/init
INIT_SOURCE_KIND = tree
INIT_LICENSE = MIT

INIT_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o init *.c
INIT_PROGRAMS = init

$(eval $(call recipe,init))
