/* What the program says of itself, from the tables that the parser uses. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "sim/scenario/presets.h"

/* More than any of the tables has; checked when one is listed. */
#define LISTED_MAX 64

const ho_listed *ho_list_arms(size_t *count) {
  static ho_listed listed[LISTED_MAX];
  size_t all;
  const ho_arm_preset *presets = ho_arm_presets(&all);

  assert(all <= LISTED_MAX);
  *count = 0;
  for (size_t i = 0; i < all; i++) {
    listed[(*count)++] =
        (ho_listed){presets[i].name, presets[i].about, NULL, NULL};
  }
  return listed;
}

const ho_listed *ho_list_actions(size_t *count) {
  static ho_listed listed[LISTED_MAX];
  size_t all;
  const ho_action_syntax *actions = ho_action_table(&all);

  assert(all <= LISTED_MAX);
  *count = 0;
  for (size_t i = 0; i < all; i++) {
    listed[(*count)++] =
        (ho_listed){actions[i].syntax, actions[i].about, NULL, NULL};
  }
  return listed;
}

const ho_listed *ho_list_presets(size_t *count) {
  static ho_listed listed[LISTED_MAX];
  size_t nets_count, nats_count;
  const ho_net_preset *nets = ho_net_presets(&nets_count);
  const ho_nat_preset *nats = ho_nat_presets(&nats_count);

  assert(nets_count + nats_count <= LISTED_MAX);
  for (size_t i = 0; i < nets_count; i++) {
    listed[i] =
        (ho_listed){nets[i].name, nets[i].about, nets[i].yaml, nets[i].source};
  }
  for (size_t i = 0; i < nats_count; i++) {
    listed[nets_count + i] =
        (ho_listed){nats[i].name, nats[i].about, NULL, NULL};
  }
  *count = nets_count + nats_count;
  return listed;
}
