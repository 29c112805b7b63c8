/* A Wi-Fi network with senders, and a record of what came of each packet. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_NS3_WIFI_RIG_H
#define HO_TESTS_NS3_WIFI_RIG_H

#include "sim/ns3/ns3.h"
#include "sim/ns3/ns3_radio.h"

#define MS(n) ((ho_time)(n)*1000000)

enum { RIG_STATIONS = 32, RIG_BYTES = 1500 };

typedef struct {
  uint64_t sent, arrived, lost;
  uint64_t hash;   /* of packets and their times of arrival */
  ho_time last;    /* arrival */
  unsigned window; /* keeps so many under way; 0: does not send */
  unsigned every;  /* or sends one each so many ticks of 1 ms */
} rig_lane;

typedef struct {
  ho_time t;
  unsigned station;
  ho_radio_state state;
} rig_change;

typedef struct rig rig;

struct rig {
  ho_radio *radio;
  size_t stations;
  rig_lane lanes[RIG_STATIONS][2]; /* up, down */
  rig_change *changes;
  size_t changes_count;
  struct rig_packet *packets;
  size_t packets_count;
  uint64_t ticks;
  bool sending; /* it is in ho_radio_send */
  void (*each_ms)(rig *r);
  void *user;
};

/* rig_new has |stations| of them at (|x|, 0), and the AP at the origin.
 * |setup| may change anything before the radio is made. */
rig *rig_new(size_t stations, double x, void (*setup)(ho_wifi_setup *setup));

/* rig_end asserts that every packet has come back, once. */
void rig_end(rig *r);

/* rig_rate is what arrived since |before|, in Mbit/s. */
double rig_rate(const rig *r, unsigned station, bool down, uint64_t before,
                ho_time took);

/* rig_change_after finds the first change to |state| at or after |t|; HO_NEVER
 * if there was none. */
ho_time rig_change_after(const rig *r, unsigned station, ho_radio_state state,
                         ho_time t);

#endif
