/* Scan pauses of a Wi-Fi station; for air.c alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_AIR_SCAN_H
#define HO_NET_AIR_SCAN_H

#include "sim/base/rng.h"
#include "sim/net/air_hold.h"
#include "sim/ns3/ns3.h"
#include "sim/scenario/scenario.h"

/* ho_air_scan is one station that every scan_every leaves its channel for
 * scan_lo to scan_hi, drawn each time from "scan.NET.CLIENT"; its first pause
 * begins at a time drawn from [0, scan_every), so that stations do not scan in
 * step.  Meanwhile its packets are held, each direction in order. */
typedef struct {
  const ho_env *env;
  ho_time every, lo, hi; /* every HO_NEVER: it does not scan */
  unsigned station;
  bool away;
  ho_time begins; /* of the pause to come, or under way */
  ho_timer timer;
  ho_rng rng;
  ho_air_hold held;
  void (*release)(void *user, unsigned station, ho_direction dir,
                  ho_packet *pkt);
  void *user;
} ho_air_scan;

/* |scan| must not move afterwards. */
void ho_air_scan_init(ho_air_scan *scan, const ho_env *env,
                      const ho_net_config *net, unsigned station,
                      void (*release)(void *user, unsigned station,
                                      ho_direction dir, ho_packet *pkt),
                      void *user);
void ho_air_scan_free(ho_air_scan *scan);

/* ho_air_scan_start begins at time 0. */
void ho_air_scan_start(ho_air_scan *scan);

/* ho_air_scan_hold takes over |pkt| if the station is away. */
bool ho_air_scan_hold(ho_air_scan *scan, ho_direction dir, ho_packet *pkt);

/* ho_air_scan_take gives back what is held, one by one; NULL: nothing is. */
ho_packet *ho_air_scan_take(ho_air_scan *scan, ho_direction *dir);

#endif
