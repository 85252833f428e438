# collector - in images that were asked for it: what samples them, for make collect

COLLECTOR_SOURCE = collector
COLLECTOR_SOURCE_KIND = tree
COLLECTOR_LICENSE = MIT

COLLECTOR_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o collector guest/*.c protocol.c
# Its size counts, not its speed: the kernel does the work.
# (-O2 of all capsules stands behind what is given here; the front end takes the last.)
COLLECTOR_FLAGS = -Xclang -Oz
COLLECTOR_PROGRAMS = collector

$(eval $(call recipe,collector))
