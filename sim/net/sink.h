/* Sinks: who watches the packets of a run, and with which keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_SINK_H
#define HO_NET_SINK_H

#include "sim/base/event.h"
#include "sim/net/packet.h"

/* Where an IP packet is seen.  What a client sends is SENT before its NAT, on
 * the WIRE after it (as it leaves its access network) and RECEIVED by the
 * server; what the server sends is SENT, on the WIRE as it enters the access
 * network, both after the NAT, and RECEIVED before it.  What gets lost on its
 * way is not seen further on; what an attacker makes is only on the wire, and
 * RECEIVED. */
typedef enum { HO_SENT, HO_ON_WIRE, HO_RECEIVED } ho_seen_at;

/* ho_sink is one such watcher.  Each function may be NULL; none may emit events
 * or change anything. */
typedef struct {
  /* |from| is the side whose packet it claims to be.  The packet is the
   * caller's. */
  void (*packet)(void *user, ho_seen_at at, ho_side from, int net,
                 const ho_packet *pkt, ho_time now);
  /* A secret of a connection's TLS, in the words of NSS's key log
   * (SSLKEYLOGFILE), as endpoint |of| has it; |random| is the ClientHello's, 32
   * bytes.  |proto| is that of the transport below.  Each end tells its own. */
  void (*secret)(void *user, ho_side of, int client, uint64_t connection,
                 uint8_t proto, const char *label, const uint8_t *random,
                 const uint8_t *secret, size_t len, ho_time now);
  void *user;
  /* A record of a QUIC connection's qlog as endpoint |of|'s library wrote it:
   * with its separator, and times that count from the connection's start. */
  void (*qlog)(void *user, ho_side of, int client, uint64_t connection,
               const char *record, size_t len, ho_time now);
} ho_sink;

/* ho_sinks are all those of a run.  Owned by its caller. */
typedef struct {
  const ho_sink *list;
  size_t count;
} ho_sinks;

void ho_sinks_packet(const ho_sinks *sinks, ho_seen_at at, ho_side from,
                     int net, const ho_packet *pkt, ho_time now);
void ho_sinks_secret(const ho_sinks *sinks, ho_side of, int client,
                     uint64_t connection, uint8_t proto, const char *label,
                     const uint8_t *random, const uint8_t *secret, size_t len,
                     ho_time now);
void ho_sinks_qlog(const ho_sinks *sinks, ho_side of, int client,
                   uint64_t connection, const char *record, size_t len,
                   ho_time now);

#endif
