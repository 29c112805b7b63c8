/* Draws schedules: a function of the search's seed and a number. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/values.h"
#include "sim/base/alloc.h"

enum { SEEN_MAX = 256, SETTINGS_MAX = 4 };

static void choose_arms(ho_draw *draw) {
  const ho_scenario *sc = draw->scenario;

  draw->arms = ho_alloc_array(sc->arms_count, sizeof(size_t));
  for (size_t i = 0; i < sc->arms_count; i++) {
    if (sc->arms[i].transport == HO_TRANSPORT_QUIC) {
      draw->arms[draw->arms_count++] = i;
    }
  }
}

void ho_draw_init(ho_draw *draw, const ho_scenario *scenario, uint64_t seed,
                  const ho_rewrite_entry *base, size_t base_count) {
  const ho_search_config *config = &scenario->search;

  *draw = (ho_draw){.scenario = scenario,
                    .seed = seed,
                    .base = base,
                    .base_count = base_count};
  choose_arms(draw);
  for (size_t i = 0; i < config->values_count; i++) {
    const ho_vary *v = &config->values[i];
    ho_draw_key_add(draw, ho_strdup(v->key), (const char *const *)v->values,
                    v->count);
  }
  if (config->values_count == 0) {
    ho_draw_keys_default(draw);
  }
}

void ho_draw_free(ho_draw *draw) {
  for (size_t i = 0; i < draw->keys_count; i++) {
    for (size_t k = 0; k < draw->keys[i].count; k++) {
      free(draw->keys[i].choices[k]);
    }
    free(draw->keys[i].choices);
    free(draw->keys[i].key);
  }
  for (size_t i = 0; i < draw->seen_count; i++) {
    ho_schedule_free(&draw->seen[i]);
  }
  free(draw->keys);
  free(draw->seen);
  free(draw->arms);
  free(draw->instants);
  free(draw->delays);
  *draw = (ho_draw){0};
}

void ho_draw_instant(ho_draw *draw, ho_time t) {
  ho_grow(&draw->instants, draw->instants_count, &draw->instants_cap,
          sizeof(ho_time));
  draw->instants[draw->instants_count++] = t;
}

void ho_draw_delay(ho_draw *draw, ho_time t) {
  ho_grow(&draw->delays, draw->delays_count, &draw->delays_cap,
          sizeof(ho_time));
  draw->delays[draw->delays_count++] = t;
}

void ho_draw_keep(ho_draw *draw, const ho_schedule *schedule) {
  if (draw->seen_count == SEEN_MAX) {
    ho_schedule_free(&draw->seen[0]);
    memmove(draw->seen, draw->seen + 1, (SEEN_MAX - 1) * sizeof(draw->seen[0]));
    draw->seen_count--;
  }
  ho_grow(&draw->seen, draw->seen_count, &draw->seen_cap, sizeof(ho_schedule));
  draw->seen[draw->seen_count++] = ho_schedule_copy(schedule);
}

/* ---- times ---- */

static ho_time clamp(const ho_draw *draw, ho_time t) {
  return t < draw->scenario->search.span ? t : draw->scenario->search.span;
}

/* A little before |t| or after. */
static ho_time near(const ho_draw *draw, ho_rng *rng, ho_time t) {
  ho_time by = ho_value_log(rng, 10 * HO_USEC, 30 * HO_MSEC);

  if (ho_rng_below(rng, 3) == 0) {
    return clamp(draw, t > by ? t - by : 0);
  }
  return clamp(draw, t + by);
}

/* By the clock, near something that the base does, or near something that
 * another action has brought about. */
static ho_time draw_time(const ho_draw *draw, const ho_schedule *s,
                         ho_rng *rng) {
  uint64_t way = ho_rng_below(rng, 10);

  if (way < 5 && s->actions_count > 0 && draw->delays_count > 0) {
    ho_time from = s->actions[ho_rng_below(rng, s->actions_count)].at;
    ho_time delay = draw->delays[ho_rng_below(rng, draw->delays_count)];
    return near(draw, rng, from + delay);
  }
  if (way < 7 && draw->instants_count > 0) {
    return near(draw, rng,
                draw->instants[ho_rng_below(rng, draw->instants_count)]);
  }
  return ho_value_round(ho_rng_below(rng, draw->scenario->search.span + 1), 4);
}

/* ---- parts ---- */

/* A rule waits for its packets, so it may as well be there from the start. */
static bool is_rule(const char *action) {
  static const char *const verbs[] = {"drop ", "delay ", "duplicate ",
                                      "corrupt "};
  bool is = false;

  for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
    is |= strncmp(action, verbs[i], strlen(verbs[i])) == 0;
  }
  return is;
}

static void add_action(const ho_draw *draw, ho_schedule *s, ho_rng *rng) {
  char *undo, *action = ho_draw_action(draw, rng, &undo);
  bool at_once = is_rule(action) && ho_rng_below(rng, 3) == 0;
  ho_time at = at_once ? 0 : draw_time(draw, s, rng);

  ho_schedule_act(s, at, action);
  if (undo && ho_rng_below(rng, 4) > 0) {
    ho_time lasts = ho_value_log(rng, HO_MSEC, 2 * HO_SEC);
    ho_schedule_act(s, clamp(draw, at + lasts), undo);
  }
  free(action);
  free(undo);
}

/* The first from a drawn one on that the arm can have, or NULL. */
static const ho_draw_key *draw_key(const ho_draw *draw, size_t arm,
                                   ho_rng *rng) {
  size_t from = ho_rng_below(rng, draw->keys_count);

  for (size_t i = 0; i < draw->keys_count; i++) {
    const ho_draw_key *k = &draw->keys[(from + i) % draw->keys_count];
    if (ho_draw_suits(draw, arm, k->key)) {
      return k;
    }
  }
  return NULL;
}

static void add_setting(const ho_draw *draw, ho_schedule *s, ho_rng *rng) {
  const ho_draw_key *k =
      draw->keys_count > 0 ? draw_key(draw, s->arm, rng) : NULL;

  if (k) {
    char *value = ho_value_draw(k->choices[ho_rng_below(rng, k->count)], rng);
    ho_draw_put(draw, s, k->key, value);
    free(value);
  }
}

static void fresh(const ho_draw *draw, ho_schedule *s, ho_rng *rng) {
  uint64_t most = draw->scenario->search.most;
  uint64_t actions = 1 + ho_rng_below(rng, most), settings = 0;

  s->arm = draw->arms[ho_rng_below(rng, draw->arms_count)];
  for (size_t i = 0; i < draw->base_count; i++) {
    ho_schedule_act(s, draw->base[i].at, draw->base[i].action);
  }
  while (settings < SETTINGS_MAX && ho_rng_below(rng, 3) > 0) {
    settings++;
  }
  while (settings-- > 0) {
    add_setting(draw, s, rng);
  }
  while (s->actions_count < draw->base_count + actions) {
    add_action(draw, s, rng);
  }
}

/* ---- changes to what has reached something new ---- */

static bool is_base(const ho_draw *draw, const ho_rewrite_entry *e) {
  for (size_t i = 0; i < draw->base_count; i++) {
    if (draw->base[i].at == e->at && !strcmp(draw->base[i].action, e->action)) {
      return true;
    }
  }
  return false;
}

static void retime(const ho_draw *draw, ho_schedule *s, size_t i, ho_rng *rng) {
  char *action = ho_strdup(s->actions[i].action);
  ho_time was = s->actions[i].at;

  ho_schedule_drop(s, i);
  ho_schedule_act(
      s, ho_rng_below(rng, 2) ? near(draw, rng, was) : draw_time(draw, s, rng),
      action);
  free(action);
}

static void change(const ho_draw *draw, ho_schedule *s, ho_rng *rng) {
  uint64_t way = ho_rng_below(rng, 8);
  size_t i = s->actions_count ? ho_rng_below(rng, s->actions_count) : 0;
  bool own = s->actions_count > 0 && !is_base(draw, &s->actions[i]);

  if (way < 3 && own) {
    retime(draw, s, i, rng);
  } else if (way == 3 && own && s->actions_count > draw->base_count + 1) {
    ho_schedule_drop(s, i);
  } else if (way == 4) {
    add_setting(draw, s, rng);
  } else if (way == 5 && s->settings_count > 0) {
    ho_draw_take(draw, s, ho_rng_below(rng, s->settings_count));
  } else if (s->actions_count <
             draw->base_count + draw->scenario->search.most) {
    add_action(draw, s, rng);
  } else if (own) {
    retime(draw, s, i, rng);
  }
}

ho_schedule ho_draw_schedule(const ho_draw *draw, uint64_t number) {
  ho_schedule s = {0};
  char name[40];
  ho_rng rng;

  snprintf(name, sizeof(name), "search.%" PRIu64, number);
  ho_rng_init(&rng, draw->seed, name);
  if (draw->seen_count > 0 && ho_rng_below(&rng, 2)) {
    uint64_t changes = 1 + ho_rng_below(&rng, 3);
    s = ho_schedule_copy(&draw->seen[ho_rng_below(&rng, draw->seen_count)]);
    while (changes-- > 0) {
      change(draw, &s, &rng);
    }
  } else {
    fresh(draw, &s, &rng);
  }
  s.number = number;
  return s;
}
