/* Path validation (RFC 9000, 8.2) and the 3x limit (8.1), per handoff. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* PATH_CHALLENGEs of an endpoint further apart belong to different rounds. */
static const ho_time ROUND = HO_MSEC;

static const char CHALLENGE[] = "PATH_CHALLENGE";

typedef enum { NEITHER, ON_NEW, ON_OLD } whose;

/* Which path of |h| an endpoint means by |tuple|, an index of the tuple as that
 * endpoint sees it. */
static whose path_of(const ho_meter_handoff *h, ho_side side, int tuple) {
  int fresh = side == HO_SERVER ? h->new_tuple : h->new_local;
  int old = side == HO_SERVER ? h->old_tuple : h->old_local;

  return tuple == fresh ? ON_NEW : tuple == old ? ON_OLD : NEITHER;
}

static void count_undersized(ho_meter_handoff *h, const ho_ev_path_frame *u) {
  if (u->bytes < HO_METER_FULL_DATAGRAM && h->undersized_packet != u->packet) {
    h->undersized++;
    h->undersized_packet = u->packet;
  }
}

static void sent_challenge(ho_meter *m, ho_meter_client *c,
                           const ho_ev_path_frame *u, int tuple) {
  ho_meter_challenge *challenge;
  ho_meter_handoff *h;
  ho_meter_pv *pv;
  whose path;

  ho_grow(&c->challenges, c->challenges_count, &c->challenges_cap,
          sizeof(*c->challenges));
  challenge = &c->challenges[c->challenges_count++];
  *challenge = (ho_meter_challenge){.data = u->data,
                                    .bytes = u->bytes,
                                    .t = m->now,
                                    .side = (uint8_t)u->endpoint,
                                    .tuple = tuple,
                                    .handoff = -1};
  if (c->handoffs_count == 0) {
    return;
  }
  h = &c->handoffs[c->handoffs_count - 1];
  path = path_of(h, u->endpoint, tuple);
  if (path == ON_NEW && !h->ended) {
    challenge->handoff = (int)c->handoffs_count - 1;
  }
  if (!ho_meter_in_window(m, h)) {
    return;
  }
  if (path == ON_OLD) {
    h->old_path_challenges++;
  } else if (path == ON_NEW) {
    pv = &h->pv[u->endpoint];
    if (pv->challenges == 0 || m->now - pv->t_last_sent > ROUND) {
      pv->rounds++;
    }
    pv->challenges++;
    pv->t_last_sent = m->now;
    count_undersized(h, u);
  }
}

static void sent_response(ho_meter *m, ho_meter_client *c,
                          const ho_ev_path_frame *u, int tuple) {
  ho_meter_handoff *h;

  if (c->handoffs_count == 0) {
    return;
  }
  h = &c->handoffs[c->handoffs_count - 1];
  if (ho_meter_in_window(m, h) && path_of(h, u->endpoint, tuple) == ON_NEW) {
    h->pv[u->endpoint].responses++;
    count_undersized(h, u);
  }
}

/* A response on any path validates the path that its challenge was sent on (RFC
 * 9000, 8.2.3). */
static void got_response(ho_meter *m, ho_meter_client *c,
                         const ho_ev_path_frame *u) {
  for (size_t i = c->challenges_count; i-- > 0;) {
    const ho_meter_challenge *ch = &c->challenges[i];
    ho_meter_handoff *h;
    ho_meter_pv *pv;

    if (ch->side != u->endpoint || ch->data != u->data) {
      continue;
    }
    if (u->endpoint == HO_SERVER) {
      c->tuples[ch->tuple].validated = true;
    }
    if (ch->handoff < 0 || c->handoffs[ch->handoff].ended) {
      return;
    }
    h = &c->handoffs[ch->handoff];
    pv = &h->pv[u->endpoint];
    if (pv->t_response == HO_NEVER) {
      pv->t_challenge = ch->t;
      pv->t_response = m->now;
      pv->undersized = ch->bytes < HO_METER_FULL_DATAGRAM;
    } else if (pv->undersized && pv->t_mtu == HO_NEVER &&
               ch->bytes >= HO_METER_FULL_DATAGRAM) {
      pv->t_mtu = m->now;
    }
    return;
  }
}

/* Frames are announced before the datagram that takes them, and with the tuple
 * that the transport believes in; where they go is known when it leaves. */
static void announce(ho_meter_client *c, const ho_ev_path_frame *u) {
  bool challenge = strcmp(u->frame, CHALLENGE) == 0;

  if (c->frames_count > 0 && c->frames[0].packet != u->packet) {
    c->frames_count = 0; /* that datagram never left */
  }
  ho_grow(&c->frames, c->frames_count, &c->frames_cap, sizeof(*c->frames));
  c->frames[c->frames_count] = *u;
  /* Strings live as long as the event. */
  c->frames[c->frames_count].way = "sent";
  c->frames[c->frames_count++].frame = challenge ? CHALLENGE : "PATH_RESPONSE";
}

uint8_t ho_meter_frames_of(const ho_meter_client *c, uint64_t n) {
  uint8_t frames = 0;

  for (size_t i = 0; i < c->frames_count && c->frames[i].packet == n; i++) {
    frames |= strcmp(c->frames[i].frame, CHALLENGE) == 0 ? HO_METER_CHALLENGE
                                                         : HO_METER_RESPONSE;
  }
  return frames;
}

void ho_meter_frames_sent(ho_meter *m, ho_meter_client *c, uint64_t n,
                          int tuple) {
  for (size_t i = 0; i < c->frames_count; i++) {
    const ho_ev_path_frame *u = &c->frames[i];

    if (u->packet != n) {
      return;
    }
    if (strcmp(u->frame, CHALLENGE) == 0) {
      sent_challenge(m, c, u, tuple);
    } else {
      sent_response(m, c, u, tuple);
    }
  }
  c->frames_count = 0;
}

void ho_meter_on_path_frame(ho_meter *m, const ho_event *ev) {
  const ho_ev_path_frame *u = &ev->u.path_frame;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);

  if (c == NULL) {
    return;
  }
  if (strcmp(u->way, "sent") == 0) {
    announce(c, u);
  } else if (strcmp(u->frame, "PATH_RESPONSE") == 0) {
    got_response(m, c, u);
  }
}

void ho_meter_on_path_validation(ho_meter *m, const ho_event *ev) {
  const ho_ev_path_validation *u = &ev->u.path_validation;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  ho_meter_handoff *h;
  int tuple;

  if (c == NULL || c->handoffs_count == 0) {
    return;
  }
  h = &c->handoffs[c->handoffs_count - 1];
  tuple = ho_meter_tuple_at(m, c, &u->tuple, -1);
  if (h->ended || path_of(h, u->endpoint, tuple) != ON_NEW) {
    return;
  }
  if (strcmp(u->result, "failure") == 0) {
    h->pv_failed = true;
  } else if (strcmp(u->result, "aborted") == 0) {
    h->pv_aborted = true;
  }
}

const ho_meter_pv *ho_meter_pv_last(const ho_meter_handoff *h) {
  const ho_meter_pv *last = NULL;

  for (int side = 0; side < 2; side++) {
    const ho_meter_pv *pv = &h->pv[side];

    if (pv->challenges == 0) {
      continue; /* it does not validate: a client that was not told */
    }
    if (pv->t_response == HO_NEVER) {
      return NULL;
    }
    if (last == NULL || pv->t_response > last->t_response) {
      last = pv;
    }
  }
  return last;
}

/* ---- the 3x limit ---- */

static void add_blocked(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                        void *arg) {
  const ho_meter_connection *conn = arg;
  ho_time from = conn->t_blocked > h->t_loss ? conn->t_blocked : h->t_loss;
  ho_time to = m->now < h->t_end ? m->now : h->t_end;

  (void)c;
  if (!h->ended && to > from) {
    h->amp_ns += to - from;
  }
}

void ho_meter_amp_end(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h) {
  for (size_t i = 0; i < c->conns_count; i++) {
    if (c->conns[i].blocked) {
      add_blocked(m, c, h, &c->conns[i]);
    }
  }
}

void ho_meter_on_amplification(ho_meter *m, const ho_event *ev) {
  const ho_ev_amplification *u = &ev->u.amplification;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  ho_meter_connection *conn;

  if (c == NULL) {
    return;
  }
  conn = ho_meter_connection_at(c, u->connection);
  if (conn->blocked == (u->blocked != 0)) {
    return;
  }
  if (conn->blocked) {
    ho_meter_live(m, c, add_blocked, conn);
  }
  conn->blocked = !conn->blocked;
  conn->t_blocked = m->now;
}
