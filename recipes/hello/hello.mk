# hello - answers HTTP with a greeting: the template of a recipe

HELLO_SOURCE = src
HELLO_SOURCE_KIND = tree
HELLO_LICENSE = MIT

HELLO_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -o hello hello.c
HELLO_PROGRAMS = hello

HELLO_COMMAND = /bin/hello
HELLO_READY = http:80/
HELLO_MEM = 12M

$(eval $(call recipe,hello))
