/* Presets by name, for the parser and for `handoff list`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_PRESETS_H
#define HO_SCENARIO_PRESETS_H

#include "sim/scenario/scenario.h"

typedef struct {
  const char *name, *about;
  ho_nat_config config;
} ho_nat_preset;

const ho_nat_preset *ho_nat_presets(size_t *count);

/* ho_net_preset is a network of type `preset`. */
typedef struct {
  const char *name, *about;
  const char *yaml;   /* the network, as a scenario would say it */
  const char *source; /* where its numbers are from */
} ho_net_preset;

const ho_net_preset *ho_net_presets(size_t *count);

typedef struct {
  const char *name, *about;
  ho_arm arm; /* its |name| is not set */
} ho_arm_preset;

const ho_arm_preset *ho_arm_presets(size_t *count);

/* ho_action_syntax is a verb of the timeline. */
typedef struct {
  const char *verb;
  const char *syntax; /* "rebind NET port|address|both" */
  const char *about;
  ho_action_kind kind;
} ho_action_syntax;

const ho_action_syntax *ho_action_table(size_t *count);

#endif
