/* Packet numbers when more packets leave than their endpoint knows of. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/renumber.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/wire/writer.h"

enum {
  ECT0 = 2,          /* RFC 3168 */
  ACK_RANGES = 1024, /* more than fit into a datagram */
};

void fault_numbers_free(fault_numbers *n) {
  free(n->extras);
  free(n->marked);
}

/* How many extras there are below |wire|. */
static uint64_t below(const fault_numbers *n, uint64_t wire) {
  size_t lo = 0, hi = n->extras_count;
  const fault_extras *e;
  uint64_t within;

  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (n->extras[mid].first < wire) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  if (lo == 0) {
    return 0;
  }
  e = &n->extras[lo - 1];
  within = wire - e->first;
  return e->before + (within < e->count ? within : e->count);
}

static void add_extras(fault_numbers *n, uint64_t first, uint64_t count) {
  fault_extras *last =
      n->extras_count > 0 ? &n->extras[n->extras_count - 1] : NULL;

  if (last && last->first + last->count == first) {
    last->count += count;
    return;
  }
  assert(!last || last->first + last->count < first);
  ho_grow(&n->extras, n->extras_count, &n->extras_cap, sizeof(*n->extras));
  n->extras[n->extras_count] = (fault_extras){first, count, below(n, first)};
  n->extras_count++;
}

uint64_t fault_numbers_out(const fault_numbers *n, uint64_t own) {
  return own + below(n, UINT64_MAX);
}

void fault_numbers_used(fault_numbers *n, uint64_t expected, uint64_t wire) {
  if (wire > expected) {
    add_extras(n, expected, wire - expected);
    expected = wire;
  }
  if (expected >= n->next) {
    n->next = expected + 1;
  }
}

uint64_t fault_numbers_extra(fault_numbers *n, uint8_t ecn) {
  uint64_t wire = n->next++;

  add_extras(n, wire, 1);
  if (ecn == ECT0) {
    ho_grow(&n->marked, n->marked_count, &n->marked_cap, sizeof(*n->marked));
    n->marked[n->marked_count++] = wire;
  }
  return wire;
}

/* ---- ACKs ---- */

/* A range of packet numbers, |end| excluded. */
typedef struct {
  uint64_t first, end;
} span;

/* The endpoint's own packets among those of |ack|, the highest first. */
static size_t own_spans(const fault_numbers *n, const ho_frame *ack,
                        span spans[ACK_RANGES]) {
  uint64_t first = 0, last = 0;
  size_t at = 0, count = 0;

  while (count < ACK_RANGES && ho_frame_ack_next(ack, &at, &first, &last)) {
    span s = {first - below(n, first), last + 1 - below(n, last + 1)};
    if (s.first == s.end) {
      continue;
    }
    if (count > 0 && spans[count - 1].first == s.end) {
      spans[count - 1].first = s.first;
    } else {
      spans[count++] = s;
    }
  }
  return count;
}

/* The peer's ECN counts never fall, and it may cease to name what it has: what
 * it once acknowledged stays counted. */
static uint64_t count_marked(fault_numbers *n, const ho_frame *ack) {
  size_t left = 0;

  for (size_t i = 0; i < n->marked_count; i++) {
    if (ho_frame_acks(ack, n->marked[i])) {
      n->marked_acked++;
    } else {
      n->marked[left++] = n->marked[i];
    }
  }
  n->marked_count = left;
  return n->marked_acked;
}

static void write_spans(ho_writer *w, const span *spans, size_t count) {
  ho_writer_varint(w, count - 1);
  ho_writer_varint(w, spans[0].end - spans[0].first - 1);
  for (size_t i = 1; i < count; i++) {
    ho_writer_varint(w, spans[i - 1].first - spans[i].end - 1);
    ho_writer_varint(w, spans[i].end - spans[i].first - 1);
  }
}

size_t fault_numbers_ack(fault_numbers *n, const ho_frame *ack, uint8_t *dest,
                         size_t cap) {
  ho_writer w = {dest, dest + cap, false};
  bool ecn = ack->type == HO_FRAME_ACK_ECN;
  uint64_t marked = ecn ? count_marked(n, ack) : 0;
  span spans[ACK_RANGES];
  size_t count = own_spans(n, ack, spans);

  if (count == 0) {
    return 0;
  }
  ho_writer_varint(&w, ack->type);
  ho_writer_varint(&w, spans[0].end - 1);
  ho_writer_varint(&w, ack->delay);
  write_spans(&w, spans, count);
  if (ecn) {
    ho_writer_varint(&w, ack->ect0 > marked ? ack->ect0 - marked : 0);
    ho_writer_varint(&w, ack->ect1);
    ho_writer_varint(&w, ack->ce);
  }
  return w.full ? 0 : (size_t)(w.p - dest);
}
