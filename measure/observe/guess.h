/* Connection IDs of unknown length: what the packets of a flow begin with. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_OBSERVE_GUESS_H
#define HO_OBSERVE_GUESS_H

#include "measure/observe/identifiers.h"

enum {
  HO_GUESS_SAME = 2,    /* bytes: fewer in common, and the CID has changed */
  HO_GUESS_PACKETS = 3, /* before what they share counts */
  HO_GUESS_RUNS = 64,   /* more of them in a direction: there is no CID */
};

/* ho_guess follows one direction of a flow.  What comes behind a DCID in a
 * short header is encrypted, so that no two packets share it for long: the
 * longest common prefix of a run of packets is their DCID.  Zeroed at first. */
typedef struct {
  uint8_t bytes[20]; /* what all packets of the run share */
  uint8_t len;
  uint32_t packets, runs; /* runs: one more than HO_GUESS_RUNS is the end */
} ho_guess;

/* ho_guess_add takes the |len| bytes behind the first byte of a short header.
 * A run that ends is added to |ids| as |kind|; where there are too many, all
 * of that kind are taken out. */
void ho_guess_add(ho_guess *guess, ho_ids *ids, ho_id_kind kind,
                  const uint8_t *bytes, size_t len);

/* ho_guess_end ends the run under way: the flow has ended, or the length is
 * known from now on. */
void ho_guess_end(ho_guess *guess, ho_ids *ids, ho_id_kind kind);

#endif
