/* Checks H: the server's preferred address. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "measure/checks/peers.h"
#include "measure/checks/trail.h"

#define GRACE HO_MSEC

typedef struct {
  bool begun;
  ho_endpoint local, remote; /* of the client's first packet */
  ho_cid server_cid;         /* of the server's first long header */
  bool server_seen;

  /* The client */
  ho_time t_probed;     /* first PATH_CHALLENGE to the preferred address; 0 */
  ho_time t_valid;      /* that was answered; 0: not yet */
  ho_tuple probed_from; /* with that tuple */
  bool used;            /* a non-probing packet went there */
  bool h1_done, h3_done;
  bool gone[2];

  /* A move of its own, while the address was still to be validated */
  ho_time t_moved; /* first PATH_CHALLENGE from its new address; 0 */
  ho_endpoint moved_to;
  bool moved_original, moved_preferred; /* challenged from there */
  ho_mark moved_by;
  bool h7_done;

  /* The server */
  ho_time t_came; /* first non-probing packet to the preferred address; 0 */
  ho_mark came_by;
  uint64_t largest_came; /* highest number that came there, + 1 */
  uint64_t largest_old;  /* and at the original */
  ho_time t_both;        /* that, and its path is validated; 0 */
  bool probed_back;      /* a PATH_CHALLENGE left from there */
  ho_time t_hindered;    /* the server last had no CID or no window; 0: never */
  bool h4_done;
} state;

static bool offered(const ho_flow *flow) {
  const ho_wire_params *params = flow->ends[HO_SERVER].params;

  return params && params->has_preferred;
}

/* The address of |family| that is offered; NULL: none. */
static const ho_endpoint *offer(const ho_flow *flow, uint8_t family) {
  const ho_wire_params *params = flow->ends[HO_SERVER].params;
  const ho_endpoint *endpoint;

  if (!offered(flow)) {
    return NULL;
  }
  endpoint = family == 6 ? &params->preferred_v6 : &params->preferred_v4;
  return endpoint->addr.family == family ? endpoint : NULL;
}

static bool is_preferred(const ho_flow *flow, const ho_sighting *s) {
  return ho_flow_preferred(flow, &s->tuple.server);
}

static bool open_at(const ho_flow *flow, const state *st, ho_side side) {
  return ho_flow_open(flow) && !st->gone[side];
}

/* ---- H1, H2, H3, H8: the client goes there ---- */

/* 9.6.1: with a connection ID that no other path has seen.  The flow has
 * already learned from this packet, so a fresh one was first used now. */
static bool is_fresh(ho_flow *flow, const ho_sighting *s,
                     const ho_wire_packet *p) {
  const ho_flow_cid *cid = ho_flow_find_cid(flow, HO_SERVER, &p->header.dcid);

  return !cid || cid->t_first == s->t;
}

static void first_probe(ho_flow *flow, state *st, const ho_sighting *s,
                        const ho_wire_packet *p) {
  uint8_t asked = st->remote.addr.family;

  st->t_probed = s->t;
  st->probed_from = s->tuple;
  st->h1_done = true;
  if (flow->ends[HO_CLIENT].t_confirmed == HO_NEVER) {
    ho_flow_fail(flow, HO_CHECK_H1, HO_CLIENT, s->t, s, p,
                 "challenged before the handshake was confirmed");
  } else if (!is_fresh(flow, s, p)) {
    ho_flow_fail(flow, HO_CHECK_H1, HO_CLIENT, s->t, s, p,
                 "challenged with a CID that was in use before");
  } else {
    ho_flow_pass(flow, HO_CHECK_H1);
  }
  if (offer(flow, 4) && offer(flow, 6)) {
    if (s->tuple.server.addr.family == asked) {
      ho_flow_pass(flow, HO_CHECK_H8);
    } else if (flow->t_changed == HO_NEVER) { /* it could have stayed */
      ho_flow_fail(flow, HO_CHECK_H8, HO_CLIENT, s->t, s, p,
                   "IPv%u was chosen where IPv%u was in use and offered",
                   (unsigned)s->tuple.server.addr.family, (unsigned)asked);
    }
  }
}

/* Any local address will do: NAT and moves give it several. */
static bool has_validated(const ho_flow *flow, const ho_endpoint *server,
                          ho_time now) {
  const ho_flow_end *client = &flow->ends[HO_CLIENT];

  for (size_t i = 0; i < client->paths_count; i++) {
    if (client->paths[i].t_validated <= now &&
        ho_endpoint_eq(&client->paths[i].tuple.server, server)) {
      return true;
    }
  }
  return false;
}

static void client_to_preferred(ho_flow *flow, state *st, const ho_sighting *s,
                                const ho_wire_packet *p) {
  if (st->t_probed == 0 && ho_packet_has(p, HO_FRAME_PATH_CHALLENGE)) {
    first_probe(flow, st, s, p);
  }
  if (p->probing || ho_packet_closes(p)) {
    return;
  }
  st->used = true;
  if (!has_validated(flow, &s->tuple.server, s->t)) {
    ho_flow_fail(flow, HO_CHECK_H2, HO_CLIENT, s->t, s, p,
                 "a non-probing packet before the address was validated");
    return;
  }
  ho_flow_pass(flow, HO_CHECK_H2);
  if (!st->h3_done) {
    st->h3_done = true;
    ho_flow_pass(flow, HO_CHECK_H3);
  }
}

static void client_to_original(ho_flow *flow, state *st, const ho_sighting *s,
                               const ho_wire_packet *p) {
  if (p->probing || ho_packet_closes(p) || st->t_probed == 0) {
    return;
  }
  if (st->t_valid == 0) {
    /* It failed, and the client is where it has to be. */
    if (s->t > st->t_probed + 3 * ho_flow_patience(flow, HO_CLIENT) &&
        !st->used) {
      ho_flow_pass(flow, HO_CHECK_H3);
    }
    return;
  }
  if (s->t > st->t_valid + ho_flow_patience(flow, HO_CLIENT)) {
    ho_flow_fail(flow, HO_CHECK_H3, HO_CLIENT, s->t, s, p,
                 "to the original address, %.3f ms after the preferred one was "
                 "validated",
                 (double)(s->t - st->t_valid) / 1e6);
  }
}

static void due_probe(ho_flow *flow, state *st, ho_time now) {
  ho_time confirmed = flow->ends[HO_CLIENT].t_confirmed;

  if (st->h1_done || !flow->arm->preferred_address || confirmed == HO_NEVER ||
      !offer(flow, st->remote.addr.family) || !open_at(flow, st, HO_CLIENT) ||
      now <= confirmed + ho_flow_patience(flow, HO_CLIENT)) {
    return;
  }
  st->h1_done = true;
  ho_flow_fail(flow, HO_CHECK_H1, HO_CLIENT, now, NULL, NULL,
               "no PATH_CHALLENGE went there in %.3f ms after the handshake "
               "was confirmed",
               (double)(now - confirmed) / 1e6);
}

/* ---- H7: the client moves at the same time ---- */

/* Where the family is another, its network is so for that, and the original
 * address cannot be reached from there. */
static void note_move(ho_flow *flow, state *st, const ho_sighting *s,
                      const ho_wire_packet *p) {
  if (ho_endpoint_eq(&s->tuple.client, &st->local) ||
      s->tuple.client.addr.family != st->remote.addr.family ||
      ho_flow_passive(flow, s) || !flow->arm->preferred_address ||
      !ho_packet_has(p, HO_FRAME_PATH_CHALLENGE)) {
    return;
  }
  if (st->t_moved == 0) {
    /* Before it knows what has become of its first attempt. */
    if (!offer(flow, s->family) || st->used ||
        (st->t_probed != 0 && st->t_valid == 0 &&
         s->t > st->t_probed + 3 * ho_flow_pto(flow, HO_CLIENT))) {
      return;
    }
    st->t_moved = s->t;
    st->moved_to = s->tuple.client;
    st->moved_by = ho_mark_of(s, p);
  }
  if (ho_endpoint_eq(&s->tuple.client, &st->moved_to)) {
    st->moved_preferred |= is_preferred(flow, s);
    st->moved_original |= ho_endpoint_eq(&s->tuple.server, &st->remote);
  }
}

static void due_both(ho_flow *flow, state *st, ho_time now) {
  if (st->t_moved == 0 || st->h7_done || !open_at(flow, st, HO_CLIENT)) {
    return;
  }
  if (st->moved_original && st->moved_preferred) {
    st->h7_done = true;
    ho_flow_pass(flow, HO_CHECK_H7);
  } else if (now > st->t_moved + ho_flow_patience(flow, HO_CLIENT)) {
    st->h7_done = true;
    ho_flow_fail(flow, HO_CHECK_H7, HO_CLIENT, now, &st->moved_by.s,
                 &st->moved_by.p,
                 "from its new address the %s one was not challenged",
                 st->moved_original ? "preferred" : "original");
  }
}

/* ---- H4, H5: the server answers there ---- */

static void came_to_preferred(state *st, const ho_sighting *s,
                              const ho_wire_packet *p) {
  if (st->t_came == 0) {
    st->t_came = s->t;
    st->came_by = ho_mark_of(s, p);
  }
  st->largest_came = p->pn >= st->largest_came ? p->pn + 1 : st->largest_came;
}

/* A PATH_RESPONSE to what was sent from there has arrived. */
static bool is_validated_from_there(const ho_flow *flow, ho_time now) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];

  for (size_t i = 0; i < server->paths_count; i++) {
    if (server->paths[i].t_validated <= now &&
        ho_flow_preferred(flow, &server->paths[i].tuple.server)) {
      return true;
    }
  }
  return false;
}

static void note_both(const ho_flow *flow, state *st, ho_time now) {
  if (st->t_both == 0 && st->t_came != 0 &&
      is_validated_from_there(flow, now)) {
    st->t_both = now;
  }
}

static void server_from_preferred(ho_flow *flow, state *st,
                                  const ho_sighting *s,
                                  const ho_wire_packet *p) {
  st->probed_back |= ho_packet_has(p, HO_FRAME_PATH_CHALLENGE);
  if (p->probing || ho_packet_closes(p)) {
    return;
  }
  if (st->t_both == 0) {
    ho_flow_fail(flow, HO_CHECK_H4, HO_SERVER, s->t, s, p,
                 "a non-probing packet from the preferred address before %s",
                 st->t_came == 0 ? "one came there" : "its path was validated");
    return;
  }
  ho_flow_pass(flow, HO_CHECK_H4);
  ho_flow_pass(flow, HO_CHECK_H5);
}

static void server_from_original(ho_flow *flow, state *st, const ho_sighting *s,
                                 const ho_wire_packet *p) {
  if (p->probing || ho_packet_closes(p) || st->t_both == 0 ||
      s->t <= st->t_both + GRACE || st->largest_old > st->largest_came) {
    return;
  }
  ho_flow_fail(flow, HO_CHECK_H5, HO_SERVER, s->t, s, p,
               "from the original address, %.3f ms after the preferred one was "
               "validated and in use",
               (double)(s->t - st->t_both) / 1e6);
}

/* Without a CID of the client's for it, nobody probes (9.5), and a full window
 * delays it (RFC 9002, 7): time counts from when there is neither. */
static void due_challenge(ho_flow *flow, state *st, ho_time now) {
  ho_time patience = ho_flow_patience(flow, HO_SERVER);

  if (ho_flow_choked(flow, HO_SERVER, 1200) ||
      !ho_flow_spare(flow, HO_SERVER)) {
    st->t_hindered = now;
  }
  if (st->t_came == 0 || st->h4_done || st->probed_back ||
      !open_at(flow, st, HO_SERVER) || now <= st->t_came + patience ||
      now <= st->t_hindered + patience) {
    return;
  }
  st->h4_done = true;
  ho_flow_fail(flow, HO_CHECK_H4, HO_SERVER, now, &st->came_by.s,
               &st->came_by.p,
               "no PATH_CHALLENGE left the preferred address in %.3f ms",
               (double)(now - st->t_came) / 1e6);
}

/* ---- H6 and H9: whose address it is ---- */

/* A later connection that begins where an earlier one was sent to. */
static void check_other(ho_flow *flow, const state *st, const ho_sighting *s,
                        const ho_wire_packet *p) {
  if (flow->connection == 0 || !st->begun) {
    return;
  }
  if (ho_flow_preferred(flow, &st->remote)) {
    ho_flow_fail(flow, HO_CHECK_H6, HO_CLIENT, s->t, s, p,
                 "connection %" PRIu64 " began at the preferred address",
                 flow->connection);
  } else {
    ho_flow_pass(flow, HO_CHECK_H6);
  }
}

static void check_empty(ho_flow *flow, const state *st, const ho_sighting *s,
                        const ho_wire_packet *p) {
  const ho_wire_params *params = flow->ends[HO_SERVER].params;

  if (st->server_cid.len == 0 || params->preferred_cid.len == 0) {
    ho_flow_fail(flow, HO_CHECK_H9, HO_SERVER, s->t, s, p,
                 "a preferred address with an empty CID%s",
                 st->server_cid.len == 0 ? " in use" : "");
  } else {
    ho_flow_pass(flow, HO_CHECK_H9);
  }
}

/* ---- the module ---- */

static void client_sent(ho_flow *flow, state *st, const ho_sighting *s) {
  if (!st->begun) {
    st->begun = true;
    st->local = s->tuple.client;
    st->remote = s->tuple.server;
  }
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!ho_is_app(p) || !offered(flow)) {
      continue;
    }
    note_move(flow, st, s, p);
    if (is_preferred(flow, s)) {
      client_to_preferred(flow, st, s, p);
    } else if (ho_endpoint_eq(&s->tuple.server, &st->remote)) {
      client_to_original(flow, st, s, p);
    }
  }
}

static void server_sent(ho_flow *flow, state *st, const ho_sighting *s) {
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!st->server_seen && p->header.type != HO_WIRE_1RTT &&
        p->header.type != HO_WIRE_RETRY && p->header.type != HO_WIRE_VERSION) {
      st->server_seen = true;
      st->server_cid = p->header.scid;
    }
    if (!p->opened || !offered(flow)) {
      continue;
    }
    if (p->header.type != HO_WIRE_1RTT) {
      check_empty(flow, st, s, p);
      check_other(flow, st, s, p);
    } else if (is_preferred(flow, s)) {
      server_from_preferred(flow, st, s, p);
    } else if (ho_endpoint_eq(&s->tuple.server, &st->remote)) {
      server_from_original(flow, st, s, p);
    }
  }
}

static void server_received(ho_flow *flow, state *st, const ho_sighting *s) {
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!p->opened || p->probing || p->header.type != HO_WIRE_1RTT) {
      continue;
    }
    if (is_preferred(flow, s)) {
      came_to_preferred(st, s, p);
    } else if (p->pn >= st->largest_old) {
      st->largest_old = p->pn + 1;
    }
  }
  note_both(flow, st, s->t);
}

static void client_received(ho_flow *flow, state *st, const ho_sighting *s) {
  if (st->t_valid == 0 && st->t_probed != 0 &&
      has_validated(flow, &st->probed_from.server, s->t)) {
    st->t_valid = s->t;
  }
}

static void due(ho_flow *flow, state *st, ho_time now) {
  if (offered(flow)) {
    due_probe(flow, st, now);
    due_both(flow, st, now);
    due_challenge(flow, st, now);
  }
}

static void on_datagram(ho_flow *flow, void *user, const ho_sighting *s) {
  state *st = user;

  due(flow, st, s->t);
  if (ho_sent_by(s, HO_CLIENT)) {
    client_sent(flow, st, s);
  } else if (ho_sent_by(s, HO_SERVER)) {
    server_sent(flow, st, s);
  } else if (s->at == HO_RECEIVED && offered(flow)) {
    if (s->from == HO_CLIENT) {
      server_received(flow, st, s);
    } else {
      client_received(flow, st, s);
    }
  }
}

static void on_event(ho_flow *flow, void *user, const ho_event *event) {
  state *st = user;

  if (event->kind == HO_EV_connection_closed &&
      event->u.connection_closed.connection == flow->connection) {
    due(flow, st, event->t);
    st->gone[event->u.connection_closed.endpoint] = true;
  } else if (event->kind == HO_EV_action &&
             strcmp(event->u.action.action, "restart") == 0) {
    due(flow, st, event->t);
    st->gone[HO_SERVER] = true;
  }
}

static void on_finish(ho_flow *flow, void *user, ho_time now) {
  due(flow, user, now);
}

const ho_check_module ho_checks_preferred = {
    .name = "preferred",
    .state_size = sizeof(state),
    .datagram = on_datagram,
    .event = on_event,
    .finish = on_finish,
};
