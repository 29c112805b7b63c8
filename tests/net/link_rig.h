/* One wired link alone, for the link's tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_NET_LINK_RIG_H
#define HO_TESTS_NET_LINK_RIG_H

#include "sim/net/link.h"

#include "sim/base/rng.h"
#include "tests/net/rig.h"
#include "tests/suite.h"

#define MBPS ((uint64_t)1000000)

/* A link without limits but its rate, to vary. */
__attribute__((unused)) static const ho_wired plain = {
    .down_bps = 8 * MBPS,
    .up_bps = 8 * MBPS,
    .delay = 10 * HO_MSEC,
    .queue = {HO_QUEUE_PACKETS, 1000000}};

/* start_with is for several clients, and for a trace both ways or NULL. */
static inline ho_link *start_with(rig *r, const ho_wired *wired, size_t clients,
                                  const ho_trace *trace, uint64_t seed) {
  ho_link_config config = {.name = "home",
                           .net = 3,
                           .clients = clients,
                           .wired = *wired,
                           .trace = {trace, trace},
                           .beyond = 5 * HO_MSEC,
                           .mtu = 1500};
  ho_link *link;

  rig_init(r, seed);
  link = ho_link_new(&r->env, &config);
  rig_join(r, ho_link_element(link));
  return link;
}

static inline ho_link *start(rig *r, const ho_wired *wired, uint64_t seed) {
  return start_with(r, wired, 1, NULL, seed);
}

static inline void finish(rig *r, ho_link *link) {
  ho_link_check(link);
  ho_link_del(link);
  rig_free(r);
}

static inline uint64_t ceil_div(unsigned __int128 a, uint64_t b) {
  return (uint64_t)((a + b - 1) / b);
}

#endif
