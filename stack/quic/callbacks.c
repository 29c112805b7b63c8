/* ngtcp2's callbacks and settings that client and server share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "stack/cost.h"
#include "stack/quic/conn.h"
#include "stack/quic/protect.h"

enum {
  FLOW_WINDOW = 16 * 1024 * 1024, /* never the limit; TCP's is the same */
  MAX_STREAMS = 1000,             /* so is HTTP/2's */
};

static int h3_error(ho_quic_conn *c, int rv) {
  if (rv == 0) {
    return 0;
  }
  ngtcp2_ccerr_set_application_error(
      &c->error, nghttp3_err_infer_quic_app_error_code(rv), NULL, 0);
  return NGTCP2_ERR_CALLBACK_FAILURE;
}

static int recv_crypto_data(ngtcp2_conn *conn, ngtcp2_encryption_level level,
                            uint64_t offset, const uint8_t *data, size_t len,
                            void *user) {
  ho_quic_conn *c = user;
  int rv;

  ho_cost_begin(c->side, HO_COST_TLS);
  rv = ngtcp2_crypto_recv_crypto_data_cb(conn, level, offset, data, len, user);
  ho_cost_end();
  return rv;
}

static int recv_stream_data(ngtcp2_conn *conn, uint32_t flags, int64_t stream,
                            uint64_t offset, const uint8_t *data, size_t len,
                            void *user, void *stream_user) {
  ho_quic_conn *c = user;

  (void)conn, (void)offset, (void)stream_user;
  assert(ho_h3_bound(c->h3)); /* since the keys for this data are there */
  return h3_error(c, ho_h3_recv(c->h3, stream, data, len,
                                flags & NGTCP2_STREAM_DATA_FLAG_FIN,
                                c->watch.packet, c->now));
}

static int acked(ngtcp2_conn *conn, int64_t stream, uint64_t offset,
                 uint64_t len, void *user, void *stream_user) {
  ho_quic_conn *c = user;

  (void)conn, (void)offset, (void)stream_user;
  return c->h3 ? h3_error(c, ho_h3_acked(c->h3, stream, len)) : 0;
}

static int stream_close(ngtcp2_conn *conn, uint32_t flags, int64_t stream,
                        uint64_t error, void *user, void *stream_user) {
  ho_quic_conn *c = user;

  (void)conn, (void)stream_user;
  if (!(flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET)) {
    error = NGHTTP3_H3_NO_ERROR;
  }
  return c->h3 ? h3_error(c, ho_h3_closed(c->h3, stream, error)) : 0;
}

static int stream_reset(ngtcp2_conn *conn, int64_t stream, uint64_t final_size,
                        uint64_t error, void *user, void *stream_user) {
  ho_quic_conn *c = user;

  (void)conn, (void)final_size, (void)error, (void)stream_user;
  return c->h3 ? h3_error(c, ho_h3_reset(c->h3, stream)) : 0;
}

static int stop_sending(ngtcp2_conn *conn, int64_t stream, uint64_t error,
                        void *user, void *stream_user) {
  return stream_reset(conn, stream, 0, error, user, stream_user);
}

static int extend_stream(ngtcp2_conn *conn, int64_t stream, uint64_t max,
                         void *user, void *stream_user) {
  ho_quic_conn *c = user;

  (void)conn, (void)max, (void)stream_user;
  return c->h3 ? h3_error(c, ho_h3_unblock(c->h3, stream)) : 0;
}

static int extend_streams(ngtcp2_conn *conn, uint64_t max, void *user) {
  ho_quic_conn *c = user;

  (void)conn, (void)max;
  if (c->h3 && ho_h3_bound(c->h3)) {
    ho_h3_streams_extended(c->h3);
  }
  return 0;
}

/* Once a server can send 1-RTT packets HTTP/3 may begin: before the client's
 * 0-RTT data, which comes with its first flight, is delivered. */
static int tx_key(ngtcp2_conn *conn, ngtcp2_encryption_level level,
                  void *user) {
  ho_quic_conn *c = user;

  (void)conn;
  if (c->side == HO_SERVER && level == NGTCP2_ENCRYPTION_LEVEL_1RTT) {
    return h3_error(c, ho_h3_bind(c->h3));
  }
  return 0;
}

/* A client may have begun already, with 0-RTT. */
static int rx_key(ngtcp2_conn *conn, ngtcp2_encryption_level level,
                  void *user) {
  ho_quic_conn *c = user;

  (void)conn;
  if (c->side == HO_CLIENT && level == NGTCP2_ENCRYPTION_LEVEL_1RTT &&
      !ho_h3_bound(c->h3)) {
    return h3_error(c, ho_h3_bind(c->h3));
  }
  return 0;
}

static void draw(uint8_t *dest, size_t len, const ngtcp2_rand_ctx *ctx) {
  ho_rng_bytes(ctx->native_handle, dest, len);
}

static int challenge_data(ngtcp2_conn *conn, uint8_t *data, void *user) {
  ho_quic_conn *c = user;

  (void)conn;
  ho_rng_bytes(&c->rng, data, NGTCP2_PATH_CHALLENGE_DATALEN);
  return 0;
}

void ho_quic_conn_random_cid(ho_quic_conn *c, ngtcp2_cid *cid, size_t len) {
  if (c->balancer) {
    ho_balancer_cid(c->balancer, c->lb_server, &c->rng, cid);
    assert(cid->datalen == len);
    return;
  }
  cid->datalen = len;
  ho_rng_bytes(&c->rng, cid->data, len);
}

static int new_cid(ngtcp2_conn *conn, ngtcp2_cid *cid, uint8_t *token,
                   size_t len, void *user) {
  ho_quic_conn *c = user;

  (void)conn;
  ho_quic_conn_random_cid(c, cid, len);
  if (ngtcp2_crypto_generate_stateless_reset_token(token, c->reset_secret, 32,
                                                   cid) != 0) {
    return NGTCP2_ERR_CALLBACK_FAILURE;
  }
  if (c->up->cid_added) {
    c->up->cid_added(c, cid);
  }
  return 0;
}

static int remove_cid(ngtcp2_conn *conn, const ngtcp2_cid *cid, void *user) {
  ho_quic_conn *c = user;

  (void)conn;
  if (c->up->cid_removed) {
    c->up->cid_removed(c, cid);
  }
  return 0;
}

static int path_validation(ngtcp2_conn *conn, uint32_t flags,
                           const ngtcp2_path *path, const ngtcp2_path *old,
                           ngtcp2_path_validation_result res, void *user) {
  static const char *const results[] = {
      [NGTCP2_PATH_VALIDATION_RESULT_SUCCESS] = "success",
      [NGTCP2_PATH_VALIDATION_RESULT_FAILURE] = "failure",
      [NGTCP2_PATH_VALIDATION_RESULT_ABORTED] = "aborted"};
  ho_quic_conn *c = user;
  bool success = res == NGTCP2_PATH_VALIDATION_RESULT_SUCCESS;
  ho_path ours = ho_quic_path_ours(path);

  (void)conn, (void)old;
  HO_EMIT(c->log, path_validation, c->now, c->client,
          .connection = c->connection, .endpoint = c->side,
          .tuple = ho_quic_tuple(c, path), .result = results[res]);
  if (success) {
    ho_quic_conn_validated(c, &ours.remote);
  }
  /* Aborted means that another validation took its place. */
  if (c->up->validated && res != NGTCP2_PATH_VALIDATION_RESULT_ABORTED) {
    c->up->validated(
        c, path, flags & NGTCP2_PATH_VALIDATION_FLAG_PREFERRED_ADDR, success);
  }
  return 0;
}

static int select_preferred(ngtcp2_conn *conn, ngtcp2_path *dest,
                            const ngtcp2_preferred_addr *offer, void *user) {
  ho_quic_conn *c = user;

  (void)conn;
  if (c->up->choose) {
    c->up->choose(c, dest, offer);
  }
  return 0;
}

static int handshake_completed(ngtcp2_conn *conn, void *user) {
  ho_quic_conn *c = user;
  unsigned flags = gnutls_session_get_flags(c->tls);
  ho_path ours = ho_quic_path_ours(ngtcp2_conn_get_path(conn));

  HO_EMIT(c->log, handshake_done, c->now, c->client,
          .connection = c->connection, .endpoint = c->side,
          .early_data = (flags & GNUTLS_SFLAGS_EARLY_DATA) != 0);
  ho_quic_conn_validated(c, &ours.remote);
  if (c->up->handshake_done) {
    c->up->handshake_done(c);
  }
  return 0;
}

static int handshake_confirmed(ngtcp2_conn *conn, void *user) {
  ho_quic_conn *c = user;

  (void)conn;
  if (c->up->confirmed) {
    c->up->confirmed(c);
  }
  return 0;
}

static int early_rejected(ngtcp2_conn *conn, void *user) {
  ho_quic_conn *c = user;

  (void)conn;
  if (c->up->early_rejected) {
    c->up->early_rejected(c);
  }
  return 0;
}

static int recv_reset(ngtcp2_conn *conn, const ngtcp2_pkt_stateless_reset *sr,
                      void *user) {
  ho_quic_conn *c = user;

  (void)conn, (void)sr;
  c->was_reset = true;
  return 0;
}

static int recv_token(ngtcp2_conn *conn, const uint8_t *token, size_t len,
                      void *user) {
  ho_quic_conn *c = user;

  (void)conn;
  if (c->up->token) {
    c->up->token(c, token, len);
  }
  return 0;
}

void ho_quic_conn_callbacks(ngtcp2_callbacks *callbacks) {
  *callbacks = (ngtcp2_callbacks){
      .client_initial = ngtcp2_crypto_client_initial_cb,
      .recv_client_initial = ngtcp2_crypto_recv_client_initial_cb,
      .recv_crypto_data = recv_crypto_data,
      .handshake_completed = handshake_completed,
      .recv_stream_data = recv_stream_data,
      .acked_stream_data_offset = acked,
      .stream_close = stream_close,
      .recv_stateless_reset = recv_reset,
      .recv_retry = ngtcp2_crypto_recv_retry_cb,
      .extend_max_local_streams_bidi = extend_streams,
      .rand = draw,
      .get_new_connection_id = new_cid,
      .remove_connection_id = remove_cid,
      .update_key = ngtcp2_crypto_update_key_cb,
      .path_validation = path_validation,
      .select_preferred_addr = select_preferred,
      .stream_reset = stream_reset,
      .extend_max_stream_data = extend_stream,
      .handshake_confirmed = handshake_confirmed,
      .recv_new_token = recv_token,
      .get_path_challenge_data = challenge_data,
      .stream_stop_sending = stop_sending,
      .version_negotiation = ngtcp2_crypto_version_negotiation_cb,
      .recv_rx_key = rx_key,
      .recv_tx_key = tx_key,
      .tls_early_data_rejected = early_rejected,
  };
  ho_quic_protect_callbacks(callbacks);
  ho_quic_watch_callbacks(callbacks);
}

static ngtcp2_cc_algo cc_of(ho_cc cc) {
  switch (cc) {
  case HO_CC_CUBIC:
    return NGTCP2_CC_ALGO_CUBIC;
  case HO_CC_RENO:
    return NGTCP2_CC_ALGO_RENO;
  case HO_CC_BBR:
    return NGTCP2_CC_ALGO_BBR;
  }
  return NGTCP2_CC_ALGO_CUBIC;
}

void ho_quic_conn_settings(ho_quic_conn *c, ngtcp2_settings *settings,
                           ngtcp2_transport_params *params) {
  ngtcp2_settings_default(settings);
  settings->initial_ts = ho_quic_ts(c->now);
  settings->cc_algo = cc_of(c->arm->cc);
  settings->no_pmtud = !c->arm->pmtud;
  settings->max_tx_udp_payload_size = c->max_payload;
  settings->rand_ctx.native_handle = &c->rng;
  ho_quic_qlog_want(c->sinks);
  settings->qlog_write = c->log || c->sinks ? ho_quic_conn_qlog : NULL;
  settings->handshake_timeout = 10 * HO_SEC;

  ngtcp2_transport_params_default(params);
  params->initial_max_stream_data_bidi_local = FLOW_WINDOW;
  params->initial_max_stream_data_bidi_remote = FLOW_WINDOW;
  params->initial_max_stream_data_uni = FLOW_WINDOW;
  params->initial_max_data = FLOW_WINDOW;
  params->initial_max_streams_bidi = c->side == HO_SERVER ? MAX_STREAMS : 0;
  params->initial_max_streams_uni = 3; /* control and QPACK: RFC 9114, 6.2 */
}
