# haproxy - a proxy and balancer for HTTP and TCP, with threads and TLS

HAPROXY_SOURCE = haproxy
HAPROXY_LICENSE = GPL-2.0-or-later
HAPROXY_DEPENDS = pcre2 openssl

# A guest has one network and no netfilter; threads that hang are the watchdog's (RT), without a dump of all.
haproxy-parts = OPENSSL=1 PCRE2=1 NS= NETFILTER= TPROXY= LINUX_TPROXY= THREAD_DUMP= DL=
# The library is where the capsules are, not where a pcre2-config says.
HAPROXY_BUILD = make -j$$JOBS CC=$$CC TARGET=linux-musl $(addprefix USE_,$(haproxy-parts)) \
	PCRE2DIR=. PCRE2_LDFLAGS=-lpcre2-8 haproxy
HAPROXY_PROGRAMS = haproxy

# Master and worker: USR2 makes the master start the program anew, the old worker ends with its last connection.
# A worker that crashes ends the master, and the image with it: exit-on-failure is haproxy's default.
HAPROXY_COMMAND = /bin/haproxy -W -f /etc/haproxy/haproxy.cfg
HAPROXY_STOP_SIGNAL = USR1
HAPROXY_MEM = 96M
HAPROXY_READY = http:80/alive
HAPROXY_PORTS = tcp:80 tcp:443 tcp:8404 tcp:9999
HAPROXY_CPUS = 4
HAPROXY_BENCH_LOAD = get1k

$(eval $(call recipe,haproxy))
