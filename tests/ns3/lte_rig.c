/* An LTE network under test: what was sent, what came of it, what was said. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/ns3/lte_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/ns3/ns3.h"

/* Also used outside Check, where a failure is the end as well. */
#define EXPECT(condition)                                                      \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: at %.6f s: %s\n", __FILE__, __LINE__,            \
              (double)ho_ns_now() / HO_SEC, #condition);                       \
      abort();                                                                 \
    }                                                                          \
  } while (0)

typedef struct {
  uint64_t sent_at;
  uint32_t bytes;
  unsigned station;
  bool down, back;
} parcel;

typedef struct {
  rig *r;
  unsigned station, cell;
  bool flag;
  uint32_t bytes;
  ho_time to, interval;
  double x, speed;
  int expected;
} act;

static void mix(rig *r, uint64_t value) {
  r->hash = (r->hash ^ value) * 0x100000001b3;
}

static rig_way *come_back(rig *r, unsigned station, bool down, parcel *p) {
  EXPECT(!p->back);
  EXPECT(p->station == station && p->down == down);
  p->back = true;
  mix(r, ho_ns_now() << 8 | station << 1 | down);
  return &r->ways[station][down];
}

static void arrived(void *user, unsigned station, bool down, void *packet) {
  rig *r = user;
  parcel *p = packet;
  rig_way *way = come_back(r, station, down, p);
  ho_time now = ho_ns_now();

  EXPECT(!r->over);
  way->arrived++;
  way->bytes += p->bytes;
  if (way->last >= r->gap_from && way->last && now - way->last > way->gap) {
    way->gap = now - way->last;
  }
  if (now - p->sent_at > way->latency_max) {
    way->latency_max = now - p->sent_at;
  }
  way->last = now;
  free(p);
}

static void lost(void *user, unsigned station, bool down, void *packet) {
  rig *r = user;

  come_back(r, station, down, packet)->lost++;
  free(packet);
}

static void changed(void *user, unsigned station, ho_radio_state state,
                    unsigned cell) {
  rig *r = user;
  size_t n = r->notes_count[station];

  EXPECT(!r->over);
  mix(r, ho_ns_now() << 8 | (uint64_t)state << 4 | cell);
  if (n < RIG_NOTES) {
    r->notes[station][n] = (rig_note){ho_ns_now(), state, cell};
    r->notes_count[station] = n + 1;
  }
}

void rig_join(rig *r, unsigned index, unsigned blocks, unsigned cells,
              size_t stations, double x) {
  ho_place_m places[RIG_STATIONS];
  ho_lte_setup setup = {index, blocks, {0, 0}, cells, 500};

  EXPECT(stations <= RIG_STATIONS);
  memset(r, 0, sizeof(*r));
  r->stations = stations;
  for (size_t i = 0; i < stations; i++) {
    places[i] = (ho_place_m){x, (double)i};
  }
  setup.stations = places;
  setup.stations_count = stations;
  setup.buffer_bytes = 1000000;
  setup.upcalls = (ho_radio_upcalls){arrived, lost, changed, r};
  r->radio = ho_lte_new(&setup);
}

void rig_start(rig *r, uint64_t seed, unsigned blocks, unsigned cells,
               size_t stations, double x) {
  ho_ns_start(seed);
  rig_join(r, 0, blocks, cells, stations, x);
}

static void send_next(void *user) {
  act *a = user;
  parcel *p;

  if (ho_ns_now() >= a->to) {
    free(a);
    return;
  }
  p = malloc(sizeof(*p));
  *p = (parcel){ho_ns_now(), a->bytes, a->station, a->flag, false};
  a->r->ways[a->station][a->flag].sent++;
  ho_radio_send(a->r->radio, a->station, a->flag, p, a->bytes);
  ho_ns_at(ho_ns_now() + a->interval, send_next, a);
}

static void act_at(ho_time at, ho_fire_fn fn, act what) {
  act *a = malloc(sizeof(*a));

  *a = what;
  ho_ns_at(at, fn, a);
}

void rig_stream(rig *r, unsigned station, bool down, uint32_t bytes,
                ho_time from, ho_time to, ho_time interval) {
  act_at(from, send_next,
         (act){.r = r,
               .station = station,
               .flag = down,
               .bytes = bytes,
               .to = to,
               .interval = interval});
}

static void cut(void *user) {
  act *a = user;

  ho_radio_cut(a->r->radio, a->station, a->flag);
  free(a);
}

void rig_cut_at(rig *r, unsigned station, ho_time at, bool flag) {
  act_at(at, cut, (act){.r = r, .station = station, .flag = flag});
}

static void walk(void *user) {
  act *a = user;

  ho_radio_walk(a->r->radio, a->station, (ho_place_m){a->x, 0}, a->speed);
  free(a);
}

void rig_walk_at(rig *r, unsigned station, ho_time at, double x, double speed) {
  act_at(at, walk, (act){.r = r, .station = station, .x = x, .speed = speed});
}

static void handover(void *user) {
  act *a = user;
  const char *why = NULL;
  int rv = ho_radio_handover(a->r->radio, a->station, a->cell, &why);

  EXPECT(a->expected > 0 || rv == a->expected);
  EXPECT((rv == 0) == (why == NULL));
  free(a);
}

void rig_handover_at(rig *r, unsigned station, ho_time at, unsigned cell,
                     int expected) {
  act_at(at, handover,
         (act){.r = r, .station = station, .cell = cell, .expected = expected});
}

ho_time rig_when(const rig *r, unsigned station, ho_radio_state state,
                 size_t nth) {
  for (size_t i = 0; i < r->notes_count[station]; i++) {
    if (r->notes[station][i].state == state && nth-- == 0) {
      return r->notes[station][i].t;
    }
  }
  return HO_NEVER;
}

void rig_leave(rig *r) {
  r->over = true;
  ho_radio_del(r->radio);
  for (size_t i = 0; i < r->stations; i++) {
    for (int down = 0; down < 2; down++) {
      const rig_way *way = &r->ways[i][down];
      EXPECT(way->sent == way->arrived + way->lost);
    }
  }
}

void rig_finish(rig *r) {
  rig_leave(r);
  ho_ns_end();
}
