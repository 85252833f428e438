# redis - data structures in memory, with Lua, no TLS

REDIS_SOURCE = redis
REDIS_LICENSE = BSD-3-Clause

REDIS_BUILD = GIT_DIR=none make -j$$JOBS -C src MALLOC=libc USE_SYSTEMD=no redis-server
REDIS_PROGRAMS = src/redis-server

REDIS_COMMAND = /bin/redis-server /etc/redis.conf
REDIS_READY = exchange:6379 "PING\r\n" "+PONG"
REDIS_TEST_MEM = 512M

$(eval $(call recipe,redis))
