/* Goal: every datagram of real connections opens, and is what ngtcp2 says that
 * it sent: handshake, download, key updates, Retry, resumption with 0-RTT. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/decoder.h"

#include <dlfcn.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"
#include "sim/wire/null_cipher.h"
#include "stack/entropy.h"
#include "stack/quic/protect.h"
#include "stack/quic/quic.h"
#include "tests/stack/runs.h"
#include "tests/suite.h"

enum { ONE_WAY = 10 * HO_MSEC, SENT_MAX = 8 };

static const ho_endpoint client_at = {{4, {192, 0, 2, 2}}, 50000};
static const ho_endpoint server_at = {{4, {203, 0, 113, 1}}, 443};

/* ---- secrets ---- */

static ho_decoder *decoder; /* of the connection at work */
static bool blind;          /* no secrets for it */

static int on_secret(ho_side of, const char *label,
                     const gnutls_datum_t *bytes) {
  if (!blind) {
    ho_decoder_secret(decoder, of, label, bytes->data, bytes->size);
  }
  return 0;
}

static int on_client_secret(gnutls_session_t session, const char *label,
                            const gnutls_datum_t *bytes) {
  (void)session;
  return on_secret(HO_CLIENT, label, bytes);
}

static int on_server_secret(gnutls_session_t session, const char *label,
                            const gnutls_datum_t *bytes) {
  (void)session;
  return on_secret(HO_SERVER, label, bytes);
}

typedef void (*set_keylog)(gnutls_session_t, gnutls_keylog_func);
typedef int (*init)(gnutls_session_t *, unsigned);

/* These two stand before the library's own, so that the secrets come here. */
void gnutls_session_set_keylog_function(gnutls_session_t session,
                                        gnutls_keylog_func fn) {
  (void)session, (void)fn;
}

int gnutls_init(gnutls_session_t *session, unsigned flags) {
  init real = (init)(uintptr_t)dlsym(RTLD_NEXT, "gnutls_init");
  set_keylog set = (set_keylog)(uintptr_t)dlsym(
      RTLD_NEXT, "gnutls_session_set_keylog_function");
  int rv = real(session, flags);

  if (rv == 0) {
    set(*session, flags & GNUTLS_SERVER ? on_server_secret : on_client_secret);
  }
  return rv;
}

/* ---- two transports and the wire between them ---- */

typedef struct {
  bool retry;
  size_t client_cid, server_cid;
  bool null; /* with ho_null_use's protection */
} shape;

typedef struct {
  ho_log *log;
  ho_tls *creds;
  ho_service *service;
  ho_arm arm;
  ho_server_config server;
  ho_transport *ends[2];
  ho_timer timers[2];
  bool ready, done;
  uint64_t connections;
  uint8_t *ticket;
  size_t ticket_len;
  ho_call call;
  ho_ev_quic_sent sent[SENT_MAX]; /* what ngtcp2 put into the datagram */
  size_t sent_count;
  /* what was decoded */
  uint64_t packets[HO_WIRE_1RTT + 1], stream_bytes[2], unopened;
  bool phase[2];
  unsigned flips[2];
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

  f->p->ends[f->to]->v->recv(f->p->ends[f->to], &f->dgram, ho_ns_now());
  drain(f->p, f->to);
  free(f);
}

static void on_event(void *user, const ho_event *ev) {
  pair *p = user;

  if (ev->kind == HO_EV_quic_sent) {
    ck_assert_uint_lt(p->sent_count, SENT_MAX);
    p->sent[p->sent_count++] = ev->u.quic_sent;
  }
}

/* ---- what the decoder says of it ---- */

static void count_frames(pair *p, ho_side from, const ho_wire_packet *packet) {
  size_t bytes = 0;

  for (size_t i = 0; i < packet->frames_count; i++) {
    const ho_frame *f = &packet->frames[i];
    bytes += f->raw_len;
    if (f->type == HO_FRAME_STREAM) {
      p->stream_bytes[from] += f->length;
    }
  }
  ck_assert_uint_eq(bytes, packet->plain_len); /* to the last byte */
}

static void check_packet(pair *p, ho_side from, const ho_wire_packet *packet,
                         const ho_ev_quic_sent *sent) {
  static const char *const types[] = {[HO_WIRE_INITIAL] = "initial",
                                      [HO_WIRE_0RTT] = "0rtt",
                                      [HO_WIRE_HANDSHAKE] = "handshake",
                                      [HO_WIRE_1RTT] = "1rtt"};

  ck_assert_msg(packet->opened, "%s: %s", sent->type, packet->why);
  ck_assert_str_eq(sent->type, types[packet->header.type]);
  ck_assert_uint_eq(packet->pn, sent->pn);
  ck_assert_uint_eq(packet->len, sent->bytes);
  ck_assert_mem_eq(&packet->header.dcid, &sent->dcid, sizeof(sent->dcid));
  ck_assert_int_eq(packet->eliciting, sent->eliciting);
  ck_assert_uint_eq(packet->reserved, 0);
  ck_assert(!packet->malformed && !packet->cut);
  count_frames(p, from, packet);
  if (packet->header.type == HO_WIRE_1RTT &&
      packet->key_phase != p->phase[from]) {
    p->phase[from] = packet->key_phase;
    p->flips[from]++;
  }
}

static void see(pair *p, ho_side from, const ho_datagram *dgram) {
  static ho_wire_datagram out;
  size_t sent = 0;

  ho_decoder_read(decoder, from, dgram->data, dgram->len, &out);
  for (size_t i = 0; i < out.packets_count; i++) {
    const ho_wire_packet *packet = &out.packets[i];
    p->packets[packet->header.type]++;
    if (packet->header.type == HO_WIRE_RETRY) {
      continue;
    }
    ck_assert_uint_lt(sent, p->sent_count);
    if (blind) {
      p->unopened += !packet->opened;
    } else {
      check_packet(p, from, packet, &p->sent[sent]);
    }
    sent++;
  }
  ck_assert_uint_eq(sent, p->sent_count);
  ck_assert(blind || !out.maybe_reset);
  p->sent_count = 0;
}

/* ---- the loop ---- */

static void drain(pair *p, ho_side side) {
  ho_transport *t = p->ends[side];
  uint8_t buf[2000];

  for (;;) {
    ho_datagram dgram = {.data = buf, .cap = sizeof(buf)};
    flight *f;
    if (!t->v->send(t, &dgram, ho_ns_now())) {
      break;
    }
    see(p, side, &dgram);
    f = ho_alloc(sizeof(*f) + dgram.len);
    f->p = p;
    f->to = side == HO_CLIENT ? HO_SERVER : HO_CLIENT;
    f->dgram = dgram;
    f->dgram.path = (ho_path){dgram.path.remote, dgram.path.local};
    f->dgram.data = f->data;
    memcpy(f->data, dgram.data, dgram.len);
    ho_ns_at(ho_ns_now() + ONE_WAY, deliver, f);
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
  ((pair *)user)->ready = true;
}

static void on_closed(void *user, const char *reason, int64_t error) {
  (void)user, (void)error;
  ck_abort_msg("closed: %s", reason);
}

static void on_ticket(void *user, const uint8_t *data, size_t len) {
  pair *p = user;

  free(p->ticket);
  p->ticket = ho_alloc(len);
  p->ticket_len = len;
  memcpy(p->ticket, data, len);
}

static pair *pair_new(const shape *s) {
  pair *p = ho_alloc(sizeof(*p));

  ho_null_use(s->null);
  ho_ns_start(1);
  ho_entropy_seed(1, ho_ns_now);
  p->log = ho_log_new();
  ho_log_subscribe(p->log, on_event, p);
  p->creds = ho_tls_new();
  p->service = ho_service_new(&(ho_service_config){.log = p->log});
  p->arm = (ho_arm){.ping = HO_NEVER,
                    .keepalive = HO_NEVER,
                    .cid_length = s->client_cid,
                    .active_connection_id_limit = 7,
                    .idle_timeout = 30 * HO_SEC};
  p->server = (ho_server_config){.cid_length = s->server_cid,
                                 .active_connection_id_limit = 5,
                                 .retry = s->retry,
                                 .idle_timeout = 20 * HO_SEC};
  ho_timer_init(&p->timers[HO_CLIENT], expire_client, p);
  ho_timer_init(&p->timers[HO_SERVER], expire_server, p);
  p->ends[HO_SERVER] = ho_quic_server_new(
      &(ho_server_end_config){.log = p->log,
                              .seed = 1,
                              .arm = &p->arm,
                              .server = &p->server,
                              .local = {server_at},
                              .mtu = 1500,
                              .creds = p->creds,
                              .service = p->service,
                              .owner = {.wake = on_wake, .user = p}});
  return p;
}

static void forget(pair *p) {
  ho_decoder_del(decoder);
  decoder = ho_decoder_new();
  memset(p->packets, 0, sizeof(p->packets));
  memset(p->stream_bytes, 0, sizeof(p->stream_bytes));
  memset(p->flips, 0, sizeof(p->flips));
  memset(p->phase, 0, sizeof(p->phase));
  p->unopened = 0;
}

static void connect_with(pair *p, ho_tls_mode tls) {
  ho_transport **t = &p->ends[HO_CLIENT];

  forget(p);
  p->connections++;
  if (*t) {
    (*t)->v->del(*t);
  }
  p->ready = false;
  *t = ho_quic_client_new(&(ho_client_conn_config){
      .log = p->log,
      .seed = p->connections, /* a DCID of its own */
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
}

static void run_for(ho_time time) {
  ho_ns_run(ho_ns_now() + time);
}

static void on_response(ho_call *call, const ho_http_response *resp) {
  (void)call, (void)resp;
}

static void on_data(ho_call *call, const uint8_t *data, size_t len) {
  (void)call, (void)data, (void)len;
}

static void on_end(ho_call *call, int64_t error) {
  ((pair *)call->user)->done = error == 0;
}

static void request(pair *p, uint64_t bytes) {
  ho_transport *t = p->ends[HO_CLIENT];

  p->done = false;
  p->call = (ho_call){
      .request = {.kind = HO_HTTP_DOWNLOAD, .object = 3, .total = bytes},
      .on_response = on_response,
      .on_data = on_data,
      .on_end = on_end,
      .user = p};
  ck_assert_int_eq(t->v->request(t, &p->call, ho_ns_now()), 0);
  drain(p, HO_CLIENT);
  run_for(5 * HO_SEC);
  ck_assert(p->done);
}

/* Connects and downloads as soon as that is possible. */
static void fetch(pair *p, ho_tls_mode tls, uint64_t bytes) {
  connect_with(p, tls);
  if (!p->ready) {
    drain(p, HO_CLIENT);
    while (!p->ready) {
      run_for(HO_MSEC);
    }
  }
  request(p, bytes);
}

/* ---- the tests ---- */

/* No key may outlive its connection: another may come to its address. */
static void end(pair *p) {
  ho_timer_clear(&p->timers[0]);
  ho_timer_clear(&p->timers[1]);
  p->ends[HO_CLIENT]->v->del(p->ends[HO_CLIENT]);
  p->ends[HO_SERVER]->v->del(p->ends[HO_SERVER]);
  ck_assert_uint_eq(ho_quic_protect_keys(), 0);
}

static const shape shapes[] = {{false, 8, 8, false}, {false, 0, 20, false},
                               {true, 17, 4, false}, {true, 8, 18, false},
                               {false, 8, 8, true},  {false, 0, 20, true},
                               {true, 17, 4, true},  {true, 8, 18, true}};

static void check_params(const shape *s, bool retried) {
  const ho_wire_params *client = ho_decoder_params(decoder, HO_CLIENT),
                       *server = ho_decoder_params(decoder, HO_SERVER);

  ck_assert_ptr_nonnull(client);
  ck_assert_ptr_nonnull(server);
  ck_assert_uint_eq(client->max_idle_timeout_ms, 30000);
  ck_assert_uint_eq(client->initial_scid.len, s->client_cid);
  ck_assert(!client->has_original_dcid && !client->has_retry_scid);
  ck_assert_uint_eq(server->max_idle_timeout_ms, 20000);
  ck_assert_uint_eq(server->active_connection_id_limit, 5);
  ck_assert_uint_eq(server->initial_scid.len, s->server_cid);
  ck_assert(server->has_original_dcid);
  ck_assert_int_eq(server->has_retry_scid, retried);
}

static void live(void *arg) {
  const shape *s = arg;
  pair *p = pair_new(s);

  fetch(p, HO_TLS_FULL, 300000);
  check_params(s, s->retry);
  ck_assert_int_eq(ho_quic_protect_keys() > 0, s->null);
  ck_assert_int_eq(p->packets[HO_WIRE_RETRY] > 0, s->retry);
  ck_assert_uint_gt(p->packets[HO_WIRE_INITIAL], 2);
  ck_assert_uint_gt(p->packets[HO_WIRE_HANDSHAKE], 1);
  ck_assert_uint_gt(p->packets[HO_WIRE_1RTT], 200);
  ck_assert_uint_ge(p->stream_bytes[HO_SERVER], 300000);
  for (unsigned i = 1; i <= 5; i++) { /* key updates */
    p->ends[HO_CLIENT]->v->rekey(p->ends[HO_CLIENT], ho_ns_now());
    request(p, 50000);
    request(p, 50000); /* with the old keys gone: ngtcp2 waits for that */
    ck_assert_uint_eq(p->flips[HO_CLIENT], i);
    ck_assert_uint_eq(p->flips[HO_SERVER], i);
  }
  fetch(p, HO_TLS_0RTT, 50000);
  check_params(s, false); /* it has brought a token */
  ck_assert_uint_gt(p->packets[HO_WIRE_0RTT], 0);
  ck_assert_uint_ge(p->stream_bytes[HO_SERVER], 50000);
  end(p);
}

START_TEST(every_datagram_opens) {
  shape s = shapes[_i];

  ck_assert_int_eq(runs_alone(live, &s), 0);
}
END_TEST

/* Without secrets there are Initial packets, and nothing else. */
static void live_blind(void *arg) {
  pair *p = pair_new(arg);

  blind = true;
  fetch(p, HO_TLS_FULL, 1000);
  ck_assert_uint_eq(p->unopened,
                    p->packets[HO_WIRE_HANDSHAKE] + p->packets[HO_WIRE_1RTT]);
  ck_assert_ptr_nonnull(ho_decoder_params(decoder, HO_CLIENT));
  ck_assert_ptr_null(ho_decoder_params(decoder, HO_SERVER));
}

START_TEST(without_secrets_little_opens) {
  shape s = shapes[_i];

  ck_assert_int_eq(runs_alone(live_blind, &s), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, every_datagram_opens, 0, COUNT(shapes));
  tcase_add_loop_test(tc, without_secrets_little_opens, 0, COUNT(shapes));
}

int main(void) {
  return suite_run("connections", add);
}
