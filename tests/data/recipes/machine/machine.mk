# machine - shows a machine with all its features, for the tests: processors, disk, IPv6 and more

MACHINE_SOURCE = tests/data/recipes/machine/src
MACHINE_SOURCE_KIND = tree
MACHINE_LICENSE = MIT

MACHINE_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -pthread -o machine *.c
MACHINE_PROGRAMS = machine

MACHINE_COMMAND = /bin/machine
MACHINE_READY = http:80/
MACHINE_PORTS = tcp:80 tcp:81 udp:82
MACHINE_MEM = 96M
MACHINE_CPUS = 8
MACHINE_DISK = /data/files 32M
MACHINE_FEATURES = ipv6 rng hugepages
MACHINE_HOSTNAME = test-machine

$(eval $(call recipe,machine))
