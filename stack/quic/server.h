/* The server's end of QUIC.  Private to stack/quic. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_SERVER_H
#define HO_STACK_QUIC_SERVER_H

#include "stack/quic/cid_table.h"
#include "stack/quic/conn.h"
#include "stack/quic/deadlines.h"

typedef struct quic_server quic_server;

typedef struct server_conn {
  struct server_conn *next; /* newest first */
  quic_server *server;
  ho_quic_conn c;
  ngtcp2_cid odcid;       /* client's first DCID: what repeats it is ours */
  ngtcp2_cid retry_odcid; /* the one before a Retry */
  bool retried, token_ok;
  ho_endpoint remote; /* for connections without CIDs of ours */
  ho_deadline deadline;
  ho_time forget_at; /* once closed */
  bool dirty;        /* in the list of those that may have something to send */
  struct server_conn *dirty_next;
} server_conn;

/* A datagram that belongs to no connection: Retry or stateless reset. */
typedef struct server_reply {
  struct server_reply *next;
  ho_path path;
  int client;
  uint64_t connection;
  size_t len;
  uint8_t data[512];
} server_reply;

struct quic_server {
  ho_transport t;
  ho_server_end_config config;
  uint8_t secret[32]; /* of tokens and stateless resets */
  ho_rng rng;
  ho_balancer *balancer; /* NULL: none */
  ho_cid_table cids;
  ho_cid_table remotes; /* client's endpoint -> connection, with empty CIDs */
  ho_deadlines deadlines;
  server_conn *conns;
  uint64_t accepted;
  server_conn *dirty_head, *dirty_tail;
  server_reply *replies, *replies_tail;
};

/* ho_quic_server_retry answers an Initial with a Retry (RFC 9000, 8.1.2). */
void ho_quic_server_retry(quic_server *s, const ho_datagram *dgram,
                          const ngtcp2_pkt_hd *hd, ho_time now);

/* ho_quic_server_reset answers a packet of no known connection with a stateless
 * reset, if one smaller than it can be made (RFC 9000, 10.3). */
void ho_quic_server_reset(quic_server *s, const ho_datagram *dgram);

/* ho_quic_server_pop moves the oldest such reply into |dgram|; returns 0 when
 * there is none. */
int ho_quic_server_pop(quic_server *s, ho_datagram *dgram);
void ho_quic_server_replies_free(quic_server *s);

#endif
