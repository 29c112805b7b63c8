/* Tells a connection's TLS secrets to those who watch its packets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/conn.h"

static int on_secret(gnutls_session_t session, const char *label,
                     const gnutls_datum_t *secret) {
  ngtcp2_crypto_conn_ref *ref = gnutls_session_get_ptr(session);
  ho_quic_conn *c = ref->user_data;
  gnutls_datum_t client, server;

  gnutls_session_get_random(session, &client, &server);
  ho_sinks_secret(c->sinks, c->side, c->client, c->connection, HO_PROTO_UDP,
                  label, client.data, secret->data, secret->size, c->now);
  return 0;
}

void ho_quic_secrets_tell(ho_quic_conn *c) {
  if (c->sinks) {
    gnutls_session_set_keylog_function(c->tls, on_secret);
  }
}
