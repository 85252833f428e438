# sqlite - SQLite behind a TCP port: a line of SQL in, rows out; its database is on a disk

SQLITE_SOURCE = recipes/sqlite/server
SQLITE_SOURCE_KIND = tree
SQLITE_LICENSE = MIT
SQLITE_DEPENDS = libsqlite3

SQLITE_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o sqlite *.c -lsqlite3
SQLITE_PROGRAMS = sqlite

SQLITE_COMMAND = /bin/sqlite --database /data/main.db
SQLITE_DISK = /data 64M
SQLITE_MEM = 64M
SQLITE_READY = tcp:5000

$(eval $(call recipe,sqlite))
