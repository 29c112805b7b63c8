/* What a network gives at a place. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/calibrate.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/ip.h"
#include "sim/ns3/ns3.h"
#include "stack/network.h"

/* So many packets are under way over a radio that no queue on the way runs dry,
 * and so few that the radio's own does not overflow, of which LTE says nothing
 * for up to a second.  A recorded link's own delays can hold many more. */
enum { RADIO_MOST = 400, LINK_MOST = 20000, LINK_QUEUE = 400, PORT = 9 };

/* A packet that waits for the radio has PDCP and RLC headers as well. */
enum { HEADERS_MOST = 32 };

static const ho_time warm_up = 3 * HO_SEC, ramp = 250 * HO_MSEC,
                     drain_most = 2 * HO_SEC, refill_every = HO_MSEC;
static const ho_time silence = HO_SEC, pause_every = 20 * HO_MSEC,
                     phase = 370 * HO_USEC, patience = HO_SEC;

/* What both ways to calibrate have in common. */
typedef struct {
  ho_pool pool;
  ho_env env;
  ho_net_config config; /* without a NAT */
  ho_network *network;
  ho_endpoint ends[2]; /* client, server */
  ho_timer timer;
  void (*arrived)(void *user, ho_direction dir, const ho_packet *pkt);
  void (*dropped)(void *user, const ho_ev_packet_dropped *drop);
  void *user;
} lab;

static void arrive(lab *l, ho_direction dir, ho_packet *pkt) {
  l->arrived(l->user, dir, pkt);
  ho_packet_del(&l->pool, pkt);
}

static void to_client(void *user, int net, int client, ho_packet *pkt) {
  (void)net, (void)client;
  arrive(user, HO_DOWN, pkt);
}

static void to_server(void *user, int net, ho_packet *pkt) {
  (void)net;
  arrive(user, HO_UP, pkt);
}

static void on_event(void *user, const ho_event *ev) {
  lab *l = user;

  if (ev->kind == HO_EV_packet_dropped) {
    l->dropped(l->user, &ev->u.packet_dropped);
  }
}

static void on_radio(void *user, int net, int client, ho_radio_state state,
                     unsigned cell, ho_time t_loss) {
  (void)user, (void)net, (void)client, (void)state, (void)cell, (void)t_loss;
}

static void send_udp(lab *l, ho_direction dir, uint16_t port, uint32_t bytes) {
  bool down = dir == HO_DOWN;
  ho_element *into =
      down ? ho_network_in(l->network) : ho_network_out(l->network);
  ho_packet *pkt = ho_packet_new(&l->pool);
  ho_endpoint src = l->ends[down], dst = l->ends[!down];

  src.port = dst.port = port;
  ho_ip_write_udp(pkt, &src, &dst, 0,
                  bytes - ho_ip_header_len(l->config.family) - 8);
  pkt->client = 0;
  into->push(into, dir, pkt);
}

static bool is_ready(void *user) {
  return ho_network_ready(((lab *)user)->network);
}

static void lab_open(lab *l, uint64_t seed) {
  l->env = (ho_env){ho_log_new(), &l->pool, seed};
  ho_log_subscribe(l->env.log, on_event, l);
  ho_ns_start(seed);
  l->config.nat.present = false;
  l->config.connected = true;
  l->config.wifi.scan_every = HO_NEVER;
}

static void lab_make(lab *l, int net, ho_position at) {
  ho_network_config config = {.env = &l->env,
                              .config = &l->config,
                              .index = net,
                              .clients = 1,
                              .start = at,
                              .to_client = to_client,
                              .to_server = to_server,
                              .on_radio = on_radio,
                              .user = l};

  l->network = ho_network_new(&config);
  l->ends[0] = (ho_endpoint){ho_network_client_addr(l->network, 0), PORT};
  l->ends[1] = l->ends[0];
  l->ends[1].addr.bytes[0] ^= 0x40; /* anywhere else */
}

/* Runs from |begin| on; not at all where the client is not on the network. */
static void lab_run(lab *l, ho_fire_fn begin, ho_time most) {
  ho_ns_warm_up(is_ready, l, warm_up);
  if (ho_network_is_usable(l->network, 0)) {
    ho_ns_at(0, begin, l->user);
    ho_ns_run(most);
  }
}

static void lab_close(lab *l) {
  ho_network_del(l->network);
  ho_ns_end();
  ho_log_del(l->env.log);
  ho_pool_free(&l->pool);
}

/* ---- rates ---- */

typedef struct {
  lab lab;
  ho_time span;
  ho_direction dir;
  bool draining;
  ho_time begins; /* of the direction or of the draining under way */
  uint64_t most;  /* packets under way */
  uint64_t under_way[2], dropped;
  uint64_t bytes[2]; /* that count */
} flood;

static void send_one(flood *f) {
  f->under_way[f->dir]++;
  send_udp(&f->lab, f->dir, PORT, f->lab.config.mtu);
}

/* Up to as many as may be under way, or to the first that is dropped on the
 * spot: then a queue is full. */
static void fill(flood *f) {
  uint64_t dropped = f->dropped;

  while (!f->draining && f->under_way[f->dir] < f->most &&
         f->dropped == dropped) {
    send_one(f);
  }
}

static void flood_arrived(void *user, ho_direction dir, const ho_packet *pkt) {
  flood *f = user;
  ho_time from = f->begins + ramp, now = ho_ns_now();

  f->under_way[dir]--;
  if (f->draining || dir != f->dir) {
    return;
  }
  if (now >= from && now < from + f->span) {
    f->bytes[dir] += pkt->len;
  }
  fill(f);
}

static void flood_dropped(void *user, const ho_ev_packet_dropped *drop) {
  flood *f = user;
  bool down = strcmp(drop->direction, ho_direction_name(HO_DOWN)) == 0;

  f->under_way[down ? HO_DOWN : HO_UP]--;
  f->dropped++;
}

/* From down to draining, for both share a Wi-Fi's air, to up, to the end. */
static void next_phase(flood *f) {
  if (f->dir == HO_UP) {
    ho_ns_stop();
    return;
  }
  if (f->draining) {
    f->dir = HO_UP;
  }
  f->draining = !f->draining;
  f->begins = ho_ns_now();
}

static bool is_over(const flood *f) {
  ho_time past = ho_ns_now() - f->begins;

  return f->draining ? f->under_way[HO_DOWN] == 0 || past >= drain_most
                     : past >= ramp + f->span;
}

static void tick(void *user) {
  flood *f = user;

  if (is_over(f)) {
    next_phase(f);
  }
  fill(f);
  ho_timer_set(&f->lab.timer, ho_ns_now() + refill_every);
}

static void flood_begin(void *user) {
  flood *f = user;

  ho_network_start(f->lab.network);
  tick(f);
}

static uint64_t radio_most(const ho_net_config *net) {
  const ho_queue_size *queue =
      net->type == HO_NET_LTE ? &net->lte.queue : &net->wifi.queue;
  uint64_t fits = queue->unit == HO_QUEUE_BYTES
                      ? queue->amount / (net->mtu + HEADERS_MOST)
                      : queue->amount;

  return fits < 1 ? 1 : fits < RADIO_MOST ? fits : RADIO_MOST;
}

/* Delay and its variation say nothing of the rate, but that more packets must
 * be under way to fill the link. */
static void shorten(flood *f) {
  ho_net_config *net = &f->lab.config;

  net->wired.delay = net->wired.jitter = 0;
  net->wired.reorder_ppm = 0;
  net->wired.queue = (ho_queue_size){HO_QUEUE_PACKETS, LINK_QUEUE};
  f->most = ho_net_is_radio(net) ? radio_most(net) : LINK_MOST;
}

void ho_calibrate(const ho_scenario *scenario, int net, ho_position at,
                  uint64_t seed, ho_time span, uint64_t *down_bps,
                  uint64_t *up_bps) {
  flood f = {.span = span, .dir = HO_DOWN};

  f.lab.config = scenario->nets[net];
  f.lab.arrived = flood_arrived;
  f.lab.dropped = flood_dropped;
  f.lab.user = &f;
  shorten(&f);
  lab_open(&f.lab, seed);
  lab_make(&f.lab, net, at);
  ho_timer_init(&f.lab.timer, tick, &f);
  lab_run(&f.lab, flood_begin, 2 * (ramp + span + drain_most));
  *down_bps = f.bytes[HO_DOWN] * 8 * HO_SEC / span;
  *up_bps = f.bytes[HO_UP] * 8 * HO_SEC / span;
  lab_close(&f.lab);
}

/* ---- round trips ---- */

typedef struct {
  lab lab;
  ho_time *rtts;
  size_t count, i; /* how many, the one under way */
  ho_time sent;    /* HO_NEVER: none is under way */
} pinger;

/* An answer that comes too late has another port. */
static uint16_t port_of(const pinger *p) {
  return (uint16_t)(PORT + p->i % 50000);
}

static void next_echo(pinger *p, ho_time rtt) {
  p->rtts[p->i++] = rtt;
  p->sent = HO_NEVER;
  if (p->i == p->count) {
    ho_ns_stop();
    return;
  }
  ho_timer_set(&p->lab.timer, ho_ns_now() + pause_every + p->i * phase);
}

static void pinger_fire(void *user) {
  pinger *p = user;

  if (p->sent != HO_NEVER) {
    next_echo(p, HO_NEVER);
    return;
  }
  p->sent = ho_ns_now();
  ho_timer_set(&p->lab.timer, p->sent + patience);
  send_udp(&p->lab, HO_UP, port_of(p), HO_CALIBRATE_ECHO_BYTES);
}

static void pinger_arrived(void *user, ho_direction dir, const ho_packet *pkt) {
  pinger *p = user;
  ho_ip ip;

  if (ho_ip_parse(&ip, pkt->data, pkt->len) != 0 || p->sent == HO_NEVER ||
      ip.dst.port != port_of(p)) {
    return;
  }
  if (dir == HO_UP) {
    send_udp(&p->lab, HO_DOWN, ip.dst.port, HO_CALIBRATE_ECHO_BYTES);
  } else {
    next_echo(p, ho_ns_now() - p->sent);
  }
}

static void pinger_dropped(void *user, const ho_ev_packet_dropped *drop) {
  (void)user, (void)drop; /* it will not be answered */
}

static void pinger_begin(void *user) {
  pinger *p = user;

  ho_network_start(p->lab.network);
  ho_timer_set(&p->lab.timer, silence);
}

void ho_calibrate_rtt(const ho_scenario *scenario, int net, ho_position at,
                      uint64_t seed, ho_time *rtts, size_t count) {
  pinger p = {.rtts = rtts, .count = count, .sent = HO_NEVER};

  for (size_t i = 0; i < count; i++) {
    rtts[i] = HO_NEVER;
  }
  p.lab.config = scenario->nets[net];
  p.lab.arrived = pinger_arrived;
  p.lab.dropped = pinger_dropped;
  p.lab.user = &p;
  lab_open(&p.lab, seed);
  lab_make(&p.lab, net, at);
  ho_timer_init(&p.lab.timer, pinger_fire, &p);
  lab_run(&p.lab, pinger_begin,
          silence + count * (patience + pause_every + count * phase));
  lab_close(&p.lab);
}
