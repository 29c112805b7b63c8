/* Faults with connection IDs that an endpoint issues. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "stack/fault/cids.h"

/* Calls |change| for every NEW_CONNECTION_ID of |g|. */
static void each_ncid(fault_conn *c, fault_datagram *g,
                      void (*change)(fault_conn *c, ho_frame *f)) {
  int i = -1;

  while ((i = fault_find(g, HO_FRAME_NEW_CONNECTION_ID, (size_t)(i + 1))) >=
         0) {
    change(c, &g->frames[i]);
    g->changed = true;
  }
}

/* 5.1: no CID is issued twice. */
static void take_first_cid(fault_conn *c, ho_frame *f) {
  if (c->memory[0] == 0) {
    c->memory[0] = f->sequence;
    fault_cid_keep(&c->memory[1], &f->cid);
  } else if (f->sequence != c->memory[0]) {
    f->cid = fault_cid_kept(&c->memory[1]);
  }
}

static void reuse_cid(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  each_ncid(c, g, take_first_cid);
}

const fault_def fault_REUSE_CID = {.leave = reuse_cid};

/* 5.1.1: sequence numbers go up by one. */
static void count_higher(fault_conn *c, ho_frame *f) {
  (void)c;
  f->sequence += f->sequence >= 3;
}

static void skip_sequence(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  each_ncid(c, g, count_higher);
}

const fault_def fault_SKIP_SEQUENCE = {.leave = skip_sequence};

static ho_frame made_up(uint64_t sequence) {
  ho_frame f = {.type = HO_FRAME_NEW_CONNECTION_ID,
                .sequence = sequence,
                .cid = {.len = 8}};

  for (uint8_t i = 0; i < 16; i++) {
    f.cid.bytes[i % 8] = (uint8_t)(0x5b * (i + 1) + sequence);
    f.token.bytes[i] = (uint8_t)(0x9d * (i + 1) + sequence);
  }
  return f;
}

/* 5.1.1: no more CIDs than the peer's limit are active. */
static void too_many_cids(fault_conn *c, fault_datagram *g, ho_time now) {
  int i = -1;

  (void)now;
  while ((i = fault_find(g, HO_FRAME_NEW_CONNECTION_ID, (size_t)(i + 1))) >=
         0) {
    if (g->frames[i].sequence > c->memory[0]) {
      c->memory[0] = g->frames[i].sequence;
    }
  }
  if (!c->memory[1] && c->peer &&
      c->memory[0] + 1 >= c->peer->active_connection_id_limit) {
    ho_frame f = made_up(c->memory[0] + 1);
    c->memory[1] = fault_add(g, &f);
  }
}

const fault_def fault_TOO_MANY_CIDS = {.leave = too_many_cids};

/* 5.1.1: every active CID is accepted. */
static bool ignore_cid(fault_conn *c, ho_time now) {
  const ho_wire_packet *p =
      c->arrived->packets_count > 0 ? &c->arrived->packets[0] : NULL;
  ho_cid first = fault_cid_kept(&c->memory[1]);

  (void)now;
  if (!p || p->header.type != HO_WIRE_1RTT) {
    return false;
  }
  if (!c->memory[0]) {
    c->memory[0] = 1;
    fault_cid_keep(&c->memory[1], &p->header.dcid);
    return false;
  }
  return p->header.dcid.len != first.len ||
         memcmp(p->header.dcid.bytes, first.bytes, first.len) != 0;
}

const fault_def fault_IGNORE_CID = {.arrive = ignore_cid};

/* 5.1.1: what the peer retires should be replaced. */
static bool see_retire(fault_conn *c, ho_time now) {
  (void)now;
  c->memory[0] |= fault_arrived(c, HO_FRAME_RETIRE_CONNECTION_ID) != NULL;
  return false;
}

static void no_replacement(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (c->memory[0]) {
    fault_remove_all(g, HO_FRAME_NEW_CONNECTION_ID);
  }
}

const fault_def fault_NO_REPLACEMENT = {.leave = no_replacement,
                                        .arrive = see_retire};

/* 5.1.2 allows this; the peer has to do it. */
static void keep_ncid(fault_conn *c, ho_frame *f) {
  if (f->sequence >= c->memory[0]) {
    c->memory[0] = f->sequence;
    fault_cid_keep(&c->memory[1], &f->cid);
    memcpy(&c->memory[4], f->token.bytes, sizeof(f->token.bytes));
  }
}

static void retire_prior_to(fault_conn *c, fault_datagram *g, ho_time now) {
  ho_frame f = {.type = HO_FRAME_NEW_CONNECTION_ID, .retire_prior_to = 1};

  each_ncid(c, g, keep_ncid);
  if (c->memory[0] && !c->memory[6]) {
    c->memory[6] = now;
  }
  if (c->memory[6] && !c->memory[7] && now > c->memory[6] + 500 * HO_MSEC) {
    f.sequence = c->memory[0];
    f.cid = fault_cid_kept(&c->memory[1]);
    memcpy(f.token.bytes, &c->memory[4], sizeof(f.token.bytes));
    c->memory[7] = fault_add(g, &f);
  }
}

const fault_def fault_RETIRE_PRIOR_TO = {.leave = retire_prior_to};

/* 5.1.2: at any time, with the handshake still under way too. */
static void ask_at_once(fault_conn *c, ho_frame *f) {
  (void)c;
  f->retire_prior_to = 1;
}

static void retire_at_once(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  each_ncid(c, g, ask_at_once);
}

const fault_def fault_RETIRE_AT_ONCE = {.leave = retire_at_once};

/* 19.15: Retire Prior To is at most the sequence number. */
static void ask_for_itself(fault_conn *c, ho_frame *f) {
  (void)c;
  f->retire_prior_to = f->sequence + 1;
}

static void bad_retire_prior_to(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  each_ncid(c, g, ask_for_itself);
}

const fault_def fault_BAD_RETIRE_PRIOR_TO = {.leave = bad_retire_prior_to};

/* 13.3: what was lost is sent again. */
static void never_resend_cid(fault_conn *c, fault_datagram *g, ho_time now) {
  int i = 0;

  (void)now;
  while ((i = fault_find(g, HO_FRAME_NEW_CONNECTION_ID, (size_t)i)) >= 0) {
    uint64_t sequence = g->frames[i].sequence;
    uint64_t *sent = &c->memory[sequence / 64 % FAULT_MEMORY];
    uint64_t bit = UINT64_C(1) << sequence % 64;
    if (*sent & bit) {
      fault_remove(g, (size_t)i);
    } else {
      *sent |= bit;
      i++;
    }
  }
}

const fault_def fault_NEVER_RESEND_CID = {.leave = never_resend_cid};

/* 19.15: not from an endpoint that has its peer send without CID. */
static void cid_for_empty(fault_conn *c, fault_datagram *g, ho_time now) {
  ho_frame f = made_up(1);

  (void)now;
  if (!c->memory[0]) {
    c->memory[0] = fault_add(g, &f);
  }
}

const fault_def fault_CID_FOR_EMPTY = {.leave = cid_for_empty};

/* 5.1: nothing in CIDs shows that they belong together. */
static void begin_alike(fault_conn *c, ho_frame *f) {
  (void)c;
  memcpy(f->cid.bytes, "\x0a\x0b\x0c\x0d", 4);
}

static void cid_prefix(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  each_ncid(c, g, begin_alike);
}

const fault_def fault_CID_PREFIX = {.leave = cid_prefix};

/* 10.3.2: a token for each CID. */
static void share_token(fault_conn *c, ho_frame *f) {
  if (!c->memory[0]) {
    c->memory[0] = 1;
    memcpy(&c->memory[1], f->token.bytes, sizeof(f->token.bytes));
  }
  memcpy(f->token.bytes, &c->memory[1], sizeof(f->token.bytes));
}

static void same_token(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  each_ncid(c, g, share_token);
}

const fault_def fault_SAME_TOKEN = {.leave = same_token};
