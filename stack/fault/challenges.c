/* Faults with PATH_CHALLENGE and PATH_RESPONSE. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/fault_private.h"

/* 8.2.1: every PATH_CHALLENGE is to have data of its own. */
static void repeat_challenge(fault_conn *c, fault_datagram *g, ho_time now) {
  uint64_t *known = &c->memory[0], *data = &c->memory[1];
  int i = -1;

  (void)now;
  while ((i = fault_find(g, HO_FRAME_PATH_CHALLENGE, (size_t)(i + 1))) >= 0) {
    if (!*known) {
      *known = 1;
      *data = g->frames[i].data;
    }
    g->changed |= g->frames[i].data != *data;
    g->frames[i].data = *data;
  }
}

const fault_def fault_REPEAT_CHALLENGE = {.leave = repeat_challenge};
