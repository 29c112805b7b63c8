/* Checks of what a single packet shows: B7 to B9.  Private to measure/checks.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CHECKS_WIRE_H
#define HO_MEASURE_CHECKS_WIRE_H

#include "measure/checks/flow.h"

enum { WIRE_LABELS = 8 };

/* How one end uses the spin bit (17.4). */
typedef struct {
  bool peer,
      has_peer; /* the bit of the peer's packet with the highest number */
  bool last;    /* of its own last packet */
  unsigned long followed; /* packets in a row that carried what 17.4 asks for */
  unsigned long flips;    /* among them */
  bool reset; /* nothing arrived since its CID changed: the bit is 0 */
  bool has_cid;
  ho_cid cid; /* of its last packet */
} wire_spin;

typedef struct {
  wire_spin spins[2]; /* by sender */
  struct {
    ho_tuple tuple;
    uint32_t label;
  } labels[2][WIRE_LABELS];
  size_t labels_count[2];
} wire_state;

/* wire_judge looks at a datagram that its endpoint sends; wire_received notes
 * what arrives. */
void wire_judge(ho_flow *flow, wire_state *w, const ho_sighting *s);
void wire_received(wire_state *w, const ho_flow *flow, const ho_sighting *s);

#endif
