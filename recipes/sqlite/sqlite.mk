# sqlite - SQLite behind a TCP port: a line of SQL in, rows out; its database is on a disk

SQLITE_SOURCE = recipes/sqlite/server
SQLITE_SOURCE_KIND = tree
SQLITE_LICENSE = MIT
SQLITE_DEPENDS = libsqlite3

SQLITE_BUILD = $$CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o sqlite *.c -lsqlite3
SQLITE_PROGRAMS = sqlite

SQLITE_COMMAND = /bin/sqlite --database /data/main.db --schema /etc/sqlite/schema.sql
SQLITE_MEM = 64M
SQLITE_DISK = /data 64M
SQLITE_READY = exchange:5000 "SELECT 1;\n" "1\nok 0\n"
SQLITE_BENCH_LOAD = point

$(eval $(call recipe,sqlite))
