/* Goal: a host puts datagrams on the right interface, gives packets to the
 * right transport, and never calls one while a call is under way. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/host.h"

#include <stdlib.h>
#include <string.h>

#include "sim/net/ip.h"
#include "tests/suite.h"

enum { LOG = 64 };

/* ---- a transport that does as it is told ---- */

typedef struct {
  ho_transport t; /* first */
  ho_path path;   /* of what it sends */
  uint8_t ecn;
  int to_send;                     /* datagrams left */
  int per_recv;                    /* more to send for each that comes in */
  ho_time deadline, next_deadline; /* the latter after a timeout */
  bool in_call;
  int received, sent, asked, reenter;
  struct rig *rig; /* with |reenter|: calls that it makes from within one */
  ho_datagram last;
  ho_time timeouts[LOG];
  int timeouts_count;
} probe;

static void enter(probe *p) {
  ck_assert_msg(!p->in_call, "calls nest");
  p->in_call = true;
}

static void reenter(probe *p);

static void probe_recv(ho_transport *t, const ho_datagram *dgram, ho_time now) {
  probe *p = (probe *)t;

  enter(p);
  ck_assert_uint_eq(now, ho_ns_now());
  p->received++;
  p->last = *dgram;
  p->to_send += p->per_recv;
  reenter(p);
  p->in_call = false;
}

static int probe_send(ho_transport *t, ho_datagram *dgram, ho_time now) {
  probe *p = (probe *)t;

  enter(p);
  (void)now;
  p->asked++;
  p->in_call = false;
  if (p->to_send == 0) {
    return 0;
  }
  p->to_send--;
  p->sent++;
  dgram->path = p->path;
  dgram->ecn = p->ecn;
  dgram->len = 40;
  memset(dgram->data, 0xa5, dgram->len);
  if (t->v->proto == HO_PROTO_TCP) {
    dgram->data[12] = 10 << 4; /* all of it header */
  }
  return 1;
}

static ho_time probe_deadline(ho_transport *t) {
  return ((probe *)t)->deadline;
}

static void probe_timeout(ho_transport *t, ho_time now) {
  probe *p = (probe *)t;

  enter(p);
  ck_assert_int_lt(p->timeouts_count, LOG);
  p->timeouts[p->timeouts_count++] = now;
  p->deadline = p->next_deadline;
  p->next_deadline = HO_NEVER;
  p->in_call = false;
}

static void probe_del(ho_transport *t) {
  free(t);
}

#define VTBL(number)                                                           \
  {                                                                            \
    .abi = HO_TRANSPORT_ABI, .name = "probe", .proto = number,                 \
    .recv = probe_recv, .send = probe_send, .deadline = probe_deadline,        \
    .timeout = probe_timeout, .del = probe_del                                 \
  }

static const ho_transport_vtbl udp = VTBL(HO_PROTO_UDP);
static const ho_transport_vtbl tcp = VTBL(HO_PROTO_TCP);

/* ---- two interfaces ---- */

typedef struct rig rig;
struct rig {
  ho_element out; /* first; both interfaces send into it */
  ho_pool pool;
  ho_env env;
  ho_host *host;
  ho_addr own[2];
  bool up[2];
  int in_use;
  /* what came out */
  int pushed;
  ho_ip last;
  ho_packet sent; /* the last, a copy */
  bool intact;
  ho_event event[HO_EV_COUNT]; /* last, by kind */
  int events[HO_EV_COUNT];
  int settled;
  ho_binding *binding, *settled_last;
  int reflect; /* so many packets come back within the call that sent them */
};

static ho_packet *udp_packet(rig *r, const ho_endpoint *src,
                             const ho_endpoint *dst) {
  ho_packet *pkt = ho_packet_new(&r->pool);

  ho_ip_write_udp(pkt, src, dst, 2, 40);
  return pkt;
}

static void reenter(probe *p) {
  if (p->reenter > 0) {
    p->reenter--;
    p->to_send++;
    ho_binding_kick(p->rig->binding); /* as a transport's wake does */
    ho_host_receive(p->rig->host, 0,
                    udp_packet(p->rig, &p->path.remote, &p->path.local));
  }
}

static void push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  rig *r = (rig *)self;
  ho_ip ip;

  (void)dir;
  ck_assert_int_eq(ho_ip_parse(&ip, pkt->data, pkt->len), 0);
  ho_ip_fill(pkt->data, pkt->len);
  r->intact = ho_ip_checksums_ok(pkt->data, pkt->len) &&
              (ip.proto == HO_PROTO_TCP || pkt->data[ip.total - 1] == 0xa5);
  r->pushed++;
  r->last = ip;
  r->sent = *pkt;
  ho_packet_del(&r->pool, pkt);
  if (r->reflect > 0) {
    r->reflect--;
    ho_host_receive(r->host, 0, udp_packet(r, &ip.dst, &ip.src));
  }
}

static bool route(void *user, const ho_binding *binding, const ho_path *path,
                  bool by_default, ho_route *out) {
  rig *r = user;
  int net = r->in_use;

  (void)binding;
  for (int i = 0; i < 2 && !by_default; i++) {
    if (ho_addr_eq(&path->local.addr, &r->own[i])) {
      net = i;
    }
  }
  if (net < 0) {
    return false;
  }
  *out = (ho_route){net, r->up[net], r->own[net], &r->out};
  return true;
}

static void settled(void *user, ho_binding *binding) {
  rig *r = user;

  ck_assert(!((probe *)ho_binding_transport(binding))->in_call);
  r->settled++;
  r->settled_last = binding;
}

static void on_event(void *user, const ho_event *ev) {
  rig *r = user;

  r->events[ev->kind]++;
  r->event[ev->kind] = *ev;
}

static const ho_endpoint server = {{4, {192, 0, 2, 1}}, 443};

static ho_addr addr(const char *text) {
  ho_addr a;

  ck_assert_int_eq(ho_addr_parse(&a, text), 0);
  return a;
}

static ho_endpoint at(const char *text, uint16_t port) {
  return (ho_endpoint){addr(text), port};
}

static void rig_init(rig *r, ho_side side) {
  memset(r, 0, sizeof(*r));
  ho_ns_start(1);
  r->out.push = push;
  r->env = (ho_env){ho_log_new(), &r->pool, 1};
  ho_log_subscribe(r->env.log, on_event, r);
  r->own[0] = addr("198.51.100.1");
  r->own[1] = addr("198.51.101.1");
  r->up[0] = r->up[1] = true;
  r->host = ho_host_new(&(ho_host_config){.env = &r->env,
                                          .side = side,
                                          .client = 4,
                                          .route = route,
                                          .settled = settled,
                                          .user = r});
}

static void rig_free(rig *r) {
  ho_ns_run(ho_ns_now() + HO_SEC);
  ho_host_del(r->host);
  ck_assert_uint_eq(r->pool.live, 0);
  ho_ns_end();
  ho_log_del(r->env.log);
  ho_pool_free(&r->pool);
}

static probe *probe_new(const ho_transport_vtbl *v, uint16_t port) {
  probe *p = calloc(1, sizeof(*p));

  p->t.v = v;
  p->path = (ho_path){at("198.51.100.1", port), server};
  p->deadline = p->next_deadline = HO_NEVER;
  return p;
}

static ho_binding *bind_probe(rig *r, probe *p, bool follow) {
  ho_binding *b = ho_host_bind(r->host, &p->t, p);

  ho_binding_local(b, &p->path.local, follow);
  return b;
}

static ho_binding *rig_with(rig *r, ho_side side, probe *p, bool follow) {
  rig_init(r, side);
  p->rig = r;
  return r->binding = bind_probe(r, p, follow);
}

/* ---- out ---- */

START_TEST(a_datagram_leaves_as_it_should) {
  rig r;
  probe *p = probe_new(&udp, 50000);
  ho_binding *b;

  b = rig_with(&r, HO_CLIENT, p, false);
  ho_binding_identity(b, 4, 9);
  p->to_send = 3;
  p->ecn = 1;
  ho_binding_kick(b);
  ck_assert_int_eq(r.pushed, 3);
  ck_assert_int_eq(p->asked, 4); /* until there is nothing */
  ck_assert(ho_endpoint_eq(&r.last.src, &p->path.local));
  ck_assert(ho_endpoint_eq(&r.last.dst, &p->path.remote));
  ck_assert_int_eq(r.last.ecn, 1);
  ck_assert_uint_eq(r.last.total, 20 + 8 + 40);
  ck_assert(r.intact);
  ck_assert_int_eq(r.sent.client, 4);
  ck_assert_uint_eq(r.sent.connection, 9);
  ck_assert_int_eq(r.events[HO_EV_datagram_sent], 3);
  ck_assert_int_eq(r.settled, 2); /* before and after sending */
  rig_free(&r);
}
END_TEST

/* Asking a transport that has nothing uses up no packet number. */
START_TEST(asking_costs_no_number) {
  rig r;
  probe *p = probe_new(&udp, 50000);
  ho_binding *b;

  b = rig_with(&r, HO_CLIENT, p, false);
  for (uint64_t i = 1; i <= 3; i++) {
    ho_binding_kick(b);
    p->to_send = 1;
    ho_binding_kick(b);
    ck_assert_uint_eq(r.sent.id, i);
  }
  rig_free(&r);
}
END_TEST

/* The payload is moved when the family is not the one guessed. */
START_TEST(either_family_leaves) {
  rig r;
  probe *p = probe_new(&udp, 50000);
  ho_binding *b;

  b = rig_with(&r, HO_CLIENT, p, true);
  r.own[0] = addr("2001:db8::5");
  p->path.remote = at("2001:db8:ffff::1", 443);
  p->to_send = 1;
  ho_binding_kick(b);
  ck_assert_int_eq(r.last.family, 6);
  ck_assert_uint_eq(r.last.total, 40 + 8 + 40);
  ck_assert(r.intact);
  rig_free(&r);
}
END_TEST

static const struct {
  int in_use;
  bool up0, follow;
  int net;            /* it leaves by; -1: lost */
  const char *reason; /* of the loss */
} ways[] = {
    {0, true, false, 0, NULL},
    {1, true, false, 0, NULL}, /* bound: the default route is nothing to it */
    {1, false, false, -1, "link-down"}, /* bound to what is dead */
    {0, false, true, -1, "link-down"},
    {1, true, true, 1, NULL}, /* follows */
    {1, false, true, 1, NULL},
    {-1, true, true, -1, "no-route"},
    {-1, false, false, -1, "link-down"},
};

START_TEST(a_socket_leaves_where_it_is_bound) {
  rig r;
  probe *p = probe_new(&udp, 50000);
  ho_binding *b;

  b = rig_with(&r, HO_CLIENT, p, ways[_i].follow);
  r.in_use = ways[_i].in_use;
  r.up[0] = ways[_i].up0;
  p->to_send = 1;
  ho_binding_kick(b);
  if (ways[_i].reason) {
    const ho_event *ev = &r.event[HO_EV_packet_dropped];
    ck_assert_int_eq(r.pushed, 0);
    ck_assert_int_eq(r.events[HO_EV_packet_dropped], 1);
    ck_assert_int_eq(r.events[HO_EV_datagram_sent], 0);
    ck_assert_str_eq(ev->u.packet_dropped.reason, ways[_i].reason);
    ck_assert_uint_eq(ev->u.packet_dropped.bytes, 68);
  } else {
    const ho_event *ev = &r.event[HO_EV_datagram_sent];
    ck_assert_int_eq(r.pushed, 1);
    ck_assert_int_eq(ev->u.datagram_sent.net, ways[_i].net);
    ck_assert(ho_addr_eq(&r.last.src.addr, &r.own[ways[_i].net]));
    ck_assert_int_eq(r.last.src.port, 50000); /* its own */
  }
  rig_free(&r);
}
END_TEST

/* Events name tuples from the client's side to the server's at either. */
START_TEST(a_server_reverses_its_tuples) {
  rig r;
  probe *p = probe_new(&udp, 443);
  ho_endpoint remote = at("203.0.113.9", 6000);

  rig_with(&r, HO_SERVER, p, false);
  p->path.remote = remote;
  p->per_recv = 1;
  ho_host_receive(r.host, 0, udp_packet(&r, &remote, &p->path.local));
  ck_assert(ho_endpoint_eq(
      &r.event[HO_EV_datagram_received].u.datagram_received.tuple.client,
      &remote));
  ck_assert(ho_endpoint_eq(
      &r.event[HO_EV_datagram_sent].u.datagram_sent.tuple.client, &remote));
  rig_free(&r);
}
END_TEST

/* ---- in ---- */

static const struct {
  uint16_t port;
  const char *to;
  int takes; /* index of the probe, -1: none */
} arrivals[] = {
    {50000, "198.51.100.1", 0},  {50001, "198.51.100.1", 1},
    {50000, "198.51.101.1", -1}, /* bound to the other address */
    {50001, "198.51.101.1", 1},  /* follows the default route */
    {50002, "198.51.100.1", -1}, /* muted */
    {50003, "198.51.100.1", -1}, /* nobody */
};

START_TEST(a_packet_goes_to_its_binding) {
  rig r;
  ho_endpoint to;
  probe *p[3];
  ho_binding *b[3];
  int takes = arrivals[_i].takes;

  rig_init(&r, HO_CLIENT);
  for (uint16_t i = 0; i < 3; i++) {
    p[i] = probe_new(&udp, (uint16_t)(50000 + i));
    b[i] = bind_probe(&r, p[i], i == 1);
  }
  ho_binding_mute(b[2]);
  to = at(arrivals[_i].to, arrivals[_i].port);
  ho_ns_run(3 * HO_MSEC);
  ho_host_receive(r.host, 1, udp_packet(&r, &server, &to));
  for (int i = 0; i < 2; i++) {
    ck_assert_int_eq(p[i]->received, takes == i);
  }
  if (takes >= 0) {
    /* as the socket knows itself, whatever the packet said */
    ck_assert(
        ho_endpoint_eq(&p[takes]->last.path.local, &p[takes]->path.local));
    ck_assert(ho_endpoint_eq(&p[takes]->last.path.remote, &server));
    ck_assert_uint_eq(p[takes]->last.len, 40);
    ck_assert_int_eq(p[takes]->last.ecn, 2);
    ck_assert_uint_eq(ho_binding_heard(b[takes]), 3 * HO_MSEC);
    ck_assert_uint_eq(ho_binding_packet(b[takes]), p[takes]->last.packet);
    ck_assert_ptr_eq(r.settled_last, b[takes]);
  }
  ck_assert_int_eq(r.pushed, 0); /* UDP gets no answer */
  ck_assert_int_eq(r.event[HO_EV_datagram_received].u.datagram_received.net, 1);
  rig_free(&r);
}
END_TEST

START_TEST(garbage_is_dropped) {
  rig r;
  probe *p = probe_new(&udp, 50000);
  ho_packet *pkt;

  rig_with(&r, HO_SERVER, p, false);
  pkt = ho_packet_new(&r.pool);
  memset(pkt->data, 0x45, pkt->len = 60);
  ho_host_receive(r.host, 0, pkt);
  ck_assert_int_eq(p->received + r.events[HO_EV_datagram_received], 0);
  rig_free(&r);
}
END_TEST

/* ---- segments of no connection (RFC 9293, 3.10.7.1) ---- */

static const struct {
  uint8_t flags;
  uint16_t port; /* 50000 is somebody's */
  bool up, rst;
} segments[] = {
    {HO_TCP_ACK, 50001, true, true},  {HO_TCP_SYN, 50001, true, true},
    {HO_TCP_RST, 50001, true, false}, {HO_TCP_ACK | HO_TCP_RST, 1, true, false},
    {HO_TCP_ACK, 50000, true, false}, {HO_TCP_ACK, 50001, false, false},
};

START_TEST(an_unknown_segment_is_reset) {
  rig r;
  probe *p = probe_new(&tcp, 50000);
  ho_packet *pkt;
  uint8_t *seg;

  rig_with(&r, HO_CLIENT, p, false);
  r.up[0] = segments[_i].up;
  pkt = ho_packet_new(&r.pool);
  seg = pkt->data + 20;
  memset(seg, 0, 20);
  seg[0] = 443 >> 8, seg[1] = 443 & 0xff;
  seg[2] = (uint8_t)(segments[_i].port >> 8),
  seg[3] = (uint8_t)segments[_i].port;
  seg[11] = 77; /* what it acknowledges */
  seg[12] = 5 << 4;
  seg[13] = segments[_i].flags;
  ho_ip_write_tcp(pkt, &server.addr, &r.own[0], 0, 20);
  ho_host_receive(r.host, 0, pkt);
  ck_assert_int_eq(p->received, segments[_i].port == 50000);
  ck_assert_int_eq(r.pushed, segments[_i].rst);
  if (segments[_i].rst) {
    ck_assert(r.last.tcp_flags & HO_TCP_RST);
    ck_assert_int_eq(r.last.dst.port, 443);
    ck_assert_int_eq(r.last.src.port, segments[_i].port);
    ck_assert(r.intact);
    ck_assert_int_eq(r.events[HO_EV_datagram_sent], 1);
    ck_assert_int_eq(r.sent.client, 4);
    if (segments[_i].flags & HO_TCP_ACK) {
      ck_assert_uint_eq(r.last.tcp_seq, 77);
    }
  }
  rig_free(&r);
}
END_TEST

/* ---- one thing at a time ---- */

/* Packets come back as they are sent, and from within the transport: they all
 * arrive, but none while it is busy (the probe asserts it). */
START_TEST(what_comes_in_during_a_call_waits) {
  rig r;
  probe *p = probe_new(&udp, 50000);
  ho_binding *b;

  b = rig_with(&r, HO_CLIENT, p, false);
  p->to_send = 2;
  p->per_recv = 1;
  p->reenter = 3;
  r.reflect = 10;
  ho_binding_kick(b);
  ck_assert_int_eq(p->received, 13);
  ck_assert_int_eq(r.pushed, 2 + 13 + 3);
  rig_free(&r);
}
END_TEST

/* ---- timers ---- */

START_TEST(a_timer_fires_and_is_armed_again) {
  rig r;
  probe *p = probe_new(&udp, 50000);
  ho_binding *b;

  b = rig_with(&r, HO_CLIENT, p, false);
  p->deadline = 10 * HO_MSEC;
  p->next_deadline = 30 * HO_MSEC;
  ho_binding_kick(b);
  ho_ns_run(HO_SEC);
  ck_assert_int_eq(p->timeouts_count, 2);
  ck_assert_uint_eq(p->timeouts[0], 10 * HO_MSEC);
  ck_assert_uint_eq(p->timeouts[1], 30 * HO_MSEC);
  ck_assert_int_eq(r.settled, 6); /* the kick and two timeouts, twice each */
  rig_free(&r);
}
END_TEST

static const struct {
  ho_time before, after, fires; /* |after| is asked for at 5 ms */
} moves[] = {
    {10 * HO_MSEC, 40 * HO_MSEC, 40 * HO_MSEC},
    {40 * HO_MSEC, 10 * HO_MSEC, 10 * HO_MSEC},
    {10 * HO_MSEC, HO_NEVER, HO_NEVER},
    {HO_NEVER, 5 * HO_MSEC, 5 * HO_MSEC}, /* at once */
};

START_TEST(a_deadline_may_move) {
  rig r;
  probe *p = probe_new(&udp, 50000);
  ho_binding *b;

  b = rig_with(&r, HO_CLIENT, p, false);
  p->deadline = moves[_i].before;
  ho_binding_kick(b);
  ho_ns_run(5 * HO_MSEC);
  p->deadline = moves[_i].after; /* a packet tells the host to look */
  ho_host_receive(r.host, 0, udp_packet(&r, &server, &p->path.local));
  ho_ns_run(HO_SEC);
  ck_assert_int_eq(p->timeouts_count, moves[_i].fires != HO_NEVER);
  if (p->timeouts_count) {
    ck_assert_uint_eq(p->timeouts[0], moves[_i].fires);
  }
  rig_free(&r);
}
END_TEST

START_TEST(a_muted_binding_is_silent) {
  rig r;
  probe *p = probe_new(&udp, 50000);
  ho_endpoint local = p->path.local;
  ho_binding *b;

  b = rig_with(&r, HO_CLIENT, p, false);
  p->deadline = 10 * HO_MSEC;
  ho_binding_kick(b);
  r.settled = 0;
  ho_binding_mute(b);
  ho_binding_kick(b);
  ho_host_receive(r.host, 0, udp_packet(&r, &server, &local));
  ho_ns_run(HO_SEC); /* a call into what is no more would be seen */
  ck_assert_int_eq(r.pushed + r.settled, 0);
  rig_free(&r);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, a_datagram_leaves_as_it_should);
  tcase_add_test(tc, asking_costs_no_number);
  tcase_add_test(tc, either_family_leaves);
  tcase_add_loop_test(tc, a_socket_leaves_where_it_is_bound, 0,
                      (int)COUNT(ways));
  tcase_add_test(tc, a_server_reverses_its_tuples);
  tcase_add_loop_test(tc, a_packet_goes_to_its_binding, 0,
                      (int)COUNT(arrivals));
  tcase_add_test(tc, garbage_is_dropped);
  tcase_add_loop_test(tc, an_unknown_segment_is_reset, 0, (int)COUNT(segments));
  tcase_add_test(tc, what_comes_in_during_a_call_waits);
  tcase_add_test(tc, a_timer_fires_and_is_armed_again);
  tcase_add_loop_test(tc, a_deadline_may_move, 0, (int)COUNT(moves));
  tcase_add_test(tc, a_muted_binding_is_silent);
}

int main(void) {
  return suite_run("host", add);
}
