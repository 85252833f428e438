# collector - in images that were asked for it: what samples them, for make collect

COLLECTOR_SOURCE = collector
COLLECTOR_SOURCE_KIND = tree
COLLECTOR_LICENSE = MIT

# protocol.c is the receiver's, too. Interrupts and system calls save no vector registers for it.
COLLECTOR_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o collector guest/*.c protocol.c
COLLECTOR_PROGRAMS = collector

$(eval $(call recipe,collector))
