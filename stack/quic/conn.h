/* One QUIC connection, as either endpoint has it.  Private to stack/quic. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_CONN_H
#define HO_STACK_QUIC_CONN_H

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "stack/config.h"
#include "stack/quic/balancer.h"
#include "stack/quic/h3.h"
#include "stack/quic/memory.h"
#include "stack/quic/watch.h"
#include "stack/transport.h"

typedef struct ho_quic_conn ho_quic_conn;

/* ho_quic_upcalls is what a connection tells the client or server around it.
 * All may be NULL but |closed|. */
typedef struct {
  void (*handshake_done)(ho_quic_conn *c);
  void (*confirmed)(ho_quic_conn *c);
  /* |preferred|: it was that of the server's preferred address */
  void (*validated)(ho_quic_conn *c, const ngtcp2_path *path, bool preferred,
                    bool success);
  void (*choose)(ho_quic_conn *c, ngtcp2_path *dest,
                 const ngtcp2_preferred_addr *offer);
  void (*cid_added)(ho_quic_conn *c, const ngtcp2_cid *cid);
  void (*cid_removed)(ho_quic_conn *c, const ngtcp2_cid *cid);
  void (*early_rejected)(ho_quic_conn *c);
  void (*token)(ho_quic_conn *c, const uint8_t *token, size_t len);
  void (*closed)(ho_quic_conn *c, const char *reason, int64_t error);
} ho_quic_upcalls;

/* Bytes to and from an address that the server has not validated. */
typedef struct {
  ho_endpoint remote;
  uint64_t received, sent;
  bool blocked;
} ho_quic_budget;

/* A PATH_CHALLENGE that this endpoint sent. */
typedef struct {
  uint64_t data;
  ho_endpoint remote;
} ho_quic_challenge;

/* A path, and what tells quickly that another is the same; see address.c. */
typedef struct {
  uint64_t key[2];
  ho_path path;
} ho_quic_known_path;

struct ho_quic_conn {
  ngtcp2_conn *conn;
  ngtcp2_crypto_conn_ref ref;
  gnutls_session_t tls;
  ho_h3 *h3;
  ho_quic_watch watch;
  ho_quic_memory memory;
  const ho_quic_upcalls *up;
  void *user; /* whom the upcalls are for */

  ho_log *log;
  const ho_sinks *sinks;
  ho_side side;
  int client;
  uint64_t connection;
  const ho_arm *arm;
  const ho_server_config *server;
  ho_rng rng;
  uint32_t cid_length;
  ho_balancer *balancer; /* of the server, not owned; NULL: CIDs are random */
  uint32_t lb_server;    /* to which |balancer| has given the connection */
  const uint8_t *reset_secret; /* 32 bytes, for stateless reset tokens */
  size_t max_payload; /* of a datagram: the MTU less IP and UDP headers */

  ho_time now;        /* of the call in progress */
  size_t burst;       /* datagrams sent since the caller began to drain */
  bool closed;        /* dead to the application */
  bool close_pending; /* a CONNECTION_CLOSE waits to be sent */
  ngtcp2_ccerr error; /* what it will say */
  bool was_reset;     /* by a stateless reset */
  ngtcp2_conn_info last_info; /* as last told in a recovery event */
  ho_quic_budget budget;      /* of the server's newest unvalidated address */
  ho_endpoint validated[16];  /* remote addresses, the oldest overwritten */
  size_t validated_count, validated_next;
  ho_quic_challenge challenges[16]; /* sent lately, the oldest overwritten */
  size_t challenges_next;
  ho_quic_known_path last_path; /* of what was sent last */
};

/* ngtcp2 takes timestamp 0 for "unset" in places, so its clock is ahead. */
static inline ngtcp2_tstamp ho_quic_ts(ho_time now) {
  return now + HO_SEC;
}

/* ho_quic_conn_settings fills what both endpoints set alike. */
void ho_quic_conn_settings(ho_quic_conn *c, ngtcp2_settings *settings,
                           ngtcp2_transport_params *params);

/* ho_quic_conn_callbacks fills the callbacks that both endpoints share. */
void ho_quic_conn_callbacks(ngtcp2_callbacks *callbacks);

/* ho_quic_conn_random_cid draws a CID of |len| bytes, or makes one of the
 * load balancer's format. */
void ho_quic_conn_random_cid(ho_quic_conn *c, ngtcp2_cid *cid, size_t len);

void ho_quic_conn_read(ho_quic_conn *c, const ho_datagram *dgram, ho_time now);
/* ho_quic_conn_write fills |dgram|; returns 1, or 0 if there is nothing (more)
 * to send now. */
int ho_quic_conn_write(ho_quic_conn *c, ho_datagram *dgram, ho_time now);
ho_time ho_quic_conn_deadline(ho_quic_conn *c);
void ho_quic_conn_timeout(ho_quic_conn *c, ho_time now);
void ho_quic_conn_close(ho_quic_conn *c, ho_time now);

/* ho_quic_conn_fail ends the connection after library error |rv|; a
 * CONNECTION_CLOSE is sent where the protocol asks for one. */
void ho_quic_conn_fail(ho_quic_conn *c, int rv, ho_time now);

/* ho_quic_conn_validated remembers that |remote| was validated. */
void ho_quic_conn_validated(ho_quic_conn *c, const ho_endpoint *remote);

/* ho_quic_conn_free releases everything but |c| itself. */
void ho_quic_conn_free(ho_quic_conn *c);

/* ho_quic_qlog_want has ngtcp2 write all of its qlog, from now on and for every
 * connection, if any of |sinks| reads it; else it may write losses alone. */
void ho_quic_qlog_want(const ho_sinks *sinks);

/* ho_quic_secrets_tell has the secrets of |c|'s TLS session told to its sinks.
 */
void ho_quic_secrets_tell(ho_quic_conn *c);

/* ho_quic_conn_qlog is ngtcp2_settings.qlog_write: it has losses made events
 * of, and each record told to the sinks.  |user_data| is the connection. */
void ho_quic_conn_qlog(void *user_data, uint32_t flags, const void *data,
                       size_t len);

/* ho_quic_max_payload is what |mtu| IP bytes leave for UDP's payload. */
size_t ho_quic_max_payload(uint32_t mtu, const ho_endpoint *remote);

/* Conversions between our addresses and ngtcp2's. */
typedef struct {
  ngtcp2_sockaddr_union local, remote;
  ngtcp2_path path;
} ho_quic_path;

void ho_quic_path_init(ho_quic_path *out, const ho_path *path);
ho_path ho_quic_path_ours(const ngtcp2_path *path);
ho_tuple ho_quic_tuple(const ho_quic_conn *c, const ngtcp2_path *path);
ho_tuple ho_quic_tuple_of(const ho_quic_conn *c, const ho_path *path);
/* ho_quic_path_last is ho_quic_path_ours for what is mostly the path that it
 * was called with before; valid until it is called again. */
const ho_path *ho_quic_path_last(ho_quic_conn *c, const ngtcp2_path *path);

#endif
