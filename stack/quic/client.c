/* The client's end of a QUIC connection. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "stack/quic/conn.h"
#include "stack/quic/preferred.h"
#include "stack/quic/quic.h"
#include "stack/quic/ticket.h"

typedef struct {
  ho_transport t;
  ho_quic_conn c;
  ho_client_conn_config config;
  ho_transport_owner owner;
  ho_quic_ticket resumed; /* what this connection began with */
  ho_quic_ticket learned; /* what a later one can begin with */
  uint8_t reset_secret[32];
  bool confirmed, ready, early;
  /* A move asked for before the handshake is confirmed waits (RFC 9000, 9). */
  bool move_pending;
  ho_move move_how;
  ho_path move_path;
  ho_endpoint preferred; /* the server's, once the client has moved there */
} quic_client;

static quic_client *of_conn(ho_quic_conn *c) {
  return c->user;
}

static quic_client *of(ho_transport *t) {
  return (quic_client *)t;
}

static ngtcp2_conn *get_conn(ngtcp2_crypto_conn_ref *ref) {
  ho_quic_conn *c = ref->user_data;
  return c->conn;
}

/* ---- tickets ---- */

static void offer_ticket(quic_client *q) {
  uint8_t *data;
  size_t len;

  if (!q->learned.session_len || !q->owner.ticket) {
    return;
  }
  data = ho_quic_ticket_pack(&q->learned, &len);
  q->owner.ticket(q->owner.user, data, len);
  free(data);
}

static int on_ticket(gnutls_session_t session, unsigned type, unsigned when,
                     unsigned incoming, const gnutls_datum_t *msg) {
  ngtcp2_crypto_conn_ref *ref = gnutls_session_get_ptr(session);
  ho_quic_conn *c = ref->user_data;
  quic_client *q = of_conn(c);
  gnutls_datum_t data;
  ngtcp2_ssize n;

  (void)type, (void)when, (void)msg;
  if (!incoming || gnutls_session_get_data2(session, &data) != 0) {
    return 0;
  }
  ho_quic_ticket_set(&q->learned.session, &q->learned.session_len, data.data,
                     data.size);
  gnutls_free(data.data);
  q->learned.params = realloc(q->learned.params, 512);
  assert(q->learned.params);
  n = ngtcp2_conn_encode_0rtt_transport_params(c->conn, q->learned.params, 512);
  q->learned.params_len = n > 0 ? (size_t)n : 0;
  offer_ticket(q);
  return 0;
}

/* ---- upcalls of the connection ---- */

static void become_ready(quic_client *q) {
  if (!q->ready) {
    q->ready = true;
    q->owner.ready(q->owner.user);
  }
}

static void up_handshake_done(ho_quic_conn *c) {
  quic_client *q = of_conn(c);

  /* RFC 9001, 4.6.2: refused 0-RTT data must be sent again. */
  if (q->early &&
      !(gnutls_session_get_flags(c->tls) & GNUTLS_SFLAGS_EARLY_DATA)) {
    ngtcp2_conn_tls_early_data_rejected(c->conn);
  }
  ho_h3_streams_extended(c->h3);
  become_ready(q);
}

static void up_early_rejected(ho_quic_conn *c) {
  ho_h3_restart(c->h3);
}

static int start_move(quic_client *q, ho_time now) {
  ho_quic_path path;
  ngtcp2_tstamp ts = ho_quic_ts(now);
  int rv;

  /* RFC 9000, 9.6.3: from there on it is where the server is. */
  if (q->preferred.addr.family == q->move_path.remote.addr.family) {
    q->move_path.remote = q->preferred;
  }
  ho_quic_path_init(&path, &q->move_path);
  rv = q->move_how == HO_MOVE_MIGRATE
           ? ngtcp2_conn_initiate_immediate_migration(q->c.conn, &path.path, ts)
           : ngtcp2_conn_initiate_migration(q->c.conn, &path.path, ts);
  return rv;
}

static int try_move(quic_client *q, ho_time now) {
  int rv;

  if (!q->move_pending || q->c.closed) {
    return 0;
  }
  if (!q->confirmed) {
    return HO_ERR_FULL; /* RFC 9000, 9: not before that */
  }
  rv = start_move(q, now);
  if (rv == NGTCP2_ERR_CONN_ID_BLOCKED) {
    return HO_ERR_FULL; /* until the server has supplied another CID */
  }
  q->move_pending = false;
  return rv == 0 ? 0 : HO_ERR_PROTO;
}

/* A move that had to wait may turn out to be impossible. */
static void try_late_move(quic_client *q, ho_time now) {
  if (try_move(q, now) == HO_ERR_PROTO && q->owner.moved) {
    q->owner.moved(q->owner.user, &q->move_path, HO_ERR_PROTO);
  }
}

static void up_confirmed(ho_quic_conn *c) {
  of_conn(c)->confirmed = true;
}

/* The client stays where it was when the preferred address fails (9.6.1). */
static void up_validated(ho_quic_conn *c, const ngtcp2_path *path,
                         bool preferred, bool success) {
  quic_client *q = of_conn(c);
  ho_path ours = ho_quic_path_ours(path);

  if (preferred && success) {
    q->preferred = ours.remote;
  }
  if (q->owner.moved && (success || !preferred)) {
    q->owner.moved(q->owner.user, &ours, success ? 0 : -1);
  }
}

static void up_choose(ho_quic_conn *c, ngtcp2_path *dest,
                      const ngtcp2_preferred_addr *offer) {
  quic_client *q = of_conn(c);
  ho_path now = ho_quic_path_ours(ngtcp2_conn_get_path(c->conn));

  if (c->arm->preferred_address) {
    ho_quic_preferred_choose(dest, offer, &now, q->config.locals);
  }
}

static void up_token(ho_quic_conn *c, const uint8_t *token, size_t len) {
  quic_client *q = of_conn(c);

  ho_quic_ticket_set(&q->learned.token, &q->learned.token_len, token, len);
  offer_ticket(q);
}

static void up_closed(ho_quic_conn *c, const char *reason, int64_t error) {
  quic_client *q = of_conn(c);

  q->owner.closed(q->owner.user, reason, error);
}

static const ho_quic_upcalls upcalls = {
    .handshake_done = up_handshake_done,
    .confirmed = up_confirmed,
    .validated = up_validated,
    .choose = up_choose,
    .early_rejected = up_early_rejected,
    .token = up_token,
    .closed = up_closed,
};

/* ---- the transport ---- */

static void client_recv(ho_transport *t, const ho_datagram *dgram,
                        ho_time now) {
  quic_client *q = of(t);

  ho_quic_conn_read(&q->c, dgram, now);
  try_late_move(q, now);
}

static int client_send(ho_transport *t, ho_datagram *dgram, ho_time now) {
  return ho_quic_conn_write(&of(t)->c, dgram, now);
}

static ho_time client_deadline(ho_transport *t) {
  return ho_quic_conn_deadline(&of(t)->c);
}

static void client_timeout(ho_transport *t, ho_time now) {
  ho_quic_conn_timeout(&of(t)->c, now);
}

static void client_event(ho_transport *t, ho_path_event kind,
                         const ho_path *path, ho_time now) {
  (void)t, (void)kind, (void)path, (void)now;
}

static int client_move(ho_transport *t, ho_move how, const ho_path *path,
                       ho_time now) {
  quic_client *q = of(t);
  const ngtcp2_transport_params *peer =
      ngtcp2_conn_get_remote_transport_params(q->c.conn);

  if (q->c.closed || (peer && peer->disable_active_migration)) {
    return HO_ERR_PROTO;
  }
  q->c.now = now;
  q->move_pending = true;
  q->move_how = how;
  q->move_path = *path;
  return try_move(q, now);
}

static int client_request(ho_transport *t, ho_call *call, ho_time now) {
  quic_client *q = of(t);
  int rv;

  if (q->c.closed) {
    return HO_ERR_PROTO;
  }
  q->c.now = now;
  rv = ho_h3_request(q->c.h3, call);
  return rv == HO_ERR_FULL ? 0 : rv; /* waits for a stream */
}

static void client_resume(ho_transport *t, ho_call *call, ho_time now) {
  (void)now;
  ho_h3_resume(of(t)->c.h3, call);
}

static void client_cancel(ho_transport *t, ho_call *call, ho_time now) {
  (void)now;
  ho_h3_cancel(of(t)->c.h3, call);
}

static void client_rekey(ho_transport *t, ho_time now) {
  quic_client *q = of(t);

  /* RFC 9001, 6.1: not before the handshake is confirmed; ngtcp2 refuses while
   * an earlier update is not acknowledged. */
  if (q->confirmed && !q->c.closed) {
    ngtcp2_conn_initiate_key_update(q->c.conn, ho_quic_ts(now));
  }
}

static void client_ping(ho_transport *t, ho_time now) {
  (void)t, (void)now; /* the arm's ping is QUIC's keep-alive; see make_conn */
}

static void client_close(ho_transport *t, ho_time now) {
  ho_quic_conn_close(&of(t)->c, now);
}

static uint64_t client_state(ho_transport *t, int client,
                             uint64_t *connection) {
  (void)client;
  *connection = of(t)->c.connection;
  return of(t)->c.memory.bytes;
}

/* What still comes in is not answered, so there is nothing to wait for
 * (RFC 9000, 10.2.1, asks for an answer, but as a SHOULD). */
static ho_time client_over(ho_transport *t, ho_time now) {
  quic_client *q = of(t);

  return q->c.closed && !q->c.close_pending ? now : HO_NEVER;
}

static void client_del(ho_transport *t) {
  quic_client *q = of(t);

  ho_quic_conn_free(&q->c);
  ho_quic_ticket_free(&q->resumed);
  ho_quic_ticket_free(&q->learned);
  free(q);
}

/* ---- making one ---- */

static void make_tls(quic_client *q) {
  gnutls_datum_t session = {q->resumed.session,
                            (unsigned)q->resumed.session_len};
  unsigned flags = GNUTLS_CLIENT | GNUTLS_NO_END_OF_EARLY_DATA;

  if (q->config.tls == HO_TLS_0RTT) {
    flags |= GNUTLS_ENABLE_EARLY_DATA;
  }
  q->c.tls = ho_tls_session(q->config.creds, flags, "h3");
  ngtcp2_crypto_gnutls_configure_client_session(q->c.tls);
  gnutls_session_set_ptr(q->c.tls, &q->c.ref);
  ho_quic_secrets_tell(&q->c);
  gnutls_handshake_set_hook_function(q->c.tls,
                                     GNUTLS_HANDSHAKE_NEW_SESSION_TICKET,
                                     GNUTLS_HOOK_POST, on_ticket);
  if (q->resumed.session_len && q->config.tls != HO_TLS_FULL) {
    gnutls_session_set_data(q->c.tls, session.data, session.size);
  }
}

static void make_conn(quic_client *q, ho_time now) {
  ho_quic_conn *c = &q->c;
  ngtcp2_callbacks callbacks;
  ngtcp2_settings settings;
  ngtcp2_transport_params params;
  ngtcp2_cid scid, dcid;
  ho_quic_path path;
  int rv;

  c->now = now;
  ho_quic_conn_callbacks(&callbacks);
  ho_quic_conn_settings(c, &settings, &params);
  params.max_idle_timeout = c->arm->idle_timeout;
  params.active_connection_id_limit = c->arm->active_connection_id_limit;
  if (q->resumed.token_len) {
    settings.token = q->resumed.token;
    settings.tokenlen = q->resumed.token_len;
    settings.token_type = NGTCP2_TOKEN_TYPE_NEW_TOKEN;
  }
  ho_quic_conn_random_cid(c, &dcid, 18);
  ho_quic_conn_random_cid(c, &scid, c->cid_length);
  ho_quic_path_init(&path, &q->config.path);
  rv = ngtcp2_conn_client_new(&c->conn, &dcid, &scid, &path.path,
                              NGTCP2_PROTO_VER_V1, &callbacks, &settings,
                              &params, &c->memory.quic, c);
  assert(rv == 0);
  (void)rv;
  ngtcp2_conn_set_tls_native_handle(c->conn, c->tls);
  if (c->arm->keepalive != HO_NEVER || c->arm->ping != HO_NEVER) {
    ho_time every =
        c->arm->keepalive < c->arm->ping ? c->arm->keepalive : c->arm->ping;
    ngtcp2_conn_set_keep_alive_timeout(c->conn, every);
  }
  ho_quic_watch_cid(&c->watch, now, 0, &scid, NULL);
}

/* With remembered parameters, requests can go into the first flight. */
static bool prepare_early(quic_client *q) {
  ho_quic_conn *c = &q->c;

  if (q->config.tls != HO_TLS_0RTT || !q->resumed.session_len ||
      !q->resumed.params_len) {
    return false;
  }
  return ngtcp2_conn_decode_and_set_0rtt_transport_params(
             c->conn, q->resumed.params, q->resumed.params_len) == 0 &&
         ho_h3_bind(c->h3) == 0;
}

static void client_open(ho_transport *t, ho_time now) {
  quic_client *q = of(t);
  ho_quic_conn *c = &q->c;
  const char *handshake = "full";

  make_tls(q);
  make_conn(q, now);
  c->h3 = ho_h3_new(&(ho_h3_config){.conn = c->conn,
                                    .mem = &c->memory.http,
                                    .side = HO_CLIENT,
                                    .connection = c->connection});
  q->early = prepare_early(q);
  if (q->config.tls != HO_TLS_FULL && q->resumed.session_len) {
    handshake = q->early ? "0rtt" : "resume";
  }
  HO_EMIT(c->log, connection_started, now, c->client,
          .connection = c->connection, .transport = "quic",
          .handshake = handshake, .net = q->config.net);
  if (q->early) {
    become_ready(q);
  }
}

static const ho_transport_vtbl vtbl = {
    .abi = HO_TRANSPORT_ABI,
    .name = "quic",
    .proto = HO_PROTO_UDP,
    .open = client_open,
    .close = client_close,
    .recv = client_recv,
    .send = client_send,
    .deadline = client_deadline,
    .timeout = client_timeout,
    .event = client_event,
    .move = client_move,
    .request = client_request,
    .resume = client_resume,
    .cancel = client_cancel,
    .rekey = client_rekey,
    .ping = client_ping,
    .state_bytes = client_state,
    .over = client_over,
    .del = client_del,
};

ho_transport *ho_quic_client_new(const ho_client_conn_config *config) {
  quic_client *q = ho_alloc(sizeof(*q));
  ho_quic_conn *c = &q->c;
  char *stream = ho_format("quic.client.%d.%lu", config->client,
                           (unsigned long)config->connection);

  q->t.v = &vtbl;
  q->config = *config;
  q->owner = config->owner;
  c->up = &upcalls;
  c->user = q;
  c->ref = (ngtcp2_crypto_conn_ref){get_conn, c};
  c->log = config->log;
  c->sinks = config->sinks;
  c->side = HO_CLIENT;
  c->client = config->client;
  c->connection = config->connection;
  c->arm = config->arm;
  c->server = config->server;
  c->cid_length = config->arm->cid_length;
  c->max_payload = ho_quic_max_payload(config->mtu, &config->path.remote);
  c->reset_secret = q->reset_secret;
  ho_rng_init(&c->rng, config->seed, stream);
  ho_rng_bytes(&c->rng, q->reset_secret, sizeof(q->reset_secret));
  free(stream);
  ho_quic_memory_init(&c->memory);
  c->watch = (ho_quic_watch){.log = config->log,
                             .side = HO_CLIENT,
                             .client = config->client,
                             .connection = config->connection};
  if (config->ticket && config->tls != HO_TLS_FULL) {
    ho_quic_ticket_unpack(&q->resumed, config->ticket, config->ticket_len);
  }
  return &q->t;
}
