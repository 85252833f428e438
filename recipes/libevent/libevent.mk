# libevent - the event loop of memcached

LIBEVENT_SOURCE = libevent
LIBEVENT_LICENSE = BSD-3-Clause

LIBEVENT_CONFIGURE = ./configure --disable-shared --disable-openssl --disable-samples \
	--disable-libevent-regress --prefix=/
# event-config.h is made by "all" alone, and that builds its own tests, too.
LIBEVENT_BUILD = make -j$$JOBS include/event2/event-config.h libevent.la
LIBEVENT_LIBRARIES = .libs/libevent.a
LIBEVENT_HEADERS = include/event.h include/evutil.h include/event2=event2

$(eval $(call recipe,libevent))
