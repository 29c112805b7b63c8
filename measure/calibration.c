/* What the radios of a scenario carry, measured before its runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/calibration.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* More places than this are sampled in the order of the timeline. */
enum { PLACES_MAX = 8 };

static bool is_bulk(const ho_scenario *s) {
  for (size_t i = 0; i < s->clients; i++) {
    ho_work_type type = ho_scenario_work(s, i)->type;
    if (type == HO_WORK_DOWNLOAD || type == HO_WORK_UPLOAD) {
      return true;
    }
  }
  return false;
}

/* All that ho_calibrate's answer depends on, of one plan and seed. */
static char *key_of(const ho_net_config *net, int index, ho_position at) {
  const ho_wired *w = &net->wired;
  const ho_wifi_config *f = &net->wifi;
  const ho_lte_config *l = &net->lte;

  return ho_format(
      "%s %d %d %d, %" PRId64 " %" PRId64 ", %" PRIu32 " %" PRIu64 " %" PRIu64
      ", %" PRIu64 " %" PRIu64 " %" PRIu32 ", %d %" PRIu32 " %" PRId32
      " %" PRId64 " %" PRId64 " %" PRIu32 " %d %" PRIu64 ", %" PRIu32
      " %" PRId64 " %" PRId64 " %" PRIu32 " %" PRIu64 " %d %" PRIu32
      " %d %" PRIu64,
      net->name, index, (int)net->type, net->family, at.x_mm, at.y_mm, net->mtu,
      net->background_down_bps, net->background_up_bps, w->down_bps, w->up_bps,
      w->loss_ppm, (int)f->standard, f->channel_width_mhz, f->tx_power_mdbm,
      f->ap.x_mm, f->ap.y_mm, f->stations, (int)f->queue.unit, f->queue.amount,
      l->resource_blocks, l->enb.x_mm, l->enb.y_mm, l->cells,
      l->cell_spacing_mm, (int)l->scheduler, l->ues, (int)l->queue.unit,
      l->queue.amount);
}

static void note_point(ho_calibrated *c, size_t point) {
  if (c->points_count == 0 || c->points[c->points_count - 1] != point) {
    ho_grow(&c->points, c->points_count, &c->points_cap, sizeof(size_t));
    c->points[c->points_count++] = point;
  }
}

/* Returns whether this is a place that |point| did not have yet. */
static bool add(ho_calibration *c, const ho_net_config *net, int index,
                ho_position at, size_t point) {
  char *key = key_of(net, index, at);

  for (size_t i = 0; i < c->count; i++) {
    ho_calibrated *old = &c->places[i];
    if (!strcmp(old->key, key)) {
      size_t before = old->points_count;
      free(key);
      note_point(old, point);
      return old->points_count > before;
    }
  }
  ho_grow(&c->places, c->count, &c->cap, sizeof(ho_calibrated));
  c->places[c->count] = (ho_calibrated){.place = {.net = index, .at = at},
                                        .network = ho_strdup(net->name),
                                        .key = key};
  note_point(&c->places[c->count++], point);
  return true;
}

static void add_network(ho_calibration *c, const ho_scenario *s, int index,
                        size_t point) {
  const ho_net_config *net = &s->nets[index];
  int places = 0;

  places += add(c, net, index, (ho_position){0, 0}, point);
  for (size_t i = 0; i < s->timeline_count; i++) {
    if (s->timeline[i].kind == HO_ACT_MOVE && places < PLACES_MAX) {
      places += add(c, net, index, s->timeline[i].to, point);
    }
  }
}

static void add_point(ho_calibration *c, const ho_plan *plan, size_t point) {
  ho_scenario *s = NULL;
  ho_diag diag = {0};

  if (ho_plan_load(plan, point, plan->seed, &s, &diag) == 0) {
    for (size_t i = 0; i < s->nets_count && is_bulk(s); i++) {
      if (ho_net_is_radio(&s->nets[i])) {
        add_network(c, s, (int)i, point);
      }
    }
    ho_scenario_del(s);
  }
  ho_diag_free(&diag); /* what was good a moment ago; the run will say */
}

/* A place of which nothing is known must not count as one without a network. */
void ho_calibration_distribute(ho_calibration *c) {
  for (size_t i = 0; i < c->count; i++) {
    for (size_t k = 0; c->places[i].known && k < c->places[i].points_count;
         k++) {
      ho_capacity *point = &c->points[c->places[i].points[k]];
      ho_capacity_place *places =
          ho_alloc_array(point->count + 1, sizeof(ho_capacity_place));
      for (size_t n = 0; n < point->count; n++) {
        places[n] = point->places[n];
      }
      places[point->count] = c->places[i].place;
      free((void *)point->places);
      *point = (ho_capacity){places, point->count + 1};
    }
  }
}

void ho_calibration_list(const ho_plan *plan, ho_calibration *calibration) {
  size_t points = ho_plan_points(plan);

  *calibration = (ho_calibration){.points_count = points};
  calibration->points = ho_alloc_array(points, sizeof(ho_capacity));
  for (size_t i = 0; i < points; i++) {
    add_point(calibration, plan, i);
  }
}

void ho_calibration_free(ho_calibration *calibration) {
  for (size_t i = 0; i < calibration->points_count; i++) {
    free((void *)calibration->points[i].places);
  }
  for (size_t i = 0; i < calibration->count; i++) {
    free(calibration->places[i].network);
    free(calibration->places[i].key);
    free(calibration->places[i].points);
  }
  free(calibration->points);
  free(calibration->places);
  *calibration = (ho_calibration){0};
}
