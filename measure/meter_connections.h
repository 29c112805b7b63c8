/* Connections, as their senders tell of them.  Private to measure/meter_*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_METER_CONNECTIONS_H
#define HO_MEASURE_METER_CONNECTIONS_H

#include "measure/meter_packets.h"

/* ho_meter_flow is one end of a connection as a sender. */
typedef struct {
  ho_ring pns[3]; /* packet number spaces: Initial, Handshake, 1-RTT */
  bool seen;      /* a recovery event has come */
  uint64_t cwnd;  /* in the first one */
  ho_ev_recovery state;
} ho_meter_flow;

typedef struct {
  bool started, tcp;
  ho_time t_started, t_done; /* client's handshake */
  ho_time t_first_rx;        /* its first packet reached the server */
  int local;                 /* tuple of its first packet, or -1 */
  bool failed;               /* closed with an error */
  ho_meter_flow flows[2];
  bool blocked; /* by the amplification limit */
  ho_time t_blocked;
  uint64_t state_bytes;
} ho_meter_connection;

/* ---- meter_packets.c ---- */
ho_meter_connection *ho_meter_connection_at(ho_meter_client *c, uint64_t n);

/* ---- meter_recovery.c: declared loss, congestion and RTT ---- */
void ho_meter_on_quic_sent(ho_meter *m, const ho_event *ev);
void ho_meter_on_packet_lost(ho_meter *m, const ho_event *ev);
void ho_meter_on_recovery(ho_meter *m, const ho_event *ev);
const ho_meter_flow *ho_meter_sender(const ho_meter_client *c);

/* ---- meter_race.c: QUIC against TCP ---- */
/* ho_meter_works_on: the application uses |connection|. */
void ho_meter_works_on(ho_meter *m, ho_meter_client *c, uint64_t connection);

#endif
