/* One connection made of hand-written datagrams, to see what checks make of
 * them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_SIGHTINGS_H
#define HO_TESTS_SIGHTINGS_H

#include "measure/checks/engine.h"

#define MS(n) ((ho_time)(n)*HO_MSEC)

enum { SIGHT_DATAGRAMS = 512 };

/* Two networks, 0 and 1, whose NATs change the client's address; a server.
 * What is set before sightings_connect counts: |params| (the limit is 7 on both
 * sides), |cid_bytes| (8), |scenario|, |arm|.  What is set later counts for the
 * next datagram. */
typedef struct {
  ho_scenario scenario;
  ho_arm arm;
  ho_net_config nets[2];
  ho_wire_params params[2];
  uint8_t cid_bytes[2];
  ho_finding findings[HO_CHECK_COUNT];
  ho_flow *flow;

  ho_time t;                /* of the last datagram */
  int net;                  /* the client's */
  uint16_t inside, outside; /* its ports before and after the NAT */
  bool to_preferred;        /* the server's other address */
  uint64_t dcid[2]; /* sequence number of the CID that each side sends to */
  uint64_t pn[2];   /* of the last 1-RTT packet */
  size_t pad_to[2]; /* size of a datagram; 0: 100 bytes */
  bool spin[2], key_phase[2];
  bool forged, damaged;
  uint32_t label;
  uint8_t family;

  uint64_t packets; /* so many datagrams there were */
  ho_wire_datagram *datagrams[SIGHT_DATAGRAMS];
  ho_sighting sents[SIGHT_DATAGRAMS]; /* as they were SENT */
  ho_tuple wires[SIGHT_DATAGRAMS];    /* after the NAT */
} sightings;

void sightings_init(sightings *w);
void sightings_free(sightings *w);

/* sightings_connect does a handshake from 0 to 50 ms; both ends confirm it and
 * have an RTT sample of 20 ms, so that a PTO is 45 ms. */
void sightings_connect(sightings *w);

/* sight_cid is the CID of |side| with that sequence number; sight_token its
 * token. */
ho_cid sight_cid(const sightings *w, ho_side side, uint64_t sequence);
ho_token sight_token(ho_side side, uint64_t sequence);

/* sent: |side| sends a 1-RTT packet of |frames| at |t|.  Returns the datagram's
 * number.  got: it arrives at |t|.  pass is both, 10 ms apart. */
uint64_t sent(sightings *w, ho_time t, ho_side side, const ho_frame *frames,
              size_t count);
void got(sightings *w, ho_time t, uint64_t packet);
uint64_t pass(sightings *w, ho_time t, ho_side side, const ho_frame *frames,
              size_t count);

/* sent_reset: |side| sends a stateless reset of |bytes| with the token of its
 * CID |sequence| (UINT64_MAX: one that nobody has). */
uint64_t sent_reset(sightings *w, ho_time t, ho_side side, uint64_t sequence,
                    size_t bytes);

/* Frames. */
ho_frame ncid(const sightings *w, ho_side side, uint64_t sequence,
              uint64_t retire_prior_to);
ho_frame rcid(uint64_t sequence);
ho_frame frame_of(uint64_t type);

/* path_challenge and path_response have data of their own for each |n|. */
ho_frame path_challenge(uint64_t n);
ho_frame path_response(uint64_t n);

/* ack acknowledges packet numbers |first| to |last|. */
ho_frame ack(uint64_t first, uint64_t last);

#define FRAMES(...)                                                            \
  ((const ho_frame[]){__VA_ARGS__}),                                           \
      sizeof((const ho_frame[]){__VA_ARGS__}) / sizeof(ho_frame)
#define PING FRAMES(frame_of(HO_FRAME_PING))

/* issue: |side| has its CIDs |first| to |last| arrive at its peer. */
void issue(sightings *w, ho_time t, ho_side side, uint64_t first,
           uint64_t last);

/* tell: the client moves to |net| at |t|, and its transport is told. */
void tell(sightings *w, ho_time t, int net);
void event_at(sightings *w, const ho_event *event);

/* verdict ends the run at |t|, if that was not done, and returns what |id|
 * says. */
ho_verdict verdict_at(sightings *w, ho_time t, ho_check_id id);

/* Checks for the verdict |want| on |id|, were the run over now. */
void must_be(sightings *w, ho_check_id id, ho_verdict want);

/* Checks for a failure of |id| by |endpoint| with datagram |packet| (0: none).
 */
void must_fail(sightings *w, ho_check_id id, ho_side endpoint, uint64_t packet);

#endif
