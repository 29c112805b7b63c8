/* Faults with where packets go while a path is validated. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "stack/fault/fault_memory.h"

enum { NO_VIABLE_PATH = 0x10, PROTOCOL_VIOLATION = 0x0a, DNS_PORT = 53 };

/* ---- the former path, and the first challenge to another ---- */

enum { FORMER, CHALLENGED, SINCE };

static void remember(fault_conn *c, const fault_datagram *g, ho_time now) {
  uint64_t *m = c->memory;

  if (m[CHALLENGED]) {
    return;
  }
  if (!m[FORMER]) {
    m[FORMER] = fault_pack(c, &g->dst);
  } else if (m[FORMER] != fault_pack(c, &g->dst) &&
             fault_find(g, HO_FRAME_PATH_CHALLENGE, 0) >= 0) {
    m[CHALLENGED] = fault_pack(c, &g->dst);
    m[SINCE] = now;
  }
}

static bool answered(fault_conn *c, ho_time now) {
  (void)now;
  if (fault_arrived(c, HO_FRAME_PATH_RESPONSE)) {
    c->memory[CHALLENGED] = 0;
  }
  return false;
}

/* 8.2.4: three times the PTO, with that of 333 ms at least. */
static void give_up_early(fault_conn *c, fault_datagram *g, ho_time now) {
  remember(c, g, now);
  if (c->memory[CHALLENGED] && now > c->memory[SINCE] + HO_SEC &&
      fault_find(g, HO_FRAME_PATH_CHALLENGE, 0) < 0 &&
      fault_find(g, HO_FRAME_PATH_RESPONSE, 0) < 0) {
    g->dst = fault_unpack(c, c->memory[FORMER]);
  }
}

const fault_def fault_GIVE_UP_EARLY = {.leave = give_up_early,
                                       .arrive = answered};

/* 9.3.2: back to the last validated address; 9.3.3: or to the original one. */
static void never_give_up(fault_conn *c, fault_datagram *g, ho_time now) {
  remember(c, g, now);
  if (c->memory[CHALLENGED]) {
    g->dst = fault_unpack(c, c->memory[CHALLENGED]);
  }
}

const fault_def fault_NEVER_GIVE_UP = {.leave = never_give_up};

/* 9.1: other paths remain. */
static void close_on_failure(fault_conn *c, fault_datagram *g, ho_time now) {
  ho_frame close = {.type = HO_FRAME_CONNECTION_CLOSE, .error = NO_VIABLE_PATH};

  remember(c, g, now);
  if (c->memory[CHALLENGED] && now > c->memory[SINCE] + 2 * HO_SEC) {
    while (g->frames_count > 0) {
      fault_remove(g, 0);
    }
    fault_add(g, &close);
  }
}

const fault_def fault_CLOSE_ON_FAILURE = {.leave = close_on_failure,
                                          .arrive = answered};

/* 9: a strange address is no reason to close. */
static bool close_on_stranger(fault_conn *c, ho_time now) {
  ho_frame close = {.type = HO_FRAME_CONNECTION_CLOSE,
                    .error = PROTOCOL_VIOLATION};
  fault_datagram extra;

  (void)now;
  if (!c->memory[0]) {
    c->memory[0] = fault_pack(c, &c->from);
  } else if (c->memory[0] != fault_pack(c, &c->from) && !c->memory[1]) {
    c->memory[1] = 1;
    fault_extra(c, &extra);
    extra.dst = c->from;
    fault_add(&extra, &close);
    fault_send(c, &extra, 0);
  }
  return false;
}

const fault_def fault_CLOSE_ON_STRANGER = {.arrive = close_on_stranger};

/* RFC 9308, 8.1: a port that servers block. */
static void blocked_port(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (!c->memory[0]) {
    c->memory[0] = fault_pack(c, &g->src);
  } else if (c->memory[0] != fault_pack(c, &g->src)) {
    g->src.port = DNS_PORT;
  }
}

const fault_def fault_BLOCKED_PORT = {.leave = blocked_port};

/* 9.5: a CID has one path. */
static void probe_without_cids(fault_conn *c, fault_datagram *g, ho_time now) {
  uint64_t *dcid = c->memory;

  (void)now;
  if (g->dcid.len == 0 || g->dcid.len > sizeof(*dcid)) {
    return;
  }
  if (fault_find(g, HO_FRAME_PATH_CHALLENGE, 0) < 0) {
    memcpy(dcid, g->dcid.bytes, g->dcid.len);
  } else if (*dcid) {
    memcpy(g->dcid.bytes, dcid, g->dcid.len);
  }
}

const fault_def fault_PROBE_WITHOUT_CIDS = {.leave = probe_without_cids};
