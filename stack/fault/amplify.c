/* Faults with the anti-amplification limit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/fault_private.h"

enum {
  FLOOD = 6, /* datagrams */
  FULL = 1200,
  /* Memory: whether the fault has happened, and the last challenge. */
  HAPPENED = 0,
  CHALLENGED = 1,
  PN = 2,
  DATA = 3, /* and the one before */
};

static void probe(fault_conn *c, const ho_endpoint *dst, ho_time delay) {
  ho_frame ping = {.type = HO_FRAME_PING};
  fault_datagram extra;

  fault_extra(c, &extra);
  extra.dst = *dst;
  extra.pad_to = FULL;
  fault_add(&extra, &ping);
  fault_send(c, &extra, delay);
}

static void flood(fault_conn *c, const ho_endpoint *dst) {
  if (!c->memory[HAPPENED]) {
    c->memory[HAPPENED] = 1;
    for (int i = 0; i < FLOOD; i++) {
      probe(c, dst, 0);
    }
  }
}

/* 8: three times what came from there, whatever for. */
static void amplify(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (fault_find(g, HO_FRAME_PATH_CHALLENGE, 0) >= 0) {
    flood(c, &g->dst);
  }
}

const fault_def fault_AMPLIFY = {.leave = amplify};

/* RFC 9002, 6.2.2.1: no timer while the limit holds. */
static void probe_limited(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (!c->memory[HAPPENED] && fault_find(g, HO_FRAME_PATH_CHALLENGE, 0) >= 0) {
    c->memory[HAPPENED] = 1;
    probe(c, &g->dst, 200 * HO_MSEC);
    probe(c, &g->dst, 400 * HO_MSEC);
  }
}

const fault_def fault_PROBE_WHILE_LIMITED = {.leave = probe_limited};

/* ---- what does not validate ---- */

static void note_challenge(fault_conn *c, fault_datagram *g, ho_time now) {
  int i = fault_find(g, HO_FRAME_PATH_CHALLENGE, 0);

  (void)now;
  if (i >= 0) {
    c->memory[CHALLENGED] = 1;
    c->memory[PN] = g->pn;
    c->memory[DATA + 1] = c->memory[DATA];
    c->memory[DATA] = g->frames[i].data;
  }
}

/* 8.2.3: an ACK is no answer. */
static bool trust_ack(fault_conn *c, ho_time now) {
  const ho_frame *plain = fault_arrived(c, HO_FRAME_ACK);
  const ho_frame *ack = plain ? plain : fault_arrived(c, HO_FRAME_ACK_ECN);

  (void)now;
  if (c->memory[CHALLENGED] && ack && ho_frame_acks(ack, c->memory[PN])) {
    flood(c, &c->dst);
  }
  return false;
}

const fault_def fault_TRUST_ACK = {.leave = note_challenge,
                                   .arrive = trust_ack};

/* 8.2.3: nor are other data. */
static bool accept_any(fault_conn *c, ho_time now) {
  const ho_frame *f = fault_arrived(c, HO_FRAME_PATH_RESPONSE);

  (void)now;
  if (c->memory[CHALLENGED] && f && f->data != c->memory[DATA] &&
      f->data != c->memory[DATA + 1]) {
    flood(c, &c->from);
  }
  return false;
}

const fault_def fault_ACCEPT_ANY_RESPONSE = {.leave = note_challenge,
                                             .arrive = accept_any};
