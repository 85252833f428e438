# musl - the C library; the variant's name is that of its allocator

MUSL_SOURCE = musl
MUSL_LICENSE = MIT
MUSL_LIBC = none
MUSL_VARIANTS = oldmalloc

MUSL_CONFIGURE = ./configure --disable-shared --prefix=/ --with-malloc=$(or $(VARIANT),mallocng)
MUSL_BUILD = make -j$$JOBS && make DESTDIR=$$PWD/stage install-headers
# _start is assembly, and the linker looks for these objects by name.
MUSL_NATIVE = crt/*
MUSL_LIBRARIES = lib/libc.a
MUSL_HEADERS = stage/include=
# What programs name and musl has in libc.a: empty, but they must be found.
MUSL_FILES = $(foreach lib,m crypt dl pthread resolv rt util xnet,lib/lib$(lib).a=lib/lib$(lib).a) \
	$(foreach object,crt1 crti crtn,lib/$(object).o=lib/$(object).o)

# AI_ADDRCONFIG asks with a socket each whether there are IPv4 and IPv6.
MUSL_VALUES_AT_getaddrinfo.0 = 2 10

$(eval $(call recipe,musl))
