/* SPDX-License-Identifier: MIT */
/*
 * load_tls.h - TLS over a socket that does not block, by OpenSSL; certificates are not verified
 */
#ifndef PROFILES_LOAD_TLS_H
#define PROFILES_LOAD_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct load_tls_settings; /* of all connections of a load */
struct load_tls;	  /* one connection after the other; knows the session of the last one */

/* `version`: as loadfile's tls_version. Dies if OpenSSL cannot. */
struct load_tls_settings *xload_tls_settings(unsigned version, bool resume);
void load_tls_settings_free(struct load_tls_settings *s);

struct load_tls *load_tls_new(struct load_tls_settings *s);
void load_tls_free(struct load_tls *t);

/* The results of the calls below beside a number of bytes. */
enum { LOAD_TLS_WANTS_READ = -1, LOAD_TLS_WANTS_WRITE = -2, LOAD_TLS_FAILED = -3 };

/* A new connection over `fd`. */
void xload_tls_begin(struct load_tls *t, int fd);

/* Go on with the handshake: 1 once it is done. */
int load_tls_handshake(struct load_tls *t);

/* As read(2) and write(2); reading 0: the server closed it. */
ssize_t load_tls_read(struct load_tls *t, void *data, size_t bytes);
ssize_t load_tls_write(struct load_tls *t, const void *data, size_t bytes);

/* Say good-bye; the caller closes the socket. */
void load_tls_end(struct load_tls *t);

/* After the handshake: its version, whether it resumed a session, and whether it tried to. */
const char *load_tls_version(const struct load_tls *t);
bool load_tls_resumed(const struct load_tls *t);
bool load_tls_offered(const struct load_tls *t);

/* What failed last, for a message. */
const char *load_tls_fault(const struct load_tls *t);

#endif
