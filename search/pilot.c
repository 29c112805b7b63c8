/* Pilot runs: when the interesting things happen. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/pilot.h"

#include <stdlib.h>

#include "sim/base/alloc.h"

enum { MOVES = 4 };

static ho_time middle(const ho_draw *draw) {
  return draw->scenario->search.span / 2;
}

static ho_schedule base_of(const ho_draw *draw) {
  ho_schedule s = {.arm = draw->arms[0]};

  for (size_t i = 0; i < draw->base_count; i++) {
    ho_schedule_act(&s, draw->base[i].at, draw->base[i].action);
  }
  return s;
}

static void add(const ho_draw *draw, ho_schedule *pilots, size_t *count,
                char *action) {
  pilots[*count] = base_of(draw);
  ho_schedule_act(&pilots[*count], middle(draw), action);
  *count += 1;
  free(action);
}

size_t ho_pilot_make(const ho_draw *draw, ho_schedule **pilots) {
  const ho_scenario *sc = draw->scenario;
  const ho_net_config *start = &sc->nets[sc->client_start];
  size_t count = 1;

  *pilots = ho_alloc_array(1 + MOVES, sizeof(ho_schedule));
  (*pilots)[0] = base_of(draw);
  add(draw, *pilots, &count, ho_strdup("rotate"));
  if (start->nat.present) {
    add(draw, *pilots, &count, ho_format("rebind %s port", start->name));
  }
  for (size_t i = 0; i < sc->nets_count; i++) {
    if ((int)i != sc->client_start && sc->nets[i].connected) {
      add(draw, *pilots, &count, ho_format("switch %s", sc->nets[i].name));
      add(draw, *pilots, &count, ho_format("disconnect %s", start->name));
      break;
    }
  }
  return count;
}

void ho_pilot_learn(ho_draw *draw, const ho_trial *trials, size_t count) {
  ho_time at = middle(draw);

  for (size_t i = 0; i < count; i++) {
    for (uint32_t k = 0; k < trials[i].instants_count; k++) {
      ho_time t = trials[i].instants[k];
      if (i == 0 && t <= draw->scenario->search.span) {
        ho_draw_instant(draw, t);
      } else if (i > 0 && t > at) {
        ho_draw_delay(draw, t - at);
      }
    }
  }
}
