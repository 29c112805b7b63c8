/* A wired link: two lanes and what they share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/link.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/net/background.h"
#include "sim/net/lane.h"

struct ho_link {
  ho_element element; /* first: push gets its address */
  ho_wired wired;
  ho_time beyond;
  uint32_t mtu;
  bool *out; /* by client */
  size_t clients, clients_out;
  ho_lane lanes[2];
};

/* is_out tells whether packets of |client| are stopped.  Those of nobody in
 * particular are when everybody is out; the competing load's never are. */
static bool is_out(const void *user, int client) {
  const ho_link *link = user;

  if (client == HO_BACKGROUND) {
    return false;
  }
  if (client < 0) {
    return link->clients_out == link->clients;
  }
  assert((size_t)client < link->clients);
  return link->out[client];
}

static void link_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_link *link = (ho_link *)self;
  ho_lane *lane = &link->lanes[dir];

  if (link->clients_out > 0 && is_out(link, pkt->client)) {
    ho_lane_drop(lane, pkt, "link-down");
  } else if (pkt->len > link->mtu) {
    ho_lane_drop(lane, pkt, "too-big");
  } else {
    ho_lane_push(lane, pkt, ho_ns_now());
  }
}

static void replan(ho_link *link, ho_time now) {
  ho_time round_trip = 2 * (link->wired.delay + link->beyond);

  ho_lane_replan(&link->lanes[HO_UP], round_trip, now);
  ho_lane_replan(&link->lanes[HO_DOWN], round_trip, now);
}

ho_link *ho_link_new(const ho_env *env, const ho_link_config *config) {
  ho_link *link = ho_alloc(sizeof(*link));

  link->element.push = link_push;
  link->wired = config->wired;
  link->beyond = config->beyond;
  link->mtu = config->mtu;
  assert(config->clients > 0);
  link->clients = config->clients;
  link->out = ho_alloc_array(link->clients, sizeof(*link->out));
  for (int dir = 0; dir < 2; dir++) {
    ho_lane_init(&link->lanes[dir], env, &link->element, config, &link->wired,
                 (ho_direction)dir);
  }
  replan(link, ho_ns_now());
  return link;
}

void ho_link_del(ho_link *link) {
  if (!link) {
    return;
  }
  ho_lane_free(&link->lanes[HO_UP]);
  ho_lane_free(&link->lanes[HO_DOWN]);
  free(link->out);
  free(link);
}

ho_element *ho_link_element(ho_link *link) {
  return &link->element;
}

static void set_out(ho_link *link, size_t client, bool out) {
  link->clients_out += out;
  link->clients_out -= link->out[client];
  link->out[client] = out;
}

void ho_link_set_up(ho_link *link, int client, bool up, ho_time now) {
  assert(client >= -1 && client < (int)link->clients);
  for (size_t i = 0; client == -1 && i < link->clients; i++) {
    set_out(link, i, !up);
  }
  if (client != -1) {
    set_out(link, (size_t)client, !up);
  }
  if (!up) {
    ho_lane_cut(&link->lanes[HO_UP], is_out, link, now);
    ho_lane_cut(&link->lanes[HO_DOWN], is_out, link, now);
  }
}

bool ho_link_is_up(const ho_link *link, int client) {
  return !is_out(link, client);
}

void ho_link_set(ho_link *link, ho_set_key key, const ho_wired *value,
                 ho_time now) {
  ho_wired *wired = &link->wired;

  switch (key) {
  case HO_SET_DOWN:
    assert(!link->lanes[HO_DOWN].traced);
    wired->down_bps = value->down_bps;
    break;
  case HO_SET_UP:
    assert(!link->lanes[HO_UP].traced);
    wired->up_bps = value->up_bps;
    break;
  case HO_SET_DELAY:
    wired->delay = value->delay;
    break;
  case HO_SET_JITTER:
    wired->jitter = value->jitter;
    break;
  case HO_SET_LOSS:
    wired->loss_ppm = value->loss_ppm;
    break;
  case HO_SET_REORDER:
    wired->reorder_ppm = value->reorder_ppm;
    break;
  case HO_SET_QUEUE:
    wired->queue = value->queue;
    break;
  }
  replan(link, now);
}

ho_link_count ho_link_queued(ho_link *link, ho_direction dir, ho_time now) {
  ho_lane *lane = &link->lanes[dir];
  ho_link_count queued = {0};

  ho_lane_advance(lane, now);
  if (lane->waiting_ring.count > 0) {
    queued.packets = lane->waiting_ring.count - 1;
    queued.bytes =
        lane->waiting_bytes - lane->waiting[lane->waiting_ring.first].bytes;
  }
  return queued;
}

const ho_link_counts *ho_link_counted(const ho_link *link, ho_direction dir) {
  return &link->lanes[dir].counts;
}

void ho_link_check(const ho_link *link) {
  ho_lane_check(&link->lanes[HO_UP]);
  ho_lane_check(&link->lanes[HO_DOWN]);
}
