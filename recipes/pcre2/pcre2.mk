# pcre2 - regular expressions, 8-bit

PCRE2_SOURCE = pcre2
PCRE2_LICENSE = BSD-3-Clause

# No JIT: it wants memory that is writable and executable at once, and code that
# no profile sees.
PCRE2_CONFIGURE = ./configure --disable-shared --disable-cpp --prefix=/
PCRE2_BUILD = make -j$$JOBS libpcre2-8.la
PCRE2_LIBRARIES = .libs/libpcre2-8.a
PCRE2_HEADERS = src/pcre2.h src/pcre2posix.h

$(eval $(call recipe,pcre2))
