/* A small C API over ns-3's radios: the air of one access network, Wi-Fi or
 * LTE, entered and left below IP.  It carries packets of a given size by name,
 * never their bytes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NS3_NS3_RADIO_H
#define HO_NS3_NS3_RADIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/time.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ho_radio is one AP with its stations, or one EPC with its cells and UEs.
 * Stations are numbered from 0; places are in metres. */
typedef struct ho_radio ho_radio;

typedef struct {
  double x, y;
} ho_place_m;

typedef enum {
  HO_RADIO_SEARCHING,  /* it looks for an AP or cell: just made, or restored */
  HO_RADIO_ASSOCIATED, /* packets can cross both ways from now on */
  HO_RADIO_FADED,      /* it has given up: Wi-Fi missed its beacons, LTE has a
                          radio link failure; it goes on searching by itself */
  HO_RADIO_HANDOVER_START,
  HO_RADIO_HANDOVER_DONE,
  HO_RADIO_HANDOVER_FAILED /* FADED or ASSOCIATED follows */
} ho_radio_state;

/* Upcalls, never from within ho_radio_send.  ho_radio_cut and ho_radio_del call
 * |lost|, and nothing else.  Every |packet| that was sent comes back in exactly
 * one of |arrived| and |lost|. */
typedef struct {
  /* It is through: |down| at the station, else at the AP or the gateway. */
  void (*arrived)(void *user, unsigned station, bool down, void *packet);
  /* The radio gave it up: a full queue, retries, age, a buffer flushed.  Where
   * ns-3 does not tell when, that is found out at most a second after a later
   * packet of the same station and direction has arrived. */
  void (*lost)(void *user, unsigned station, bool down, void *packet);
  /* |cell| is that of an LTE cell, from 1; else 0. */
  void (*changed)(void *user, unsigned station, ho_radio_state state,
                  unsigned cell);
  void *user;
} ho_radio_upcalls;

typedef enum { HO_80211N, HO_80211AC, HO_80211AX } ho_80211;

typedef struct {
  unsigned index; /* of the network: keeps random streams and channels apart */
  ho_80211 standard;
  unsigned width_mhz; /* one that the standard has */
  double tx_power_dbm;
  ho_place_m ap;
  const ho_place_m *stations;
  size_t stations_count;
  unsigned queue_packets; /* of each device; 0: by bytes */
  uint64_t queue_bytes;
  ho_radio_upcalls upcalls;
} ho_wifi_setup;

typedef struct {
  unsigned index;
  unsigned resource_blocks; /* 6, 15, 25, 50, 75 or 100 */
  ho_place_m enb;           /* of cell 1; cell k is k - 1 spacings along x */
  unsigned cells;
  double spacing_m;
  bool scripted;    /* hand over when ho_radio_handover says so, and then only;
                       else by measurement (A3), too */
  bool round_robin; /* else proportional fair */
  const ho_place_m *stations;
  size_t stations_count; /* at most 320 */
  uint64_t buffer_bytes; /* RLC, each bearer */
  ho_radio_upcalls upcalls;
} ho_lte_setup;

/* Both return a radio whose stations start to search as soon as the simulator
 * runs.  What |setup| says has been validated by the caller; it is not kept.
 */
ho_radio *ho_wifi_new(const ho_wifi_setup *setup);
ho_radio *ho_lte_new(const ho_lte_setup *setup);

/* ho_radio_del, after the last ho_ns_run and before ho_ns_end, gives back what
 * is still under way through |lost|. */
void ho_radio_del(ho_radio *radio);

/* ho_radio_send sends |bytes| IP bytes, 28 to 2000, in the name of |packet|.  A
 * station that is not associated loses what it is given, sooner or later. */
void ho_radio_send(ho_radio *radio, unsigned station, bool down, void *packet,
                   uint32_t bytes);

/* ho_radio_walk has the station walk straight to |to| at |speed| metres a
 * second, from where it is now; a walk under way ends.  ho_radio_where is where
 * it is now. */
void ho_radio_walk(ho_radio *radio, unsigned station, ho_place_m to,
                   double speed);
ho_place_m ho_radio_where(ho_radio *radio, unsigned station);

/* ho_radio_cut takes the station out of everyone's reach at once, as if its
 * radio were switched off, or brings it back; without FADED when that comes
 * of it.  What is under way at its side is lost.  After being brought back the
 * station says ASSOCIATED, at once if its association outlived the cut. */
void ho_radio_cut(ho_radio *radio, unsigned station, bool cut);

bool ho_radio_is_associated(ho_radio *radio, unsigned station);

/* ho_radio_heard is when the station last got anything from its AP or cell: a
 * beacon, a frame; HO_NEVER: nothing yet. */
ho_time ho_radio_heard(ho_radio *radio, unsigned station);

/* ho_radio_handover starts an X2 handover to |cell|.  Returns 0, or
 *
 * HO_ERR_PROTO
 *     It cannot be done now: Wi-Fi, not connected, already there or on the way,
 *     no such cell.  |*why| says it in words. */
int ho_radio_handover(ho_radio *radio, unsigned station, unsigned cell,
                      const char **why);

/* ho_wifi_settings and ho_lte_settings report every ns-3 setting that is not
 * its default. */
void ho_wifi_settings(void (*fn)(void *user, const char *name,
                                 const char *value),
                      void *user);
void ho_lte_settings(void (*fn)(void *user, const char *name,
                                const char *value),
                     void *user);

#ifdef __cplusplus
}
#endif

#endif
