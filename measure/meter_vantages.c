/* The vantage points at which a connection ID was seen. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* Whether a client that moves starts in |net|. */
static bool is_old(const ho_scenario *s, int net) {
  for (size_t i = 0; i < s->clients; i++) {
    if (ho_scenario_moves(s, i) && ho_scenario_start(s, i) == net) {
      return true;
    }
  }
  return false;
}

static bool has_seen(const ho_meter *m, ho_vantage where, int net,
                     const ho_meter_use *use) {
  bool outside = use->outside > 0;

  switch (where) {
  case HO_VANTAGE_OLD:
    return outside && m->is_old[net];
  case HO_VANTAGE_NEW:
    return outside && !m->is_old[net];
  case HO_VANTAGE_BOTH:
    return outside;
  case HO_VANTAGE_SERVER:
    return use->at_server;
  case HO_VANTAGE_ALL:
  case HO_VANTAGE_COUNT:
    break;
  }
  return outside || use->at_server;
}

void ho_meter_find_old(ho_meter *m) {
  const ho_scenario *s = m->config.scenario;

  m->is_old = ho_alloc_array(s->nets_count, sizeof(*m->is_old));
  for (size_t i = 0; s->observers != 0 && i < s->nets_count; i++) {
    m->is_old[i] = is_old(s, (int)i);
  }
}

void ho_meter_write_vantages(const ho_meter *m, ho_csv *csv,
                             const ho_meter_client *c,
                             const ho_meter_use *use) {
  char text[64] = "";

  for (int i = 0; use != NULL && i < HO_VANTAGE_COUNT; i++) {
    if ((m->config.scenario->observers >> i & 1) != 0 &&
        has_seen(m, (ho_vantage)i, c->tuples[use->tuple].net, use)) {
      strcat(text, text[0] != '\0' ? " " : "");
      strcat(text, ho_vantage_name((ho_vantage)i));
    }
  }
  ho_csv_text(csv, text);
}
