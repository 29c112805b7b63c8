/* What an observer saw of a flow: all that an adversary may know of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_SEEN_H
#define HO_LINK_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/time.h"

enum { HO_LINK_UP, HO_LINK_DOWN };

/* The kinds of identifiers, in alphabetical order of their names. */
typedef enum {
  HO_LINK_CID_DOWN, /* "cid-down": a DCID of packets to the client */
  HO_LINK_CID_UP,   /* "cid-up": a DCID of packets to the server */
  HO_LINK_LABEL,    /* "label": the client's IPv6 flow label */
  HO_LINK_LB,       /* "lb": a QUIC-LB server ID */
  HO_LINK_PORT,     /* "port": the client's port behind its NAT */
  HO_LINK_TICKET,   /* "ticket": the identity of a PSK in a ClientHello */
  HO_LINK_TOKEN,    /* "token": an Initial's token */
  HO_LINK_TUPLE,    /* "tuple": the client's address and port */
  HO_LINK_KINDS,
} ho_link_kind;

/* ho_link_id is an identifier: its kind, and its value in hexadecimal.  Of a
 * guessed CID it is the bytes at its place that were the same in many packets,
 * which may be fewer or more than the CID. */
typedef struct {
  ho_link_kind kind;
  bool guess;
  const char *hex;
} ho_link_id;

enum {
  HO_LINK_RATE_DOWN, /* ln(1 + bytes/s) */
  HO_LINK_RATE_UP,
  HO_LINK_MEAN_UP, /* bytes a packet */
  HO_LINK_MEAN_DOWN,
  HO_LINK_MAX_UP, /* bytes */
  HO_LINK_MAX_DOWN,
  HO_LINK_SPIN_UP, /* share of packets with the spin bit 1; 0 if none has it */
  HO_LINK_SPIN_DOWN,
  HO_LINK_SHAPES,
};

/* ho_link_seen is one flow at one vantage point. */
typedef struct {
  size_t index;       /* among the flows of its seed and vantage point */
  ho_time begin, end; /* of the packets to the server; of all, if none is */
  ho_time first;      /* packet in either direction */
  uint64_t bytes;     /* of both */
  double shape[HO_LINK_SHAPES];
  ho_link_id *ids;
  size_t ids_count;
} ho_link_seen;

#endif
