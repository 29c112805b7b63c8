/* The server's end: all its QUIC connections, told apart by connection ID. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "sim/base/alloc.h"
#include "stack/quic/cid_table.h"
#include "stack/quic/conn.h"
#include "stack/quic/deadlines.h"
#include "stack/quic/preferred.h"
#include "stack/quic/quic.h"
#include "stack/quic/server.h"

static quic_server *of(ho_transport *t) {
  return (quic_server *)t;
}

static ngtcp2_conn *get_conn(ngtcp2_crypto_conn_ref *ref) {
  ho_quic_conn *c = ref->user_data;
  return c->conn;
}

/* ---- what has something to send ---- */

static void mark_dirty(server_conn *sc) {
  quic_server *s = sc->server;

  if (sc->dirty) {
    return;
  }
  sc->dirty = true;
  sc->dirty_next = NULL;
  if (s->dirty_tail) {
    s->dirty_tail->dirty_next = sc;
  } else {
    s->dirty_head = sc;
  }
  s->dirty_tail = sc;
}

static void pop_dirty(quic_server *s) {
  server_conn *sc = s->dirty_head;

  sc->dirty = false;
  s->dirty_head = sc->dirty_next;
  if (!s->dirty_head) {
    s->dirty_tail = NULL;
  }
}

/* ---- upcalls of a connection ---- */

static void up_cid_added(ho_quic_conn *c, const ngtcp2_cid *cid) {
  server_conn *sc = c->user;

  ho_cid_table_set(&sc->server->cids, cid->data, cid->datalen, sc);
}

static void up_cid_removed(ho_quic_conn *c, const ngtcp2_cid *cid) {
  server_conn *sc = c->user;

  ho_cid_table_remove(&sc->server->cids, cid->data, cid->datalen);
}

/* RFC 9000, 8.1.3: a token for the client's next connection from there. */
static void send_token(ho_quic_conn *c) {
  server_conn *sc = c->user;
  const ngtcp2_path *path = ngtcp2_conn_get_path(c->conn);
  uint8_t token[NGTCP2_CRYPTO_MAX_REGULAR_TOKENLEN];
  ngtcp2_ssize n = ngtcp2_crypto_generate_regular_token(
      token, sc->server->secret, sizeof(sc->server->secret), path->remote.addr,
      path->remote.addrlen, ho_quic_ts(c->now));

  if (n > 0) {
    ngtcp2_conn_submit_new_token(c->conn, token, (size_t)n);
  }
}

/* The client's first DCID stays known: an Initial that comes late or again is
 * this connection's, and must not make another one with the same CIDs. */
static void up_handshake_done(ho_quic_conn *c) {
  gnutls_session_ticket_send(c->tls, 1, 0);
  send_token(c);
}

static void up_validated(ho_quic_conn *c, const ngtcp2_path *path,
                         bool preferred, bool success) {
  (void)path, (void)preferred;
  if (success) {
    send_token(c);
  }
}

static void up_closed(ho_quic_conn *c, const char *reason, int64_t error) {
  server_conn *sc = c->user;

  (void)reason, (void)error;
  /* RFC 9000, 10.2: three PTOs of silence, then it is forgotten. */
  sc->forget_at = c->now + 3 * ngtcp2_conn_get_pto(c->conn);
  mark_dirty(sc);
}

static const ho_quic_upcalls upcalls = {
    .handshake_done = up_handshake_done,
    .validated = up_validated,
    .cid_added = up_cid_added,
    .cid_removed = up_cid_removed,
    .closed = up_closed,
};

/* ---- addresses ---- */

typedef struct {
  uint8_t bytes[20];
} remote_key;

static remote_key key_of(const ho_endpoint *e) {
  remote_key key = {
      {(uint8_t)(e->port >> 8), (uint8_t)e->port, e->addr.family}};

  memcpy(key.bytes + 3, e->addr.bytes, e->addr.family == 4 ? 4 : 16);
  return key;
}

static void note_remote(server_conn *sc) {
  remote_key key = key_of(&sc->remote);

  if (sc->c.cid_length == 0) {
    ho_cid_table_set(&sc->server->remotes, key.bytes, sizeof(key.bytes), sc);
  }
}

static void forget_remote(server_conn *sc) {
  ho_cid_table *remotes = &sc->server->remotes;
  remote_key key = key_of(&sc->remote);

  if (ho_cid_table_get(remotes, key.bytes, sizeof(key.bytes)) == sc) {
    ho_cid_table_remove(remotes, key.bytes, sizeof(key.bytes));
  }
}

/* ---- accepting ---- */

static void make_tls(server_conn *sc) {
  ho_quic_conn *c = &sc->c;

  c->tls = ho_tls_session(sc->server->config.creds,
                          GNUTLS_SERVER | GNUTLS_ENABLE_EARLY_DATA |
                              GNUTLS_NO_AUTO_SEND_TICKET |
                              GNUTLS_NO_END_OF_EARLY_DATA,
                          "h3");
  ngtcp2_crypto_gnutls_configure_server_session(c->tls);
  gnutls_session_set_ptr(c->tls, &c->ref);
  ho_quic_secrets_tell(c);
  /* RFC 9001, 4.6.1: QUIC's own limits apply to early data. */
  gnutls_record_set_max_early_data_size(c->tls, 0xffffffffu);
}

/* A server that was restarted draws anew, lest its CIDs be those of before. */
static char *stream_name(const quic_server *s, char *first) {
  unsigned again = s->config.incarnation;
  char *name = again ? ho_format("%s.again.%u", first, again) : NULL;

  if (!name) {
    return first;
  }
  free(first);
  return name;
}

static void init_conn(server_conn *sc, const ho_datagram *dgram) {
  quic_server *s = sc->server;
  ho_quic_conn *c = &sc->c;
  char *stream = stream_name(s, ho_format("quic.server.%d.%lu", dgram->client,
                                          (unsigned long)dgram->connection));

  c->up = &upcalls;
  c->user = sc;
  c->ref = (ngtcp2_crypto_conn_ref){get_conn, c};
  c->log = s->config.log;
  c->sinks = s->config.sinks;
  c->side = HO_SERVER;
  c->client = dgram->client;
  c->connection = dgram->connection;
  c->arm = s->config.arm;
  c->server = s->config.server;
  c->cid_length = s->config.server->cid_length;
  c->balancer = s->balancer;
  if (c->balancer) {
    c->lb_server = ho_balancer_pick(c->balancer, &dgram->path);
  }
  c->max_payload = ho_quic_max_payload(s->config.mtu, &dgram->path.remote);
  c->reset_secret = s->secret;
  ho_rng_init(&c->rng, s->config.seed, stream);
  free(stream);
  ho_quic_memory_init(&c->memory);
  c->watch = (ho_quic_watch){.log = c->log,
                             .side = HO_SERVER,
                             .client = c->client,
                             .connection = c->connection};
}

static void set_params(server_conn *sc, ngtcp2_transport_params *params,
                       const ngtcp2_pkt_hd *hd, const ngtcp2_cid *scid) {
  const ho_server_config *config = sc->c.server;

  params->max_idle_timeout = config->idle_timeout;
  params->active_connection_id_limit = config->active_connection_id_limit;
  params->disable_active_migration = config->disable_active_migration;
  params->original_dcid = sc->retried ? sc->retry_odcid : hd->dcid;
  params->original_dcid_present = 1;
  if (sc->retried) {
    params->retry_scid = hd->dcid;
    params->retry_scid_present = 1;
  }
  if (config->stateless_reset && scid->datalen > 0) {
    params->stateless_reset_token_present = 1;
    ngtcp2_crypto_generate_stateless_reset_token(
        params->stateless_reset_token, sc->server->secret,
        sizeof(sc->server->secret), scid);
  }
  if (scid->datalen > 0) {
    ho_quic_preferred_offer(&sc->c, sc->server->config.preferred, params);
  }
}

static void make_conn(server_conn *sc, const ho_datagram *dgram,
                      const ngtcp2_pkt_hd *hd, ho_time now) {
  ho_quic_conn *c = &sc->c;
  ngtcp2_callbacks callbacks;
  ngtcp2_settings settings;
  ngtcp2_transport_params params;
  ho_quic_path path;
  ngtcp2_cid scid;
  int rv;

  c->now = now;
  ho_quic_conn_random_cid(c, &scid, c->cid_length);
  ho_quic_conn_callbacks(&callbacks);
  ho_quic_conn_settings(c, &settings, &params);
  set_params(sc, &params, hd, &scid);
  if (sc->token_ok) {
    settings.token = hd->token;
    settings.tokenlen = hd->tokenlen;
    settings.token_type =
        sc->retried ? NGTCP2_TOKEN_TYPE_RETRY : NGTCP2_TOKEN_TYPE_NEW_TOKEN;
  }
  ho_quic_path_init(&path, &dgram->path);
  rv = ngtcp2_conn_server_new(&c->conn, &hd->scid, &scid, &path.path,
                              hd->version, &callbacks, &settings, &params,
                              &c->memory.quic, c);
  assert(rv == 0);
  (void)rv;
  make_tls(sc);
  ngtcp2_conn_set_tls_native_handle(c->conn, c->tls);
  c->h3 = ho_h3_new(&(ho_h3_config){.conn = c->conn,
                                    .mem = &c->memory.http,
                                    .side = HO_SERVER,
                                    .connection = c->connection,
                                    .service = sc->server->config.service});
  sc->odcid = hd->dcid;
  ho_cid_table_set(&sc->server->cids, scid.data, scid.datalen, sc);
  ho_cid_table_set(&sc->server->cids, hd->dcid.data, hd->dcid.datalen, sc);
  ho_quic_watch_cid(&c->watch, now, 0, &scid,
                    params.stateless_reset_token_present
                        ? params.stateless_reset_token
                        : NULL);
  if (params.preferred_addr_present) {
    const ngtcp2_preferred_addr *p = &params.preferred_addr;
    ho_cid_table_set(&sc->server->cids, p->cid.data, p->cid.datalen, sc);
    ho_quic_watch_cid(&c->watch, now, 1, &p->cid, p->stateless_reset_token);
  }
}

/* Checks the token of an Initial (RFC 9000, 8.1); returns false if the packet
 * has been dealt with: by a Retry, or by dropping it. */
static bool check_token(server_conn *sc, const ho_datagram *dgram,
                        const ngtcp2_pkt_hd *hd, ho_time now) {
  quic_server *s = sc->server;
  ho_quic_path path;
  const ngtcp2_addr *remote = &path.path.remote;
  ngtcp2_tstamp ts = ho_quic_ts(now);

  ho_quic_path_init(&path, &dgram->path);
  if (hd->tokenlen > 0 && hd->token[0] == NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY) {
    sc->retried = sc->token_ok =
        ngtcp2_crypto_verify_retry_token(
            &sc->retry_odcid, hd->token, hd->tokenlen, s->secret,
            sizeof(s->secret), hd->version, remote->addr, remote->addrlen,
            &hd->dcid, 10 * HO_SEC, ts) == 0;
    return sc->token_ok;
  }
  if (hd->tokenlen > 0 && hd->token[0] == NGTCP2_CRYPTO_TOKEN_MAGIC_REGULAR) {
    sc->token_ok =
        ngtcp2_crypto_verify_regular_token(
            hd->token, hd->tokenlen, s->secret, sizeof(s->secret), remote->addr,
            remote->addrlen, 24 * 3600 * HO_SEC, ts) == 0;
  }
  if (s->config.server->retry && !sc->token_ok) {
    ho_quic_server_retry(s, dgram, hd, now);
    return false;
  }
  return true;
}

static server_conn *accept_conn(quic_server *s, const ho_datagram *dgram,
                                ho_time now) {
  server_conn *sc;
  ngtcp2_pkt_hd hd;

  if (ngtcp2_accept(&hd, dgram->data, dgram->len) != 0) {
    return NULL;
  }
  sc = ho_alloc(sizeof(*sc));
  sc->server = s;
  init_conn(sc, dgram);
  if (!check_token(sc, dgram, &hd, now)) {
    free(sc);
    return NULL;
  }
  sc->deadline.order = s->accepted++;
  sc->remote = dgram->path.remote;
  note_remote(sc);
  sc->next = s->conns;
  s->conns = sc;
  make_conn(sc, dgram, &hd, now);
  sc->c.watch.now = now;
  return sc;
}

/* ---- the transport ---- */

/* With empty CIDs of its own a server has only the tuple (RFC 9000, 5.2). */
static server_conn *find_by_remote(const quic_server *s,
                                   const ho_endpoint *remote) {
  remote_key key = key_of(remote);

  return ho_cid_table_get(&s->remotes, key.bytes, sizeof(key.bytes));
}

static server_conn *find_conn(quic_server *s, const ho_datagram *dgram,
                              bool *is_long) {
  ngtcp2_version_cid vc;
  size_t len = s->config.server->cid_length;

  if (ngtcp2_pkt_decode_version_cid(&vc, dgram->data, dgram->len, len) != 0) {
    return NULL;
  }
  *is_long = dgram->data[0] & 0x80;
  if (vc.dcidlen > 0) {
    return ho_cid_table_get(&s->cids, vc.dcid, vc.dcidlen);
  }
  return find_by_remote(s, &dgram->path.remote);
}

static void server_recv(ho_transport *t, const ho_datagram *dgram,
                        ho_time now) {
  quic_server *s = of(t);
  bool is_long = false;
  server_conn *sc = find_conn(s, dgram, &is_long);

  if (!sc && is_long) {
    sc = accept_conn(s, dgram, now);
  }
  if (!sc) {
    if (!is_long && s->config.server->stateless_reset) {
      ho_quic_server_reset(s, dgram);
    }
    return;
  }
  ho_quic_conn_read(&sc->c, dgram, now);
  mark_dirty(sc);
}

static int server_send(ho_transport *t, ho_datagram *dgram, ho_time now) {
  quic_server *s = of(t);
  server_conn *sc;

  if (ho_quic_server_pop(s, dgram)) {
    return 1;
  }
  while ((sc = s->dirty_head)) {
    dgram->client = sc->c.client;
    dgram->connection = sc->c.connection;
    if (ho_quic_conn_write(&sc->c, dgram, now)) {
      return 1;
    }
    pop_dirty(s);
    ho_deadlines_set(&s->deadlines, &sc->deadline,
                     sc->c.closed ? sc->forget_at
                                  : ho_quic_conn_deadline(&sc->c));
  }
  return 0;
}

static ho_time server_deadline(ho_transport *t) {
  ho_deadline *first = ho_deadlines_first(&of(t)->deadlines);

  return first ? first->at : HO_NEVER;
}

/* A forgotten connection's CIDs lead nowhere any more: its packets are answered
 * with stateless resets. */
static void forget(quic_server *s, server_conn *sc) {
  size_t count = ngtcp2_conn_get_scid(sc->c.conn, NULL);
  ngtcp2_cid *cids = ho_alloc_array(count, sizeof(*cids));

  ngtcp2_conn_get_scid(sc->c.conn, cids);
  for (size_t i = 0; i < count; i++) {
    ho_cid_table_remove(&s->cids, cids[i].data, cids[i].datalen);
  }
  ho_cid_table_remove(&s->cids, sc->odcid.data, sc->odcid.datalen);
  forget_remote(sc);
  for (server_conn **p = &s->conns; *p; p = &(*p)->next) {
    if (*p == sc) {
      *p = sc->next;
      break;
    }
  }
  free(cids);
  ho_quic_conn_free(&sc->c);
  free(sc);
}

static void server_timeout(ho_transport *t, ho_time now) {
  quic_server *s = of(t);
  ho_deadline *d;

  while ((d = ho_deadlines_first(&s->deadlines)) && d->at <= now) {
    server_conn *sc =
        (server_conn *)((char *)d - offsetof(server_conn, deadline));
    ho_deadlines_set(&s->deadlines, d, HO_NEVER);
    if (sc->c.closed) {
      if (!sc->dirty) {
        forget(s, sc);
      }
      continue;
    }
    ho_quic_conn_timeout(&sc->c, now);
    mark_dirty(sc);
  }
}

static void server_resume(ho_transport *t, ho_call *call, ho_time now) {
  (void)call, (void)now;
  for (server_conn *sc = of(t)->conns; sc; sc = sc->next) {
    if (!sc->c.closed && ho_h3_bound(sc->c.h3) && ho_h3_resume_all(sc->c.h3)) {
      mark_dirty(sc);
    }
  }
}

static uint64_t server_state(ho_transport *t, int client,
                             uint64_t *connection) {
  for (server_conn *sc = of(t)->conns; sc; sc = sc->next) {
    if (sc->c.client == client) {
      *connection = sc->c.connection;
      return sc->c.memory.bytes;
    }
  }
  return 0;
}

static void server_del(ho_transport *t) {
  quic_server *s = of(t);
  server_conn *sc, *next;

  for (sc = s->conns; sc; sc = next) {
    next = sc->next;
    ho_quic_conn_free(&sc->c);
    free(sc);
  }
  ho_quic_server_replies_free(s);
  ho_cid_table_free(&s->cids);
  ho_cid_table_free(&s->remotes);
  ho_deadlines_free(&s->deadlines);
  ho_balancer_del(s->balancer);
  free(s);
}

static void nothing(ho_transport *t, ho_time now) {
  (void)t, (void)now; /* only a client has it */
}

static const ho_transport_vtbl vtbl = {
    .abi = HO_TRANSPORT_ABI,
    .name = "quic",
    .proto = HO_PROTO_UDP,
    .open = nothing,
    .close = nothing,
    .recv = server_recv,
    .send = server_send,
    .deadline = server_deadline,
    .timeout = server_timeout,
    .resume = server_resume,
    .state_bytes = server_state,
    .del = server_del,
};

ho_transport *ho_quic_server_new(const ho_server_end_config *config) {
  quic_server *s = ho_alloc(sizeof(*s));
  char *stream;

  s->t.v = &vtbl;
  s->config = *config;
  ho_rng_init(&s->rng, config->seed, "quic.server");
  ho_rng_bytes(&s->rng, s->secret, sizeof(s->secret));
  if (config->incarnation) {
    stream = stream_name(s, ho_format("quic.server"));
    ho_rng_init(&s->rng, config->seed, stream);
    free(stream);
  }
  s->balancer =
      ho_balancer_new(config->server, config->seed, config->incarnation);
  return &s->t;
}
