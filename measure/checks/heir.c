/* A connection whose server forgets it before the handshake is over: the
 * client's next Initial begins another one, of which the keys, CIDs and numbers
 * of the first say nothing.  So it gets a flow of its own, the heir, which sees
 * what the client does from the restart on. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/heir.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

void ho_heir_begin(ho_flow *flow) {
  ho_flow *heir;

  if (!flow->sealed || flow->heir ||
      flow->ends[HO_SERVER].t_confirmed != HO_NEVER) {
    return;
  }
  heir = ho_flow_new(flow->scenario, flow->arm, flow->client, flow->connection,
                     ho_alloc_array(HO_CHECK_COUNT, sizeof(ho_finding)));
  heir->spare = heir->findings;
  heir->told = flow->told;
  heir->t_told = flow->t_told;
  heir->t_changed = flow->t_changed;
  heir->change = flow->change;
  heir->packet = flow->packet;
  heir->source = flow->source;
  flow->heir = heir;
}

void ho_heir_see(ho_flow *heir, const ho_sighting *s, const uint8_t *data,
                 size_t len, ho_wire_datagram *scratch) {
  ho_sighting own = *s;

  if (s->from == HO_SERVER) {
    return; /* the first one's, which nobody is bound to any more */
  }
  own.d = scratch;
  if (s->at == HO_SENT && !s->forged) {
    ho_decoder_read(heir->decoder, s->from, data, len, scratch);
  } else {
    ho_decoder_peek(heir->decoder, s->from, data, len, scratch);
  }
  ho_flow_learn(heir, &own);
  ho_flow_judge(heir, &own);
}

/* It has seen the client begin, which the first server has not answered. */
static bool is_whole(const ho_flow *flow) {
  return flow->heir->ends[HO_CLIENT].cids_count > 0 &&
         flow->shared_len[HO_CLIENT] == 0;
}

/* From now on |flow| is its heir, which owns it. */
static ho_flow *succeed(ho_flow *flow) {
  ho_flow *heir = flow->heir;

  if (!is_whole(flow)) {
    flow->lost = true;
    return flow;
  }
  flow->heir = NULL;
  free(heir->spare);
  heir->spare = NULL;
  heir->findings = flow->findings;
  heir->watcher = flow->watcher;
  heir->forebear = flow;
  return heir;
}

/* A client that has another secret than the server keeps to the first one. */
static void compare(ho_flow *flow, ho_side of, const uint8_t *secret,
                    size_t len) {
  const size_t *lens = flow->shared_len;

  if (len <= sizeof(flow->shared[of])) {
    memcpy(flow->shared[of], secret, len);
    flow->shared_len[of] = len;
  }
  flow->lost |= lens[HO_CLIENT] > 0 && lens[HO_SERVER] > 0 &&
                (lens[HO_CLIENT] != lens[HO_SERVER] ||
                 memcmp(flow->shared[HO_CLIENT], flow->shared[HO_SERVER],
                        lens[HO_CLIENT]) != 0);
}

ho_flow *ho_heir_secret(ho_flow *flow, ho_side of, const char *label,
                        const uint8_t *secret, size_t len) {
  if (of == HO_SERVER && flow->heir && !flow->lost) {
    flow = succeed(flow);
  }
  flow->sealed |= of == HO_SERVER;
  if (strcmp(label, "CLIENT_HANDSHAKE_TRAFFIC_SECRET") == 0) {
    compare(flow, of, secret, len);
  }
  return flow;
}
