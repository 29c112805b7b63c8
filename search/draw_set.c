/* What a setting brings along, and what it cannot stand beside. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "search/draw.h"
#include "sim/base/alloc.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A key that means nothing without another. */
static const struct {
  const char *key, *with, *value;
} needs[] = {
    {"arm.policy.degrading_after", "arm.policy.causes",
     "disconnected,default,degrading"},
    {"arm.policy.port_migration", "arm.policy.causes",
     "disconnected,default,degrading"},
    /* What such servers' connection IDs have in common, B6 rightly minds. */
    {"server.load_balancer.servers", "server.load_balancer.encryption", "aes"},
    {"server.load_balancer.encryption", "server.load_balancer.servers", "16"},
};

/* Two that contradict each other, patterns as for a shell: the later one
 * stays.  Keys are an arm's own here. */
static const struct {
  const char *key, *value, *other, *other_value;
} clashes[] = {
    /* A balancer's connection IDs have a length of their own. */
    {"server.cid_length", "*", "server.load_balancer.*", "*"},
    /* A preferred address comes with a CID (RFC 9000, 18.2). */
    {"server.cid_length", "0", "server.preferred_address*", "*"},
    /* The start is connected. */
    {"client.start", "*", "networks.*.connected", "*"},
    {"arms.*.policy.causes", "*", "arms.*.policy.degrading_after", "*"},
    {"arms.*.policy.causes", "*", "arms.*.policy.port_migration", "*"},
};

/* Policies are of arms that move; what a file's own needs of its causes, others
 * might not have. */
bool ho_draw_suits(const ho_draw *draw, size_t arm, const char *key) {
  const ho_arm *a = &draw->scenario->arms[arm];

  if (strncmp(key, "arm.policy.", 11) != 0) {
    return true;
  }
  return (a->on_change == HO_CHANGE_MIGRATE ||
          a->on_change == HO_CHANGE_PROBE) &&
         !(strcmp(key, "arm.policy.causes") == 0 &&
           a->policy.causes & HO_CAUSE_DEGRADING);
}

static char *spell(const ho_draw *draw, const ho_schedule *s, const char *key) {
  return strncmp(key, "arm.", 4) == 0
             ? ho_format("arms.%s.%s", draw->scenario->arms[s->arm].name,
                         key + 4)
             : ho_strdup(key);
}

static bool fits(const char *key_like, const char *value_like, const char *key,
                 const char *value) {
  return fnmatch(key_like, key, 0) == 0 && fnmatch(value_like, value, 0) == 0;
}

static bool clash(const char *key, const char *value, const ho_setting *with) {
  bool any = false;

  for (size_t i = 0; i < COUNT(clashes); i++) {
    any |=
        fits(clashes[i].key, clashes[i].value, key, value) &&
        fits(clashes[i].other, clashes[i].other_value, with->key, with->value);
    any |= fits(clashes[i].other, clashes[i].other_value, key, value) &&
           fits(clashes[i].key, clashes[i].value, with->key, with->value);
  }
  return any;
}

static void put(ho_schedule *s, const char *key, const char *value) {
  for (size_t i = s->settings_count; i-- > 0;) {
    if (clash(key, value, &s->settings[i])) {
      ho_schedule_unset(s, i);
    }
  }
  ho_schedule_set(s, key, value);
}

void ho_draw_put(const ho_draw *draw, ho_schedule *s, const char *key,
                 const char *value) {
  char *own = spell(draw, s, key);

  put(s, own, value);
  for (size_t i = 0; i < COUNT(needs); i++) {
    if (!strcmp(needs[i].key, key)) {
      char *with = spell(draw, s, needs[i].with);
      ho_schedule_set(s, with, needs[i].value);
      free(with);
    }
  }
  free(own);
}

void ho_draw_take(const ho_draw *draw, ho_schedule *s, size_t index) {
  char *gone = ho_strdup(s->settings[index].key);

  ho_schedule_unset(s, index);
  for (size_t i = 0; i < COUNT(needs); i++) {
    char *with = spell(draw, s, needs[i].with);
    char *key = spell(draw, s, needs[i].key);
    for (size_t k = s->settings_count; k-- > 0 && !strcmp(with, gone);) {
      if (!strcmp(s->settings[k].key, key)) {
        ho_schedule_unset(s, k);
      }
    }
    free(with);
    free(key);
  }
  free(gone);
}
