# memcached - a cache in memory: text, meta and binary protocol, threads

MEMCACHED_SOURCE = memcached
MEMCACHED_LICENSE = BSD-3-Clause
MEMCACHED_DEPENDS = libevent

# extstore keeps items on a disk, which this image has none of.
MEMCACHED_CONFIGURE = ./configure --disable-extstore --disable-docs --prefix=/
MEMCACHED_BUILD = make -j$$JOBS memcached
MEMCACHED_PROGRAMS = memcached

MEMCACHED_COMMAND = /bin/memcached -u memcache -m 64
MEMCACHED_MEM = 128M
MEMCACHED_READY = exchange:11211 "version\r\n" "VERSION"
# Its tests ask for caches of up to 1 GB, and fill them with a few hundred MB.
MEMCACHED_TEST_MEM = 1G

$(eval $(call recipe,memcached))
