/* What ngtcp2 writes as qlog, on its way to the events and the sinks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/conn.h"

void ho_quic_conn_qlog(void *user_data, uint32_t flags, const void *data,
                       size_t len) {
  ho_quic_conn *c = user_data;

  (void)flags;
  if (len > 0) {
    ho_quic_watch_qlog(data, len);
    ho_sinks_qlog(c->sinks, c->side, c->client, c->connection, data, len,
                  c->now);
  }
}
