# nginx - static files over HTTP with gzip and rewrite, one worker, no TLS

NGINX_SOURCE = nginx
NGINX_LICENSE = BSD-2-Clause
NGINX_DEPENDS = pcre2 zlib

# musl's default allocator maps and unmaps memory for every request; the old one
# keeps it, which saves nginx 30 % of a request's instructions.
NGINX_MALLOC = oldmalloc

# nginx's configure is its own, not autoconf. It adds -Wl,-E, which bitcc drops.
NGINX_CONFIGURE = ./configure --with-cc=$$CC --prefix=/ --conf-path=/etc/nginx/nginx.conf \
	--pid-path=/run/nginx.pid --lock-path=/run/nginx.lock --error-log-path=stderr \
	--http-log-path=/dev/null $(foreach part,client-body proxy fastcgi uwsgi scgi, \
	--http-$(part)-temp-path=/tmp/$(part))
NGINX_BUILD = make -j$$JOBS -f objs/Makefile binary
# nginx compiles with -Werror, and musl's CMSG_NXTHDR compares signed with unsigned.
NGINX_FLAGS = -Wno-sign-compare
NGINX_PROGRAMS = objs/nginx

# The family comes from an address, and ngx_parse_url() makes these of unix: and IPv4.
NGINX_VALUES_AT_socket.0 = 1 2

NGINX_COMMAND = /bin/nginx -g "daemon off;"
NGINX_STOP_SIGNAL = QUIT
NGINX_MEM = 64M
NGINX_READY = http:80/1k.txt

$(eval $(call recipe,nginx))
