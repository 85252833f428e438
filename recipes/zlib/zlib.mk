# zlib - deflate

ZLIB_SOURCE = zlib
ZLIB_LICENSE = Zlib

ZLIB_CONFIGURE = ./configure --static --prefix=/
ZLIB_BUILD = make -j$$JOBS libz.a
ZLIB_LIBRARIES = libz.a
ZLIB_HEADERS = zlib.h zconf.h

$(eval $(call recipe,zlib))
