/* What arrives of a stream, in any order, and what an end still owes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

static void islands_remove(ho_meter_stream *s, size_t at, size_t count) {
  memmove(&s->islands[at], &s->islands[at + count],
          (s->islands_count - at - count) * sizeof(*s->islands));
  s->islands_count -= count;
}

/* island_add merges |from| to |to|, which lies behind a hole, with what it
 * touches. */
static void island_add(ho_meter_stream *s, uint64_t from, uint64_t to) {
  size_t end = s->islands_count, at;

  while (end > 0 && s->islands[end - 1].from > to) {
    end--;
  }
  for (at = end; at > 0 && s->islands[at - 1].to >= from; at--) {
    from = s->islands[at - 1].from < from ? s->islands[at - 1].from : from;
    to = s->islands[at - 1].to > to ? s->islands[at - 1].to : to;
  }
  if (at == end) {
    ho_grow(&s->islands, s->islands_count, &s->islands_cap,
            sizeof(*s->islands));
    memmove(&s->islands[at + 1], &s->islands[at],
            (s->islands_count - at) * sizeof(*s->islands));
    s->islands_count++;
  } else {
    islands_remove(s, at + 1, end - at - 1);
  }
  s->islands[at] = (ho_meter_island){from, to};
}

static void range_arrived(ho_meter_stream *s, uint64_t from, uint64_t to) {
  size_t joined = 0;

  if (to <= s->arrived_to) {
    return;
  }
  if (from > s->arrived_to) {
    island_add(s, from, to);
    return;
  }
  s->arrived_to = to;
  while (joined < s->islands_count &&
         s->islands[joined].from <= s->arrived_to) {
    if (s->islands[joined].to > s->arrived_to) {
      s->arrived_to = s->islands[joined].to;
    }
    joined++;
  }
  if (joined > 0) {
    islands_remove(s, 0, joined);
  }
}

static void count_late(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                       void *arg) {
  const ho_meter_packet *packet = arg;

  (void)c;
  if (ho_meter_in_window(m, h) && ho_meter_on_old_tuple(h, packet)) {
    h->spurious += packet->late;
  }
}

void ho_meter_packet_arrived(ho_meter *m, uint64_t number,
                             ho_meter_packet *packet) {
  for (uint64_t i = 0; i < packet->ranges; i++) {
    const ho_meter_range *range = ho_ring_at(&m->ranges, packet->range + i);

    if (range != NULL) {
      range_arrived(&m->streams[range->stream], range->offset,
                    range->offset + range->length);
    }
  }
  if (packet->late > 0) {
    ho_meter_client *c = ho_meter_client_at(m, packet->client);

    ho_meter_remember(m, c, HO_METER_SPURIOUS, number, packet->late);
    ho_meter_live(m, c, count_late, packet);
  }
}

/* ---- a connection given up ---- */

void ho_meter_abandon(ho_meter *m, ho_meter_client *c, uint64_t connection) {
  const ho_meter_stream *s;

  for (int32_t i = c->stream; i >= 0; i = s->before) {
    s = &m->streams[i];
    if (s->connection == connection && s->side == c->sender &&
        s->sent_to > s->arrived_to) {
      uint64_t bytes = s->sent_to - s->arrived_to;

      c->resent += bytes;
      ho_meter_remember(m, c, HO_METER_RESENT, 0, bytes);
      if (c->has_pending) {
        c->pending.resent += bytes;
      } else if (c->handoffs_count > 0) {
        c->handoffs[c->handoffs_count - 1].resent += bytes;
      }
    }
  }
}
