/* What checks of moves remember of a connection's packets: which path the
 * peer's packets ask for, and what was sent on which.  Private to
 * measure/checks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_TRAIL_H
#define HO_MEASURE_TRAIL_H

#include "measure/checks/packet.h"

/* ho_same_addrs: |a| and |b| differ in their ports at most. */
static inline bool ho_same_addrs(const ho_tuple *a, const ho_tuple *b) {
  return ho_addr_eq(&a->client.addr, &b->client.addr) &&
         ho_addr_eq(&a->server.addr, &b->server.addr);
}

/* ho_flow_open: nobody has closed or reset it yet. */
bool ho_flow_open(const ho_flow *flow);

/* ho_flow_passive: at |s| the client's address is not what its transport
 * believes, for nobody has told it. */
bool ho_flow_passive(const ho_flow *flow, const ho_sighting *s);

/* ho_flow_validated is when |tuple| became valid to |of|; HO_NEVER.  To a
 * server it is the client's address that counts, whichever its own was. */
ho_time ho_flow_validated(const ho_flow *flow, ho_side of,
                          const ho_tuple *tuple);

/* ho_flow_preferred: |endpoint| is a preferred address of the server. */
bool ho_flow_preferred(const ho_flow *flow, const ho_endpoint *endpoint);

/* ho_home is the client's path in use, as its own packets show. */
typedef struct {
  bool known; /* it has sent a non-probing packet */
  ho_tuple tuple;
  unsigned moves; /* from one path to another */
} ho_home;

/* ho_home_sent takes in packet |p| that the client sent; true if it moves. */
bool ho_home_sent(ho_home *home, const ho_sighting *s, const ho_wire_packet *p);

/* ho_active is the path that the client's packets have the server use: first
 * that of the handshake, where the server says that it is confirmed, for nobody
 * moves before (RFC 9000, 9); then that of the non-probing packet with the
 * highest number (9.3). */
enum { HO_ACTIVE_SEEN = 1024 };

typedef enum {
  HO_RX_IGNORED, /* not opened, a duplicate, new with a CID that was retired,
                    or before the handshake is confirmed */
  HO_RX_PROBING,
  HO_RX_STALE,  /* a higher number came before */
  HO_RX_NEWEST, /* from the same address */
  HO_RX_MOVED,  /* the newest, and from another one */
} ho_rx;

typedef struct {
  bool known;                    /* the handshake is confirmed */
  ho_tuple tuple;                /* now, as the server sees it */
  ho_tuple before;               /* the last MOVED */
  ho_time t;                     /* when it MOVED; 0: never */
  uint64_t next;                 /* one more than the highest number */
  uint64_t seen[HO_ACTIVE_SEEN]; /* number + 1, by number */
} ho_active;

/* ho_active_receive takes in packet |p| that the server received. */
ho_rx ho_active_receive(ho_active *active, ho_flow *flow, const ho_sighting *s,
                        const ho_wire_packet *p);

/* ho_sent are the 1-RTT packets that one end sent, the last few thousand. */
typedef struct {
  uint64_t pn;
  ho_time t;
  uint32_t bytes; /* of the datagram */
  uint32_t path;  /* the caller's number for it */
  uint8_t ecn;
  bool used, acked, probe;
} ho_sent_packet;

enum { HO_SENT_RANGES = 32 };

typedef struct {
  struct {
    uint64_t first, last;
  } list[HO_SENT_RANGES]; /* downwards */
  size_t count;
} ho_sent_ranges;

typedef struct {
  ho_sent_packet *slots;
  size_t cap;          /* a power of two */
  uint64_t next, low;  /* one more than the highest; none below |low| is out */
  uint64_t acked_next; /* one more than the largest acknowledged */
  ho_sent_ranges ranges; /* of the last ACK, those of sent packets */
} ho_sent;

void ho_sent_add(ho_sent *sent, const ho_sent_packet *packet);
ho_sent_packet *ho_sent_find(ho_sent *sent, uint64_t pn);
void ho_sent_free(ho_sent *sent);

/* ho_sent_acknowledge calls |fn| for every packet that |ack| newly
 * acknowledges, and returns whether it raises the largest one. */
bool ho_sent_acknowledge(ho_sent *sent, const ho_frame *ack,
                         void (*fn)(void *user, const ho_sent_packet *packet),
                         void *user);

#endif
