# libevent - the event loop of memcached

LIBEVENT_SOURCE = libevent
LIBEVENT_LICENSE = BSD-3-Clause

LIBEVENT_CONFIGURE = ./configure --disable-shared --disable-openssl --disable-samples \
	--disable-libevent-regress --prefix=/
# A patch of Debian's is younger than Makefile.in, which nobody has to make anew. Only "all" makes
# event-config.h by itself, and it makes libevent's tests, too.
LIBEVENT_BUILD = make AUTOMAKE=: include/event2/event-config.h && \
	make AUTOMAKE=: -j$$JOBS libevent.la
LIBEVENT_LIBRARIES = .libs/libevent.a
LIBEVENT_HEADERS = include/event.h include/evutil.h include/event2=event2

$(eval $(call recipe,libevent))
