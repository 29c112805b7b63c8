/* The packets, tuples and streams of a run.  Private to measure/meter_*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_METER_PACKETS_H
#define HO_MEASURE_METER_PACKETS_H

#include "measure/meter.h"
#include "measure/ring.h"

typedef struct ho_meter_client ho_meter_client; /* measure/meter_state.h */

/* ho_meter_packet is an IP packet, found by its number. */
typedef struct {
  ho_time t_sent;
  uint64_t range;      /* number of its first stream range */
  uint32_t ranges;     /* how many it has */
  uint32_t connection; /* valid where has_connection */
  uint32_t bytes;      /* IP bytes */
  uint32_t late;       /* stream bytes sent again while it was on its way */
  int32_t client;
  int32_t local; /* tuple as the client sees it, for a client's packet */
  int32_t tuple; /* tuple as the server sees it */
  int32_t cid;   /* its DCID */
  int16_t net;
  uint8_t side;   /* sender */
  uint8_t frames; /* of path validation: HO_METER_CHALLENGE and so on */
  bool used, sent, received, dropped, has_connection;
  bool forged; /* an attacker has changed its tuple */
} ho_meter_packet;

enum { HO_METER_CHALLENGE = 1, HO_METER_RESPONSE = 2 };

/* ho_meter_range is a range of a stream's bytes in a packet. */
typedef struct {
  uint64_t offset;
  uint32_t length;
  int32_t stream;
} ho_meter_range;

/* ho_meter_segment is a range of a stream when it was first sent. */
typedef struct {
  uint64_t offset;
  uint64_t packet;
  uint32_t length;
  uint32_t again_from, again_to; /* of it, sent again: from the first byte to
                                    behind the last */
} ho_meter_segment;

/* ho_meter_island is a range that arrived ahead of its turn. */
typedef struct {
  uint64_t from, to;
} ho_meter_island;

/* ho_meter_stream is what one end sends on one stream. */
typedef struct {
  int32_t client;
  uint8_t side;
  uint64_t connection;
  int64_t id;
  uint64_t sent_to;         /* offset behind the last byte sent */
  uint64_t arrived_to;      /* all bytes before it have arrived */
  ho_ring segments;         /* in order of offset, without gaps */
  ho_meter_island *islands; /* behind arrived_to, in order, apart */
  size_t islands_count, islands_cap;
  int32_t before; /* the client's stream before this one, or -1 */
} ho_meter_stream;

typedef struct {
  ho_tuple tuple;
  ho_time t_first; /* first packet sent on it */
  int net;
  int outer;          /* for a client's own tuple: what it is behind the NAT */
  int64_t connection; /* likewise: whose first packet used it, or -1 */
  int handoff;        /* the last one that led to it, or -1 */
  bool validated;     /* by the server */
} ho_meter_tuple;

/* ---- meter_packets.c: packets and tuples ---- */
ho_meter_client *ho_meter_client_at(ho_meter *m, int index);
int ho_meter_tuple_at(ho_meter *m, ho_meter_client *c, const ho_tuple *tuple,
                      int net);
ho_meter_packet *ho_meter_packet_at(const ho_meter *m, uint64_t n);
/* ho_meter_packet_new returns packet |n|, which it makes if need be; NULL if
 * it is older than what is kept. */
ho_meter_packet *ho_meter_packet_new(ho_meter *m, uint64_t n, int client,
                                     ho_side side);
void ho_meter_on_datagram_sent(ho_meter *m, const ho_event *ev);
void ho_meter_on_wire(ho_meter *m, const ho_event *ev);
void ho_meter_on_datagram_received(ho_meter *m, const ho_event *ev);
void ho_meter_on_packet_dropped(ho_meter *m, const ho_event *ev);

/* ---- meter_streams.c: what is sent again ---- */
void ho_meter_on_stream_sent(ho_meter *m, const ho_event *ev);
/* meter_arrivals.c */
void ho_meter_packet_arrived(ho_meter *m, uint64_t number,
                             ho_meter_packet *packet);
/* ho_meter_abandon counts what the data's sender had sent on |connection| and
 * must send again on another. */
void ho_meter_abandon(ho_meter *m, ho_meter_client *c, uint64_t connection);
void ho_meter_streams_free(ho_meter *m);

#endif
