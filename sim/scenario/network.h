/* Keys of a link, which `networks` and `set` share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_NETWORK_H
#define HO_SCENARIO_NETWORK_H

#include "sim/scenario/keys.h"

/* ho_link_keys returns the keys of ho_wired, indexed by ho_set_key. */
const ho_key *ho_link_keys(size_t *count);

/* ho_link_key_read stores the value of one key of a link. */
bool ho_link_key_read(ho_loader *l, ho_set_key key, ho_slice text,
                      const char *path, ho_wired *link);

#endif
