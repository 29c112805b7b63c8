/* timeline.svg: what is kept of a run's events. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "measure/report/timeline_private.h"
#include "sim/base/alloc.h"

/* ---- bins ---- */

/* Twice the length, half as many. */
static void fold(ho_timeline *tl) {
  size_t half = HO_TIMELINE_BINS / 2;

  for (size_t i = 0; i < half; i++) {
    tl->delivered[i] = tl->delivered[2 * i] + tl->delivered[2 * i + 1];
    for (size_t k = 0; k < tl->lanes_count; k++) {
      bool *busy = tl->lanes[k]->busy;
      busy[i] = busy[2 * i] || busy[2 * i + 1];
    }
  }
  memset(tl->delivered + half, 0, half * sizeof(tl->delivered[0]));
  for (size_t k = 0; k < tl->lanes_count; k++) {
    memset(tl->lanes[k]->busy + half, 0, half * sizeof(bool));
  }
  tl->bin *= 2;
}

static size_t bin_of(ho_timeline *tl, ho_time t) {
  while (t / tl->bin >= HO_TIMELINE_BINS) {
    fold(tl);
  }
  return (size_t)(t / tl->bin);
}

/* ---- lanes ---- */

static lane *new_lane(ho_timeline *tl, int client, int net, bool tcp,
                      const ho_tuple *inside) {
  lane *l;

  if (client < 0 || client >= CLIENTS || tl->lanes_count == LANES) {
    tl->cut = true;
    return NULL;
  }
  l = tl->lanes[tl->lanes_count++] = ho_alloc(sizeof(*l));
  l->client = client;
  l->net = net;
  l->tcp = tcp;
  l->inside = *inside;
  l->first = l->last = tl->now;
  return l;
}

/* The last with that tuple: a NAT may have given it another face. */
static lane *find_inside(const ho_timeline *tl, int client,
                         const ho_tuple *inside) {
  for (size_t i = tl->lanes_count; i-- > 0;) {
    lane *l = tl->lanes[i];
    if (l->client == client && ho_tuple_eq(&l->inside, inside)) {
      return l;
    }
  }
  return NULL;
}

static lane *find_outside(const ho_timeline *tl, int client,
                          const ho_endpoint *outside) {
  for (size_t i = tl->lanes_count; i-- > 0;) {
    lane *l = tl->lanes[i];
    if (l->client == client && ho_endpoint_eq(&l->outside, outside)) {
      return l;
    }
  }
  return NULL;
}

/* |tuple| as |side| sees it. */
static lane *find_lane(const ho_timeline *tl, int client, ho_side side,
                       const ho_tuple *tuple) {
  return side == HO_CLIENT ? find_inside(tl, client, tuple)
                           : find_outside(tl, client, &tuple->client);
}

static size_t index_of(const ho_timeline *tl, const lane *l) {
  size_t i = 0;

  while (tl->lanes[i] != l) {
    i++;
  }
  return i;
}

static void remember(ho_timeline *tl, uint64_t packet, lane *l) {
  tl->packets[packet % SEEN] = (seen){packet, l ? index_of(tl, l) + 1 : 0};
  if (l) {
    l->last = tl->now;
  }
}

static lane *recall(const ho_timeline *tl, uint64_t packet) {
  const seen *s = &tl->packets[packet % SEEN];

  return s->packet == packet && s->lane > 0 ? tl->lanes[s->lane - 1] : NULL;
}

static void set_state(ho_timeline *tl, lane *l, ho_side side,
                      path_state state) {
  if (!l || l->state[side] == state) {
    return;
  }
  l->state[side] = state;
  if (l->turns_count < TURNS) {
    l->turns[l->turns_count++] = (turn){tl->now, side, state};
  } else {
    tl->cut = true;
  }
}

/* ---- datagrams ---- */

static void on_sent(ho_timeline *tl, int client, const ho_ev_datagram_sent *e) {
  lane *l = find_lane(tl, client, e->endpoint, &e->tuple);

  if (!l && e->endpoint == HO_CLIENT) {
    l = new_lane(tl, client, e->net, e->proto == HO_PROTO_TCP, &e->tuple);
  }
  if (l && l->net < 0) {
    l->net = e->net;
  }
  remember(tl, e->packet, l);
}

/* The first packet through a NAT tells its face; a later one with another face
 * is another path, which the client need not know of. */
static void on_wire(ho_timeline *tl, int client, const ho_ev_wire *e) {
  lane *l = recall(tl, e->packet);

  if (!l) {
    return;
  }
  if (l->outside.addr.family == 0) {
    l->outside = e->tuple.client;
  } else if (!ho_endpoint_eq(&l->outside, &e->tuple.client)) {
    lane *other = find_outside(tl, client, &e->tuple.client);
    path_state state = l->state[HO_CLIENT];
    if (!other) {
      other = new_lane(tl, client, l->net, l->tcp, &l->inside);
    }
    if (other) {
      other->outside = e->tuple.client;
      set_state(tl, other, HO_CLIENT, state);
    }
    remember(tl, e->packet, other);
  }
}

static void on_received(ho_timeline *tl, int client,
                        const ho_ev_datagram_received *e) {
  lane *l = recall(tl, e->packet);

  if (l) {
    l->last = tl->now;
    tl->heard[client][e->endpoint] = index_of(tl, l) + 1;
  }
}

/* ---- paths ---- */

/* RFC 9000, 8.1: a handshake validates the path that it is made on. */
static void on_handshake(ho_timeline *tl, int client,
                         const ho_ev_handshake_done *e) {
  if (client >= 0 && client < CLIENTS && tl->heard[client][e->endpoint] > 0) {
    set_state(tl, tl->lanes[tl->heard[client][e->endpoint] - 1], e->endpoint,
              PATH_VALID);
  }
}

static void on_path_frame(ho_timeline *tl, int client,
                          const ho_ev_path_frame *e) {
  bool challenge = !strcmp(e->frame, "PATH_CHALLENGE");
  lane *l = find_lane(tl, client, e->endpoint, &e->tuple);

  if (strcmp(e->way, "sent") != 0) {
    return;
  }
  /* It is told before the datagram that it is in, which knows the network. */
  if (!l && e->endpoint == HO_CLIENT) {
    l = new_lane(tl, client, -1, false, &e->tuple);
  }
  if (!l) {
    return;
  }
  if (challenge && l->state[e->endpoint] != PATH_VALID) {
    set_state(tl, l, e->endpoint, PATH_PROBED);
  }
  if (l->frames_count < FRAMES) {
    l->frames[l->frames_count++] = (frame){tl->now, e->endpoint, challenge};
  } else {
    tl->cut = true;
  }
}

static void on_validation(ho_timeline *tl, int client,
                          const ho_ev_path_validation *e) {
  lane *l = find_lane(tl, client, e->endpoint, &e->tuple);

  if (!strcmp(e->result, "success")) {
    set_state(tl, l, e->endpoint, PATH_VALID);
  } else if (!strcmp(e->result, "failure")) {
    set_state(tl, l, e->endpoint, PATH_FAILED);
  } else if (l && l->state[e->endpoint] == PATH_PROBED) {
    set_state(tl, l, e->endpoint, PATH_UNKNOWN);
  }
}

/* ---- the rest ---- */

static void on_delivered(ho_timeline *tl, const ho_ev_delivered *e) {
  lane *l = recall(tl, e->packet);
  size_t bin = bin_of(tl, tl->now);

  tl->delivered[bin] += e->bytes - e->again;
  if (l) {
    l->busy[bin] = true;
  }
}

/* Takes |text|. */
static void happen(ho_timeline *tl, const ho_event *event, int net,
                   char *text) {
  if (tl->happenings_count < HAPPENINGS && event->client < CLIENTS) {
    tl->happenings[tl->happenings_count++] =
        (happening){event->kind, event->t, event->client, net, text};
  } else {
    tl->cut = true;
    free(text);
  }
}

static const char *net_name(const ho_timeline *tl, int net) {
  return net >= 0 ? tl->config->scenario->nets[net].name : "none";
}

static void on_nat(ho_timeline *tl, const ho_event *event, int net,
                   const ho_endpoint *inside, const ho_endpoint *outside,
                   const char *what) {
  char a[HO_ENDPOINT_TEXT], b[HO_ENDPOINT_TEXT];

  happen(tl, event, net,
         ho_format("NAT: %s, %s is %s outside", what,
                   ho_endpoint_text(a, inside), ho_endpoint_text(b, outside)));
}

static void on_network(ho_timeline *tl, const ho_event *event) {
  switch ((int)event->kind) {
  case HO_EV_network_up:
    happen(tl, event, event->u.network_up.net, ho_strdup("up"));
    break;
  case HO_EV_network_down:
    happen(tl, event, event->u.network_down.net, ho_strdup("gone"));
    break;
  case HO_EV_default_network:
    happen(tl, event, event->u.default_network.to,
           ho_format("default route: %s",
                     net_name(tl, event->u.default_network.to)));
    break;
  case HO_EV_nat_mapped:
    on_nat(tl, event, event->u.nat_mapped.net, &event->u.nat_mapped.inside,
           &event->u.nat_mapped.outside, "new mapping");
    break;
  case HO_EV_nat_unmapped:
    on_nat(tl, event, event->u.nat_unmapped.net, &event->u.nat_unmapped.inside,
           &event->u.nat_unmapped.outside, event->u.nat_unmapped.reason);
    break;
  case HO_EV_action:
    happen(tl, event, -1,
           ho_format("%s%s%s", event->u.action.action,
                     event->u.action.net >= 0 ? " " : "",
                     event->u.action.net >= 0
                         ? net_name(tl, event->u.action.net)
                         : ""));
    break;
  case HO_EV_connection_started:
    happen(tl, event, event->u.connection_started.net,
           ho_format("connection %llu: %s, %s",
                     (unsigned long long)event->u.connection_started.connection,
                     event->u.connection_started.transport,
                     event->u.connection_started.handshake));
    break;
  }
}

static void on_event(void *user, const ho_event *event) {
  ho_timeline *tl = user;

  tl->now = event->t;
  switch ((int)event->kind) {
  case HO_EV_datagram_sent:
    on_sent(tl, event->client, &event->u.datagram_sent);
    break;
  case HO_EV_wire:
    on_wire(tl, event->client, &event->u.wire);
    break;
  case HO_EV_datagram_received:
    on_received(tl, event->client, &event->u.datagram_received);
    break;
  case HO_EV_delivered:
    on_delivered(tl, &event->u.delivered);
    break;
  case HO_EV_handshake_done:
    on_handshake(tl, event->client, &event->u.handshake_done);
    break;
  case HO_EV_path_frame:
    on_path_frame(tl, event->client, &event->u.path_frame);
    break;
  case HO_EV_path_validation:
    on_validation(tl, event->client, &event->u.path_validation);
    break;
  default:
    on_network(tl, event);
  }
}

ho_timeline *ho_timeline_new(const ho_meter_config *config, ho_log *log,
                             const char *dir) {
  ho_timeline *tl = ho_alloc(sizeof(*tl));

  tl->config = config;
  tl->dir = ho_strdup(dir);
  tl->packets = ho_alloc_array(SEEN, sizeof(seen));
  tl->bin = HO_MSEC / 10;
  ho_log_subscribe(log, on_event, tl);
  return tl;
}

void ho_timeline_del(ho_timeline *tl) {
  if (!tl) {
    return;
  }
  for (size_t i = 0; i < tl->lanes_count; i++) {
    free(tl->lanes[i]);
  }
  for (size_t i = 0; i < tl->happenings_count; i++) {
    free(tl->happenings[i].text);
  }
  free(tl->packets);
  free(tl->dir);
  free(tl);
}
