# nginx-tls - nginx with TLS, HTTP/2 and four workers

# What is not said here is as in recipes/nginx: its files, its words about system calls, too.
NGINX_TLS_LIKE = nginx
NGINX_TLS_DEPENDS = pcre2 zlib openssl

NGINX_TLS_CONFIGURE = $(NGINX_CONFIGURE) --with-http_ssl_module --with-http_v2_module

NGINX_TLS_MEM = 96M
NGINX_TLS_CPUS = 4
NGINX_TLS_PORTS = tcp:80 tcp:443

$(eval $(call recipe,nginx-tls))
