/* Hand-made packets for an observer. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_OBSERVE_TAPPED_H
#define HO_TESTS_OBSERVE_TAPPED_H

#include "measure/observe/observer.h"
#include "sim/base/rng.h"
#include "sim/wire/header.h"

enum { SERVER_TAP = 9 };

/* tapped is an observer, and where and when the next packet passes it. */
typedef struct {
  ho_observer *o;
  ho_rng rng;
  ho_time t;
  unsigned tap;
  bool up;
  ho_tuple tuple;
  uint8_t ecn;
} tapped;

void tapped_init(tapped *w, const ho_observer_config *config);
void tapped_free(tapped *w);

/* tapped_tuple is that of client |n|, from 1, to the server. */
ho_tuple tapped_tuple(unsigned n, uint8_t family);

/* tapped_udp shows a datagram, tapped_tcp a segment; both return its flow. */
int64_t tapped_udp(tapped *w, const uint8_t *payload, size_t len);
int64_t tapped_tcp(tapped *w, bool syn, uint32_t seq, const uint8_t *payload,
                   size_t len);

/* tapped_short shows a packet with a short header: |first|, |dcid|, then random
 * bytes. */
int64_t tapped_short(tapped *w, uint8_t first, const ho_cid *dcid);

/* tapped_long shows a packet of |type| with random bytes behind its header. */
int64_t tapped_long(tapped *w, ho_wire_type type, const ho_cid *dcid,
                    const ho_cid *scid);

/* tapped_cid is the |n|th CID of length |len|; they have nothing in common. */
ho_cid tapped_cid(unsigned n, size_t len);

/* tapped_hello writes a ClientHello that offers |tickets| of 40 bytes |n|. */
size_t tapped_hello(uint8_t *dest, size_t cap, const uint8_t *n,
                    size_t tickets);

/* tapped_initial shows a client's Initial packet with a CRYPTO frame, protected
 * with the keys of |keys|. */
int64_t tapped_initial(tapped *w, const ho_cid *keys, const ho_cid *dcid,
                       const char *token, uint64_t offset, const uint8_t *data,
                       size_t len);

/* tapped_has says whether a flow's identifiers are exactly |want|; it takes a
 * string literal without the ports and tuple that every flow has. */
void tapped_expect(tapped *w, size_t flow, const char *want);

#endif
