/* SPDX-License-Identifier: MIT */
#include "load_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

struct load_tls_settings {
	SSL_CTX *context;
	bool resume;
};

struct load_tls {
	struct load_tls_settings *settings;
	SSL *ssl;
	SSL_SESSION *session; /* the newest that the server gave, or NULL */
	bool offered;
	char fault[256];
};

/* With TLS 1.3 sessions come after the handshake, one or several. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct load_tls *t = SSL_get_app_data(ssl);

	SSL_SESSION_free(t->session);
	t->session = session;
	return 1; /* it is ours now */
}

struct load_tls_settings *xload_tls_settings(unsigned version, bool resume)
{
	static const int versions[] = { 0, TLS1_2_VERSION, TLS1_3_VERSION };
	struct load_tls_settings *s = xcalloc(1, sizeof(*s));

	s->context = SSL_CTX_new(TLS_client_method());
	if (!s->context || !SSL_CTX_set_min_proto_version(s->context, versions[version]) ||
	    !SSL_CTX_set_max_proto_version(s->context, versions[version]))
		die("OpenSSL cannot be set up for TLS");
	SSL_CTX_set_verify(s->context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_mode(s->context,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	s->resume = resume;
	if (resume) {
		SSL_CTX_set_session_cache_mode(s->context,
					       SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
		SSL_CTX_sess_set_new_cb(s->context, keep_session);
	}
	return s;
}

void load_tls_settings_free(struct load_tls_settings *s)
{
	if (s)
		SSL_CTX_free(s->context);
	free(s);
}

struct load_tls *load_tls_new(struct load_tls_settings *s)
{
	struct load_tls *t = xcalloc(1, sizeof(*t));

	t->settings = s;
	return t;
}

void load_tls_free(struct load_tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	SSL_SESSION_free(t->session);
	free(t);
}

void xload_tls_begin(struct load_tls *t, int fd)
{
	SSL_free(t->ssl);
	t->ssl = SSL_new(t->settings->context);
	if (!t->ssl || !SSL_set_fd(t->ssl, fd))
		die("out of memory");
	SSL_set_app_data(t->ssl, t);
	SSL_set_connect_state(t->ssl);
	t->offered = t->settings->resume && t->session && SSL_set_session(t->ssl, t->session);
}

/* What an OpenSSL call that returned `result` came to. */
static int result_of(struct load_tls *t, int result)
{
	const char *reason;

	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_WANT_READ: return LOAD_TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE: return LOAD_TLS_WANTS_WRITE;
	case SSL_ERROR_ZERO_RETURN: return 0;
	default: break;
	}
	reason = ERR_reason_error_string(ERR_peek_error());
	snprintf(t->fault, sizeof(t->fault), "%s", reason ? reason : "the connection was closed");
	ERR_clear_error();
	return LOAD_TLS_FAILED;
}

int load_tls_handshake(struct load_tls *t)
{
	int done = SSL_do_handshake(t->ssl);

	if (done == 1)
		return 1;
	done = result_of(t, done);
	if (done)
		return done;
	snprintf(t->fault, sizeof(t->fault), "the connection was closed");
	return LOAD_TLS_FAILED;
}

ssize_t load_tls_read(struct load_tls *t, void *data, size_t bytes)
{
	int got = SSL_read(t->ssl, data, (int)bytes);

	return got > 0 ? got : result_of(t, got);
}

ssize_t load_tls_write(struct load_tls *t, const void *data, size_t bytes)
{
	int put = SSL_write(t->ssl, data, (int)bytes);

	return put > 0 ? put : result_of(t, put);
}

void load_tls_end(struct load_tls *t)
{
	if (t->ssl && SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	ERR_clear_error();
	SSL_free(t->ssl);
	t->ssl = NULL;
}

const char *load_tls_version(const struct load_tls *t)
{
	return SSL_get_version(t->ssl);
}

bool load_tls_resumed(const struct load_tls *t)
{
	return SSL_session_reused(t->ssl);
}

bool load_tls_offered(const struct load_tls *t)
{
	return t->offered;
}

const char *load_tls_fault(const struct load_tls *t)
{
	return t->fault;
}
