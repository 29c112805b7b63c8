/* Coverage: which transitions schedules have been through. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_COVER_H
#define HO_SEARCH_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/scenario.h"

/* A transition is something that happens while the connection is in some
 * state. */

/* What the server's path is. */
typedef enum {
  HO_PATH_HANDSHAKE,
  HO_PATH_FIRST,      /* where the handshake was */
  HO_PATH_VALIDATING, /* the server knows of another tuple, not yet valid */
  HO_PATH_MOVED,      /* it has validated one; still asks the old one */
  HO_PATH_SETTLED,    /* that is over */
  HO_PATH_COUNT
} ho_path_state;

/* How many of the client's CIDs the server has not used yet. */
typedef enum { HO_CIDS_NONE, HO_CIDS_ONE, HO_CIDS_MANY, HO_CIDS_COUNT } ho_cids;

/* What the server has in flight: nothing, something, a window full. */
typedef enum {
  HO_FLIGHT_NONE,
  HO_FLIGHT_SOME,
  HO_FLIGHT_FULL,
  HO_FLIGHT_COUNT
} ho_flight;

/* What happens: an action, by its kind, or one of these. */
typedef enum {
  HO_STEP_CHALLENGE_CLIENT = HO_ACT_FAULT + 1, /* sent by */
  HO_STEP_CHALLENGE_SERVER,
  HO_STEP_RESPONSE_CLIENT,
  HO_STEP_RESPONSE_SERVER,
  HO_STEP_ANSWERED_CLIENT, /* a PATH_RESPONSE received by */
  HO_STEP_ANSWERED_SERVER,
  HO_STEP_VALID_CLIENT,
  HO_STEP_VALID_SERVER,
  HO_STEP_FAILED_CLIENT, /* a validation, or aborted */
  HO_STEP_FAILED_SERVER,
  HO_STEP_RETIRED_CLIENT, /* a CID of */
  HO_STEP_RETIRED_SERVER,
  HO_STEP_NOTICE,
  HO_STEP_LOST_CLIENT, /* a packet, as declared by */
  HO_STEP_LOST_SERVER,
  HO_STEP_LIMITED, /* by the 3x limit */
  HO_STEP_CLOSED,
  HO_STEP_COUNT
} ho_step;

enum {
  HO_COVER_BITS =
      HO_STEP_COUNT * HO_PATH_COUNT * HO_CIDS_COUNT * HO_FLIGHT_COUNT
};

/* ho_cover is a set of transitions. */
typedef struct {
  uint8_t bits[(HO_COVER_BITS + 7) / 8];
} ho_cover;

void ho_cover_add(ho_cover *cover, ho_step step, ho_path_state path,
                  ho_cids cids, ho_flight flight);

/* ho_cover_merge adds |more| to |cover| and returns how many were new. */
size_t ho_cover_merge(ho_cover *cover, const ho_cover *more);
size_t ho_cover_count(const ho_cover *cover);

/* ho_cover_print writes a table: for each path state, how many transitions of
 * each state of the CIDs and of what is in flight have been reached. */
void ho_cover_print(const ho_cover *cover, FILE *out);

#endif
