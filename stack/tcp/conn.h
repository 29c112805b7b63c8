/* One connection, either end: TCP, TLS and HTTP/2 joined. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TCP_CONN_H
#define HO_TCP_CONN_H

#include <gnutls/gnutls.h>
#include <nghttp2/nghttp2.h>

#include "sim/ns3/ns3_tcp.h"
#include "sim/scenario/scenario.h"
#include "stack/tcp/bytes.h"
#include "stack/tcp/segment.h"
#include "stack/transport.h"

/* ho_conn is owned by a transport, which embeds it.  The functions below are
 * called by that transport, on_... by the connection; |user| is the
 * transport's. */
typedef struct ho_conn ho_conn;
struct ho_conn {
  ho_log *log;
  ho_side side;
  int client;
  uint64_t connection;
  ho_path path;
  ho_ns_tcp *tcp;
  gnutls_session_t tls;
  nghttp2_session *h2; /* the transport's */

  uint64_t packet;      /* IP packet being processed */
  bool tls_started;     /* the first handshake bytes were made */
  bool tls_done;        /* the handshake is complete */
  bool early;           /* client: 0-RTT is to be tried */
  bool over;            /* on_over was called, or nobody is to be told */
  ho_bytes in;          /* ciphertext that GnuTLS has not read */
  ho_bytes out;         /* plaintext that waits to fill a record */
  ho_bytes early_data;  /* client: a copy of what went as 0-RTT data */
  unsigned records;     /* sent since the start, or since the last pause */
  ho_time record_at;    /* when the last one was sent */
  uint64_t sent_to;     /* offset behind the last byte ever sent */
  ho_time rekey_at;     /* earliest time for the next key update */
  char *reason;         /* why it failed, where no constant says it */
  ho_ns_tcp_info shown; /* in the last recovery event */

  /* The handshake is complete. */
  void (*on_ready)(ho_conn *c);
  /* TLS brought something that is no data: a ticket, perhaps. */
  void (*on_data)(ho_conn *c);
  /* The connection is over; at most once.  |reason| as in
   * ho_transport_owner.closed; it lives as long as the connection. */
  void (*on_over)(ho_conn *c, const char *reason, int64_t error);
};

/* ho_conn_tcp_config fills in what |arm|, |mtu| and |c->path| say of TCP. */
void ho_conn_tcp_config(ho_conn *c, ho_ns_tcp_config *config, const ho_arm *arm,
                        uint32_t mtu);

/* ho_conn_set_tls joins |session| to the connection, which owns it from now. */
void ho_conn_set_tls(ho_conn *c, gnutls_session_t session);

/* ho_conn_input takes a segment whose checksum is right; ho_conn_run does what
 * there is to do after it, and after anything else that happened.  Both may
 * call every on_... function. */
void ho_conn_input(ho_conn *c, const ho_datagram *dgram);
void ho_conn_run(ho_conn *c);

/* ho_conn_output fills |dgram| with the next segment; 0 if there is none. */
int ho_conn_output(ho_conn *c, ho_datagram *dgram, ho_time now);

/* ho_conn_close sends GOAWAY, close_notify and FIN after all that is queued. */
void ho_conn_close(ho_conn *c);
/* GnuTLS takes more than 8 updates a second for an attack: one that comes
 * sooner than 200 ms after the last is left out. */
void ho_conn_rekey(ho_conn *c, ho_time now);
void ho_conn_ping(ho_conn *c);

/* ho_conn_free frees what is in |c|, and tells nobody. */
void ho_conn_free(ho_conn *c);

#endif
