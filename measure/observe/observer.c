/* An observer: from what passes its taps to the flows that it can tell apart.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/observe/observer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "measure/observe/flow.h"
#include "sim/base/alloc.h"

struct ho_observer {
  ho_observer_config config;
  ho_lengths lengths;
  ho_flow_record *flows;
  size_t count, cap;
  /* The last flow of each tuple, by open addressing: its number + 1. */
  uint32_t *table;
  size_t table_size, table_used; /* size: a power of two */
};

ho_observer *ho_observer_new(const ho_observer_config *config) {
  ho_observer *o = ho_alloc(sizeof(*o));

  o->config = *config;
  return o;
}

/* ---- flows by tuple ---- */

/* The place of |tuple|, or the free one where it belongs. */
static uint32_t *place_of(const ho_observer *o, const ho_tuple *tuple,
                          uint8_t proto) {
  size_t i = (size_t)ho_tuple_hash(tuple) & (o->table_size - 1);

  for (;;) {
    const ho_seen_flow *f;

    if (o->table[i] == 0) {
      return &o->table[i];
    }
    f = &o->flows[o->table[i] - 1].seen;
    if (f->proto == proto && ho_tuple_eq(&f->tuple, tuple)) {
      return &o->table[i];
    }
    i = (i + 1) & (o->table_size - 1);
  }
}

static void grow_table(ho_observer *o) {
  uint32_t *old = o->table;
  size_t size = o->table_size;

  if (2 * (o->table_used + 1) <= size) {
    return;
  }
  o->table_size = size > 0 ? 2 * size : 64;
  o->table = ho_alloc_array(o->table_size, sizeof(*o->table));
  for (size_t i = 0; i < size; i++) {
    if (old[i] > 0) {
      const ho_seen_flow *f = &o->flows[old[i] - 1].seen;
      *place_of(o, &f->tuple, f->proto) = old[i];
    }
  }
  free(old);
}

/* ---- the beginning and the end of a flow ---- */

static void add_addresses(ho_seen_flow *seen) {
  const ho_endpoint *client = &seen->tuple.client;
  size_t n = client->addr.family == 6 ? 16 : 4;
  uint8_t bytes[18];

  memcpy(bytes, client->addr.bytes, n);
  bytes[n] = (uint8_t)(client->port >> 8);
  bytes[n + 1] = (uint8_t)client->port;
  ho_ids_add(&seen->ids, HO_ID_TUPLE, bytes, n + 2);
  ho_ids_add(&seen->ids, HO_ID_PORT, bytes + n, 2);
}

static void begin(ho_flow_record *f, const ho_shown *shown) {
  static const ho_seen_way none = {.t_first = HO_NEVER, .t_last = HO_NEVER};

  *f = (ho_flow_record){.seen = {.tuple = shown->tuple,
                                 .proto = shown->proto,
                                 .up = none,
                                 .down = none}};
  add_addresses(&f->seen);
}

static void end(ho_flow_record *f) {
  ho_guess_end(&f->up, &f->seen.ids, HO_ID_CID_UP_ISH);
  ho_guess_end(&f->down, &f->seen.ids, HO_ID_CID_DOWN_ISH);
  ho_hello_free(&f->hello);
}

static ho_flow_record *new_flow(ho_observer *o, const ho_shown *shown) {
  ho_flow_record *f;

  ho_grow(&o->flows, o->count, &o->cap, sizeof(*o->flows));
  f = &o->flows[o->count++];
  begin(f, shown);
  return f;
}

/* The flow that the packet belongs to; NULL: it is seen a second time. */
static ho_flow_record *flow_of(ho_observer *o, const ho_glimpse *glimpse,
                               const ho_shown *shown) {
  bool access = glimpse->tap != o->config.server_tap;
  ho_flow_record *f;
  uint32_t *place;

  grow_table(o);
  place = place_of(o, &shown->tuple, shown->proto);
  f = *place > 0 ? &o->flows[*place - 1] : NULL;
  if (f && f->access && !access) {
    return NULL;
  }
  if (!f || glimpse->t - f->t_last > HO_FLOW_SILENCE) {
    /* What a tuple's long headers have told stays known. */
    ho_length_set clients = f ? f->clients : 0;

    if (f) {
      end(f);
    } else {
      o->table_used++;
    }
    f = new_flow(o, shown);
    f->clients = clients;
    *place = (uint32_t)o->count;
  } else if (access && !f->access) {
    /* The server's own tap is always a moment earlier. */
    end(f);
    ho_ids_free(&f->seen.ids);
    begin(f, shown);
  }
  f->access = access;
  return f;
}

/* ---- packets ---- */

static void count_packet(ho_seen_way *way, const ho_glimpse *glimpse,
                         const ho_shown *shown) {
  if (way->packets++ == 0) {
    way->t_first = glimpse->t;
  }
  way->t_last = glimpse->t;
  way->bytes += glimpse->len;
  way->ecn += shown->ecn != 0;
  if (glimpse->len > way->max_bytes) {
    way->max_bytes = glimpse->len;
  }
}

static void take_up(ho_seen_flow *seen, const ho_shown *shown) {
  uint8_t label[3] = {(uint8_t)(shown->label >> 16),
                      (uint8_t)(shown->label >> 8), (uint8_t)shown->label};

  if (seen->up.packets == 1) {
    seen->ttl = shown->ttl;
  }
  ho_ids_add(&seen->ids, HO_ID_LABEL, label, shown->label ? sizeof(label) : 0);
}

int64_t ho_observer_see(ho_observer *o, const ho_glimpse *glimpse) {
  ho_flow_record *f;
  ho_shown shown;

  if (ho_glimpse_read(&shown, glimpse) != 0 ||
      (shown.proto != HO_PROTO_UDP && shown.proto != HO_PROTO_TCP) ||
      !(f = flow_of(o, glimpse, &shown))) {
    return HO_NO_FLOW;
  }
  f->t_last = glimpse->t;
  count_packet(glimpse->up ? &f->seen.up : &f->seen.down, glimpse, &shown);
  if (glimpse->up) {
    take_up(&f->seen, &shown);
  }
  if (shown.proto == HO_PROTO_UDP) {
    ho_flow_datagram(f, &o->lengths, &o->config, &shown, glimpse->up);
  } else if (glimpse->up) {
    ho_hello_tcp(&f->hello, &f->seen.ids, &shown);
  }
  return f - o->flows;
}

/* ---- what it has seen ---- */

void ho_observer_finish(ho_observer *o) {
  for (size_t i = 0; i < o->count; i++) {
    end(&o->flows[i]);
  }
}

size_t ho_observer_count(const ho_observer *o) {
  return o->count;
}

const ho_seen_flow *ho_observer_flow(const ho_observer *o, size_t flow) {
  assert(flow < o->count);
  return &o->flows[flow].seen;
}

void ho_observer_del(ho_observer *o) {
  if (!o) {
    return;
  }
  for (size_t i = 0; i < o->count; i++) {
    ho_hello_free(&o->flows[i].hello);
    ho_ids_free(&o->flows[i].seen.ids);
  }
  free(o->flows);
  free(o->table);
  ho_lengths_free(&o->lengths);
  free(o);
}
