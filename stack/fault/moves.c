/* Faults with migration: who moves, when, and what the peer does. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/fault_memory.h"

/* E1; 9 and RFC 9001, 4.1.2: not before the handshake is confirmed. */
static void early_migration(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (++c->memory[0] == 2) {
    g->src.port ^= 1;
  }
}

const fault_def fault_EARLY_MIGRATION = {.leave = early_migration, .all = true};

static void from_another_port(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (c->memory[0] == 1) {
    c->memory[0] = 2;
    g->src.port ^= 1;
  }
}

/* Connections that come later are left alone. */
static void arm_port(fault_conn *c, ho_time now) {
  (void)now;
  c->memory[0] = 1;
}

/* E2; 18.2: a client that was told to stay. */
const fault_def fault_IGNORE_DAM = {.leave = from_another_port,
                                    .begin = arm_port};

/* E9; 9: servers do not migrate. */
const fault_def fault_SERVER_MOVES = {.leave = from_another_port,
                                      .begin = arm_port};

/* E3; 9: packets from elsewhere do not end the connection. */
static bool close_on_move(fault_conn *c, ho_time now) {
  uint64_t *first = &c->memory[0], *closed = &c->memory[1];
  fault_datagram g;

  (void)now;
  if (*first == 0) {
    *first = fault_pack(c, &c->from);
  }
  if (*closed || fault_pack(c, &c->from) == *first) {
    return *closed != 0;
  }
  *closed = 1;
  fault_extra(c, &g);
  fault_add(&g, &(ho_frame){.type = HO_FRAME_CONNECTION_CLOSE, .error = 0x0a});
  fault_send(c, &g, 0);
  return true;
}

static void silent_when_closed(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  g->drop |= c->memory[1] != 0;
}

const fault_def fault_CLOSE_ON_MOVE = {.leave = silent_when_closed,
                                       .arrive = close_on_move};

/* E4; 9.1: nothing but probing frames. */
static void data_in_probes(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)c, (void)now;
  if (fault_probes(g) && (fault_find(g, HO_FRAME_PATH_CHALLENGE, 0) >= 0 ||
                          fault_find(g, HO_FRAME_PATH_RESPONSE, 0) >= 0)) {
    fault_add(g, &(ho_frame){.type = HO_FRAME_PING});
  }
}

const fault_def fault_DATA_IN_PROBES = {.leave = data_in_probes};

/* E5; 9.3: subsequent packets go to the new address. */
static void stay(fault_conn *c, fault_datagram *g, ho_time now) {
  uint64_t *home = &c->memory[0];

  (void)now;
  if (*home == 0) {
    *home = fault_pack(c, &g->dst);
  }
  if (!fault_probes(g)) {
    g->dst = fault_unpack(c, *home);
  }
}

const fault_def fault_STAY = {.leave = stay};

/* E6; 9.3: only the highest-numbered non-probing packet moves it. */
static bool follow_old(fault_conn *c, ho_time now) {
  uint64_t *largest = &c->memory[0], *at = &c->memory[1], *to = &c->memory[2];

  (void)now;
  for (size_t i = 0; i < c->arrived->packets_count; i++) {
    const ho_wire_packet *p = &c->arrived->packets[i];
    if (!p->opened || p->probing || p->header.type != HO_WIRE_1RTT) {
      continue;
    }
    if (p->pn >= *largest) {
      *largest = p->pn + 1;
      *at = fault_pack(c, &c->from);
    } else if (fault_pack(c, &c->from) != *at && c->memory[3] == *at) {
      *to = fault_pack(c, &c->from); /* once it has followed the newest */
    }
  }
  return false;
}

static void there(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (fault_probes(g)) {
    return;
  }
  if (c->memory[2]) {
    g->dst = fault_unpack(c, c->memory[2]);
  }
  c->memory[3] = fault_pack(c, &g->dst);
}

const fault_def fault_FOLLOW_OLD = {.leave = there, .arrive = follow_old};

/* E7; 9.3.3: the path in use before is validated, too. */
static void no_old_path_challenge(fault_conn *c, fault_datagram *g,
                                  ho_time now) {
  (void)now;
  if (c->arrived && !ho_endpoint_eq(&g->dst, &c->from)) {
    fault_remove_all(g, HO_FRAME_PATH_CHALLENGE);
  }
}

const fault_def fault_NO_OLD_PATH_CHALLENGE = {.leave = no_old_path_challenge};

/* E8; 9.3.3: a non-probing packet is the answer. */
static bool note_question(fault_conn *c, ho_time now) {
  if (fault_arrived(c, HO_FRAME_PATH_CHALLENGE)) {
    c->memory[0] = now + 2 * HO_SEC;
  }
  return false;
}

static void probing_answer(fault_conn *c, fault_datagram *g, ho_time now) {
  if (now >= c->memory[0]) {
    return;
  }
  for (size_t i = g->frames_count; i-- > 0;) {
    if (!ho_frame_probing(g->frames[i].type)) {
      fault_remove(g, i);
    }
  }
}

const fault_def fault_PROBING_ANSWER = {.leave = probing_answer,
                                        .arrive = note_question};

/* E10; 9.3: a token for the new address. */
static void no_new_token(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)c, (void)now;
  fault_remove_all(g, HO_FRAME_NEW_TOKEN);
}

const fault_def fault_NO_NEW_TOKEN = {.leave = no_new_token};

/* E12; 14.3: a new path begins with the smallest size. */
static void too_big_first(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (c->memory[0] == 0) {
    c->memory[0] = fault_pack(c, &g->dst);
  }
  if (fault_pack(c, &g->dst) != c->memory[0] && c->memory[1] &&
      !fault_probes(g)) {
    g->pad_to = 1400;
  }
}

/* Before, the limit of three times what came forbids it. */
static bool note_answer(fault_conn *c, ho_time now) {
  (void)now;
  c->memory[1] |= fault_arrived(c, HO_FRAME_PATH_RESPONSE) != NULL;
  return false;
}

const fault_def fault_TOO_BIG_FIRST = {.leave = too_big_first,
                                       .arrive = note_answer};
