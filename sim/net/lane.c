/* One direction of a wired link. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

#define NS_PER_SEC 1000000000u

enum { PPM = 1000000, BDP_FLOOR_BYTES = 10 * 1500, RING_START = 64 };

/* scaled maps a 64-bit draw to a uniform value in [0, bound). */
static uint64_t scaled(uint64_t draw, uint64_t bound) {
  return (uint64_t)((unsigned __int128)draw * bound >> 64);
}

/* The rings. */

static size_t ring_at(const ho_ring *ring, size_t i) {
  return (ring->first + i) & (ring->cap - 1);
}

/* ring_grow makes |*items| (of |size| bytes each) hold at least one more. */
static void ring_grow(ho_ring *ring, void **items, size_t size) {
  size_t cap = ring->cap ? ring->cap * 2 : RING_START;
  char *grown = ho_alloc_array(cap, size);

  for (size_t i = 0; i < ring->count; i++) {
    memcpy(grown + i * size, (char *)*items + ring_at(ring, i) * size, size);
  }
  free(*items);
  *items = grown;
  ring->first = 0;
  ring->cap = cap;
}

static ho_waiting *waiting_add(ho_lane *lane) {
  ho_ring *ring = &lane->waiting_ring;

  if (ring->count == ring->cap) {
    void *items = lane->waiting;

    ring_grow(ring, &items, sizeof(*lane->waiting));
    lane->waiting = items;
  }
  return &lane->waiting[ring_at(ring, ring->count++)];
}

static ho_due *flow_add(ho_lane *lane) {
  ho_ring *ring = &lane->flow_ring;

  if (ring->count == ring->cap) {
    void *items = lane->flow;

    ring_grow(ring, &items, sizeof(*lane->flow));
    lane->flow = items;
  }
  return &lane->flow[ring_at(ring, ring->count++)];
}

static void ring_pop(ho_ring *ring) {
  ring->first = ring_at(ring, 1);
  ring->count--;
}

/* The heap of what is held back or lost. */

static bool before(const ho_due *a, const ho_due *b) {
  return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void heap_add(ho_lane *lane, const ho_due *due) {
  ho_due *heap;
  size_t i;

  ho_grow(&lane->aside, lane->aside_count, &lane->aside_cap, sizeof(*due));
  heap = lane->aside;
  i = lane->aside_count++;
  for (; i > 0 && before(due, &heap[(i - 1) / 2]); i = (i - 1) / 2) {
    heap[i] = heap[(i - 1) / 2];
  }
  heap[i] = *due;
}

static ho_due heap_pop(ho_lane *lane) {
  ho_due *heap = lane->aside, top = heap[0], last;
  size_t i = 0, child, n = --lane->aside_count;

  last = heap[n];
  while ((child = 2 * i + 1) < n) {
    if (child + 1 < n && before(&heap[child + 1], &heap[child])) {
      child++;
    }
    if (!before(&heap[child], &last)) {
      break;
    }
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = last;
  return top;
}

/* Time. */

static ho_time rounded_up(const ho_instant *instant) {
  return instant->ns + (instant->part > 0);
}

/* later adds |work| (bits x 10^9) at |rate_bps| to |instant|.  The sum cannot
 * overflow: a packet has at most 1.6e13 such units, a rate 10^18 of them. */
static ho_instant later(const ho_instant *instant, uint64_t work,
                        uint64_t rate_bps) {
  uint64_t units = instant->part + work;

  return (ho_instant){instant->ns + units / rate_bps, units % rate_bps};
}

static uint64_t work_of(uint64_t bytes) {
  return bytes * 8 * NS_PER_SEC;
}

/* The plan. */

/* hold_back is the largest additional delay of a reordered packet. */
static ho_time hold_back(ho_time delay, ho_time jitter) {
  ho_time most = jitter > delay ? jitter : delay;

  return most ? most : HO_MSEC;
}

/* plan decides what becomes of |w| and enters it in |flow| or |aside|. */
static ho_time plan(ho_lane *lane, const ho_waiting *w, uint64_t seq) {
  const ho_wired *wired = lane->wired;
  const ho_ring *ring = &lane->flow_ring;
  ho_due due = {0, rounded_up(&w->departs), seq, w->pkt, false};
  const ho_trace_row *row = lane->rows ? &lane->rows[w->row] : NULL;
  ho_time delay = row ? row->delay : wired->delay, last = 0;

  if (scaled(w->loss, PPM) < (row ? row->loss_ppm : wired->loss_ppm)) {
    due.at = due.departs;
    due.lost = true;
    heap_add(lane, &due);
    return due.at;
  }
  due.at = due.departs + delay + scaled(w->jitter, wired->jitter + 1);
  if (ring->count > 0) {
    last = lane->flow[ring_at(ring, ring->count - 1)].at;
  }
  if (due.at < last) {
    due.at = last;
  }
  if (scaled(w->reorder, PPM) < wired->reorder_ppm) {
    due.at += scaled(w->hold, hold_back(delay, wired->jitter) + 1);
    heap_add(lane, &due);
    return due.at;
  }
  *flow_add(lane) = due;
  return due.at;
}

/* unplan takes what has not departed by |now| out of |flow| and |aside|. */
static void unplan(ho_lane *lane, ho_time now) {
  ho_ring *ring = &lane->flow_ring;
  size_t count = lane->aside_count;

  while (ring->count > 0 &&
         lane->flow[ring_at(ring, ring->count - 1)].departs > now) {
    ring->count--;
  }
  lane->aside_count = 0;
  for (size_t i = 0; i < count; i++) {
    ho_due due = lane->aside[i];

    if (due.departs <= now) {
      heap_add(lane, &due); /* never beyond the place it was read from */
    }
  }
}

/* next_due tells what comes next: from |flow|, or from |aside|. */
static const ho_due *next_due(const ho_lane *lane) {
  const ho_due *due = NULL;

  if (lane->flow_ring.count > 0) {
    due = &lane->flow[lane->flow_ring.first];
  }
  if (lane->aside_count > 0 && (!due || before(&lane->aside[0], due))) {
    due = &lane->aside[0];
  }
  return due;
}

static ho_due take_due(ho_lane *lane, const ho_due *due) {
  ho_due taken;

  if (lane->aside_count > 0 && due == lane->aside) {
    return heap_pop(lane);
  }
  taken = *due;
  ring_pop(&lane->flow_ring);
  return taken;
}

static void arm(ho_lane *lane) {
  const ho_due *due = next_due(lane);

  ho_timer_set(&lane->timer, due ? due->at : HO_NEVER);
}

/* plan_waiting plans all that waits, in order; nothing of it is planned. */
static void plan_waiting(ho_lane *lane) {
  const ho_ring *ring = &lane->waiting_ring;
  uint64_t seq = lane->seq - ring->count;

  for (size_t i = 0; i < ring->count; i++) {
    plan(lane, &lane->waiting[ring_at(ring, i)], seq++);
  }
  arm(lane);
}

static void count(ho_link_count *to, uint32_t bytes) {
  to->packets++;
  to->bytes += bytes;
}

static void uncount(ho_link_count *from, uint32_t bytes) {
  from->packets--;
  from->bytes -= bytes;
}

/* fire lets arrive, or loses, all that is due.  Each packet is out of the books
 * before it is handed on, for whoever gets it may send at once. */
static void fire(void *user) {
  ho_lane *lane = user;
  ho_time now = ho_ns_now();
  const ho_due *next;

  while ((next = next_due(lane)) && next->at <= now) {
    ho_due due = take_due(lane, next);

    ho_lane_advance(lane, now);
    uncount(&lane->counts.inside, due.pkt->len);
    if (due.lost) {
      count(&lane->counts.dropped, due.pkt->len);
      ho_element_drop(lane->env, lane->net, lane->dir, due.pkt, "loss");
    } else {
      count(&lane->counts.delivered, due.pkt->len);
      ho_element_forward(lane->link, lane->dir, due.pkt);
    }
  }
  arm(lane);
}

void ho_lane_advance(ho_lane *lane, ho_time now) {
  ho_ring *ring = &lane->waiting_ring;

  while (ring->count > 0) {
    const ho_waiting *w = &lane->waiting[ring->first];

    if (rounded_up(&w->departs) > now) {
      break;
    }
    lane->waiting_bytes -= w->bytes;
    ring_pop(ring);
  }
}

/* fits tells whether the queue has room for |bytes| more.  The first of
 * |waiting| is the one being serialised. */
static bool fits(const ho_lane *lane, uint32_t bytes) {
  uint64_t packets = lane->waiting_ring.count, queued;

  if (packets == 0) {
    return true;
  }
  queued = lane->waiting_bytes - lane->waiting[lane->waiting_ring.first].bytes;
  return packets <= lane->limit_packets && queued + bytes <= lane->limit_bytes;
}

/* begin has the lane begin at |now| to serve whoever waits. */
static void begin(ho_lane *lane, ho_time now) {
  lane->free_at = (ho_instant){now, 0};
  if (lane->traced) {
    ho_schedule_begin(&lane->schedule, now);
  }
}

/* begin_after has it begin when |w| departs. */
static void begin_after(ho_lane *lane, const ho_waiting *w) {
  lane->free_at = w->departs;
  if (lane->traced) {
    ho_schedule_resume(&lane->schedule, w->departs.ns, w->departs.part, w->left,
                       w->row);
  }
}

/* serve finds when |w| departs, if it is served next. */
static void serve(ho_lane *lane, ho_waiting *w) {
  ho_schedule *s = &lane->schedule;

  if (lane->traced) {
    ho_schedule_depart(s, w->bytes);
    w->left = (uint16_t)s->left;
    w->row = (uint32_t)s->row;
    lane->free_at = (ho_instant){s->ns, s->part};
  } else {
    lane->free_at = later(&lane->free_at, work_of(w->bytes), lane->rate_bps);
  }
  w->departs = lane->free_at;
}

void ho_lane_push(ho_lane *lane, ho_packet *pkt, ho_time now) {
  ho_waiting *w;
  ho_time at;

  ho_lane_advance(lane, now);
  if (!fits(lane, pkt->len)) {
    ho_lane_drop(lane, pkt, "queue");
    return;
  }
  if (lane->waiting_ring.count == 0) {
    begin(lane, now);
  }
  w = waiting_add(lane);
  w->pkt = pkt;
  w->bytes = (uint16_t)pkt->len;
  serve(lane, w);
  w->loss = ho_rng_u64(&lane->loss);
  w->jitter = ho_rng_u64(&lane->jitter);
  w->reorder = ho_rng_u64(&lane->reorder);
  w->hold = ho_rng_u64(&lane->reorder);
  lane->waiting_bytes += pkt->len;
  count(&lane->counts.entered, pkt->len);
  count(&lane->counts.inside, pkt->len);
  at = plan(lane, w, lane->seq++);
  if (at < lane->timer.due) {
    ho_timer_set(&lane->timer, at);
  }
}

void ho_lane_drop(ho_lane *lane, ho_packet *pkt, const char *reason) {
  count(&lane->counts.entered, pkt->len);
  count(&lane->counts.dropped, pkt->len);
  ho_element_drop(lane->env, lane->net, lane->dir, pkt, reason);
}

/* remove_gone drops the packets of those who are |gone|, and returns the place
 * of the first. */
static size_t remove_gone(ho_lane *lane,
                          bool (*gone)(const void *user, int client),
                          const void *user) {
  ho_ring *ring = &lane->waiting_ring;
  size_t kept = 0, first = ring->count;

  for (size_t i = 0; i < ring->count; i++) {
    const ho_waiting *w = &lane->waiting[ring_at(ring, i)];
    ho_packet *pkt = w->pkt;

    if (!gone(user, pkt->client)) {
      lane->waiting[ring_at(ring, kept++)] = *w;
      continue;
    }
    first = i < first ? i : first;
    lane->waiting_bytes -= pkt->len;
    uncount(&lane->counts.inside, pkt->len);
    count(&lane->counts.dropped, pkt->len);
    ho_element_drop(lane->env, lane->net, lane->dir, pkt, "link-down");
  }
  ring->count = kept;
  return first;
}

void ho_lane_cut(ho_lane *lane, bool (*gone)(const void *user, int client),
                 const void *user, ho_time now) {
  ho_ring *ring = &lane->waiting_ring;
  size_t first;

  ho_lane_advance(lane, now);
  unplan(lane, now);
  first = remove_gone(lane, gone, user);
  if (first == 0) {
    begin(lane, now);
  } else {
    begin_after(lane, &lane->waiting[ring_at(ring, first - 1)]);
  }
  for (size_t i = first; i < ring->count; i++) {
    serve(lane, &lane->waiting[ring_at(ring, i)]);
  }
  plan_waiting(lane);
}

/* set_limits: see ho_queue_size. */
static void set_limits(ho_lane *lane, ho_time round_trip) {
  const ho_queue_size *queue = &lane->wired->queue;
  unsigned __int128 bytes;

  lane->limit_packets = lane->limit_bytes = UINT64_MAX / 2;
  switch (queue->unit) {
  case HO_QUEUE_PACKETS:
    lane->limit_packets = queue->amount;
    break;
  case HO_QUEUE_BYTES:
    lane->limit_bytes = queue->amount;
    break;
  case HO_QUEUE_BDP:
    bytes = (unsigned __int128)lane->rate_bps * round_trip / 8 / NS_PER_SEC;
    bytes = bytes * queue->amount / 1000;
    if (bytes < BDP_FLOOR_BYTES) {
      bytes = BDP_FLOOR_BYTES;
    }
    if (bytes < lane->limit_bytes) {
      lane->limit_bytes = (uint64_t)bytes;
    }
    break;
  }
}

/* set_rate finds the departures anew.  Of the packet in service as much work is
 * left as there was time left at the old rate.  Nobody sets that of a trace. */
static void set_rate(ho_lane *lane, uint64_t rate_bps, ho_time now) {
  uint64_t old_bps = lane->rate_bps;
  const ho_ring *ring = &lane->waiting_ring;
  ho_instant at = {now, 0};

  assert(rate_bps > 0 && rate_bps <= 1000000000000000000u);
  lane->rate_bps = rate_bps;
  for (size_t i = 0; i < ring->count && old_bps != rate_bps; i++) {
    ho_waiting *w = &lane->waiting[ring_at(ring, i)];
    uint64_t work = work_of(w->bytes);

    if (i == 0) {
      work = (w->departs.ns - now) * old_bps + w->departs.part;
    }
    at = later(&at, work, rate_bps);
    w->departs = lane->free_at = at;
  }
}

void ho_lane_replan(ho_lane *lane, ho_time round_trip, ho_time now) {
  ho_lane_advance(lane, now);
  unplan(lane, now);
  set_rate(lane,
           lane->dir == HO_UP ? lane->wired->up_bps : lane->wired->down_bps,
           now);
  set_limits(lane, round_trip);
  plan_waiting(lane);
}

static void init_stream(ho_rng *rng, const ho_env *env, const char *what,
                        const char *net, ho_direction dir) {
  char *name = ho_format("%s.%s.%s", what, net, ho_direction_name(dir));

  ho_rng_init(rng, env->seed, name);
  free(name);
}

void ho_lane_init(ho_lane *lane, const ho_env *env, ho_element *link,
                  const ho_link_config *config, const ho_wired *wired,
                  ho_direction dir) {
  lane->env = env;
  lane->link = link;
  lane->wired = wired;
  lane->net = config->net;
  lane->dir = dir;
  if (config->trace[dir]) {
    const ho_trace *trace = config->trace[dir];

    lane->traced = true;
    lane->rows = trace->opportunities ? NULL : trace->rows;
    ho_schedule_init(&lane->schedule, trace);
  }
  ho_timer_init(&lane->timer, fire, lane);
  init_stream(&lane->loss, env, "loss", config->name, dir);
  init_stream(&lane->jitter, env, "jitter", config->name, dir);
  init_stream(&lane->reorder, env, "reorder", config->name, dir);
}

void ho_lane_free(ho_lane *lane) {
  const ho_due *due;

  while ((due = next_due(lane))) {
    ho_packet_del(lane->env->pool, take_due(lane, due).pkt);
  }
  free(lane->waiting);
  free(lane->flow);
  free(lane->aside);
}

void ho_lane_check(const ho_lane *lane) {
  const ho_link_counts *c = &lane->counts;
  ho_link_count found = {0};

  for (size_t i = 0; i < lane->flow_ring.count; i++) {
    count(&found, lane->flow[ring_at(&lane->flow_ring, i)].pkt->len);
  }
  for (size_t i = 0; i < lane->aside_count; i++) {
    count(&found, lane->aside[i].pkt->len);
  }
  assert(found.packets == c->inside.packets && found.bytes == c->inside.bytes);
  assert(c->entered.packets ==
         c->delivered.packets + c->dropped.packets + found.packets);
  assert(c->entered.bytes ==
         c->delivered.bytes + c->dropped.bytes + found.bytes);
}
