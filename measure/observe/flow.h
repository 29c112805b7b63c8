/* What an observer keeps of a flow; inside this library alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_OBSERVE_FLOW_H
#define HO_OBSERVE_FLOW_H

#include "measure/observe/guess.h"
#include "measure/observe/hello.h"
#include "measure/observe/lengths.h"
#include "measure/observe/observer.h"

typedef struct {
  ho_seen_flow seen;
  ho_time t_last;
  bool access;           /* an access network's tap has shown it */
  ho_length_set clients; /* of the CIDs of this tuple's client */
  ho_guess up, down;
  ho_hello hello;
} ho_flow_record;

/* ho_flow_datagram takes the UDP payload of a packet of |flow|. */
void ho_flow_datagram(ho_flow_record *flow, ho_lengths *lengths,
                      const ho_observer_config *config, const ho_shown *shown,
                      bool up);

#endif
