/* A Wi-Fi network with senders, and a record of what came of each packet. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/ns3/wifi_rig.h"

#include <check.h>
#include <stdlib.h>

/* Packets are named by their place in the rig's list, from 1. */
struct rig_packet {
  unsigned station : 8;
  unsigned down : 1;
  unsigned back : 2;
};

static void must(bool ok, const char *what) {
  if (!ok) {
    ck_abort_msg("%s at %.9f s", what, (double)ho_ns_now() / 1e9);
  }
}

static rig_lane *came_back(rig *r, unsigned station, bool down, void *packet) {
  size_t i = (size_t)(uintptr_t)packet - 1;
  struct rig_packet *p = &r->packets[i];

  must(!r->sending, "an upcall from within ho_radio_send");
  must(i < r->packets_count, "a packet that was never sent");
  must(p->back++ == 0, "a packet that came back twice");
  must(p->station == station && p->down == down, "a packet gone astray");
  return &r->lanes[station][down];
}

static void arrived(void *user, unsigned station, bool down, void *packet) {
  rig_lane *lane = came_back(user, station, down, packet);

  lane->arrived++;
  lane->last = ho_ns_now();
  lane->hash = (lane->hash ^ (uintptr_t)packet ^ (lane->last << 20)) *
               0x9e3779b97f4a7c15;
  lane->hash ^= lane->hash >> 29;
}

static void lost(void *user, unsigned station, bool down, void *packet) {
  came_back(user, station, down, packet)->lost++;
}

static void changed(void *user, unsigned station, ho_radio_state state,
                    unsigned cell) {
  rig *r = user;

  must(cell == 0, "a cell");
  r->changes =
      realloc(r->changes, (r->changes_count + 1) * sizeof(r->changes[0]));
  r->changes[r->changes_count++] = (rig_change){ho_ns_now(), station, state};
}

static void send_one(rig *r, unsigned station, bool down) {
  size_t i = r->packets_count++;

  if ((i & (i + 1)) == 0) {
    r->packets = realloc(r->packets, 2 * (i + 1) * sizeof(r->packets[0]));
  }
  r->packets[i] = (struct rig_packet){station, down, 0};
  r->lanes[station][down].sent++;
  r->sending = true;
  ho_radio_send(r->radio, station, down, (void *)(uintptr_t)(i + 1), RIG_BYTES);
  r->sending = false;
}

static void tick(void *user) {
  rig *r = user;

  if (r->each_ms) {
    r->each_ms(r);
  }
  for (unsigned i = 0; i < r->stations; i++) {
    for (int down = 0; down < 2; down++) {
      rig_lane *lane = &r->lanes[i][down];
      while (lane->sent - lane->arrived - lane->lost < lane->window) {
        send_one(r, i, down);
      }
      if (lane->every && r->ticks % lane->every == 0) {
        send_one(r, i, down);
      }
    }
  }
  r->ticks++;
  ho_ns_at(ho_ns_now() + MS(1), tick, r);
}

rig *rig_new(size_t stations, double x, void (*change)(ho_wifi_setup *setup)) {
  static ho_place_m places[RIG_STATIONS];
  rig *r = calloc(1, sizeof(*r));
  ho_wifi_setup setup = {.standard = HO_80211AC,
                         .width_mhz = 80,
                         .tx_power_dbm = 16,
                         .stations = places,
                         .stations_count = stations,
                         .queue_packets = 1000,
                         .upcalls = {arrived, lost, changed, r}};

  for (size_t i = 0; i < stations; i++) {
    places[i] = (ho_place_m){x, 0};
  }
  if (change) {
    change(&setup);
  }
  r->stations = stations;
  r->radio = ho_wifi_new(&setup);
  ho_ns_at(ho_ns_now(), tick, r);
  return r;
}

void rig_end(rig *r) {
  ho_radio_del(r->radio);
  for (unsigned i = 0; i < r->stations; i++) {
    for (int down = 0; down < 2; down++) {
      rig_lane *lane = &r->lanes[i][down];
      must(lane->sent == lane->arrived + lane->lost, "packets that vanished");
    }
  }
  for (size_t i = 0; i < r->packets_count; i++) {
    must(r->packets[i].back == 1, "a packet that never came back");
  }
  free(r->packets);
  free(r->changes);
  free(r);
}

double rig_rate(const rig *r, unsigned station, bool down, uint64_t before,
                ho_time took) {
  uint64_t packets = r->lanes[station][down].arrived - before;

  return (double)packets * RIG_BYTES * 8 * 1000 / (double)took;
}

ho_time rig_change_after(const rig *r, unsigned station, ho_radio_state state,
                         ho_time t) {
  for (size_t i = 0; i < r->changes_count; i++) {
    const rig_change *c = &r->changes[i];
    if (c->station == station && c->state == state && c->t >= t) {
      return c->t;
    }
  }
  return HO_NEVER;
}
