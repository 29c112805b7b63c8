/* Goal: a QUIC connection begins, resumes and ends as RFC 9000 and 9001 have
 * it, with the two ends joined in memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/quic.h"

#include <ngtcp2/ngtcp2_crypto.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"
#include "stack/content.h"
#include "stack/entropy.h"
#include "tests/suite.h"

enum { ONE_WAY = 10 * HO_MSEC };

/* ---- two transports and the wire between them ---- */

typedef struct {
  ho_log *log;
  ho_tls *creds, *server_creds;
  ho_service *service;
  ho_arm arm;
  ho_server_config server;
  ho_transport *ends[2];
  ho_timer timers[2];
  bool cut; /* nothing arrives any more */
  uint64_t connections;
  uint8_t *ticket;
  size_t ticket_len;
  /* what was seen */
  uint64_t datagrams[2];      /* by sender */
  uint64_t certificate;       /* bytes of the server's Handshake packets */
  uint64_t retries, smallest; /* of the server's */
  ho_time last_sent;
  bool ready;
  ho_time opened_at, ready_at, closed_at;
  char *closed;
  ho_ev_connection_started started;
  ho_ev_handshake_done handshake[2];
  ho_ev_connection_closed server_closed;
  ho_time server_closed_at;
  /* one request */
  ho_call call;
  uint64_t got;
  bool done;
  ho_time done_at;
} pair;

typedef struct {
  pair *p;
  ho_side to;
  ho_datagram dgram;
  uint8_t data[];
} flight;

static void drain(pair *p, ho_side side);

static void deliver(void *user) {
  flight *f = user;
  ho_transport *t = f->p->ends[f->to];

  if (t && !f->p->cut) {
    t->v->recv(t, &f->dgram, ho_ns_now());
    drain(f->p, f->to);
  }
  free(f);
}

static void put(pair *p, ho_side sender, const ho_datagram *dgram) {
  flight *f = ho_alloc(sizeof(*f) + dgram->len);

  p->datagrams[sender]++;
  p->last_sent = ho_ns_now();
  if (sender == HO_SERVER) {
    p->retries += (dgram->data[0] & 0xf0) == 0xf0; /* RFC 9000, 17.2.5 */
    p->smallest = dgram->len < p->smallest ? dgram->len : p->smallest;
  }
  f->p = p;
  f->to = sender == HO_CLIENT ? HO_SERVER : HO_CLIENT;
  f->dgram = *dgram;
  f->dgram.path = (ho_path){dgram->path.remote, dgram->path.local};
  f->dgram.data = f->data;
  memcpy(f->data, dgram->data, dgram->len);
  ho_ns_at(ho_ns_now() + ONE_WAY, deliver, f);
}

static void drain(pair *p, ho_side side) {
  ho_transport *t = p->ends[side];
  uint8_t buf[2000];

  for (;;) {
    ho_datagram dgram = {.data = buf,
                         .cap = sizeof(buf),
                         .packet = p->datagrams[0] + p->datagrams[1] + 1,
                         .connection = p->connections - 1};
    if (!t->v->send(t, &dgram, ho_ns_now())) {
      break;
    }
    put(p, side, &dgram);
  }
  ho_timer_set(&p->timers[side], t->v->deadline(t));
}

static void expire(pair *p, ho_side side) {
  p->ends[side]->v->timeout(p->ends[side], ho_ns_now());
  drain(p, side);
}

static void expire_client(void *user) {
  expire(user, HO_CLIENT);
}

static void expire_server(void *user) {
  expire(user, HO_SERVER);
}

static void on_wake(void *user) {
  (void)user; /* every call is followed by drain */
}

static void on_ready(void *user) {
  pair *p = user;

  p->ready = true;
  p->ready_at = ho_ns_now();
}

static void on_closed(void *user, const char *reason, int64_t error) {
  pair *p = user;

  (void)error;
  ck_assert_ptr_null(p->closed); /* at most once */
  p->closed = ho_strdup(reason);
  p->closed_at = ho_ns_now();
}

static void on_ticket(void *user, const uint8_t *data, size_t len) {
  pair *p = user;

  free(p->ticket);
  p->ticket = ho_alloc(len);
  p->ticket_len = len;
  memcpy(p->ticket, data, len);
}

static void on_event(void *user, const ho_event *ev) {
  pair *p = user;

  if (ev->kind == HO_EV_connection_started) {
    p->started = ev->u.connection_started;
  } else if (ev->kind == HO_EV_handshake_done) {
    p->handshake[ev->u.handshake_done.endpoint] = ev->u.handshake_done;
  } else if (ev->kind == HO_EV_quic_sent &&
             ev->u.quic_sent.endpoint == HO_SERVER &&
             strcmp(ev->u.quic_sent.type, "handshake") == 0) {
    p->certificate += ev->u.quic_sent.bytes;
  } else if (ev->kind == HO_EV_connection_closed &&
             ev->u.connection_closed.endpoint == HO_SERVER) {
    p->server_closed = ev->u.connection_closed;
    p->server_closed_at = ev->t;
  }
}

static const ho_endpoint client_at = {{4, {192, 0, 2, 2}}, 50000};
static const ho_endpoint server_at = {{4, {203, 0, 113, 1}}, 443};

/* Replaces the server, if there is one, by one that remembers nothing. */
static void make_server(pair *p) {
  if (p->ends[HO_SERVER]) {
    p->ends[HO_SERVER]->v->del(p->ends[HO_SERVER]);
  }
  p->ends[HO_SERVER] = ho_quic_server_new(
      &(ho_server_end_config){.log = p->log,
                              .seed = 1,
                              .arm = &p->arm,
                              .server = &p->server,
                              .local = {server_at},
                              .mtu = 1500,
                              .creds = p->server_creds,
                              .service = p->service,
                              .owner = {.wake = on_wake, .user = p}});
}

static pair *pair_new(void) {
  pair *p = ho_alloc(sizeof(*p));

  ho_ns_start(1);
  ho_entropy_seed(1, ho_ns_now);
  p->log = ho_log_new();
  ho_log_subscribe(p->log, on_event, p);
  p->creds = p->server_creds = ho_tls_new();
  p->service = ho_service_new(&(ho_service_config){.log = p->log});
  p->arm = (ho_arm){.ping = HO_NEVER,
                    .keepalive = HO_NEVER,
                    .pmtud = false,
                    .cid_length = 8,
                    .active_connection_id_limit = 7,
                    .idle_timeout = 30 * HO_SEC};
  p->server = (ho_server_config){.cid_length = 8,
                                 .active_connection_id_limit = 7,
                                 .stateless_reset = true,
                                 .idle_timeout = 30 * HO_SEC};
  p->smallest = UINT64_MAX;
  ho_timer_init(&p->timers[HO_CLIENT], expire_client, p);
  ho_timer_init(&p->timers[HO_SERVER], expire_server, p);
  return p;
}

static void connect_with(pair *p, ho_tls_mode tls) {
  ho_transport **t = &p->ends[HO_CLIENT];

  if (*t) {
    (*t)->v->del(*t);
  }
  if (!p->ends[HO_SERVER]) {
    make_server(p);
  }
  p->ready = p->done = false;
  p->got = 0;
  p->opened_at = ho_ns_now();
  *t = ho_quic_client_new(&(ho_client_conn_config){
      .log = p->log,
      .seed = 1,
      .connection = p->connections++,
      .arm = &p->arm,
      .server = &p->server,
      .path = {client_at, server_at},
      .mtu = 1500,
      .tls = tls,
      .ticket = p->ticket,
      .ticket_len = p->ticket_len,
      .creds = p->creds,
      .owner = {on_wake, on_ready, on_closed, NULL, on_ticket, p}});
  (*t)->v->open(*t, ho_ns_now());
  /* With 0-RTT the request goes into the first flight. */
}

static void run_for(ho_time time) {
  ho_ns_run(ho_ns_now() + time);
}

static void on_response(ho_call *call, const ho_http_response *resp) {
  (void)call;
  ck_assert_uint_eq(resp->status, 200);
}

static void on_data(ho_call *call, const uint8_t *data, size_t len) {
  pair *p = call->user;

  ck_assert_uint_eq(ho_content_check(3, p->got, data, len), len);
  p->got += len;
}

static void on_end(ho_call *call, int64_t error) {
  pair *p = call->user;

  p->done = error == 0;
  p->done_at = ho_ns_now();
}

static void request(pair *p, uint64_t bytes) {
  ho_transport *t = p->ends[HO_CLIENT];

  p->done = false;
  p->got = 0;
  p->call = (ho_call){
      .request = {.kind = HO_HTTP_DOWNLOAD, .object = 3, .total = bytes},
      .on_response = on_response,
      .on_data = on_data,
      .on_end = on_end,
      .user = p};
  ck_assert_int_eq(t->v->request(t, &p->call, ho_ns_now()), 0);
  drain(p, HO_CLIENT);
}

/* Connects and downloads |bytes| as soon as that is possible. */
static void fetch(pair *p, ho_tls_mode tls, uint64_t bytes) {
  connect_with(p, tls);
  if (!p->ready) {
    drain(p, HO_CLIENT);
    while (!p->ready) {
      run_for(HO_MSEC);
    }
  }
  request(p, bytes);
  run_for(HO_SEC);
  ck_assert(p->done);
  ck_assert_uint_eq(p->got, bytes);
}

static void pair_del(pair *p) {
  p->cut = true;
  ho_timer_clear(&p->timers[0]);
  ho_timer_clear(&p->timers[1]);
  run_for(HO_SEC);
  for (int i = 0; i < 2; i++) {
    p->ends[i]->v->del(p->ends[i]);
  }
  ho_service_del(p->service);
  ho_ns_end();
  if (p->server_creds != p->creds) {
    ho_tls_del(p->server_creds);
  }
  ho_tls_del(p->creds);
  ho_log_del(p->log);
  free(p->ticket);
  free(p->closed);
  free(p);
}

/* ---- resumption and 0-RTT (RFC 9001, 4.5 and 4.6) ---- */

typedef struct {
  ho_tls_mode tls;
  bool other_key; /* the server that issued the ticket is gone */
  const char *handshake;
  bool early;     /* 0-RTT was accepted */
  ho_time answer; /* after so many round trips */
  bool certificate;
} begin;

static const begin begins[] = {
    {HO_TLS_FULL, false, "full", false, 2, true},
    {HO_TLS_RESUME, false, "resume", false, 2, false},
    {HO_TLS_0RTT, false, "0rtt", true, 1, false},
    {HO_TLS_RESUME, true, "resume", false, 2, true},
    /* refused: sent again once the handshake is done */
    {HO_TLS_0RTT, true, "0rtt", false, 2, true},
};

static void begin_one(void *arg) {
  const begin *b = arg;
  pair *p = pair_new();
  uint64_t full;

  fetch(p, HO_TLS_0RTT, 500); /* without a ticket: a full handshake */
  ck_assert_str_eq(p->started.handshake, "full");
  ck_assert_ptr_nonnull(p->ticket);
  full = p->certificate;
  if (b->other_key) {
    p->server_creds = ho_tls_new();
    make_server(p);
  }
  p->certificate = 0;
  fetch(p, b->tls, 500);
  ck_assert_str_eq(p->started.handshake, b->handshake);
  ck_assert_int_eq(p->handshake[HO_CLIENT].early_data, b->early);
  ck_assert_int_eq(p->handshake[HO_SERVER].early_data, b->early);
  /* to within a packet's turn in pacing */
  ck_assert_uint_ge(p->done_at - p->opened_at, b->answer * 2 * ONE_WAY);
  ck_assert_uint_lt(p->done_at - p->opened_at,
                    b->answer * 2 * ONE_WAY + 2 * HO_MSEC);
  ck_assert_int_eq(p->certificate + 300 > full, b->certificate);
  pair_del(p);
}

START_TEST(a_connection_begins) {
  ck_assert_int_eq(runs_alone(begin_one, (void *)&begins[_i]), 0);
}
END_TEST

/* ---- Retry (RFC 9000, 8.1.2 and 8.1.3) ---- */

/* A Retry costs a round trip; a token from an earlier connection saves it. */
static void retry(void *arg) {
  pair *p = pair_new();

  (void)arg;
  p->server.retry = true;
  fetch(p, HO_TLS_FULL, 500);
  ck_assert_uint_eq(p->retries, 1);
  ck_assert_uint_eq(p->ready_at, 4 * ONE_WAY);
  fetch(p, HO_TLS_RESUME, 500);
  ck_assert_uint_eq(p->retries, 1);
  ck_assert_uint_eq(p->ready_at - p->opened_at, 2 * ONE_WAY);
  fetch(p, HO_TLS_FULL, 500); /* which brings no token */
  ck_assert_uint_eq(p->retries, 2);
  pair_del(p);
}

START_TEST(a_retry_costs_a_round_trip) {
  ck_assert_int_eq(runs_alone(retry, NULL), 0);
}
END_TEST

/* ---- ends ---- */

/* RFC 9000, 10.3: a server that lost its state resets what it does not know,
 * if it does that at all. */
static void reset(void *arg) {
  bool resets = *(bool *)arg;
  pair *p = pair_new();
  ho_time at;

  p->server.stateless_reset = resets;
  p->arm.idle_timeout = 5 * HO_SEC;
  fetch(p, HO_TLS_FULL, 500);
  make_server(p);
  p->smallest = UINT64_MAX;
  at = ho_ns_now();
  request(p, 500);
  run_for(20 * HO_SEC);
  ck_assert(!p->done);
  if (resets) {
    ck_assert_str_eq(p->closed, "stateless reset");
    ck_assert_uint_eq(p->closed_at - at, 2 * ONE_WAY);
    ck_assert_uint_ge(p->smallest, 21);
    ck_assert_uint_le(p->smallest, 43);
  } else {
    ck_assert_str_eq(p->closed, "idle timeout");
    ck_assert_uint_eq(p->smallest, UINT64_MAX); /* not a word */
  }
  pair_del(p);
}

START_TEST(a_server_without_state_resets) {
  bool resets = _i;

  ck_assert_int_eq(runs_alone(reset, &resets), 0);
}
END_TEST

static const struct {
  ho_time client, server, keepalive, closes; /* after the last packet */
} idles[] = {
    {5 * HO_SEC, 30 * HO_SEC, HO_NEVER, 5 * HO_SEC},
    {30 * HO_SEC, 5 * HO_SEC, HO_NEVER, 5 * HO_SEC}, /* the smaller counts */
    {5 * HO_SEC, 30 * HO_SEC, 2 * HO_SEC, HO_NEVER},
};

/* RFC 9000, 10.1: silently. */
static void idle(void *arg) {
  int i = *(int *)arg;
  pair *p = pair_new();

  p->arm.idle_timeout = idles[i].client;
  p->arm.keepalive = idles[i].keepalive;
  p->server.idle_timeout = idles[i].server;
  fetch(p, HO_TLS_FULL, 500);
  run_for(60 * HO_SEC);
  if (idles[i].closes == HO_NEVER) {
    ck_assert_ptr_null(p->closed);
    ck_assert_uint_eq(p->server_closed_at, 0);
  } else {
    ck_assert_str_eq(p->closed, "idle timeout");
    ck_assert_str_eq(p->server_closed.reason, "idle timeout");
    ck_assert_uint_ge(p->closed_at, p->last_sent + idles[i].closes);
    ck_assert_uint_lt(p->closed_at, p->last_sent + idles[i].closes + HO_SEC);
    ck_assert_uint_lt(p->last_sent, 200 * HO_MSEC);
  }
  pair_del(p);
}

START_TEST(silence_ends_a_connection) {
  ck_assert_int_eq(runs_alone(idle, &_i), 0);
}
END_TEST

/* RFC 9000, 10.2: one CONNECTION_CLOSE, and the other end falls silent. */
static void say_goodbye(void *arg) {
  pair *p = pair_new();
  ho_transport *t;
  uint64_t sent[2], connection;
  ho_time at;

  (void)arg;
  fetch(p, HO_TLS_FULL, 500);
  memcpy(sent, p->datagrams, sizeof(sent));
  t = p->ends[HO_SERVER];
  ck_assert_uint_gt(t->v->state_bytes(t, 0, &connection), 0);
  at = ho_ns_now();
  p->ends[HO_CLIENT]->v->close(p->ends[HO_CLIENT], at);
  drain(p, HO_CLIENT);
  ck_assert_str_eq(p->closed, "closed");
  ck_assert_int_ne(
      p->ends[HO_CLIENT]->v->request(p->ends[HO_CLIENT], &p->call, at), 0);
  run_for(60 * HO_SEC);
  ck_assert_uint_eq(p->datagrams[HO_CLIENT], sent[HO_CLIENT] + 1);
  ck_assert_uint_eq(p->datagrams[HO_SERVER], sent[HO_SERVER]);
  ck_assert_str_eq(p->server_closed.reason, "closed by peer");
  ck_assert_uint_eq(p->server_closed_at, at + ONE_WAY);
  ck_assert_uint_eq(t->v->state_bytes(t, 0, &connection), 0); /* forgotten */
  pair_del(p);
}

START_TEST(a_close_is_said_once) {
  ck_assert_int_eq(runs_alone(say_goodbye, NULL), 0);
}
END_TEST

/* Nobody there: the handshake is given up after 10 s. */
static void nobody(void *arg) {
  pair *p = pair_new();

  (void)arg;
  p->cut = true;
  connect_with(p, HO_TLS_FULL);
  drain(p, HO_CLIENT);
  run_for(20 * HO_SEC);
  ck_assert_str_eq(p->closed, "handshake timeout");
  ck_assert_uint_eq(p->closed_at, 10 * HO_SEC);
  ck_assert_uint_ge(p->datagrams[HO_CLIENT], 3); /* it did try */
  pair_del(p);
}

START_TEST(a_handshake_is_given_up) {
  ck_assert_int_eq(runs_alone(nobody, NULL), 0);
}
END_TEST

/* ---- key update (RFC 9001, 6) ---- */

static int updates;

/* The linker puts it before the library's own (--wrap). */
__typeof__(ngtcp2_crypto_update_key_cb) __real_ngtcp2_crypto_update_key_cb,
    __wrap_ngtcp2_crypto_update_key_cb;

int __wrap_ngtcp2_crypto_update_key_cb(
    ngtcp2_conn *conn, uint8_t *rx_secret, uint8_t *tx_secret,
    ngtcp2_crypto_aead_ctx *rx_aead_ctx, uint8_t *rx_iv,
    ngtcp2_crypto_aead_ctx *tx_aead_ctx, uint8_t *tx_iv,
    const uint8_t *current_rx_secret, const uint8_t *current_tx_secret,
    size_t secretlen, void *user_data) {
  updates++;
  return __real_ngtcp2_crypto_update_key_cb(
      conn, rx_secret, tx_secret, rx_aead_ctx, rx_iv, tx_aead_ctx, tx_iv,
      current_rx_secret, current_tx_secret, secretlen, user_data);
}

/* Both ends make their next keys ahead of time, so that each update shows as
 * one more at either. */
static void rekey(void *arg) {
  pair *p = pair_new();
  int before;

  (void)arg;
  fetch(p, HO_TLS_FULL, 500);
  before = updates;
  ck_assert_int_gt(before, 0);
  for (int i = 1; i <= 3; i++) {
    p->ends[HO_CLIENT]->v->rekey(p->ends[HO_CLIENT], ho_ns_now());
    request(p, 20000);
    run_for(HO_SEC);
    ck_assert(p->done);
    request(p, 20000); /* with the old keys gone */
    run_for(HO_SEC);
    ck_assert(p->done);
    ck_assert_int_eq(updates, before + 2 * i);
  }
  ck_assert_ptr_null(p->closed);
  pair_del(p);
}

START_TEST(keys_are_updated) {
  ck_assert_int_eq(runs_alone(rekey, NULL), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, a_connection_begins, 0, (int)COUNT(begins));
  tcase_add_test(tc, a_retry_costs_a_round_trip);
  tcase_add_loop_test(tc, a_server_without_state_resets, 0, 2);
  tcase_add_loop_test(tc, silence_ends_a_connection, 0, (int)COUNT(idles));
  tcase_add_test(tc, a_close_is_said_once);
  tcase_add_test(tc, a_handshake_is_given_up);
  tcase_add_test(tc, keys_are_updated);
}

int main(void) {
  return suite_run("quic", add);
}
