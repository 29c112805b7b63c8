/* Handoffs: what is kept of each, and what came of it.  Private to
 * measure/meter_*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_METER_HANDOFFS_H
#define HO_MEASURE_METER_HANDOFFS_H

#include "measure/csv.h"
#include "measure/meter_packets.h"

/* The window of a handoff ends this long after t_loss (METRICS). */
#define HO_METER_WINDOW (30 * HO_SEC)

/* A datagram with a PATH_CHALLENGE or PATH_RESPONSE has at least this much UDP
 * payload, or it is undersized (RFC 9000, 8.2.1 and 8.2.2). */
enum { HO_METER_FULL_DATAGRAM = 1200 };

/* An operating system notices that a radio has faded at most this long after
 * the network last forwarded; what happened since is remembered until then. */
#define HO_METER_FADE (5 * HO_SEC)

/* ho_meter_challenge is a PATH_CHALLENGE that was sent. */
typedef struct {
  uint64_t data, bytes;
  ho_time t;
  uint8_t side;
  int tuple;   /* as its sender sees it */
  int handoff; /* the one on whose new path it was sent, or -1 */
} ho_meter_challenge;

/* ho_meter_pv is one endpoint's validation of a handoff's new path. */
typedef struct {
  uint64_t challenges, responses, rounds;
  ho_time t_last_sent;
  ho_time t_challenge, t_response, t_mtu;
  bool undersized; /* the first validation was */
} ho_meter_pv;

/* ho_meter_bins is the recovery of a bulk transfer's rate, in 200 ms bins. */
typedef struct {
  uint64_t index, bytes; /* of the bin under way */
  uint64_t good, good_from, good_deficit;
  uint64_t deficit;
  bool done, over;
  uint64_t t90_index;
} ho_meter_bins;

/* ho_meter_handoff holds nothing that it owns: it is copied and restored. */
typedef struct {
  char kind[20];
  int from, to;
  ho_time t_loss, t_up;
  ho_time t_end;        /* of its window */
  bool overtaken;       /* the next t_loss ended it */
  bool ended;           /* nothing more is taken in, but see waiting */
  ho_time t_old_down;   /* the old network stopped working */
  ho_time t_down;       /* the OS saw that it was gone, and so moved */
  ho_time t_associated; /* the new network's radio, where that was after t_loss
                         */
  ho_time t_notice, t_first_tx, t_first_rx, t_first_byte;
  int old_local, old_tuple, new_local, new_tuple;
  int64_t connection;     /* at t_loss */
  int64_t new_connection; /* first one started since */
  int64_t done_connection;
  ho_time t_connected; /* a new connection's handshake is done */
  ho_time t_quic_tx;   /* QUIC was first tried, before TCP took over */

  ho_meter_pv pv[2];
  uint64_t undersized, undersized_packet, old_path_challenges;
  bool pv_failed, pv_aborted;
  uint64_t amp_ns;

  bool has_before, has_srtt_before;
  uint64_t inflight, cwnd_before;
  ho_time srtt_before;
  bool has_after, was_reset, has_srtt_after;
  int64_t after_connection;
  uint64_t cwnd_after;
  ho_time srtt_after, latest_rtt; /* latest_rtt: of the old path */

  uint64_t lost, dropped, spurious, resent;

  ho_time last_a; /* last delivery before the wait under way */
  bool waiting;   /* that wait still meets the window */
  bool has_interruption, has_median;
  ho_time interruption, median;
  bool due, due_at_end;
  bool delivered_on; /* of packets sent after max(t_loss, t_up) */
  ho_meter_bins bins;
} ho_meter_handoff;

/* ho_meter_past is something that happened to a packet, for a handoff whose
 * t_loss turns out to have been before it. */
typedef enum {
  HO_METER_DROPPED,
  HO_METER_LOST,
  HO_METER_SPURIOUS,
  HO_METER_RESENT
} ho_meter_past_kind;

typedef struct {
  ho_time t;
  uint64_t packet; /* not of HO_METER_RESENT */
  uint32_t bytes;
  uint8_t kind;
} ho_meter_past;

/* ho_meter_known is the state of the data's sender from |t| on. */
typedef struct {
  ho_time t;
  ho_ev_recovery state;
} ho_meter_known;

/* ---- meter_handoff.c: their beginning, instants and end ---- */
/* ho_meter_live calls |fn| for each handoff of |c| that is under way: the last
 * one, and the one that a broken network may turn out to be. */
typedef void (*ho_meter_handoff_fn)(ho_meter *m, ho_meter_client *c,
                                    ho_meter_handoff *h, void *arg);
void ho_meter_live(ho_meter *m, ho_meter_client *c, ho_meter_handoff_fn fn,
                   void *arg);
bool ho_meter_in_window(const ho_meter *m, const ho_meter_handoff *h);
bool ho_meter_on_old_tuple(const ho_meter_handoff *h,
                           const ho_meter_packet *packet);
void ho_meter_on_network(ho_meter *m, const ho_event *ev);
void ho_meter_on_handoff(ho_meter *m, const ho_event *ev);
/* meter_instants.c */
bool ho_meter_succeeded(const ho_meter_handoff *h);
void ho_meter_on_notice(ho_meter *m, const ho_event *ev);
void ho_meter_on_connection(ho_meter *m, const ho_event *ev);
void ho_meter_handoff_sent(ho_meter *m, ho_meter_client *c,
                           const ho_meter_packet *packet);
void ho_meter_handoff_wire(ho_meter *m, ho_meter_client *c,
                           const ho_meter_packet *packet);
void ho_meter_handoff_received(ho_meter *m, ho_meter_client *c,
                               const ho_meter_packet *packet);
void ho_meter_handoffs_end(ho_meter *m, ho_meter_client *c);
ho_time ho_meter_start(const ho_meter_handoff *h); /* max(t_loss, t_up) */
bool ho_meter_is_x2(const ho_meter_handoff *h);

/* ---- meter_race.c ---- */
/* ho_meter_is_handoffs tells if a client's |packet| can be one of |h|'s, or is
 * of a connection that takes part in a race. */
bool ho_meter_is_handoffs(const ho_meter *m, const ho_meter_client *c,
                          const ho_meter_handoff *h,
                          const ho_meter_packet *packet);

/* ---- meter_path.c: path validation and the 3x limit ---- */
void ho_meter_on_path_frame(ho_meter *m, const ho_event *ev);
/* ho_meter_frames_sent: the datagram |n| left, on |tuple| as its sender sees
 * it, with the frames that were announced for it. */
void ho_meter_frames_sent(ho_meter *m, ho_meter_client *c, uint64_t n,
                          int tuple);
/* ho_meter_frames_of: which frames were announced for the datagram |n|. */
uint8_t ho_meter_frames_of(const ho_meter_client *c, uint64_t n);
void ho_meter_on_path_validation(ho_meter *m, const ho_event *ev);
void ho_meter_on_amplification(ho_meter *m, const ho_event *ev);
void ho_meter_amp_end(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h);
/* ho_meter_pv_last returns the validation that finished last, or NULL while
 * an endpoint that validates has not finished or when none does. */
const ho_meter_pv *ho_meter_pv_last(const ho_meter_handoff *h);

/* ---- meter_past.c: what was before a fade was noticed ---- */
void ho_meter_remember(ho_meter *m, ho_meter_client *c, ho_meter_past_kind kind,
                       uint64_t packet, uint64_t bytes);
/* ho_meter_take_past gives |h| what happened from its t_loss on, and takes it
 * away from |last|, whose window was open until then; |last| may be NULL. */
void ho_meter_take_past(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                        ho_meter_handoff *last);
void ho_meter_know(ho_meter *m, ho_meter_client *c,
                   const ho_ev_recovery *state);
/* ho_meter_known_at returns the state of the data's sender at |t|, or NULL. */
const ho_ev_recovery *ho_meter_known_at(const ho_meter_client *c, ho_time t);

/* ---- meter_capacity.c: what the new path could carry ---- */
/* ho_meter_capacity computes the IP bytes that |net| can bring |c|'s receiver
 * of the data from |from| on for |length|; false where that is not known. */
bool ho_meter_capacity(const ho_meter *m, ho_meter_client *c, int net,
                       ho_time from, ho_time length, uint64_t *bytes);

/* ---- meter_phases.c: the parts of a handoff, end to end ---- */
typedef struct {
  const ho_meter_handoff *h;
  bool breaks;   /* one network is left for another */
  bool is_radio; /* the one entered is a radio's */
  bool told;     /* somebody tells the transport */
  bool moved, due, validation_due;
  ho_time t_validated;
} ho_meter_phases;
void ho_meter_write_phases(ho_csv *csv, const ho_meter_phases *p);

/* ---- meter_bulk.c: t90 and the deficit ---- */
void ho_meter_bins_advance(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                           ho_time now);
void ho_meter_bins_received(ho_meter *m, ho_meter_client *c,
                            const ho_meter_packet *packet);

/* ---- meter_outcome.c ---- */
/* ho_meter_outcome returns the outcome of |h| after the run, NULL for NA. */
const char *ho_meter_outcome(const ho_meter *m, const ho_meter_client *c,
                             const ho_meter_handoff *h);
typedef enum { HO_METER_VALUE, HO_METER_NA, HO_METER_EMPTY } ho_meter_presence;
ho_meter_presence ho_meter_interruption(const ho_meter_client *c,
                                        const ho_meter_handoff *h,
                                        ho_time *interruption);

#endif
