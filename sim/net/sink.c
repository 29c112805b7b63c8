/* Sinks: who watches the packets of a run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/sink.h"

void ho_sinks_packet(const ho_sinks *sinks, ho_seen_at at, ho_side from,
                     int net, const ho_packet *pkt, ho_time now) {
  for (size_t i = 0; sinks && i < sinks->count; i++) {
    const ho_sink *s = &sinks->list[i];
    if (s->packet) {
      s->packet(s->user, at, from, net, pkt, now);
    }
  }
}

void ho_sinks_secret(const ho_sinks *sinks, ho_side of, int client,
                     uint64_t connection, uint8_t proto, const char *label,
                     const uint8_t *random, const uint8_t *secret, size_t len,
                     ho_time now) {
  for (size_t i = 0; sinks && i < sinks->count; i++) {
    const ho_sink *s = &sinks->list[i];
    if (s->secret) {
      s->secret(s->user, of, client, connection, proto, label, random, secret,
                len, now);
    }
  }
}

void ho_sinks_qlog(const ho_sinks *sinks, ho_side of, int client,
                   uint64_t connection, const char *record, size_t len,
                   ho_time now) {
  for (size_t i = 0; sinks && i < sinks->count; i++) {
    const ho_sink *s = &sinks->list[i];
    if (s->qlog) {
      s->qlog(s->user, of, client, connection, record, len, now);
    }
  }
}
