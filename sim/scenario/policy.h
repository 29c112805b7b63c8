/* An arm's `policy`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_POLICY_H
#define HO_SCENARIO_POLICY_H

#include "sim/scenario/keys.h"

/* The initialiser of an ho_policy that has no limits. */
#define HO_POLICY_DEFAULT                                                      \
  {                                                                            \
    .causes = HO_CAUSE_DISCONNECTED | HO_CAUSE_DEFAULT,                        \
    .degrading_after = 3 * HO_SEC, .wait = HO_NEVER, .away = HO_NEVER,         \
    .attempts = UINT32_MAX                                                     \
  }

/* ho_policy_read reads `policy` of |arm|, if there is one, over |policy|. */
void ho_policy_read(ho_loader *l, const ho_section *arm, ho_policy *policy);

#endif
