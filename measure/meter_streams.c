/* Stream ranges: which bytes are sent again, and whether that was needed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* ---- finding a stream ---- */

static uint64_t hash(int client, ho_side side, uint64_t connection,
                     int64_t id) {
  uint64_t h = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);

  h ^= connection * UINT64_C(0xc2b2ae3d27d4eb4f);
  h ^= ((uint64_t)client * 2 + side) * UINT64_C(0x165667b19e3779f9);
  return (h ^ (h >> 29)) * UINT64_C(0xbf58476d1ce4e5b9) >> 16;
}

static bool is(const ho_meter_stream *s, int client, ho_side side,
               uint64_t connection, int64_t id) {
  return s->client == client && s->side == side &&
         s->connection == connection && s->id == id;
}

static size_t index_slot(const ho_meter *m, int client, ho_side side,
                         uint64_t connection, int64_t id) {
  size_t mask = m->stream_index_cap - 1;
  size_t i = (size_t)hash(client, side, connection, id) & mask;

  while (m->stream_index[i] != 0 && !is(&m->streams[m->stream_index[i] - 1],
                                        client, side, connection, id)) {
    i = (i + 1) & mask;
  }
  return i;
}

static void index_grow(ho_meter *m) {
  size_t cap = m->stream_index_cap == 0 ? 64 : m->stream_index_cap * 2;

  free(m->stream_index);
  m->stream_index = ho_alloc_array(cap, sizeof(*m->stream_index));
  m->stream_index_cap = cap;
  for (size_t n = 0; n < m->streams_count; n++) {
    const ho_meter_stream *s = &m->streams[n];
    size_t i = index_slot(m, s->client, s->side, s->connection, s->id);

    m->stream_index[i] = (int32_t)n + 1;
  }
}

static int32_t stream_at(ho_meter *m, int client, ho_side side,
                         uint64_t connection, int64_t id) {
  ho_meter_client *c = ho_meter_client_at(m, client);
  ho_meter_stream *s;
  size_t i;

  if (m->stream_hint >= 0 &&
      is(&m->streams[m->stream_hint], client, side, connection, id)) {
    return m->stream_hint;
  }
  if ((m->streams_count + 1) * 2 > m->stream_index_cap) {
    index_grow(m);
  }
  i = index_slot(m, client, side, connection, id);
  if (m->stream_index[i] == 0) {
    ho_grow(&m->streams, m->streams_count, &m->streams_cap,
            sizeof(*m->streams));
    s = &m->streams[m->streams_count++];
    *s = (ho_meter_stream){.client = client,
                           .side = (uint8_t)side,
                           .connection = connection,
                           .id = id,
                           .before = c->stream};
    c->stream = (int32_t)m->streams_count - 1;
    s->segments.size = sizeof(ho_meter_segment);
    m->stream_index[i] = (int32_t)m->streams_count;
  }
  return m->stream_hint = m->stream_index[i] - 1;
}

void ho_meter_streams_free(ho_meter *m) {
  for (size_t i = 0; i < m->streams_count; i++) {
    ho_ring_free(&m->streams[i].segments);
    free(m->streams[i].islands);
  }
  free(m->streams);
  free(m->stream_index);
}

/* ---- segments ---- */

static uint64_t segment_end(const ho_meter_segment *segment) {
  return segment->offset + segment->length;
}

/* segment_from returns the number of the first segment that ends behind
 * |offset|. */
static uint64_t segment_from(const ho_meter_stream *s, uint64_t offset) {
  uint64_t low = s->segments.base, high = s->segments.end;

  while (low < high) {
    uint64_t mid = low + (high - low) / 2;
    const ho_meter_segment *segment = ho_ring_at(&s->segments, mid);

    if (segment_end(segment) <= offset) {
      low = mid + 1;
    } else {
      high = mid;
    }
  }
  return low;
}

/* A segment whose packet is forgotten can no longer be asked about, once it has
 * arrived. */
static void segments_forget(const ho_meter *m, ho_meter_stream *s) {
  for (int i = 0; i < 2; i++) {
    const ho_meter_segment *old = ho_ring_at(&s->segments, s->segments.base);

    if (old == NULL || old->packet >= m->packets.base ||
        segment_end(old) > s->arrived_to) {
      return;
    }
    ho_ring_drop(&s->segments, s->segments.base + 1);
  }
}

static void segment_append(ho_meter *m, ho_meter_stream *s, uint64_t offset,
                           uint64_t length, uint64_t packet) {
  ho_meter_segment *segment;

  segments_forget(m, s);
  segment = ho_ring_next(&s->segments);
  *segment = (ho_meter_segment){
      .offset = offset, .packet = packet, .length = (uint32_t)length};
  s->sent_to = offset + length;
}

/* ---- sent again ---- */

/* again: bytes sent again, of which |fresh| for the first time. */
typedef struct {
  ho_meter_packet *first; /* the first copy's packet, or NULL if too old */
  uint64_t bytes, fresh;
  bool tcp;
} again;

static void count_again(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                        void *arg) {
  const again *a = arg;

  (void)c;
  if (!ho_meter_in_window(m, h)) {
    return;
  }
  h->resent += a->bytes;
  if (a->first == NULL || !ho_meter_on_old_tuple(h, a->first)) {
    return;
  }
  if (a->tcp) {
    h->lost += a->fresh;
  }
  if (a->first->received) {
    h->spurious += a->fresh;
  }
}

/* mark_again notes that bytes |from| to |to| of |segment| were sent again, and
 * returns how many of them had not been. */
static uint32_t mark_again(ho_meter_segment *segment, uint32_t from,
                           uint32_t to) {
  uint32_t low = from, high = to;

  if (segment->again_from == segment->again_to) {
    segment->again_from = from;
    segment->again_to = to;
    return to - from;
  }
  low = low > segment->again_from ? low : segment->again_from;
  high = high < segment->again_to ? high : segment->again_to;
  if (from < segment->again_from) {
    segment->again_from = from;
  }
  if (to > segment->again_to) {
    segment->again_to = to;
  }
  return to - from - (high > low ? high - low : 0);
}

/* overlap: bytes |from| to |to| of |segment| are sent again.  Its first copy
 * may still be on its way, and turn out to have been enough. */
static void overlap(ho_meter *m, ho_meter_client *c, const ho_meter_stream *s,
                    ho_meter_segment *segment, uint32_t from, uint32_t to) {
  again a = {.first = ho_meter_packet_at(m, segment->packet)};

  a.tcp = s->id < 0;
  a.bytes = to - from;
  a.fresh = mark_again(segment, from, to);
  c->resent += a.bytes;
  if (a.tcp) {
    c->lost += a.fresh;
  }
  if (a.first != NULL && !a.first->received) {
    a.first->late += (uint32_t)a.fresh;
  }
  ho_meter_remember(m, c, HO_METER_RESENT, 0, a.bytes);
  if (a.tcp) {
    ho_meter_remember(m, c, HO_METER_LOST, segment->packet, a.fresh);
  }
  if (a.first != NULL && a.first->received) {
    ho_meter_remember(m, c, HO_METER_SPURIOUS, segment->packet, a.fresh);
  }
  ho_meter_live(m, c, count_again, &a);
}

static void sent_again(ho_meter *m, ho_meter_client *c, ho_meter_stream *s,
                       uint64_t from, uint64_t to) {
  for (uint64_t n = segment_from(s, from); n < s->segments.end; n++) {
    ho_meter_segment *segment = ho_ring_at(&s->segments, n);
    uint64_t low = segment->offset > from ? segment->offset : from;
    uint64_t high = segment_end(segment) < to ? segment_end(segment) : to;

    if (low >= high) {
      return;
    }
    overlap(m, c, s, segment, (uint32_t)(low - segment->offset),
            (uint32_t)(high - segment->offset));
  }
}

void ho_meter_on_stream_sent(ho_meter *m, const ho_event *ev) {
  const ho_ev_stream_sent *u = &ev->u.stream_sent;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  uint64_t end = u->offset + u->length;
  ho_meter_packet *packet;
  ho_meter_range *range;
  ho_meter_stream *s;
  int32_t stream;

  if (c == NULL || u->length == 0) {
    return;
  }
  packet = ho_meter_packet_new(m, u->packet, ev->client, u->endpoint);
  if (packet == NULL) {
    return;
  }
  stream = stream_at(m, ev->client, u->endpoint, u->connection, u->stream);
  s = &m->streams[stream];
  packet->connection = (uint32_t)u->connection;
  packet->has_connection = true;
  if (packet->ranges == 0) {
    packet->range = m->ranges.end;
  }
  assert(packet->range + packet->ranges == m->ranges.end);
  packet->ranges++;
  m->ranges.size = sizeof(*range);
  range = ho_ring_next(&m->ranges);
  *range = (ho_meter_range){u->offset, (uint32_t)u->length, stream};
  if (u->offset < s->sent_to) {
    sent_again(m, c, s, u->offset, end < s->sent_to ? end : s->sent_to);
  }
  if (end > s->sent_to) {
    uint64_t from = u->offset > s->sent_to ? u->offset : s->sent_to;

    segment_append(m, s, from, end - from, u->packet);
  }
}
