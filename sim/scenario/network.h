/* The keys of each type of network. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_NETWORK_H
#define HO_SCENARIO_NETWORK_H

#include "sim/scenario/keys.h"

/* ho_link_keys returns the keys of ho_wired, indexed by ho_set_key. */
const ho_key *ho_link_keys(size_t *count);

/* ho_link_key_read stores the value of one key of a link. */
bool ho_link_key_read(ho_loader *l, ho_set_key key, ho_slice text,
                      const char *path, ho_wired *link);

/* ho_link_is_random: what it does to packets is drawn. */
bool ho_link_is_random(const ho_wired *link);

/* Each reads the keys of a network of one type, and the common ones that are
 * single values, from |section| over what |net| holds. */
void ho_wired_read(ho_loader *l, const ho_section *section, ho_net_config *net);
void ho_trace_net_read(ho_loader *l, const ho_section *section,
                       ho_net_config *net);
void ho_wifi_read(ho_loader *l, const ho_section *section, ho_net_config *net);
void ho_lte_read(ho_loader *l, const ho_section *section, ho_net_config *net);

/* ho_wifi_defaults and ho_lte_defaults fill in what a network of that type has
 * where its keys are missing. */
void ho_wifi_defaults(ho_net_config *net);
void ho_lte_defaults(ho_net_config *net);

/* ho_backhaul_read reads the wired part of a radio network. */
void ho_backhaul_read(ho_loader *l, const ho_section *section, ho_wired *link);

/* ho_net_keys_read reads |count| keys and the common ones as one table. */
void ho_net_keys_read(ho_loader *l, const ho_section *section,
                      const ho_key *keys, size_t count, ho_net_config *net);

/* ho_net_elsewhere explains a key that belongs to another type. */
const char *ho_net_elsewhere(const char *key);

/* A station of a Wi-Fi network costs the others' time, and ns-3's LTE has no
 * more sounding slots. */
enum { HO_WIFI_STATIONS_MAX = 200, HO_LTE_UES_MAX = 320 };

#endif
