/* A schedule: what a drawn scenario has beyond the one that it starts from. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

ho_schedule ho_schedule_copy(const ho_schedule *schedule) {
  ho_schedule copy = {.number = schedule->number, .arm = schedule->arm};

  for (size_t i = 0; i < schedule->actions_count; i++) {
    ho_schedule_act(&copy, schedule->actions[i].at,
                    schedule->actions[i].action);
  }
  for (size_t i = 0; i < schedule->settings_count; i++) {
    ho_schedule_set(&copy, schedule->settings[i].key,
                    schedule->settings[i].value);
  }
  return copy;
}

void ho_schedule_free(ho_schedule *schedule) {
  ho_rewrite_entries_free(schedule->actions, schedule->actions_count);
  for (size_t i = 0; i < schedule->settings_count; i++) {
    free(schedule->settings[i].key);
    free(schedule->settings[i].value);
  }
  free(schedule->settings);
  *schedule = (ho_schedule){0};
}

void ho_schedule_act(ho_schedule *schedule, ho_time at, const char *action) {
  size_t i = schedule->actions_count;

  ho_grow(&schedule->actions, i, &schedule->actions_cap,
          sizeof(ho_rewrite_entry));
  for (; i > 0 && schedule->actions[i - 1].at > at; i--) {
    schedule->actions[i] = schedule->actions[i - 1];
  }
  schedule->actions[i] = (ho_rewrite_entry){at, ho_strdup(action)};
  schedule->actions_count++;
}

void ho_schedule_drop(ho_schedule *schedule, size_t index) {
  free(schedule->actions[index].action);
  schedule->actions_count--;
  for (size_t i = index; i < schedule->actions_count; i++) {
    schedule->actions[i] = schedule->actions[i + 1];
  }
}

static ho_setting *find(const ho_schedule *schedule, const char *key) {
  for (size_t i = 0; i < schedule->settings_count; i++) {
    if (!strcmp(schedule->settings[i].key, key)) {
      return &schedule->settings[i];
    }
  }
  return NULL;
}

void ho_schedule_set(ho_schedule *schedule, const char *key,
                     const char *value) {
  ho_setting *there = find(schedule, key);
  char *own = ho_strdup(value); /* |value| may be what is replaced */

  if (there) {
    free(there->value);
    there->value = own;
    return;
  }
  ho_grow(&schedule->settings, schedule->settings_count,
          &schedule->settings_cap, sizeof(ho_setting));
  schedule->settings[schedule->settings_count++] =
      (ho_setting){ho_strdup(key), own};
}

void ho_schedule_unset(ho_schedule *schedule, size_t index) {
  free(schedule->settings[index].key);
  free(schedule->settings[index].value);
  schedule->settings_count--;
  for (size_t i = index; i < schedule->settings_count; i++) {
    schedule->settings[i] = schedule->settings[i + 1];
  }
}

const char *ho_schedule_value(const ho_schedule *schedule, const char *key) {
  const ho_setting *there = find(schedule, key);

  return there ? there->value : NULL;
}

bool ho_schedule_eq(const ho_schedule *a, const ho_schedule *b) {
  bool same = a->arm == b->arm && a->actions_count == b->actions_count &&
              a->settings_count == b->settings_count;

  for (size_t i = 0; same && i < a->actions_count; i++) {
    same = a->actions[i].at == b->actions[i].at &&
           !strcmp(a->actions[i].action, b->actions[i].action);
  }
  for (size_t i = 0; same && i < a->settings_count; i++) {
    const char *value = ho_schedule_value(b, a->settings[i].key);
    same = value && !strcmp(a->settings[i].value, value);
  }
  return same;
}

int ho_schedule_write(const ho_schedule *schedule, const ho_source *base,
                      const char *arm, const ho_schedule_words *words,
                      char **text, ho_diag *diag) {
  ho_override *settings =
      ho_alloc_array(schedule->settings_count + 1, sizeof(*settings));
  ho_rewrite_entry none = {0};
  ho_rewrite change = {
      .name = words->name,
      .about = words->about,
      .seed = words->seed,
      .arm = arm,
      .expect = words->expect ? words->expect : "",
      .settings = settings,
      .settings_count = schedule->settings_count,
      .timeline = schedule->actions_count > 0 ? schedule->actions : &none,
      .timeline_count = schedule->actions_count,
  };
  int rv;

  for (size_t i = 0; i < schedule->settings_count; i++) {
    settings[i] = (ho_override){.key = schedule->settings[i].key,
                                .value = schedule->settings[i].value};
  }
  rv = ho_scenario_rewrite(base, &change, text, diag);
  free(settings);
  return rv;
}
