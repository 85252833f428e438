# init - the first program of every image: kernel/init

INIT_SOURCE = kernel/init
INIT_SOURCE_KIND = tree
INIT_LICENSE = MIT

INIT_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o init *.c
INIT_PROGRAMS = init

# A disk is mounted if the packer says where, in init.conf.
INIT_ONLY_IF_disk_mount = disk_at
INIT_ONLY_IF_disk_unmount = disk_at

$(eval $(call recipe,init))
