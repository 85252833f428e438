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

# In these functions something happens only by a directive, which has one of these texts
# in it: so says nginx's source.
NGINX_ONLY_IF_ngx_debug_point = debug_points
NGINX_ONLY_IF_ngx_http_autoindex_handler = autoindex
NGINX_ONLY_IF_ngx_http_file_cache_init = _cache_path
NGINX_ONLY_IF_ngx_http_file_cache_manager = _cache_path
NGINX_ONLY_IF_ngx_http_file_cache_loader = _cache_path
NGINX_ONLY_IF_ngx_walk_tree = _cache_path dav_
NGINX_ONLY_IF_ngx_ext_rename_file = _store _cache_path dav_
NGINX_ONLY_IF_ngx_write_chain_to_temp_file = _pass mirror dav_ client_body_in_file_only
NGINX_ONLY_IF_ngx_http_geo_create_binary_base = geo
NGINX_ONLY_IF_ngx_http_variable_realpath_root = realpath_root
NGINX_ONLY_IF_ngx_openat_file_owner = disable_symlinks
NGINX_ONLY_IF_openat = disable_symlinks
NGINX_ONLY_IF_glob = * ? [
NGINX_ONLY_IF_chdir = working_directory
NGINX_ONLY_IF_posix_fadvise = read_ahead
NGINX_ONLY_IF_sched_setaffinity = worker_cpu_affinity
NGINX_ONLY_IF_setpriority = worker_priority

NGINX_COMMAND = /bin/nginx -g "daemon off;"
NGINX_STOP_SIGNAL = QUIT
NGINX_MEM = 64M
NGINX_READY = http:80/1k.txt
# What make bench sends; others with LOAD=.
NGINX_BENCH_LOAD = get1k

$(eval $(call recipe,nginx))
