/* What checks of connection IDs ask of a flow.  Private to measure/checks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CHECKS_CIDS_H
#define HO_MEASURE_CHECKS_CIDS_H

#include "measure/checks/packet.h"

/* How many PTOs an endpoint gets for what it has to do soon. */
enum { CIDS_PATIENCE = 4 };

/* cids_empty: |issuer| has its peer send without CID. */
bool cids_empty(const ho_flow *flow, ho_side issuer);

/* cids_prior is the largest Retire Prior To that |issuer| has sent. */
uint64_t cids_prior(const ho_flow *flow, ho_side issuer);

/* cids_active counts |issuer|'s CIDs that it has issued, not seen retired, and
 * not asked to be retired (5.1.1). */
size_t cids_active(const ho_flow *flow, ho_side issuer);

/* cids_known says whether |cid| has reached its issuer's peer. */
bool cids_known(const ho_flow_cid *cid);

/* cids_any_failed says whether some check of level MUST has failed. */
bool cids_any_failed(const ho_flow *flow);

#endif
