/* The contract of a transport: no socket, no clock, no entropy inside.  QUIC,
 * TCP with TLS, and anybody else's stack look the same from here. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_TRANSPORT_H
#define HO_STACK_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/event.h"
#include "sim/base/rng.h"
#include "stack/http.h"

/* Raised whenever this header changes in a way that breaks a transport. */
enum { HO_TRANSPORT_ABI = 1 };

/* ho_path is a tuple as one endpoint sees it. */
typedef struct {
  ho_endpoint local, remote;
} ho_path;

/* ho_datagram is what travels between a transport and its host: the UDP payload
 * (proto 17), or a TCP segment with its header (proto 6).  |packet| is the
 * number of the IP packet it travels in.  |client| and |connection| say whose
 * it is: ground truth for events alone, never on the wire.  A client's host
 * fills them in what it sends, a server's transport in what it sends; a server
 * learns them from a connection's first packet. */
typedef struct {
  ho_path path;
  uint8_t ecn;
  uint64_t packet;
  int client;
  uint64_t connection;
  uint8_t *data;
  size_t len, cap; /* cap: room at |data|, for send */
} ho_datagram;

typedef enum {
  HO_PATH_UP,      /* |path.local| is usable now */
  HO_PATH_DOWN,    /* |path.local| is gone */
  HO_PATH_DEFAULT, /* the default route leaves by |path.local| now */
} ho_path_event;

/* Reactions that a client's application asks of its connection. */
typedef enum {
  HO_MOVE_MIGRATE, /* RFC 9000, 9.2: move at once, with a fresh CID */
  HO_MOVE_PROBE,   /* validate first (9.1), then move */
} ho_move;

typedef struct ho_transport ho_transport;

/* ho_transport_owner is called by a transport.  |wake|: there is something to
 * send, or the deadline moved, though nobody called.  |ready|: requests may be
 * made (with 0-RTT before the handshake is done).  |closed|: the connection is
 * over, in words; it comes at most once, and never from within del.  |moved|:
 * a move ended; |error| is 0 or a library code. */
typedef struct {
  void (*wake)(void *user);
  void (*ready)(void *user);
  void (*closed)(void *user, const char *reason, int64_t error);
  void (*moved)(void *user, const ho_path *path, int64_t error);
  /* client: a ticket that a later connection can resume with; bytes are
   * copied by the callee */
  void (*ticket)(void *user, const uint8_t *data, size_t len);
  void *user;
} ho_transport_owner;

/* ho_transport_vtbl is what a transport implements.  Rule for the caller: after
 * every call (and on wake), call |send| until it returns 0, then wait for
 * |deadline|.  Calls never nest. */
typedef struct {
  int abi;
  const char *name; /* "quic", "tcp" */
  uint8_t proto;    /* HO_PROTO_UDP or HO_PROTO_TCP */

  /* open starts a client's handshake; a server does nothing. */
  void (*open)(ho_transport *t, ho_time now);

  /* close ends the connection in good order (CONNECTION_CLOSE, or TLS
   * close_notify and FIN), to be drained by send. */
  void (*close)(ho_transport *t, ho_time now);

  /* recv takes one datagram. */
  void (*recv)(ho_transport *t, const ho_datagram *dgram, ho_time now);

  /* send fills |dgram| (data and cap are the caller's, path, ecn and len the
   * transport's).  Returns 1, or 0 when there is nothing to send. */
  int (*send)(ho_transport *t, ho_datagram *dgram, ho_time now);

  /* deadline is when timeout wants to be called, or HO_NEVER. */
  ho_time (*deadline)(ho_transport *t);
  void (*timeout)(ho_transport *t, ho_time now);

  /* event tells what an operating system would tell a process. */
  void (*event)(ho_transport *t, ho_path_event kind, const ho_path *path,
                ho_time now);

  /* move asks a client's connection to go to |path|.  Returns 0, or
   *
   * HO_ERR_PROTO
   *     It cannot: the peer forbids it, or the transport has no such thing
   *     (TCP).
   *
   * HO_ERR_FULL
   *     Not yet: it waits until the handshake is confirmed, or until the peer
   *     has supplied another CID. */
  int (*move)(ho_transport *t, ho_move how, const ho_path *path, ho_time now);

  /* request starts |call|; resume tells that |call->body_to| or body_open
   * changed or, at a server and with |call| NULL, that its service has more for
   * bodies that had come to a halt.  Returns 0, or HO_ERR_PROTO when the
   * connection takes no more. */
  int (*request)(ho_transport *t, ho_call *call, ho_time now);
  void (*resume)(ho_transport *t, ho_call *call, ho_time now);
  /* cancel gives up |call|, which is forgotten without on_end. */
  void (*cancel)(ho_transport *t, ho_call *call, ho_time now);

  /* rekey updates the traffic keys.  ping asks the peer for a sign of life. */
  void (*rekey)(ho_transport *t, ho_time now);
  void (*ping)(ho_transport *t, ho_time now);

  /* state_bytes is what a server's libraries hold for |client|'s newest
   * connection, whose number goes to |*connection|; 0 if unknown. */
  uint64_t (*state_bytes)(ho_transport *t, int client, uint64_t *connection);

  /* over says, of a client's connection that was closed, when nothing more is
   * due on it and it may be deleted; HO_NEVER: not known yet. */
  ho_time (*over)(ho_transport *t, ho_time now);

  void (*del)(ho_transport *t);
} ho_transport_vtbl;

struct ho_transport {
  const ho_transport_vtbl *v;
};

#endif
