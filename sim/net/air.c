/* The air of a radio network as a stage of a chain. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/air.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/net/air_hold.h"
#include "sim/net/air_radio.h"
#include "sim/net/air_scan.h"
#include "sim/net/background.h"
#include "sim/ns3/ns3.h"

/* T_interrupt of TS 36.133, 5.1.2.1.2, but for the search (the cell is known)
 * and for random access, which ns-3 does itself. */
static const ho_time retune = 20 * HO_MSEC;

/* What the path of a station did last, to tell when it stopped forwarding. */
typedef struct {
  ho_time forwarded; /* a packet arrived, either way */
  ho_time unheard;   /* since then something has been under way in vain;
                        HO_NEVER: nothing is */
  uint64_t under_way;
} station_path;

/* An X2 handover: nothing passes from its start to its end. */
typedef struct {
  ho_air *air;
  unsigned station;
  bool on;
  unsigned cell;
  ho_timer done;
  ho_air_hold sent, arrived;
} station_handover;

typedef struct {
  bool cut;
  station_path path;
  ho_air_scan scan;
  station_handover handover;
} station;

struct ho_air {
  ho_element element; /* first: push gets its address */
  const ho_env *env;
  ho_air_config config;
  ho_radio *radio;
  station *stations; /* the clients */
  size_t others, next_other;
  bool deleting;
  uint64_t entered, delivered, dropped;
};

static size_t clients(const ho_air *air) {
  return air->config.clients;
}

static void drop(ho_air *air, ho_direction dir, ho_packet *pkt,
                 const char *reason) {
  air->dropped++;
  ho_element_drop(air->env, air->config.index, dir, pkt, reason);
}

/* The path works from now on, whatever became of what was sent before. */
static void begin_path(station_path *path) {
  path->forwarded = ho_ns_now();
  path->unheard = path->under_way > 0 ? path->forwarded : HO_NEVER;
}

/* ---- into the radio ---- */

static void launch(ho_air *air, unsigned n, ho_direction dir, ho_packet *pkt) {
  station_path *path = &air->stations[n].path;

  if (path->under_way++ == 0) {
    path->unheard = ho_ns_now();
  }
  ho_radio_send(air->radio, n, dir == HO_DOWN, pkt, pkt->len);
}

static void release(void *user, unsigned n, ho_direction dir, ho_packet *pkt) {
  launch(user, n, dir, pkt);
}

static void air_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_air *air = (ho_air *)self;
  int n =
      dir == HO_UP ? pkt->client : air->config.client_of(air->config.user, pkt);
  station *st;

  air->entered++;
  if (n < 0 || (size_t)n >= clients(air)) {
    drop(air, dir, pkt, "no-route");
    return;
  }
  st = &air->stations[n];
  if (st->cut) {
    drop(air, dir, pkt, "link-down");
  } else if (pkt->len > air->config.net->mtu) {
    drop(air, dir, pkt, "too-big");
  } else if (st->handover.on) {
    ho_air_hold_add(&st->handover.sent, dir, pkt);
  } else if (!ho_air_scan_hold(&st->scan, dir, pkt)) {
    launch(air, (unsigned)n, dir, pkt);
  }
}

/* ---- out of the radio ---- */

static void other_arrived(ho_air *air, bool down, ho_packet *pkt) {
  if (down) {
    ho_packet_del(air->env->pool, pkt);
  } else {
    air->config.others(air->config.user, pkt);
  }
}

static void deliver(ho_air *air, ho_direction dir, ho_packet *pkt) {
  air->delivered++;
  ho_element_forward(&air->element, dir, pkt);
}

static void came_through(station_path *path) {
  path->forwarded = ho_ns_now();
  path->under_way--;
  path->unheard = path->under_way > 0 ? path->forwarded : HO_NEVER;
}

static void arrived(void *user, unsigned n, bool down, void *packet) {
  ho_air *air = user;
  ho_direction dir = down ? HO_DOWN : HO_UP;

  if (n >= clients(air)) {
    other_arrived(air, down, packet);
    return;
  }
  came_through(&air->stations[n].path);
  if (air->stations[n].cut) {
    drop(air, dir, packet, "link-down");
  } else if (air->stations[n].handover.on) {
    ho_air_hold_add(&air->stations[n].handover.arrived, dir, packet);
  } else {
    deliver(air, dir, packet);
  }
}

static void lost(void *user, unsigned n, bool down, void *packet) {
  ho_air *air = user;

  if (n >= clients(air) || air->deleting) {
    ho_packet_del(air->env->pool, packet);
    return;
  }
  air->stations[n].path.under_way--;
  drop(air, down ? HO_DOWN : HO_UP, packet,
       air->stations[n].cut ? "link-down" : "radio");
}

/* When the path of |n| last forwarded: at its last arrival; later, if it was
 * heard after that and nothing had been lost until then. */
static ho_time last_worked(const ho_air *air, unsigned n) {
  const station_path *path = &air->stations[n].path;
  ho_time heard = ho_radio_heard(air->radio, n);

  if (heard == HO_NEVER || heard > path->unheard) {
    heard = path->unheard == HO_NEVER ? path->forwarded : path->unheard;
  }
  return heard > path->forwarded ? heard : path->forwarded;
}

/* ---- handovers ---- */

/* What waited goes on; what is to be sent first, for what has arrived may be
 * answered at once. */
static void end_handover(ho_air *air, unsigned n) {
  station_handover *h = &air->stations[n].handover;
  ho_direction dir;
  ho_packet *pkt;

  h->on = false;
  ho_timer_clear(&h->done);
  while ((pkt = ho_air_hold_take(&h->sent, &dir)) != NULL) {
    launch(air, n, dir, pkt);
  }
  while ((pkt = ho_air_hold_take(&h->arrived, &dir)) != NULL) {
    deliver(air, dir, pkt);
  }
}

static void retuned(void *user) {
  station_handover *h = user;
  ho_air *air = h->air;

  end_handover(air, h->station);
  air->config.changed(air->config.user, (int)h->station, HO_RADIO_HANDOVER_DONE,
                      h->cell, ho_ns_now());
}

/* Returns true when nobody is to be told yet. */
static bool follow_handover(ho_air *air, unsigned n, ho_radio_state state,
                            unsigned cell) {
  station_handover *h = &air->stations[n].handover;

  if (state == HO_RADIO_HANDOVER_START) {
    if (h->on) {
      /* The next one follows on its heels, by measurement.  A phone takes no
       * command before it is done with the last one's, but for our retuning.
       */
      assert(h->done.due != HO_NEVER);
      retuned(h);
    }
    h->on = true;
    return false;
  }
  if (state == HO_RADIO_HANDOVER_DONE && h->on) {
    h->cell = cell;
    ho_timer_set(&h->done, ho_ns_now() + retune);
    return true;
  }
  if (h->on) {
    end_handover(air, n); /* it failed, one way or another */
  }
  return false;
}

static void changed(void *user, unsigned n, ho_radio_state state,
                    unsigned cell) {
  ho_air *air = user;
  ho_time t_loss = ho_ns_now();

  if (n >= clients(air) || follow_handover(air, n, state, cell)) {
    return;
  }
  if (state == HO_RADIO_FADED) {
    t_loss = last_worked(air, n);
  } else if (state == HO_RADIO_ASSOCIATED) {
    begin_path(&air->stations[n].path);
  }
  air->config.changed(air->config.user, (int)n, state, cell, t_loss);
}

/* ---- making it ---- */

static void make_station(ho_air *air, unsigned n) {
  const ho_net_config *net = air->config.net;
  station *st = &air->stations[n];

  begin_path(&st->path);
  st->handover.air = air;
  st->handover.station = n;
  ho_timer_init(&st->handover.done, retuned, &st->handover);
  ho_air_scan_init(&st->scan, air->env, net, n, release, air);
  if (!net->connected) {
    ho_air_cut(air, (int)n, true);
  }
}

ho_air *ho_air_new(const ho_env *env, const ho_air_config *config) {
  ho_air *air = ho_alloc(sizeof(*air));
  ho_radio_upcalls upcalls = {arrived, lost, changed, air};

  air->element.push = air_push;
  air->env = env;
  air->config = *config;
  air->others = ho_air_others(config->net);
  air->stations = ho_alloc_array(config->clients, sizeof(*air->stations));
  air->radio = ho_air_radio_new(config, &upcalls);
  for (unsigned n = 0; n < config->clients; n++) {
    make_station(air, n);
  }
  return air;
}

static void free_held(ho_air *air, ho_air_hold *hold) {
  ho_direction dir;
  ho_packet *pkt;

  while ((pkt = ho_air_hold_take(hold, &dir)) != NULL) {
    ho_packet_del(air->env->pool, pkt);
  }
}

void ho_air_del(ho_air *air) {
  if (!air) {
    return;
  }
  air->deleting = true;
  ho_radio_del(air->radio);
  for (size_t i = 0; i < clients(air); i++) {
    station *st = &air->stations[i];

    ho_air_scan_free(&st->scan);
    free_held(air, &st->handover.sent);
    free_held(air, &st->handover.arrived);
  }
  free(air->stations);
  free(air);
}

ho_element *ho_air_element(ho_air *air) {
  return &air->element;
}

/* ---- what happens to stations ---- */

bool ho_air_ready(const ho_air *air) {
  for (unsigned n = 0; n < clients(air) + air->others; n++) {
    bool cut = n < clients(air) && air->stations[n].cut;

    if (!cut && !ho_radio_is_associated(air->radio, n)) {
      return false;
    }
  }
  return true;
}

bool ho_air_is_associated(const ho_air *air, int client) {
  return !air->stations[client].cut &&
         ho_radio_is_associated(air->radio, (unsigned)client);
}

void ho_air_start(ho_air *air) {
  for (size_t i = 0; i < clients(air); i++) {
    begin_path(&air->stations[i].path);
    ho_air_scan_start(&air->stations[i].scan);
  }
}

static void drop_held(ho_air *air, ho_air_hold *hold) {
  ho_direction dir;
  ho_packet *pkt;

  while ((pkt = ho_air_hold_take(hold, &dir)) != NULL) {
    drop(air, dir, pkt, "link-down");
  }
}

void ho_air_cut(ho_air *air, int client, bool cut) {
  station *st = &air->stations[client];
  ho_packet *pkt;
  ho_direction dir;

  if (st->cut == cut) {
    return;
  }
  st->cut = cut;
  while (cut && (pkt = ho_air_scan_take(&st->scan, &dir)) != NULL) {
    drop(air, dir, pkt, "link-down");
  }
  if (cut && st->handover.on) {
    drop_held(air, &st->handover.sent);
    drop_held(air, &st->handover.arrived);
    end_handover(air, (unsigned)client);
  }
  ho_radio_cut(air->radio, (unsigned)client, cut);
}

void ho_air_walk(ho_air *air, int client, ho_position to, uint64_t mm_per_s) {
  ho_radio_walk(air->radio, (unsigned)client, ho_air_place(to, (size_t)client),
                (double)mm_per_s / 1000);
}

int ho_air_handover(ho_air *air, int client, unsigned cell, const char **why) {
  if (air->stations[client].handover.on) {
    *why = "a handover is under way";
    return HO_ERR_PROTO;
  }
  return ho_radio_handover(air->radio, (unsigned)client, cell, why);
}

/* ---- competing load ---- */

bool ho_air_has_others(const ho_air *air) {
  return air->others > 0;
}

void ho_air_send_other(ho_air *air, bool down, ho_packet *pkt) {
  unsigned n;

  if (air->others == 0) {
    other_arrived(air, down, pkt);
    return;
  }
  n = (unsigned)(clients(air) + air->next_other++ % air->others);
  ho_radio_send(air->radio, n, down, pkt, pkt->len);
}

/* What is in the radio, and what waits for the end of a scan or handover. */
static uint64_t count_inside(const ho_air *air) {
  uint64_t count = 0;

  for (size_t i = 0; i < clients(air); i++) {
    const station *st = &air->stations[i];

    count += st->path.under_way + ho_air_hold_count(&st->scan.held) +
             ho_air_hold_count(&st->handover.sent) +
             ho_air_hold_count(&st->handover.arrived);
  }
  return count;
}

void ho_air_check(const ho_air *air) {
  assert(air->entered == air->delivered + air->dropped + count_inside(air));
}
