/* TLS 1.3 credentials: a CA, the server's Ed25519 certificate, session tickets
 * and anti-replay state (RFC 8446), shared by QUIC and TCP. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_TLS_H
#define HO_STACK_TLS_H

#include <gnutls/gnutls.h>

#include "sim/base/time.h"

typedef struct ho_tls ho_tls;

/* ho_tls_new makes the ticket key; the certificate is the process's own (see
 * stack/certificate.h).  Call it after ho_entropy_seed; GnuTLS sees virtual
 * time, virtual 0 being a fixed date within the certificate's life. */
ho_tls *ho_tls_new(void);
void ho_tls_del(ho_tls *tls);

/* ho_tls_session makes a session with priorities, credentials, certificate
 * verification against HO_HTTP_AUTHORITY (client) and tickets (server) set;
 * |flags| are added to GnuTLS's own GNUTLS_CLIENT or GNUTLS_SERVER.  |alpn| is
 * "h2" or "h3".  The caller deinits it. */
gnutls_session_t ho_tls_session(ho_tls *tls, unsigned flags, const char *alpn);

#endif
