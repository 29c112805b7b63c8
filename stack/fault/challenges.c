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

/* 9: a peer's new address is to be validated. */
static void no_challenge(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)c, (void)now;
  fault_remove_all(g, HO_FRAME_PATH_CHALLENGE);
}

const fault_def fault_NO_CHALLENGE = {.leave = no_challenge};

/* 8.2.1: no more often than Initial packets. */
static void hurry(fault_conn *c, fault_datagram *g, ho_time now) {
  int i = fault_find(g, HO_FRAME_PATH_CHALLENGE, 0);

  (void)now;
  for (uint64_t n = 1; i >= 0 && n <= 3; n++) {
    ho_frame challenge = {.type = HO_FRAME_PATH_CHALLENGE,
                          .data = g->frames[i].data * (2 * n + 1)};
    fault_datagram extra;
    fault_extra(c, &extra);
    extra.src = g->src;
    extra.dst = g->dst;
    extra.dcid = g->dcid;
    extra.pad_to = 1200;
    fault_add(&extra, &challenge);
    fault_send(c, &extra, n * HO_MSEC);
  }
}

const fault_def fault_HURRY_CHALLENGES = {.leave = hurry};

/* 8.2.1: 1200 bytes at least. */
static void small_challenge(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (!c->memory[0] && fault_find(g, HO_FRAME_PATH_CHALLENGE, 0) >= 0) {
    c->memory[0] = 1;
    g->pad_to = 0;
    g->changed = true;
  }
}

const fault_def fault_SMALL_CHALLENGE = {.leave = small_challenge};

/* 8.2.1: where the limit excused a small one, a larger one is to follow. */
static void never_full(fault_conn *c, fault_datagram *g, ho_time now) {
  if (g->bytes >= 1200) {
    no_challenge(c, g, now);
  }
}

const fault_def fault_NEVER_FULL_SIZE = {.leave = never_full};
