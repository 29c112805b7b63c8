/* The engine of the checks: from a run's packets to flows and verdicts. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/engine.h"

#include <stdlib.h>
#include <string.h>

#include "measure/checks/heir.h"
#include "sim/base/alloc.h"
#include "sim/net/ip.h"

enum {
  CONNECTIONS_MAX = 1 << 20,
  HELD_MAX = 512, /* decrypted datagrams that may be kept for longer than */
};

#define HELD_FOR (30 * HO_SEC)

/* ---- connections ---- */

static ho_flow *get_flow(ho_checks *k, int client, uint64_t connection) {
  ho_flow ***flows;
  size_t *count;

  if (client < 0 || (size_t)client >= k->scenario->clients ||
      connection >= CONNECTIONS_MAX) {
    return NULL;
  }
  flows = &k->flows[client];
  count = &k->flows_count[client];
  if (connection >= *count) {
    ho_flow **more = ho_alloc_array(connection + 1, sizeof(ho_flow *));
    if (*count > 0) {
      memcpy(more, *flows, *count * sizeof(ho_flow *));
    }
    free(*flows);
    *flows = more;
    *count = connection + 1;
  }
  if (!(*flows)[connection]) {
    (*flows)[connection] =
        ho_flow_new(k->scenario, &k->scenario->arms[k->arm], client, connection,
                    &k->findings[(size_t)client * HO_CHECK_COUNT]);
    (*flows)[connection]->watcher = &k->watcher;
  }
  return (*flows)[connection];
}

/* ---- datagrams under way ---- */

static decoded *take(ho_checks *k) {
  decoded *d = k->pool;

  if (d) {
    k->pool = d->next;
    return d;
  }
  return ho_alloc(sizeof(*d));
}

static void give_back(ho_checks *k, decoded *d) {
  d->next = k->pool;
  k->pool = d;
}

static decoded *find(ho_checks *k, uint64_t packet) {
  decoded **slot = ho_ring_at(&k->under_way, packet);

  return slot ? *slot : NULL;
}

static void forget(ho_checks *k, uint64_t packet) {
  decoded **slot = ho_ring_at(&k->under_way, packet);
  uint64_t n = k->under_way.base;

  if (!slot || !*slot) {
    return;
  }
  give_back(k, *slot);
  k->held--;
  *slot = NULL;
  while (n < k->under_way.end && !*(decoded **)ho_ring_at(&k->under_way, n)) {
    n++;
  }
  ho_ring_drop(&k->under_way, n);
}

/* A host draws the number of its next packet long before it sends it, so that
 * one now and then comes later than all that are kept.  What nobody receives,
 * and nobody drops, is forgotten one day. */
static void remember(ho_checks *k, uint64_t packet, decoded *d) {
  decoded **slot = packet < k->under_way.end
                       ? ho_ring_at(&k->under_way, packet)
                       : ho_ring_extend(&k->under_way, packet);

  if (!slot) {
    give_back(k, d);
    return;
  }
  *slot = d;
  if (++k->held > HELD_MAX) {
    const decoded *oldest = find(k, k->under_way.base);
    if (oldest && oldest->t_sent + HELD_FOR < d->t_sent) {
      forget(k, k->under_way.base);
    }
  }
}

/* ---- packets ---- */

static uint32_t flow_label(const ho_packet *pkt, const ho_ip *ip) {
  return ip->family == 6 ? (uint32_t)(pkt->data[1] & 15) << 16 |
                               (uint32_t)pkt->data[2] << 8 | pkt->data[3]
                         : 0;
}

/* What the endpoint itself sends is decrypted once, in order; copies, forgeries
 * and what was damaged on the way are looked at as they are. */
static ho_wire_datagram *decode(ho_checks *k, ho_flow *flow,
                                const ho_sighting *s, const ho_packet *pkt,
                                const ho_ip *ip) {
  const uint8_t *data = pkt->data + ip->payload;
  size_t len = ip->total - ip->payload;
  decoded *d = find(k, pkt->id);

  if (d && !pkt->damaged) {
    return &d->d;
  }
  if (s->at == HO_SENT && !pkt->forged) {
    d = take(k);
    d->t_sent = s->t;
    d->flow = flow;
    ho_decoder_read(flow->decoder, s->from, data, len, &d->d);
    remember(k, pkt->id, d);
    return &d->d;
  }
  ho_decoder_peek(flow->decoder, s->from, data, len, &k->scratch->d);
  return &k->scratch->d;
}

/* What the server has sent enters an access network as it was sent; of what is
 * there and was not sent, an attacker's packets count. */
static bool is_seen_again(ho_seen_at at, ho_side from, const ho_packet *pkt) {
  return at == HO_ON_WIRE && from == HO_SERVER && !pkt->forged;
}

/* What the server sent before it was restarted is not this connection's. */
static bool is_outlived(ho_checks *k, const ho_flow *flow, ho_side from,
                        const ho_packet *pkt) {
  const decoded *d = find(k, pkt->id);

  return flow->lost || (from == HO_SERVER && d && d->flow != flow);
}

static void close_packet(ho_wire_packet *p, const char *why) {
  p->opened = false;
  p->why = why;
}

/* A packet that comes too late is none to its receiver, which takes it to have
 * another number, and so is one that it cannot tell whose it is.  What had been
 * damaged was never opened. */
static void close_strange(const ho_flow *flow, const ho_sighting *s,
                          ho_wire_datagram *d) {
  for (size_t i = 0; i < d->packets_count; i++) {
    ho_wire_packet *p = &d->packets[i];
    if (p->opened && !ho_flow_recovers(flow, ho_other(s->from), p)) {
      close_packet(p, "number not recovered");
    } else if (p->opened && !ho_flow_belongs(flow, s, p)) {
      close_packet(p, "without a CID, from elsewhere");
    }
  }
}

static void on_packet(void *user, ho_seen_at at, ho_side from, int net,
                      const ho_packet *pkt, ho_time now) {
  ho_checks *k = user;
  ho_sighting s = {.at = at,
                   .t = now,
                   .from = from,
                   .forged = pkt->forged,
                   .damaged = pkt->damaged,
                   .copy_of = pkt->copy_of,
                   .packet = pkt->id,
                   .net = net};
  ho_wire_datagram *d;
  ho_flow *flow;
  ho_ip ip;

  if (is_seen_again(at, from, pkt) ||
      ho_ip_parse(&ip, pkt->data, pkt->len) != 0 || ip.proto != HO_PROTO_UDP ||
      !(flow = get_flow(k, pkt->client, pkt->connection))) {
    return;
  }
  if (is_outlived(k, flow, from, pkt)) {
    forget(k, pkt->id);
    return;
  }
  s.tuple = from == HO_CLIENT ? (ho_tuple){ip.src, ip.dst}
                              : (ho_tuple){ip.dst, ip.src};
  s.family = ip.family;
  s.ecn = ip.ecn;
  s.flow_label = flow_label(pkt, &ip);
  s.d = d = decode(k, flow, &s, pkt, &ip);
  if (at == HO_RECEIVED) {
    close_strange(flow, &s, d);
  }
  ho_flow_learn(flow, &s);
  ho_flow_judge(flow, &s);
  if (flow->heir) {
    ho_heir_see(flow->heir, &s, pkt->data + ip.payload, ip.total - ip.payload,
                &k->scratch->d);
  }
  if (at == HO_RECEIVED) {
    forget(k, pkt->id);
  }
}

static void on_secret(void *user, ho_side of, int client, uint64_t connection,
                      uint8_t proto, const char *label, const uint8_t *random,
                      const uint8_t *secret, size_t len, ho_time now) {
  ho_checks *k = user;
  ho_flow *flow;

  (void)random, (void)now;
  if (proto != HO_PROTO_UDP || !(flow = get_flow(k, client, connection))) {
    return;
  }
  flow = ho_heir_secret(flow, of, label, secret, len);
  k->flows[client][connection] = flow;
  ho_decoder_secret(flow->decoder, of, label, secret, len);
}

/* ---- events ---- */

/* Of one connection; false: of the client as a whole. */
static bool connection_of(const ho_event *event, uint64_t *connection) {
  switch (event->kind) {
  case HO_EV_recovery:
    *connection = event->u.recovery.connection;
    return true;
  case HO_EV_packet_lost:
    *connection = event->u.packet_lost.connection;
    return true;
  case HO_EV_path_validation:
    *connection = event->u.path_validation.connection;
    return true;
  case HO_EV_connection_closed:
    *connection = event->u.connection_closed.connection;
    return true;
  case HO_EV_handshake_done:
    *connection = event->u.handshake_done.connection;
    return true;
  default:
    return false;
  }
}

static ho_flow *find_flow(const ho_checks *k, int client, uint64_t connection) {
  return connection < k->flows_count[client] ? k->flows[client][connection]
                                             : NULL;
}

/* A server that is restarted, or has given a connection up. */
static bool forgets(const ho_event *event) {
  switch (event->kind) {
  case HO_EV_action:
    return strcmp(event->u.action.action, "restart") == 0;
  case HO_EV_connection_closed:
    return event->u.connection_closed.endpoint == HO_SERVER;
  default:
    return false;
  }
}

static void tell_flow(ho_flow *flow, const ho_event *event) {
  if (!flow || flow->lost) {
    return;
  }
  ho_flow_event(flow, event);
  if (flow->heir) {
    ho_flow_event(flow->heir, event);
  }
  if (forgets(event)) {
    ho_heir_begin(flow);
  }
}

static void tell(ho_checks *k, int client, const ho_event *event) {
  uint64_t connection;

  if (connection_of(event, &connection)) {
    tell_flow(find_flow(k, client, connection), event);
    return;
  }
  for (size_t i = 0; i < k->flows_count[client]; i++) {
    tell_flow(k->flows[client][i], event);
  }
}

/* A client's packet that did not leave its interface is at no sink. */
static bool is_unsent(ho_checks *k, const ho_event *event) {
  const ho_ev_packet_dropped *p = &event->u.packet_dropped;

  return strcmp(p->direction, "up") == 0 && !find(k, p->packet) &&
         (strcmp(p->reason, "no-route") == 0 ||
          strcmp(p->reason, "link-down") == 0);
}

/* What checks see of packets they see at the sinks. */
static void on_event(void *user, const ho_event *event) {
  ho_checks *k = user;
  ho_flow *flow;

  switch (event->kind) {
  case HO_EV_datagram_sent:
  case HO_EV_datagram_received:
  case HO_EV_wire:
  case HO_EV_stream_sent:
  case HO_EV_path_frame:
  case HO_EV_delivered:
    return;
  case HO_EV_quic_sent:
    if ((flow = find_flow(k, event->client, event->u.quic_sent.connection))) {
      ho_flow_left(flow, &event->u.quic_sent);
      if (flow->heir) {
        ho_flow_left(flow->heir, &event->u.quic_sent);
      }
    }
    return;
  case HO_EV_packet_dropped:
    if (!is_unsent(k, event)) {
      forget(k, event->u.packet_dropped.packet);
      return;
    }
    break;
  default:
    break;
  }
  if (event->client >= 0) {
    tell(k, event->client, event);
    return;
  }
  for (size_t c = 0; c < k->scenario->clients; c++) {
    tell(k, (int)c, event);
  }
}

/* ---- a run ---- */

ho_checks *ho_checks_new(const ho_scenario *scenario, size_t arm, ho_log *log) {
  ho_checks *k = ho_alloc(sizeof(*k));

  k->scenario = scenario;
  k->arm = arm;
  k->findings =
      ho_alloc_array(scenario->clients * HO_CHECK_COUNT, sizeof(ho_finding));
  k->flows = ho_alloc_array(scenario->clients, sizeof(*k->flows));
  k->flows_count = ho_alloc_array(scenario->clients, sizeof(size_t));
  k->under_way.size = sizeof(decoded *);
  k->scratch = ho_alloc(sizeof(*k->scratch));
  ho_log_subscribe(log, on_event, k);
  return k;
}

void ho_checks_watch(ho_checks *checks, const ho_checks_watcher *watcher) {
  checks->watcher = *watcher;
}

ho_sink ho_checks_sink(ho_checks *checks) {
  return (ho_sink){.packet = on_packet, .secret = on_secret, .user = checks};
}

void ho_checks_finish(ho_checks *checks, ho_time now) {
  for (size_t c = 0; c < checks->scenario->clients; c++) {
    for (size_t i = 0; i < checks->flows_count[c]; i++) {
      if (checks->flows[c][i] && !checks->flows[c][i]->lost) {
        ho_flow_finish(checks->flows[c][i], now);
      }
    }
  }
}

static void free_datagrams(ho_checks *k) {
  decoded *d;

  for (uint64_t n = k->under_way.base; n < k->under_way.end; n++) {
    free(find(k, n));
  }
  ho_ring_free(&k->under_way);
  while ((d = k->pool)) {
    k->pool = d->next;
    free(d);
  }
  free(k->scratch);
}

void ho_checks_del(ho_checks *checks) {
  if (!checks) {
    return;
  }
  for (size_t c = 0; c < checks->scenario->clients; c++) {
    for (size_t i = 0; i < checks->flows_count[c]; i++) {
      ho_flow_del(checks->flows[c][i]);
    }
    free(checks->flows[c]);
  }
  free_datagrams(checks);
  free(checks->flows);
  free(checks->flows_count);
  free(checks->findings);
  free(checks);
}
