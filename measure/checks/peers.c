/* The addresses of a client as its server sees them, and what it may send to
 * each. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/peers.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

enum { CID_ENTROPY = 8 /* bytes; RFC 9000, 8.1 */ };

static void begin(ho_peers *peers) {
  if (!peers->begun) {
    peers->begun = true;
    peers->largest = UINT64_MAX;
    peers->t_ended = HO_NEVER;
  }
}

/* An open-addressing table of indices + 1 into the list, at most half full. */
static size_t *slot_of(const ho_peers *peers, const ho_endpoint *client) {
  uint64_t hash = ho_tuple_hash(&(ho_tuple){.client = *client});
  size_t i = (size_t)hash & (peers->slots_count - 1);

  while (peers->slots[i] != 0 &&
         !ho_endpoint_eq(&peers->list[peers->slots[i] - 1].client, client)) {
    i = (i + 1) & (peers->slots_count - 1);
  }
  return &peers->slots[i];
}

static void rehash(ho_peers *peers) {
  free(peers->slots);
  peers->slots_count = peers->slots_count ? 2 * peers->slots_count : 16;
  peers->slots = ho_alloc_array(peers->slots_count, sizeof(*peers->slots));
  for (size_t i = 0; i < peers->count; i++) {
    *slot_of(peers, &peers->list[i].client) = i + 1;
  }
}

ho_peer *ho_peers_find(ho_peers *peers, const ho_endpoint *client) {
  size_t at;

  if (peers->count == 0) {
    return NULL;
  }
  if (ho_endpoint_eq(&peers->list[peers->at].client, client)) {
    return &peers->list[peers->at]; /* mostly it is the one of before */
  }
  at = *slot_of(peers, client);
  return at ? &peers->list[at - 1] : NULL;
}

ho_peer *ho_peers_active(ho_peers *peers) {
  return peers->count ? &peers->list[peers->active] : NULL;
}

uint64_t ho_peer_allowance(const ho_peer *peer) {
  uint64_t limit = 3 * peer->received;

  if (peer->t_validated != HO_NEVER) {
    return UINT64_MAX;
  }
  return limit > peer->sent ? limit - peer->sent : 0;
}

/* What is allowed by what came since the client's last return, or since a
 * validation failed, alone. */
static uint64_t renewed_allowance(const ho_peer *peer) {
  uint64_t limit = 3 * (peer->received - peer->received_before);
  uint64_t sent = peer->sent - peer->sent_before;
  uint64_t fresh = limit > sent ? limit - sent : 0;
  uint64_t all = ho_peer_allowance(peer);
  bool returned = peer->t_active != HO_NEVER && peer->received_before > 0 &&
                  peer->t_validated <= peer->t_active;

  return (returned || peer->failed) && fresh < all ? fresh : all;
}

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

/* RFC 9000, 8.2.1 and 8.2.2 have the limit be the path's: of what came from the
 * client to the server's other address a server need not make use. */
static uint64_t path_allowance(ho_flow *flow, const ho_sighting *s) {
  const ho_flow_path *path = ho_flow_find_path(flow, HO_SERVER, &s->tuple);
  uint64_t sent;

  if (!flow->ends[HO_SERVER].params ||
      !flow->ends[HO_SERVER].params->has_preferred || !path ||
      path->t_validated != HO_NEVER) {
    return UINT64_MAX;
  }
  sent = path->sent - s->d->bytes; /* before this */
  return 3 * path->received > sent ? 3 * path->received - sent : 0;
}

static ho_peer *get(ho_peers *peers, const ho_endpoint *client, ho_time t) {
  ho_peer *peer = ho_peers_find(peers, client);

  if (!peer) {
    ho_grow(&peers->list, peers->count, &peers->cap, sizeof(*peers->list));
    peer = &peers->list[peers->count++];
    *peer = (ho_peer){.client = *client,
                      .t_first = t,
                      .t_validated = HO_NEVER,
                      .t_active = HO_NEVER};
    if (2 * peers->count > peers->slots_count) {
      rehash(peers);
    } else {
      *slot_of(peers, client) = peers->count;
    }
  }
  return peer;
}

/* RFC 9000, 8.1: what shows that the handshake's address is the client's.  More
 * is taken for that than a server has to take: any token, and a CID of the
 * server's choice that is too long to be guessed. */
static bool proves(const ho_flow *flow, const ho_wire_packet *p) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];

  if (p->header.type == HO_WIRE_HANDSHAKE) {
    return p->opened;
  }
  if (p->header.type != HO_WIRE_INITIAL || !p->opened) {
    return ho_is_app(p);
  }
  if (p->header.token_len > 0) {
    return true;
  }
  for (size_t i = 0; i < server->cids_count; i++) {
    const ho_cid *cid = &server->cids[i].cid;
    if (cid->len >= CID_ENTROPY && ho_cid_eq(cid, &p->header.dcid)) {
      return true;
    }
  }
  return false;
}

/* A PATH_RESPONSE validates the address its PATH_CHALLENGE went to, whichever
 * way it came (8.2.3). */
static void learn_response(ho_peers *peers, ho_flow *flow, const ho_frame *f,
                           ho_time t) {
  const ho_flow_challenge *c = ho_flow_find_challenge(flow, HO_SERVER, f->data);
  ho_peer *peer = c ? ho_peers_find(peers, &c->tuple.client) : NULL;

  if (peer && peer->t_validated == HO_NEVER) {
    peer->t_validated = t;
  }
}

/* RFC 9000, 9.3: only the non-probing packet with the highest number moves the
 * peer, and nobody moves before the handshake is confirmed (9). */
static void learn_number(ho_peers *peers, const ho_flow *flow,
                         const ho_sighting *s, const ho_wire_packet *p) {
  ho_peer *peer = &peers->list[peers->at];
  bool confirmed = flow->ends[HO_SERVER].t_confirmed != HO_NEVER;

  if (p->probing || (peers->largest != UINT64_MAX && p->pn <= peers->largest)) {
    return;
  }
  peers->largest = p->pn;
  if (confirmed && peers->at != peers->active) {
    peers->active = peers->at;
    peer->t_active = s->t;
    peer->received_before = peer->received - s->d->bytes;
    peer->sent_before = peer->sent;
    peers->moves++;
    peers->moved = true;
  }
}

static void learn_received(ho_peers *peers, ho_flow *flow,
                           const ho_sighting *s) {
  ho_peer *peer = get(peers, &s->tuple.client, s->t);

  peers->at = (size_t)(peer - peers->list);
  peer->received += s->d->bytes;
  peer->genuine |= !s->forged;
  for (size_t i = 0; i < s->d->packets_count && !s->damaged; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    /* The handshake's may be another than the first, where a NAT rebinds. */
    bool handshake =
        !ho_is_app(p) && flow->ends[HO_SERVER].t_confirmed == HO_NEVER;
    if (((peers->at == 0 && peers->active == 0) || handshake) &&
        peer->t_validated == HO_NEVER && proves(flow, p)) {
      peer->t_validated = s->t;
    }
    if (!ho_is_app(p)) {
      continue;
    }
    peer->dcid = p->header.dcid;
    for (size_t j = 0; j < p->frames_count; j++) {
      if (p->frames[j].type == HO_FRAME_PATH_RESPONSE) {
        learn_response(peers, flow, &p->frames[j], s->t);
      }
    }
    learn_number(peers, flow, s, p);
  }
}

/* The handshake's path is where the server says that it is confirmed: what came
 * from elsewhere before it may have discarded. */
static void settle(ho_peers *peers, const ho_flow *flow, ho_time t) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];

  if (!peers->settled && server->t_confirmed != HO_NEVER) {
    peers->active =
        (size_t)(get(peers, &server->confirmed.client, t) - peers->list);
    peers->settled = true;
  }
}

void ho_peers_datagram(ho_peers *peers, ho_flow *flow, const ho_sighting *s) {
  begin(peers);
  settle(peers, flow, s->t);
  peers->moved = false;
  if (s->at == HO_RECEIVED && s->from == HO_CLIENT) {
    learn_received(peers, flow, s);
  } else if (ho_leaves(s, HO_SERVER)) {
    ho_peer *peer = get(peers, &s->tuple.client, s->t);
    peers->at = (size_t)(peer - peers->list);
    peers->allowance = ho_peer_allowance(peer);
    peers->renewed = least(renewed_allowance(peer), path_allowance(flow, s));
    peer->sent += s->d->bytes;
  }
}

static void learn_failure(ho_peers *peers, const ho_ev_path_validation *v) {
  ho_peer *peer = ho_peers_find(peers, &v->tuple.client);

  if (peer && v->endpoint == HO_SERVER && strcmp(v->result, "success") != 0) {
    peer->failed = true;
    peer->received_before = peer->received;
    peer->sent_before = peer->sent;
  }
}

void ho_peers_event(ho_peers *peers, const ho_flow *flow,
                    const ho_event *event) {
  bool ended = false;

  begin(peers);
  if (event->kind == HO_EV_path_validation &&
      event->u.path_validation.connection == flow->connection) {
    learn_failure(peers, &event->u.path_validation);
  } else if (event->kind == HO_EV_connection_closed) {
    ended = event->u.connection_closed.connection == flow->connection;
  } else if (event->kind == HO_EV_action) {
    ended = strcmp(event->u.action.action, "restart") == 0;
  }
  if (ended && event->t < peers->t_ended) {
    peers->t_ended = event->t;
  }
}

void ho_peers_free(ho_peers *peers) {
  free(peers->list);
  free(peers->slots);
}

ho_time ho_peers_end(const ho_peers *peers, const ho_flow *flow, ho_time now) {
  ho_time end = now;

  for (int side = 0; side < 2; side++) {
    const ho_flow_end *e = &flow->ends[side];
    end = e->t_closed < end ? e->t_closed : end;
    end = e->t_reset < end ? e->t_reset : end;
  }
  return peers->begun && peers->t_ended < end ? peers->t_ended : end;
}

bool ho_flow_spare(const ho_flow *flow, ho_side side) {
  const ho_flow_end *issuer = &flow->ends[ho_other(side)];

  for (size_t i = issuer->cids_low; i < issuer->cids_count; i++) {
    const ho_flow_cid *c = &issuer->cids[i];
    if (c->cid.len == 0 || (c->t_known != HO_NEVER && c->t_first == HO_NEVER &&
                            c->t_retiring == HO_NEVER)) {
      return true;
    }
  }
  return issuer->cids_count == 0;
}

bool ho_flow_choked(const ho_flow *flow, ho_side side, uint64_t bytes) {
  const ho_flow_end *end = &flow->ends[side];

  return end->cwnd > 0 && end->in_flight + bytes > end->cwnd;
}
