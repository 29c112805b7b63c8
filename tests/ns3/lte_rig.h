/* An LTE network under test: what was sent, what came of it, what was said. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_LTE_RIG_H
#define HO_TESTS_LTE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/ns3/ns3_radio.h"

enum { RIG_STATIONS = 40, RIG_NOTES = 64 };

/* What a station's radio said. */
typedef struct {
  ho_time t;
  ho_radio_state state;
  unsigned cell;
} rig_note;

/* One direction of a station, or all of it together. */
typedef struct {
  uint64_t sent, arrived, lost, bytes;
  ho_time last, gap; /* of arrivals after |rig.gap_from| */
  ho_time latency_max;
} rig_way;

typedef struct {
  ho_radio *radio;
  size_t stations;
  rig_note notes[RIG_STATIONS][RIG_NOTES];
  size_t notes_count[RIG_STATIONS];
  rig_way ways[RIG_STATIONS][2]; /* [1]: down */
  ho_time gap_from;
  uint64_t hash; /* of all that happened, in order */
  bool over;     /* nothing may be said any more */
} rig;

/* rig_start makes a network of |cells| cells 500 m apart, the first at (0, 0),
 * 50 resource blocks and |stations| UEs at (x, number). */
void rig_start(rig *r, uint64_t seed, unsigned blocks, unsigned cells,
               size_t stations, double x);
/* The same beside what runs already: no ho_ns_start. */
void rig_join(rig *r, unsigned index, unsigned blocks, unsigned cells,
              size_t stations, double x);

/* rig_stream sends |bytes| every |interval| from |from| until |to|. */
void rig_stream(rig *r, unsigned station, bool down, uint32_t bytes,
                ho_time from, ho_time to, ho_time interval);

void rig_cut_at(rig *r, unsigned station, ho_time at, bool cut);
void rig_walk_at(rig *r, unsigned station, ho_time at, double x, double speed);
void rig_handover_at(rig *r, unsigned station, ho_time at, unsigned cell,
                     int expected);

/* When |station| said |state| for the |nth| time (from 0), or HO_NEVER. */
ho_time rig_when(const rig *r, unsigned station, ho_radio_state state,
                 size_t nth);

/* rig_finish deletes the radio, and fails unless every packet came back once.
 */
void rig_finish(rig *r);
/* Of one of several radios; ho_ns_end is the caller's. */
void rig_leave(rig *r);

#endif
