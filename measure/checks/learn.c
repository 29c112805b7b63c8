/* What a flow learns from each datagram, at its sender and at its receiver. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/engine.h"
#include "measure/checks/packet.h"
#include "sim/base/alloc.h"

static void first(ho_time *t, ho_time now) {
  if (*t == HO_NEVER) {
    *t = now;
  }
}

static void largest(uint64_t *pn, uint64_t seen) {
  if (*pn == UINT64_MAX || seen > *pn) {
    *pn = seen;
  }
}

static void confirm(ho_flow_end *end, const ho_sighting *s) {
  if (end->t_confirmed == HO_NEVER) {
    end->t_confirmed = s->t;
    end->confirmed = s->tuple;
  }
}

/* ---- connection IDs ---- */

static ho_flow_cid *add_cid(ho_flow *flow, ho_side issuer, uint64_t sequence,
                            const ho_cid *cid, const ho_token *token,
                            ho_time now) {
  ho_flow_end *end = &flow->ends[issuer];
  ho_flow_cid *c;
  size_t i = ho_index_last(&end->by_cid, ho_index_cid(cid));

  for (; i != HO_INDEX_NONE; i = ho_index_before(&end->by_cid, i)) {
    c = &end->cids[i];
    if (c->sequence == sequence && ho_cid_eq(&c->cid, cid)) {
      return c;
    }
  }
  ho_index_add(&end->by_cid, ho_index_cid(cid));
  ho_index_add(&end->by_sequence, ho_index_number(sequence));
  ho_grow(&end->cids, end->cids_count, &end->cids_cap, sizeof(*end->cids));
  c = &end->cids[end->cids_count++];
  *c = (ho_flow_cid){.sequence = sequence,
                     .cid = *cid,
                     .has_token = token != NULL,
                     .t_issued = now,
                     .t_known = HO_NEVER,
                     .t_retiring = HO_NEVER,
                     .t_retired = HO_NEVER,
                     .t_first = HO_NEVER,
                     .t_last = HO_NEVER};
  end->cid_at = end->cids_count - 1;
  if (token) {
    c->token = *token;
  }
  return c;
}

/* The handshake's CID is the SCID of the first packet that is not a Retry; of
 * a preferred address there is one more, and CID 0 has a token (18.2). */
static void learn_handshake_cids(ho_flow *flow, const ho_sighting *s,
                                 const ho_wire_packet *p) {
  ho_flow_end *end = &flow->ends[s->from];
  const ho_wire_params *params = ho_decoder_params(flow->decoder, s->from);

  if (end->cids_count == 0 && (p->header.type == HO_WIRE_INITIAL ||
                               p->header.type == HO_WIRE_HANDSHAKE)) {
    add_cid(flow, s->from, 0, &p->header.scid, NULL, s->t);
  }
  if (!end->params && params) {
    end->params = params;
    if (params->has_reset_token && end->cids_count > 0) {
      end->cids[0].has_token = true;
      end->cids[0].token = params->reset_token;
    }
    if (params->has_preferred) {
      add_cid(flow, s->from, 1, &params->preferred_cid,
              &params->preferred_token, s->t);
    }
  }
}

static void use_cid(ho_flow *flow, ho_side issuer, const ho_cid *dcid,
                    ho_time now) {
  ho_flow_cid *cid = ho_flow_find_cid(flow, issuer, dcid);

  if (cid) {
    first(&cid->t_first, now);
    cid->t_last = now;
  }
}

/* ---- paths ---- */

static ho_flow_path *path_of(ho_flow *flow, ho_side of, const ho_sighting *s) {
  ho_flow_path *path = ho_flow_find_path(flow, of, &s->tuple);
  ho_flow_end *end = &flow->ends[of];

  if (path) {
    return path;
  }
  ho_index_add(&end->by_tuple, ho_tuple_hash(&s->tuple));
  ho_index_add(&end->by_client, ho_index_endpoint(&s->tuple.client));
  end->path_at = end->paths_count;
  ho_grow(&end->paths, end->paths_count, &end->paths_cap, sizeof(*end->paths));
  path = &end->paths[end->paths_count++];
  *path = (ho_flow_path){.tuple = s->tuple,
                         .t_first = s->t,
                         .t_challenge = HO_NEVER,
                         .t_validated = HO_NEVER,
                         .t_nonprobing = HO_NEVER,
                         .largest_nonprobing = UINT64_MAX};
  return path;
}

/* ---- at the sender ---- */

static void add_challenge(ho_flow *flow, const ho_sighting *s,
                          const ho_wire_packet *p, uint64_t data) {
  ho_flow_end *end = &flow->ends[s->from];

  ho_index_add(&end->by_data, ho_index_number(data));
  ho_index_add(&end->by_target, ho_index_endpoint(&s->tuple.client));
  ho_grow(&end->challenges, end->challenges_count, &end->challenges_cap,
          sizeof(*end->challenges));
  end->challenges[end->challenges_count++] =
      (ho_flow_challenge){.data = data,
                          .t_sent = s->t,
                          .packet = s->packet,
                          .pn = p->pn,
                          .tuple = s->tuple,
                          .bytes = s->d->bytes,
                          .t_received = HO_NEVER,
                          .t_answered = HO_NEVER};
}

static void sent_frame(ho_flow *flow, const ho_sighting *s,
                       const ho_wire_packet *p, const ho_frame *f,
                       ho_flow_path *path) {
  ho_flow_end *end = &flow->ends[s->from];
  ho_flow_challenge *challenge;
  ho_flow_cid *cid;

  switch (f->type) {
  case HO_FRAME_NEW_CONNECTION_ID:
    add_cid(flow, s->from, f->sequence, &f->cid, &f->token, s->t)->times_sent++;
    if (f->retire_prior_to > end->prior_sent) {
      end->prior_sent = f->retire_prior_to;
    }
    break;
  case HO_FRAME_RETIRE_CONNECTION_ID:
    cid = ho_flow_find_sequence(flow, ho_other(s->from), f->sequence);
    if (cid) {
      first(&cid->t_retiring, s->t);
    }
    break;
  case HO_FRAME_PATH_CHALLENGE:
    path->challenges++;
    path->t_challenge = s->t;
    add_challenge(flow, s, p, f->data);
    break;
  case HO_FRAME_PATH_RESPONSE:
    path->responses++;
    challenge = ho_flow_find_challenge(flow, ho_other(s->from), f->data);
    if (challenge) {
      challenge->answers++;
    }
    break;
  case HO_FRAME_CONNECTION_CLOSE:
  case HO_FRAME_CONNECTION_CLOSE_APP:
    if (end->t_closed == HO_NEVER) {
      end->t_closed = s->t;
      end->error = f->error;
      end->error_app = f->type == HO_FRAME_CONNECTION_CLOSE_APP;
    }
    break;
  case HO_FRAME_HANDSHAKE_DONE:
    confirm(end, s);
    break;
  default:
    break;
  }
}

static void learn_sent(ho_flow *flow, const ho_sighting *s) {
  ho_flow_end *end = &flow->ends[s->from];
  ho_flow_path *path = path_of(flow, s->from, s);

  path->sent += s->d->bytes;
  end->t_last_sent = s->t;
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    learn_handshake_cids(flow, s, p);
    use_cid(flow, ho_other(s->from), &p->header.dcid, s->t);
    if (!p->opened) {
      continue;
    }
    largest(&end->largest_sent[ho_flow_space(p)], p->pn);
    for (size_t k = 0; k < p->frames_count; k++) {
      sent_frame(flow, s, p, &p->frames[k], path);
    }
  }
}

/* ---- at the receiver ---- */

/* 8.2.3: a PATH_RESPONSE, wherever it comes in, validates the path that its
 * PATH_CHALLENGE was sent on. */
static void learn_response(ho_flow *flow, ho_side to, uint64_t data,
                           ho_time now) {
  ho_flow_challenge *challenge = ho_flow_find_challenge(flow, to, data);
  ho_flow_path *path;

  if (!challenge) {
    return;
  }
  first(&challenge->t_answered, now);
  path = ho_flow_find_path(flow, to, &challenge->tuple);
  if (path) {
    first(&path->t_validated, now);
  }
}

static void raise_low(ho_flow_end *end, ho_time now) {
  while (end->cids_low < end->cids_count &&
         end->cids[end->cids_low].t_retired != HO_NEVER &&
         end->cids[end->cids_low].t_retiring < now) {
    end->cids_low++;
  }
}

static void received_frame(ho_flow *flow, const ho_sighting *s,
                           const ho_frame *f) {
  ho_side to = ho_other(s->from);
  ho_flow_challenge *challenge;
  ho_flow_cid *cid;

  switch (f->type) {
  case HO_FRAME_NEW_CONNECTION_ID:
    cid = ho_flow_find_cid(flow, s->from, &f->cid);
    if (cid) {
      first(&cid->t_known, s->t);
    }
    if (f->retire_prior_to > flow->ends[s->from].prior_received) {
      flow->ends[s->from].prior_received = f->retire_prior_to;
    }
    break;
  case HO_FRAME_RETIRE_CONNECTION_ID:
    cid = ho_flow_find_sequence(flow, to, f->sequence);
    if (cid) {
      first(&cid->t_retired, s->t);
      raise_low(&flow->ends[to], s->t);
    }
    break;
  case HO_FRAME_PATH_CHALLENGE:
    challenge = ho_flow_find_challenge(flow, s->from, f->data);
    if (challenge && challenge->t_received == HO_NEVER) {
      challenge->t_received = s->t;
      challenge->tuple_received = s->tuple;
    }
    break;
  case HO_FRAME_PATH_RESPONSE:
    learn_response(flow, to, f->data, s->t);
    break;
  case HO_FRAME_HANDSHAKE_DONE:
    confirm(&flow->ends[to], s);
    break;
  default:
    break;
  }
}

static void note_keys(ho_flow_end *end, const ho_wire_packet *p) {
  uint64_t newest = end->largest_received[2];

  if (p->header.type == HO_WIRE_1RTT && p->key_phase != end->key_phase &&
      (newest == UINT64_MAX || p->pn > newest)) {
    end->key_phase = p->key_phase;
    end->pn_keys = p->pn;
  }
}

static void received_packet(ho_flow *flow, const ho_sighting *s,
                            const ho_wire_packet *p, ho_flow_path *path) {
  ho_flow_end *end = &flow->ends[ho_other(s->from)];

  note_keys(end, p);

  largest(&end->largest_received[ho_flow_space(p)], p->pn);
  if (p->header.type == HO_WIRE_HANDSHAKE) {
    /* 8.1: whoever can make one has read what was sent to that address.  It is
     * not processed when its keys are gone (RFC 9001, 4.9.2). */
    if (end->t_confirmed == HO_NEVER) {
      first(&path->t_validated, s->t);
    }
    end->peer_params_known |= s->from == HO_SERVER;
  }
  if (p->header.type == HO_WIRE_INITIAL && s->from == HO_CLIENT) {
    end->peer_params_known = true;
  }
  if (p->header.type == HO_WIRE_1RTT && !p->probing) {
    first(&path->t_nonprobing, s->t);
    largest(&path->largest_nonprobing, p->pn);
  }
  for (size_t i = 0; i < p->frames_count; i++) {
    received_frame(flow, s, &p->frames[i]);
  }
}

static void learn_received(ho_flow *flow, const ho_sighting *s) {
  ho_side to = ho_other(s->from);
  ho_flow_path *path = path_of(flow, to, s);
  bool opened = false;

  path->received += s->d->bytes;
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (p->opened) {
      opened = true;
      received_packet(flow, s, p, path);
    }
  }
  if (opened) {
    flow->ends[to].t_last_received = s->t;
  } else if (ho_flow_find_reset(flow, s->from, s->d)) {
    first(&flow->ends[to].t_reset, s->t);
  }
}

void ho_flow_learn(ho_flow *flow, const ho_sighting *s) {
  if (ho_sent_by(s, s->from)) {
    learn_sent(flow, s);
  } else if (s->at == HO_RECEIVED) {
    learn_received(flow, s);
  }
}
