/* Shrinking: the least schedule that still fails the same way. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/shrink.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

enum { PAIRS_MAX = 10 };

typedef struct {
  const ho_shrink_config *config;
  ho_schedule *best;
  ho_schedule *candidates;
  size_t count, cap, runs;
  bool over;
} shrink;

/* ---- candidates ---- */

/* The caller changes it. */
static ho_schedule *propose(shrink *s) {
  ho_grow(&s->candidates, s->count, &s->cap, sizeof(ho_schedule));
  s->candidates[s->count] = ho_schedule_copy(s->best);
  return &s->candidates[s->count++];
}

static void clear(shrink *s) {
  while (s->count > 0) {
    ho_schedule_free(&s->candidates[--s->count]);
  }
}

static void take(shrink *s, size_t index) {
  ho_schedule_free(s->best);
  *s->best = s->candidates[index];
  s->candidates[index] = (ho_schedule){0};
}

/* Takes the first candidate that still fails, some at a time. */
static bool try_all(shrink *s) {
  bool taken = false;

  for (size_t i = 0; i < s->count && !taken && !s->over;) {
    size_t n = s->count - i, first;
    n = n < s->config->batch ? n : s->config->batch;
    n = n < s->config->runs - s->runs ? n : s->config->runs - s->runs;
    first = n ? s->config->try(s->config->user, s->candidates + i, n) : n;
    s->runs += n;
    s->over = n == 0 || first == SIZE_MAX;
    if (!s->over && first < n) {
      take(s, i + first);
      taken = true;
    }
    i += n;
  }
  clear(s);
  return taken;
}

/* ---- fewer actions ---- */

static void propose_without(shrink *s, size_t from, size_t count) {
  ho_schedule *c = propose(s);

  while (count-- > 0) {
    ho_schedule_drop(c, from);
  }
}

static bool fewer_actions(shrink *s) {
  size_t chunk = s->best->actions_count;
  bool any = false;

  while (chunk > 0 && !s->over) {
    for (size_t i = 0; i + chunk <= s->best->actions_count; i += chunk) {
      propose_without(s, i, chunk);
    }
    if (try_all(s)) {
      any = true;
      chunk = chunk < s->best->actions_count ? chunk : s->best->actions_count;
    } else {
      chunk /= 2;
    }
  }
  return any;
}

/* What only goes together, such as a beginning and its end with something in
 * between.  The later one first, so that the other's index stays. */
static bool fewer_pairs(shrink *s) {
  size_t n = s->best->actions_count;

  for (size_t i = 0; i < n && n <= PAIRS_MAX; i++) {
    for (size_t k = i + 2; k < n; k++) {
      ho_schedule *c = propose(s);
      ho_schedule_drop(c, k);
      ho_schedule_drop(c, i);
    }
  }
  return try_all(s);
}

/* ---- fewer settings ---- */

/* The size of the transfer is fewer_bytes's to change. */
static bool is_size(const ho_setting *setting) {
  return !strcmp(setting->key, "workload.bytes");
}

static void propose_no_settings(shrink *s) {
  ho_schedule *none = propose(s);

  for (size_t i = none->settings_count; i-- > 0;) {
    if (!is_size(&none->settings[i])) {
      ho_schedule_unset(none, i);
    }
  }
}

/* "a.b.c" and "a.b.d" may only go together. */
static bool are_siblings(const char *a, const char *b) {
  const char *dot = strrchr(a, '.');
  size_t len = dot ? (size_t)(dot - a) + 1 : 0;

  return len > 0 && strncmp(a, b, len) == 0 && !strchr(b + len, '.');
}

/* All of a family, once. */
static void propose_no_siblings(shrink *s, size_t first) {
  const ho_schedule *b = s->best;
  const char *key = b->settings[first].key;
  size_t count = 0;
  ho_schedule *less;

  for (size_t i = 0; i < b->settings_count; i++) {
    bool is = are_siblings(key, b->settings[i].key);
    if (is && i < first) {
      return;
    }
    count += is;
  }
  if (count < 2) {
    return;
  }
  less = propose(s);
  for (size_t i = less->settings_count; i-- > 0;) {
    if (are_siblings(key, less->settings[i].key) &&
        !is_size(&less->settings[i])) {
      ho_schedule_unset(less, i);
    }
  }
}

static bool fewer_settings(shrink *s) {
  bool any = false, taken = true;

  while (taken && !s->over) {
    for (size_t i = 0; i < s->best->settings_count; i++) {
      if (!is_size(&s->best->settings[i])) {
        if (s->count == 0) {
          propose_no_settings(s);
        }
        ho_schedule_unset(propose(s), i);
        propose_no_siblings(s, i);
      }
    }
    taken = try_all(s);
    any |= taken;
  }
  return any;
}

/* ---- rounder times ---- */

static const ho_time steps[] = {HO_SEC,       500 * HO_MSEC, 100 * HO_MSEC,
                                50 * HO_MSEC, 10 * HO_MSEC,  5 * HO_MSEC,
                                HO_MSEC,      100 * HO_USEC, 10 * HO_USEC};

static bool is_between(const shrink *s, size_t i, ho_time t) {
  const ho_schedule *b = s->best;

  return (i == 0 || b->actions[i - 1].at <= t) &&
         (i + 1 == b->actions_count || t <= b->actions[i + 1].at);
}

static void propose_time(shrink *s, size_t i, ho_time t) {
  if (is_between(s, i, t)) {
    propose(s)->actions[i].at = t;
  }
}

/* Down and up to a multiple of each step that it is not one of yet. */
static bool round_one(shrink *s, size_t i) {
  ho_time at = s->best->actions[i].at;

  if (at > 0) {
    propose_time(s, i, 0);
  }
  for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
    if (at % steps[k] == 0) {
      break;
    }
    propose_time(s, i, at - at % steps[k]);
    propose_time(s, i, at - at % steps[k] + steps[k]);
  }
  return try_all(s);
}

static bool rounder_times(shrink *s) {
  bool any = false;

  for (size_t i = 0; i < s->best->actions_count && !s->over; i++) {
    any |= s->best->actions[i].at > 0 && round_one(s, i);
  }
  return any;
}

/* ---- fewer bytes ---- */

static const char *const sizes[] = {"1KB",   "10KB",  "50KB", "100KB",
                                    "200KB", "500KB", "1MB"};
static const uint64_t sizes_bytes[] = {1000,   10000,  50000,  100000,
                                       200000, 500000, 1000000};

static bool fewer_bytes(shrink *s) {
  const char *workload = ho_schedule_value(s->best, "workload");
  const char *own = ho_schedule_value(s->best, "workload.bytes");

  if (s->config->bytes == 0 || workload) {
    return false;
  }
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) &&
                     sizes_bytes[i] < s->config->bytes;
       i++) {
    if (own && !strcmp(own, sizes[i])) {
      break;
    }
    ho_schedule_set(propose(s), "workload.bytes", sizes[i]);
  }
  return try_all(s);
}

/* ---- all ---- */

size_t ho_shrink(ho_schedule *schedule, const ho_shrink_config *config) {
  shrink s = {.config = config, .best = schedule};
  bool any = true;

  while (any && !s.over) {
    any = fewer_actions(&s);
    any |= fewer_pairs(&s);
    any |= fewer_settings(&s);
    any |= rounder_times(&s);
    any |= fewer_bytes(&s);
  }
  clear(&s);
  free(s.candidates);
  return s.runs;
}
