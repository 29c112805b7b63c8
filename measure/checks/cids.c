/* What checks of connection IDs ask of a flow. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/cids.h"

bool cids_empty(const ho_flow *flow, ho_side issuer) {
  const ho_flow_end *end = &flow->ends[issuer];

  return end->cids_count > 0 && end->cids[0].cid.len == 0;
}

uint64_t cids_prior(const ho_flow *flow, ho_side issuer) {
  return flow->ends[issuer].prior_sent;
}

size_t cids_active(const ho_flow *flow, ho_side issuer) {
  const ho_flow_end *end = &flow->ends[issuer];
  uint64_t prior = cids_prior(flow, issuer);
  size_t n = 0;

  for (size_t i = end->cids_low; i < end->cids_count; i++) {
    n += end->cids[i].t_retired == HO_NEVER && end->cids[i].sequence >= prior;
  }
  return n;
}

bool cids_known(const ho_flow_cid *cid) {
  return cid->t_known != HO_NEVER || cid->t_first != HO_NEVER;
}

bool cids_any_failed(const ho_flow *flow) {
  for (int id = 0; id < HO_CHECK_COUNT; id++) {
    if (flow->findings[id].verdict == HO_FAIL &&
        ho_check_table()[id].level == HO_MUST) {
      return true;
    }
  }
  return false;
}
