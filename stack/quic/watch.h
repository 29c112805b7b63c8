/* Sees every packet in plaintext as ngtcp2 encrypts or decrypts it, and makes
 * events of it.  ngtcp2's callbacks for that carry no user data, so the
 * connection at work is announced around each call into the library. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_WATCH_H
#define HO_STACK_QUIC_WATCH_H

#include <ngtcp2/ngtcp2.h>

#include "sim/base/event.h"
#include "sim/wire/frame.h"

enum {
  HO_WATCH_PACKETS = 8, /* coalesced into one datagram, at most */
  HO_WATCH_PATHS = 16,  /* path frames in one datagram, at most */
};

typedef struct {
  const char *type;
  uint64_t pn;
  ho_cid dcid;
  uint64_t bytes;
  bool eliciting;
} ho_watch_packet;

/* A set of sequence numbers, which come nearly in order. */
typedef struct {
  uint8_t *bits;
  size_t len;
} ho_seen;

typedef struct {
  ho_log *log;
  ho_side side;
  int client;
  uint64_t connection;
  size_t scid_len; /* of this endpoint: DCID length of what it receives */

  ho_time now;     /* of the call in progress */
  uint64_t packet; /* datagram being written or read */
  ho_watch_packet packets[HO_WATCH_PACKETS];
  size_t packets_count;
  ho_frame paths[HO_WATCH_PATHS];
  size_t paths_count;

  /* Next packet number by space (initial, handshake, application), to expand
   * truncated ones (RFC 9000, A.3). */
  uint64_t next_sent[3];
  /* CID sequence numbers that have been announced: a frame that is sent again
   * (RFC 9000, 13.3) is no news. */
  ho_seen issued, retired;
} ho_quic_watch;

/* ho_quic_watch_callbacks puts the observing encrypt and decrypt functions
 * into |callbacks|. */
void ho_quic_watch_callbacks(ngtcp2_callbacks *callbacks);

/* ho_quic_watch_qlog looks for losses in what ngtcp2 gives to
 * ngtcp2_settings.qlog_write, where ho_quic_watch_begin is in force. */
void ho_quic_watch_qlog(const void *data, size_t len);

/* Around every call into ngtcp2: */
void ho_quic_watch_begin(ho_quic_watch *w, ho_time now, uint64_t packet);
void ho_quic_watch_end(void);

/* ho_quic_watch_datagram emits what was gathered for the datagram just written
 * or read (|sent|), now that its tuple and UDP payload size are known. */
void ho_quic_watch_datagram(ho_quic_watch *w, bool sent, const ho_tuple *tuple,
                            uint64_t bytes);

/* ho_quic_watch_free releases what |w| has remembered. */
void ho_quic_watch_free(ho_quic_watch *w);

/* ho_quic_watch_cid announces a CID that no NEW_CONNECTION_ID frame carries: 0,
 * and 1 where it comes with a preferred address. */
void ho_quic_watch_cid(ho_quic_watch *w, ho_time now, uint64_t sequence,
                       const ngtcp2_cid *cid, const uint8_t *token);

#endif
