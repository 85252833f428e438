# openssl - TLS 1.2 and 1.3, and the cryptography below it

OPENSSL_SOURCE = openssl
OPENSSL_LICENSE = Apache-2.0

# One static library: nothing is loaded at run time, so the providers are part of it. musl has no
# makecontext() for async; a server has no terminal to ask for passwords at.
openssl-parts = shared dso module engine async ui-console secure-memory tests
# What no TLS 1.2 or 1.3 has, and formats of files that no server reads.
openssl-old = aria bf camellia cast cmp cms comp des dsa dtls ec2m gost idea md4 mdc2 nextprotoneg ocb rc2 rc4 rc5 \
	rfc3779 rmd160 scrypt seed siphash siv sm2 sm3 sm4 srp srtp ssl3 tls1 tls1_1 ts whirlpool
# The assembly (perlasm) stays, and native: it finds out about the processor by itself. Without it AES-128-GCM has
# 153 instead of 4,193 MB/s, and TLS 1.3 makes 553 instead of 1,273 handshakes a second (both sides, one core).
OPENSSL_CONFIGURE = ./Configure linux-x86_64 --prefix=/ --openssldir=/etc/ssl \
	$(addprefix no-,$(openssl-parts) $(openssl-old))
OPENSSL_BUILD = make -j$$JOBS build_libs
OPENSSL_LIBRARIES = libcrypto.a libssl.a
OPENSSL_HEADERS = include/openssl=openssl

$(eval $(call recipe,openssl))
