/* What all elements share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/element.h"

#include "sim/net/background.h"
#include "sim/ns3/ns3.h"

void ho_element_drop(const ho_env *env, int net, ho_direction dir,
                     ho_packet *pkt, const char *reason) {
  if (pkt->client != HO_BACKGROUND) {
    HO_EMIT(env->log, packet_dropped, ho_ns_now(), pkt->client,
            .packet = pkt->id, .net = net, .direction = ho_direction_name(dir),
            .reason = reason, .bytes = pkt->len);
  }
  ho_packet_del(env->pool, pkt);
}
