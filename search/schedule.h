/* A schedule: what a drawn scenario has beyond the one that it starts from. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_SCHEDULE_H
#define HO_SEARCH_SCHEDULE_H

#include "sim/scenario/rewrite.h"

/* ho_setting is a value that is set, as --set does. */
typedef struct {
  char *key, *value;
} ho_setting;

/* ho_schedule owns all that it has.  Its actions are in order of time, and
 * include the timeline of the scenario that it starts from. */
typedef struct {
  uint64_t number; /* counts a search's schedules from 0 */
  size_t arm;      /* of the scenario */
  ho_rewrite_entry *actions;
  size_t actions_count, actions_cap;
  ho_setting *settings; /* no key twice */
  size_t settings_count, settings_cap;
} ho_schedule;

ho_schedule ho_schedule_copy(const ho_schedule *schedule);
void ho_schedule_free(ho_schedule *schedule);

/* ho_schedule_act adds an action, behind those of its time. */
void ho_schedule_act(ho_schedule *schedule, ho_time at, const char *action);
void ho_schedule_drop(ho_schedule *schedule, size_t index);

/* ho_schedule_set sets |key|, whether it was set before or not. */
void ho_schedule_set(ho_schedule *schedule, const char *key, const char *value);
void ho_schedule_unset(ho_schedule *schedule, size_t index);

/* ho_schedule_value is what |key| is set to, or NULL. */
const char *ho_schedule_value(const ho_schedule *schedule, const char *key);

bool ho_schedule_eq(const ho_schedule *a, const ho_schedule *b);

/* ho_schedule_words are what a file says that is not of the schedule; each but
 * |seed| may be NULL, and is then as in the scenario that it starts from. */
typedef struct {
  const char *name, *about, *expect;
  uint64_t seed; /* 0: the scenario's */
} ho_schedule_words;

/* ho_schedule_write writes the scenario file that |schedule| is, with |arm| as
 * its only arm.  Returns as ho_scenario_rewrite does. */
int ho_schedule_write(const ho_schedule *schedule, const ho_source *base,
                      const char *arm, const ho_schedule_words *words,
                      char **text, ho_diag *diag);

#endif
