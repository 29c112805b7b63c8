/* A wired link: two lanes and what they share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/link.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/net/lane.h"

struct ho_link {
  ho_element element; /* first: push gets its address */
  ho_wired wired;
  ho_time beyond;
  uint32_t mtu;
  bool up;
  ho_lane lanes[2];
};

static void link_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_link *link = (ho_link *)self;
  ho_lane *lane = &link->lanes[dir];

  if (!link->up) {
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
  link->up = true;
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
  free(link);
}

ho_element *ho_link_element(ho_link *link) {
  return &link->element;
}

void ho_link_set_up(ho_link *link, int client, bool up, ho_time now) {
  (void)client;
  link->up = up;
  if (!up) {
    ho_lane_cut(&link->lanes[HO_UP], now);
    ho_lane_cut(&link->lanes[HO_DOWN], now);
  }
}

bool ho_link_is_up(const ho_link *link, int client) {
  (void)client;
  return link->up;
}

void ho_link_set(ho_link *link, ho_set_key key, const ho_wired *value,
                 ho_time now) {
  ho_wired *wired = &link->wired;

  switch (key) {
  case HO_SET_DOWN:
    wired->down_bps = value->down_bps;
    break;
  case HO_SET_UP:
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

const ho_wired *ho_link_wired(const ho_link *link) {
  return &link->wired;
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
