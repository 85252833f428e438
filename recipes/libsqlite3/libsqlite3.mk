# libsqlite3 - SQL on a file

LIBSQLITE3_SOURCE = sqlite3
LIBSQLITE3_LICENSE = blessing

# One thread a database, no plugins: no locks within the library, no dlopen.
LIBSQLITE3_CONFIGURE = ./configure --disable-shared --disable-tcl --disable-readline \
	--disable-threadsafe --disable-load-extension --prefix=/
LIBSQLITE3_BUILD = make -j$$JOBS libsqlite3.la
LIBSQLITE3_LIBRARIES = .libs/libsqlite3.a
LIBSQLITE3_HEADERS = sqlite3.h

$(eval $(call recipe,libsqlite3))
