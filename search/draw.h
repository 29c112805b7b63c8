/* Draws schedules: a function of the search's seed and a number. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_DRAW_H
#define HO_SEARCH_DRAW_H

#include "search/schedule.h"
#include "sim/base/rng.h"

/* ho_draw_key is a value that may be set, and to what. */
typedef struct {
  char *key;
  char **choices; /* values, or ranges (see ho_value_draw) */
  size_t count, cap;
} ho_draw_key;

/* ho_draw is all that schedules are drawn from.  It owns the arrays. */
typedef struct {
  const ho_scenario *scenario; /* the one that they start from */
  uint64_t seed;
  const ho_rewrite_entry *base; /* its timeline */
  size_t base_count;
  size_t *arms; /* of QUIC */
  size_t arms_count;
  ho_draw_key *keys;
  size_t keys_count, keys_cap;
  ho_time *instants; /* at which something happens in the base alone */
  size_t instants_count, instants_cap;
  ho_time *delays; /* from an action to what it brings about */
  size_t delays_count, delays_cap;
  ho_schedule *seen; /* schedules that have reached something new */
  size_t seen_count, seen_cap;
} ho_draw;

/* ho_draw_init takes the bounds from |scenario|'s `search`, or else the
 * default: every link, NAT, workload and limit (see docs/search.md). */
void ho_draw_init(ho_draw *draw, const ho_scenario *scenario, uint64_t seed,
                  const ho_rewrite_entry *base, size_t base_count);
void ho_draw_free(ho_draw *draw);

void ho_draw_instant(ho_draw *draw, ho_time t);
void ho_draw_delay(ho_draw *draw, ho_time t);

/* ho_draw_keep remembers a schedule whose like shall be drawn more often; the
 * oldest is forgotten where there are many. */
void ho_draw_keep(ho_draw *draw, const ho_schedule *schedule);

/* ho_draw_schedule draws schedule |number|, which the caller frees.  What it
 * is depends on the seed, the number, and what was kept before. */
ho_schedule ho_draw_schedule(const ho_draw *draw, uint64_t number);

/* ho_draw_keys_default adds what may be set where `search` does not say. */
void ho_draw_keys_default(ho_draw *draw);
void ho_draw_key_add(ho_draw *draw, char *key, const char *const *choices,
                     size_t count);

/* ho_draw_choice_drop takes away a choice of a key, by index; with its last
 * choice the key goes, and later ones have indices less by 1. */
void ho_draw_choice_drop(ho_draw *draw, size_t key, size_t choice);

/* ho_draw_put sets |key| in |s| to |value|, where "arm.KEY" is the drawn arm's.
 * It takes away what cannot stand beside that, and sets what |key| means
 * nothing without; ho_draw_take takes away a setting, and what means nothing
 * then. ho_draw_suits tells whether |arm| can have |key|. */
void ho_draw_put(const ho_draw *draw, ho_schedule *s, const char *key,
                 const char *value);
void ho_draw_take(const ho_draw *draw, ho_schedule *s, size_t index);
bool ho_draw_suits(const ho_draw *draw, size_t arm, const char *key);

/* ho_draw_action draws an action of |draw|'s kinds; the caller frees it.
 * |*undo| is what ends it again, such as "connect home", or NULL; likewise. */
char *ho_draw_action(const ho_draw *draw, ho_rng *rng, char **undo);

/* ho_draw_kinds are the kinds of action that are drawn, as bits. */
unsigned ho_draw_kinds(const ho_scenario *scenario);

#endif
