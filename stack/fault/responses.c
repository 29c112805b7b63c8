/* Faults with PATH_RESPONSE. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/fault_private.h"

enum { WRONG = 2 /* as many as answer a round */ };

/* 8.2.2: the data of the PATH_CHALLENGE. */
static void wrong_response(fault_conn *c, fault_datagram *g, ho_time now) {
  uint64_t *count = c->memory;
  int i = -1;

  (void)now;
  while ((i = fault_find(g, HO_FRAME_PATH_RESPONSE, (size_t)(i + 1))) >= 0 &&
         (*count)++ < WRONG) {
    g->frames[i].data ^= 1;
    g->changed = true;
  }
}

const fault_def fault_WRONG_RESPONSE = {.leave = wrong_response};

/* Takes the PATH_RESPONSEs out of |g|, to be sent in |extra|. */
static bool move_responses(fault_conn *c, fault_datagram *g,
                           fault_datagram *extra) {
  int i;

  fault_extra(c, extra);
  extra->src = g->src;
  extra->dst = g->dst;
  extra->dcid = g->dcid;
  extra->pad_to = g->pad_to;
  while ((i = fault_find(g, HO_FRAME_PATH_RESPONSE, 0)) >= 0) {
    fault_add(extra, &g->frames[i]);
    fault_remove(g, (size_t)i);
  }
  return extra->frames_count > 0;
}

/* 8.2.2: not delayed. */
static void late_response(fault_conn *c, fault_datagram *g, ho_time now) {
  fault_datagram extra;

  (void)now;
  if (move_responses(c, g, &extra)) {
    fault_send(c, &extra, 500 * HO_MSEC);
  }
}

const fault_def fault_LATE_RESPONSE = {.leave = late_response};

/* 8.2.2: on the path that the PATH_CHALLENGE came in by. */
static void response_elsewhere(fault_conn *c, fault_datagram *g, ho_time now) {
  fault_datagram extra;

  (void)now;
  if (move_responses(c, g, &extra)) {
    extra.src.port++;
    fault_send(c, &extra, 0);
  }
}

const fault_def fault_RESPONSE_ELSEWHERE = {.leave = response_elsewhere};

/* 8.2.2: 1200 bytes at least. */
static void small_response(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)c, (void)now;
  if (fault_find(g, HO_FRAME_PATH_RESPONSE, 0) >= 0) {
    g->pad_to = 0;
    g->changed = true;
  }
}

const fault_def fault_SMALL_RESPONSE = {.leave = small_response};

/* 8.2.2: one, and 13.3: it is not repeated. */
static void double_response(fault_conn *c, fault_datagram *g, ho_time now) {
  int i = fault_find(g, HO_FRAME_PATH_RESPONSE, 0);

  (void)c, (void)now;
  if (i >= 0) {
    ho_frame again = g->frames[i];
    fault_add(g, &again);
  }
}

const fault_def fault_DOUBLE_RESPONSE = {.leave = double_response};

/* 8.2.1: whatever its size, it is a PATH_CHALLENGE. */
static bool deaf_to_small(fault_conn *c, ho_time now) {
  (void)now;
  return c->arrived->bytes < 1200 && fault_arrived(c, HO_FRAME_PATH_CHALLENGE);
}

const fault_def fault_DEAF_TO_SMALL = {.arrive = deaf_to_small};
