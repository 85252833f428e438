# devices - prints the modaliases of the machine it runs on, for kernel/machines

DEVICES_SOURCE = tests/data/recipes/devices/src
DEVICES_SOURCE_KIND = tree
DEVICES_LICENSE = MIT

DEVICES_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -o devices devices.c
DEVICES_PROGRAMS = devices

DEVICES_COMMAND = /bin/devices
DEVICES_READY = tcp:80
# The modaliases are files of sysfs.
DEVICES_KCONFIG = SYSFS=y

$(eval $(call recipe,devices))
