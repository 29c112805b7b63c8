/* What checks of moves remember of a connection's packets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/trail.h"

#include <stdlib.h>

#include "sim/base/alloc.h"

enum { SLOTS_FIRST = 64, SLOTS_MOST = 8192 };

bool ho_flow_open(const ho_flow *flow) {
  for (int i = 0; i < 2; i++) {
    if (flow->ends[i].t_closed != HO_NEVER ||
        flow->ends[i].t_reset != HO_NEVER) {
      return false;
    }
  }
  return true;
}

bool ho_flow_passive(const ho_flow *flow, const ho_sighting *s) {
  return flow->t_changed != HO_NEVER && flow->t_changed <= s->t &&
         !ho_flow_knows(flow, s);
}

ho_time ho_flow_validated(const ho_flow *flow, ho_side of,
                          const ho_tuple *tuple) {
  const ho_flow_path *path = NULL;
  ho_time first = HO_NEVER;

  while ((path = ho_flow_next_path(flow, of, &tuple->client, path))) {
    bool same = of == HO_SERVER || ho_tuple_eq(&path->tuple, tuple);
    if (same && path->t_validated < first) {
      first = path->t_validated;
    }
  }
  return first;
}

bool ho_flow_preferred(const ho_flow *flow, const ho_endpoint *endpoint) {
  const ho_wire_params *params = flow->ends[HO_SERVER].params;

  if (!params || !params->has_preferred || endpoint->addr.family == 0) {
    return false;
  }
  return ho_endpoint_eq(endpoint, &params->preferred_v4) ||
         ho_endpoint_eq(endpoint, &params->preferred_v6);
}

bool ho_home_sent(ho_home *home, const ho_sighting *s,
                  const ho_wire_packet *p) {
  bool moves;

  if (p->probing) {
    return false;
  }
  moves = home->known && !ho_tuple_eq(&home->tuple, &s->tuple);
  home->known = true;
  home->tuple = s->tuple;
  home->moves += moves;
  return moves;
}

/* ---- what the server receives ---- */

static bool is_retired(ho_flow *flow, const ho_wire_packet *p) {
  const ho_flow_cid *cid = ho_flow_find_cid(flow, HO_SERVER, &p->header.dcid);

  return cid && cid->t_retired != HO_NEVER;
}

/* Of numbers that are older than what is remembered nothing is believed. */
static bool is_duplicate(ho_active *a, uint64_t pn) {
  uint64_t *slot = &a->seen[pn % HO_ACTIVE_SEEN];

  if (*slot > pn) {
    return true;
  }
  *slot = pn + 1;
  return false;
}

/* A server may discard what comes from elsewhere during the handshake: numbers
 * count that came from where the handshake's last packet did. */
static void shake(ho_active *a, const ho_sighting *s, const ho_wire_packet *p) {
  bool here = ho_endpoint_eq(&s->tuple.client, &a->tuple.client);

  if (p->header.type != HO_WIRE_1RTT) {
    a->next = here ? a->next : 0;
    a->tuple = s->tuple;
  } else if (here && !is_duplicate(a, p->pn) && p->pn >= a->next) {
    a->next = p->pn + 1;
  }
}

static void begin(ho_active *a, const ho_tuple *tuple) {
  if (!a->known) {
    a->next = ho_endpoint_eq(&tuple->client, &a->tuple.client) ? a->next : 0;
    a->tuple = *tuple;
    a->known = true;
  }
}

ho_rx ho_active_receive(ho_active *a, ho_flow *flow, const ho_sighting *s,
                        const ho_wire_packet *p) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];

  if (!p->opened || p->malformed || p->header.type == HO_WIRE_0RTT) {
    return HO_RX_IGNORED;
  }
  if (server->t_confirmed == HO_NEVER) {
    shake(a, s, p);
    return HO_RX_IGNORED;
  }
  begin(a, &server->confirmed);
  if (p->header.type != HO_WIRE_1RTT) {
    return HO_RX_IGNORED;
  }
  if (is_duplicate(a, p->pn) || (p->pn >= a->next && is_retired(flow, p))) {
    return HO_RX_IGNORED;
  }
  if (p->probing) {
    return HO_RX_PROBING;
  }
  if (p->pn < a->next) {
    return HO_RX_STALE;
  }
  a->next = p->pn + 1;
  if (ho_endpoint_eq(&s->tuple.client, &a->tuple.client)) {
    a->tuple = s->tuple; /* the server's address may be another */
    return HO_RX_NEWEST;
  }
  a->before = a->tuple;
  a->tuple = s->tuple;
  a->t = s->t;
  return HO_RX_MOVED;
}

/* ---- what an end has sent ---- */

static ho_sent_packet *slot_of(const ho_sent *sent, uint64_t pn) {
  return &sent->slots[pn & (sent->cap - 1)];
}

static void grow(ho_sent *sent) {
  ho_sent wider = *sent;

  wider.cap = sent->cap ? 2 * sent->cap : SLOTS_FIRST;
  wider.slots = ho_alloc_array(wider.cap, sizeof(*wider.slots));
  for (size_t i = 0; i < sent->cap; i++) {
    if (sent->slots[i].used) {
      *slot_of(&wider, sent->slots[i].pn) = sent->slots[i];
    }
  }
  free(sent->slots);
  *sent = wider;
}

/* A slot is needed for as long as its packet may still be acknowledged. */
void ho_sent_add(ho_sent *sent, const ho_sent_packet *packet) {
  ho_sent_packet *slot;

  while (sent->cap == 0 ||
         (sent->cap < SLOTS_MOST && slot_of(sent, packet->pn)->used &&
          !slot_of(sent, packet->pn)->acked)) {
    grow(sent);
  }
  slot = slot_of(sent, packet->pn);
  *slot = *packet;
  slot->used = true;
  slot->acked = false;
  if (packet->pn >= sent->next) {
    sent->next = packet->pn + 1;
  }
}

ho_sent_packet *ho_sent_find(ho_sent *sent, uint64_t pn) {
  ho_sent_packet *slot = sent->cap ? slot_of(sent, pn) : NULL;

  return slot && slot->used && slot->pn == pn ? slot : NULL;
}

void ho_sent_free(ho_sent *sent) {
  free(sent->slots);
  *sent = (ho_sent){0};
}

static void settle(ho_sent *sent) {
  ho_sent_packet *slot;

  if (sent->next > sent->cap && sent->low < sent->next - sent->cap) {
    sent->low = sent->next - sent->cap;
  }
  while (sent->low < sent->next) {
    slot = ho_sent_find(sent, sent->low);
    if (slot && !slot->acked) {
      return;
    }
    sent->low++;
  }
}

/* What is above |low| in one range.  An ACK mostly repeats the one before:
 * |*at| is the first of |before|'s ranges that may matter, as ranges go down.
 */
static void acknowledge(ho_sent *sent, const ho_sent_ranges *before, size_t *at,
                        uint64_t first, uint64_t last,
                        void (*fn)(void *user, const ho_sent_packet *packet),
                        void *user) {
  uint64_t end = last + 1; /* one more than the highest left */

  while (end > first) {
    ho_sent_packet *slot;
    while (*at < before->count && before->list[*at].first >= end) {
      ++*at;
    }
    if (*at < before->count && before->list[*at].last >= end - 1) {
      end = before->list[*at].first;
      continue;
    }
    slot = ho_sent_find(sent, --end);
    if (slot && !slot->acked) {
      slot->acked = true;
      fn(user, slot);
    }
  }
}

bool ho_sent_acknowledge(ho_sent *sent, const ho_frame *ack,
                         void (*fn)(void *user, const ho_sent_packet *packet),
                         void *user) {
  ho_sent_ranges before = sent->ranges;
  uint64_t first, last, raised_to = sent->acked_next;
  size_t at = 0, at_before = 0;

  settle(sent);
  sent->ranges.count = 0;
  while (sent->next > sent->low && ho_frame_ack_next(ack, &at, &first, &last) &&
         last >= sent->low) {
    if (last < sent->next && sent->ranges.count < HO_SENT_RANGES) {
      sent->ranges.list[sent->ranges.count].first = first;
      sent->ranges.list[sent->ranges.count++].last = last;
    }
    if (last >= sent->next) {
      last = sent->next - 1; /* of what was never sent */
    }
    if (first <= last && last >= raised_to) {
      raised_to = last + 1;
    }
    acknowledge(sent, &before, &at_before,
                first > sent->low ? first : sent->low, last, fn, user);
  }
  first = sent->acked_next;
  sent->acked_next = raised_to;
  return raised_to > first;
}
