/* Whether bytes go on arriving while a path works. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/element.h"

enum {
  DONE_MAX = 256,
  GREETINGS_MAX = 64,
  DEAD_MAX = 64,
  LOSS_MUCH_PPM = 50000,
  RATE_LITTLE_BPS = 200000,
  RATE_SHARE_BPS = 500000, /* where clients share a link, which is not fair */
};

typedef struct {
  bool up, blocked, lossy;
  bool slow[2]; /* by direction */
} net_state;

struct ho_delivery {
  const ho_scenario *scenario;
  ho_time gap;
  net_state *nets;
  int on;          /* the network that |works| is of */
  ho_time works;   /* since when a path does; HO_NEVER: none */
  ho_time arrived; /* the last bytes, or when there was nothing to arrive */
  ho_time meddled_since, meddled_last; /* a row of packets that a rule or an
                                          attacker treated; HO_NEVER: none */
  uint64_t due;                        /* requests that wait */
  bool paused, done, connected;
  uint64_t connection;
  bool greeting, spoiled; /* its handshake is under way; by what excuses it */
  ho_time began, heard;   /* that; what last came to the client, in it */
  uint64_t greetings[GREETINGS_MAX]; /* the client's packets with it */
  size_t greetings_count;
  ho_tuple greets; /* where the first came from, if |any| came */
  bool any;
  uint64_t since_done[DONE_MAX]; /* packets of the server's after |done| */
  size_t since_done_count;
  ho_time sent[2]; /* the last datagram of each side */
  ho_tuple client_at, server_to;
  ho_tuple home;              /* where the handshake was */
  ho_endpoint dead[DEAD_MAX]; /* of mappings that NATs have forgotten */
  size_t dead_count;
  bool stalled;
  ho_stall stall;
};

static bool is_slow(const ho_delivery *d, uint64_t rate_bps) {
  size_t clients = d->scenario->clients;

  return rate_bps <
         (clients > 1 ? clients * RATE_SHARE_BPS : (uint64_t)RATE_LITTLE_BPS);
}

static bool is_poor(const net_state *n) {
  return n->lossy || n->slow[HO_DOWN] || n->slow[HO_UP];
}

static bool is_lossy(uint32_t ppm) {
  return ppm > LOSS_MUCH_PPM;
}

static void init_net(const ho_delivery *d, net_state *n,
                     const ho_net_config *net) {
  n->up = net->connected;
  n->lossy = is_lossy(net->wired.loss_ppm);
  if (net->type == HO_NET_WIRED) {
    n->slow[HO_DOWN] = is_slow(d, net->wired.down_bps);
    n->slow[HO_UP] = is_slow(d, net->wired.up_bps);
  }
}

ho_delivery *ho_delivery_new(const ho_scenario *scenario, ho_time gap) {
  ho_delivery *d = ho_alloc(sizeof(*d));

  d->scenario = scenario;
  d->gap = gap;
  d->works = d->meddled_last = HO_NEVER;
  d->nets = ho_alloc_array(scenario->nets_count, sizeof(*d->nets));
  for (size_t i = 0; i < scenario->nets_count; i++) {
    init_net(d, &d->nets[i], &scenario->nets[i]);
  }
  return d;
}

void ho_delivery_del(ho_delivery *delivery) {
  free(delivery->nets);
  free(delivery);
}

bool ho_delivery_has_network(const ho_delivery *delivery) {
  bool up = false;

  for (size_t i = 0; i < delivery->scenario->nets_count; i++) {
    up |= delivery->nets[i].up;
  }
  return up;
}

const ho_stall *ho_delivery_stall(const ho_delivery *delivery) {
  return delivery->stalled ? &delivery->stall : NULL;
}

/* ---- silence ---- */

static void describe(ho_delivery *d, ho_time start, ho_time limit) {
  /* Who probes at doubling intervals, late at times, is not silent. */
  ho_time early = start + limit / 4;

  d->stall.t = start + limit;
  d->stall.since = start;
  d->stall.who = HO_SERVER;
  if (d->sent[HO_SERVER] < early) {
    d->stall.what = "silent";
  } else if (d->sent[HO_CLIENT] < early) {
    d->stall.who = HO_CLIENT;
    d->stall.what = "silent";
  } else if (!ho_endpoint_eq(&d->client_at.client, &d->server_to.client)) {
    d->stall.what = "elsewhere";
  } else {
    d->stall.what = "nothing-new";
  }
}

/* How long there was trouble before |start|: probes go out at doubling
 * intervals meanwhile, and where rules take acknowledgements alone, though
 * bytes arrive.
 */
static ho_time trouble(const ho_delivery *d, ho_time start) {
  ho_time lasted = d->works > d->arrived ? d->works - d->arrived : 0, row;

  if (d->meddled_last == HO_NEVER || start > d->meddled_last + 2 * d->gap) {
    return lasted;
  }
  row = d->meddled_last - d->meddled_since;
  return row > lasted ? row : lasted;
}

/* A client that has said something, from where it began, is answered. */
static void judge_handshake(ho_delivery *d, ho_time now) {
  ho_time start, limit = d->gap;

  if (d->stalled || !d->greeting || d->spoiled || !d->any ||
      d->works == HO_NEVER) {
    return;
  }
  start = d->works > d->heard ? d->works : d->heard;
  limit += 2 * (d->works - d->began);
  if (now - start > limit) {
    d->stalled = true;
    describe(d, start, limit);
    d->stall.what = "handshake";
  }
}

static void judge(ho_delivery *d, ho_time now) {
  ho_time start, limit = d->gap;

  judge_handshake(d, now);
  if (d->stalled || d->due == 0 || d->paused || !d->connected ||
      d->works == HO_NEVER) {
    return;
  }
  start = d->works > d->arrived ? d->works : d->arrived;
  limit += 2 * trouble(d, start);
  if (now - start > limit) {
    d->stalled = true;
    describe(d, start, limit);
  }
}

/* ---- paths ---- */

static void disturb(ho_delivery *d) {
  d->works = HO_NEVER;
}

/* Rules take or change single packets; an attacker may be who the server has
 * its handshake with. */
static void on_meddled(ho_delivery *d, const char *what, ho_time now) {
  d->spoiled |= strncmp(what, "rule-", 5) != 0;
  if (d->meddled_last == HO_NEVER || now > d->meddled_last + d->gap) {
    d->meddled_since = now;
  }
  d->meddled_last = now;
  disturb(d);
}

static void on_set(ho_delivery *d, const ho_action *a) {
  net_state *n = &d->nets[a->net];

  if (a->key == HO_SET_LOSS) {
    n->lossy = is_lossy(a->set.loss_ppm);
  } else if (a->key == HO_SET_DOWN) {
    n->slow[HO_DOWN] = is_slow(d, a->set.down_bps);
  } else if (a->key == HO_SET_UP) {
    n->slow[HO_UP] = is_slow(d, a->set.up_bps);
  }
}

/* Nothing is due before the client has connected anew. */
static void leave(ho_delivery *d) {
  d->connected = d->done = false;
  d->since_done_count = 0;
}

/* Where no reset tells the client that its connection is gone, that is over: an
 * empty CID has no token (RFC 9000, 10.3). */
static void on_restart(ho_delivery *d) {
  const ho_server_config *server = &d->scenario->server;

  d->spoiled = true;
  if (!server->stateless_reset || server->cid_length == 0) {
    leave(d);
  }
}

/* A server that has heard nothing for too long ends a connection without a
 * word (RFC 9000, 10.1). */
static void on_closed(ho_delivery *d, const ho_ev_connection_closed *c) {
  d->spoiled |= c->connection == d->connection;
  if (c->endpoint == HO_SERVER && c->connection == d->connection &&
      !strcmp(c->reason, "idle timeout")) {
    leave(d);
  }
}

static void on_action(ho_delivery *d, const ho_action *a, ho_time now) {
  switch ((int)a->kind) {
  case HO_ACT_FAULT: /* to be found, not to be forgiven */
  case HO_ACT_REKEY:
  case HO_ACT_ROTATE:
    return;
  case HO_ACT_SET:
    on_set(d, a);
    break;
  case HO_ACT_BLOCK:
  case HO_ACT_THROTTLE:
    d->nets[a->net].blocked = true;
    break;
  case HO_ACT_UNBLOCK:
    d->nets[a->net].blocked = false;
    break;
  case HO_ACT_PAUSE:
    d->paused = true;
    return;
  case HO_ACT_RESUME:
    d->paused = false;
    d->arrived = now;
    return;
  case HO_ACT_RESTART:
    on_restart(d);
    break;
  }
  disturb(d);
}

/* A server that does not want clients to move may drop what comes from anywhere
 * else, of a rebind too (RFC 9000, 9); one whose CIDs are empty does not know
 * whose it is (5.1). */
static bool may_be_dropped(const ho_delivery *d, const ho_tuple *tuple) {
  const ho_server_config *server = &d->scenario->server;

  return (server->disable_active_migration || server->cid_length == 0) &&
         d->connected && !ho_tuple_eq(tuple, &d->home);
}

/* A client takes the handshake for confirmed when it hears of that (RFC 9001,
 * 4.1.2), which the server may have to tell it more than once; until then it
 * repeats nothing but the handshake (RFC 9002, 6.2.1). */
static void on_heard(ho_delivery *d, uint64_t packet) {
  for (size_t i = 0; i < d->since_done_count && !d->connected; i++) {
    if (d->since_done[i] == packet) {
      d->connected = true;
      d->home = d->client_at;
      disturb(d);
    }
  }
}

static size_t find_dead(const ho_delivery *d, const ho_endpoint *outside) {
  size_t i = 0;

  while (i < d->dead_count && !ho_endpoint_eq(&d->dead[i], outside)) {
    i++;
  }
  return i;
}

static void on_unmapped(ho_delivery *d, const ho_endpoint *outside) {
  d->spoiled = true;
  if (d->dead_count < DEAD_MAX && find_dead(d, outside) == d->dead_count) {
    d->dead[d->dead_count++] = *outside;
  }
  disturb(d);
}

static void on_mapped(ho_delivery *d, const ho_endpoint *outside) {
  size_t i = find_dead(d, outside);

  if (i < d->dead_count) {
    d->dead[i] = d->dead[--d->dead_count];
  }
}

static void on_quic_sent(ho_delivery *d, const ho_ev_quic_sent *s) {
  if (d->greeting && s->endpoint == HO_CLIENT &&
      s->connection == d->connection && d->greetings_count < GREETINGS_MAX) {
    d->greetings[d->greetings_count++] = s->packet;
  }
}

/* RFC 9000, 9: a handshake relies on a stable address.  What comes late is of
 * another connection. */
static void note_greeting(ho_delivery *d, const ho_ev_datagram_received *r) {
  bool own = false;

  for (size_t i = 0; i < d->greetings_count; i++) {
    own |= d->greetings[i] == r->packet;
  }
  if (own) {
    d->spoiled |= d->any && !ho_tuple_eq(&r->tuple, &d->greets);
    d->greets = r->tuple;
    d->any = true;
  }
}

static void on_started(ho_delivery *d, uint64_t connection, ho_time now) {
  leave(d);
  disturb(d);
  d->connection = connection;
  d->greeting = true;
  d->spoiled = d->any = false;
  d->greetings_count = 0;
  d->began = d->heard = now;
}

static void on_received(ho_delivery *d, const ho_ev_datagram_received *r,
                        ho_time now) {
  const net_state *n;

  if (r->endpoint == HO_CLIENT) {
    d->heard = now;
    on_heard(d, r->packet);
  }

  /* What passed its NAT before that forgot shows where the client was. */
  if (r->endpoint != HO_SERVER || r->proto != HO_PROTO_UDP || r->net < 0 ||
      find_dead(d, &r->tuple.client) < d->dead_count) {
    return;
  }
  n = &d->nets[r->net];
  d->client_at = r->tuple;
  note_greeting(d, r);
  if (!n->up || n->blocked || is_poor(n) || may_be_dropped(d, &r->tuple)) {
    disturb(d); /* it is here that the client is now */
  } else if (d->works == HO_NEVER || d->on != r->net) {
    d->works = now;
    d->on = r->net;
  }
}

static void on_sent(ho_delivery *d, const ho_ev_datagram_sent *s, ho_time now) {
  if (s->proto == HO_PROTO_UDP) {
    d->sent[s->endpoint] = now;
    if (s->endpoint == HO_SERVER) {
      d->server_to = s->tuple;
      if (d->done && d->since_done_count < DONE_MAX) {
        d->since_done[d->since_done_count++] = s->packet;
      }
    }
  }
}

/* Random loss is the link's nature; all else is trouble of its own. */
static bool is_trouble(const ho_ev_packet_dropped *p) {
  return strcmp(p->reason, "loss") != 0 && strcmp(p->reason, "queue") != 0 &&
         strcmp(p->reason, "too-big") != 0 &&
         strcmp(p->reason, "nat-filter") != 0 &&
         strcmp(p->reason, "nat-unknown") != 0;
}

/* ---- work ---- */

static void on_issued(ho_delivery *d, ho_time now) {
  if (d->due++ == 0) {
    d->arrived = now;
  }
}

void ho_delivery_event(ho_delivery *d, const ho_event *e) {
  judge(d, e->t);
  switch ((int)e->kind) {
  case HO_EV_action:
    on_action(d, &d->scenario->timeline[e->u.action.entry], e->t);
    break;
  case HO_EV_network_up:
    d->nets[e->u.network_up.net].up = true;
    disturb(d);
    break;
  case HO_EV_network_down:
    d->nets[e->u.network_down.net].up = false;
    disturb(d);
    break;
  case HO_EV_default_network:
  case HO_EV_notice:
    disturb(d);
    break;
  case HO_EV_nat_unmapped:
    on_unmapped(d, &e->u.nat_unmapped.outside);
    break;
  case HO_EV_nat_mapped:
    on_mapped(d, &e->u.nat_mapped.outside);
    break;
  case HO_EV_meddled:
    on_meddled(d, e->u.meddled.what, e->t);
    break;
  case HO_EV_packet_dropped:
    if (d->greeting || is_trouble(&e->u.packet_dropped)) {
      disturb(d);
    }
    break;
  case HO_EV_datagram_received:
    on_received(d, &e->u.datagram_received, e->t);
    break;
  case HO_EV_quic_sent:
    on_quic_sent(d, &e->u.quic_sent);
    break;
  case HO_EV_datagram_sent:
    on_sent(d, &e->u.datagram_sent, e->t);
    break;
  case HO_EV_connection_started:
    on_started(d, e->u.connection_started.connection, e->t);
    break;
  case HO_EV_connection_closed:
    on_closed(d, &e->u.connection_closed);
    break;
  case HO_EV_handshake_done:
    if (e->u.handshake_done.connection == d->connection &&
        e->u.handshake_done.endpoint == HO_SERVER) {
      d->done = true;
      d->greeting = false;
    }
    break;
  case HO_EV_request_issued:
    on_issued(d, e->t);
    break;
  case HO_EV_request_done:
    d->due -= d->due > 0;
    d->arrived = e->t;
    break;
  case HO_EV_delivered:
    d->arrived = e->t;
    break;
  }
}
