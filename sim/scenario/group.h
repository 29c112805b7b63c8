/* What the readers of clients and of their groups share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_GROUP_H
#define HO_SCENARIO_GROUP_H

#include "sim/scenario/keys.h"

/* ho_clients_count reads `clients` of |section|, 1 to 1000, from |text|. */
bool ho_clients_count(ho_loader *l, const ho_section *section, ho_slice text,
                      ho_drawn *out);

/* ho_start_read reads `start` of |section|, a network that is connected at time
 * 0; where there is none, |*start| stays. */
void ho_start_read(ho_loader *l, const ho_section *section, int *start);

/* ho_groups_count makes the groups that `groups` names, and sets how many
 * clients there are and can be, and how many of them move.  What else a group
 * has is read by ho_groups_read. */
void ho_groups_count(ho_loader *l, const yaml_node_t *map);

/* ho_group_begin is the `begin` of group |i|, with its dotted path in |*path|,
 * which the caller frees; or NULL. */
const yaml_node_t *ho_group_begin(const ho_loader *l, const yaml_node_t *root,
                                  size_t i, char **path);

#endif
