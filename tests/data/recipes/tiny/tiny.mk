# tiny - a small HTTP server for the tests of init and of the build

TINY_SOURCE = tests/data/recipes/tiny/src
TINY_SOURCE_KIND = tree
TINY_LICENSE = MIT

TINY_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -o tiny tiny.c -Wl,-E
TINY_PROGRAMS = tiny

TINY_COMMAND = /bin/tiny "two words"
TINY_ENVIRONMENT = FLAVOUR=plain
TINY_READY = http:80/
TINY_MEM = 48M

$(eval $(call recipe,tiny))
