/* The test certificate: parsed once, verified once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_CERTIFICATE_H
#define HO_STACK_CERTIFICATE_H

#include <gnutls/gnutls.h>

/* ho_certificate_load parses the CA and the server's certificate and key, for
 * as long as the process lives, and verifies the one against the other.  Called
 * before processes are forked it saves each of them that; it is idempotent.
 * It ends the program where GnuTLS refuses any of them. */
void ho_certificate_load(void);

/* Credentials of a client that trusts the CA, and of the server, after
 * ho_certificate_load.  Sessions share them; nobody frees them. */
gnutls_certificate_credentials_t ho_certificate_client(void);
gnutls_certificate_credentials_t ho_certificate_server(void);

/* ho_certificate_verify is a client session's verify function (see
 * gnutls_session_set_verify_function): 0, or GNUTLS_E_CERTIFICATE_ERROR where
 * the peer's chain is not to be trusted for HO_HTTP_AUTHORITY now.  The chain
 * that ho_certificate_load verified is recognised, as browsers do that keep
 * such results; only its dates are looked at again.  Any other is verified. */
int ho_certificate_verify(gnutls_session_t session);

#endif
