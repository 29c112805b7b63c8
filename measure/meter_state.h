/* What the meter knows of a run; shared by the files meter_*.c alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_METER_STATE_H
#define HO_MEASURE_METER_STATE_H

#include "measure/checks/index.h"
#include "measure/csv.h"
#include "measure/meter.h"
#include "measure/ring.h"

/* Instants that have not come are HO_NEVER; indexes of nothing are -1. */

/* The window of a handoff ends this long after t_loss (METRICS). */
#define HO_METER_WINDOW (30 * HO_SEC)

/* A datagram with a PATH_CHALLENGE or PATH_RESPONSE has at least this much UDP
 * payload, or it is undersized (RFC 9000, 8.2.1 and 8.2.2). */
enum { HO_METER_FULL_DATAGRAM = 1200 };

/* An operating system notices that a radio has faded at most this long after
 * the network last forwarded; what happened since is remembered until then. */
#define HO_METER_FADE (5 * HO_SEC)

/* ho_meter_packet is an IP packet, found by its number. */
typedef struct {
  ho_time t_sent;
  uint64_t range;      /* number of its first stream range */
  uint32_t ranges;     /* how many it has */
  uint32_t connection; /* valid where has_connection */
  uint32_t bytes;      /* IP bytes */
  uint32_t late;       /* stream bytes sent again while it was on its way */
  int32_t client;
  int32_t local; /* tuple as the client sees it, for a client's packet */
  int32_t tuple; /* tuple as the server sees it */
  int32_t cid;   /* its DCID */
  int16_t net;
  uint8_t side;   /* sender */
  uint8_t frames; /* of path validation: HO_METER_CHALLENGE and so on */
  bool used, sent, received, dropped, has_connection;
  bool forged; /* an attacker has changed its tuple */
} ho_meter_packet;

enum { HO_METER_CHALLENGE = 1, HO_METER_RESPONSE = 2 };

/* ho_meter_range is a range of a stream's bytes in a packet. */
typedef struct {
  uint64_t offset;
  uint32_t length;
  int32_t stream;
} ho_meter_range;

/* ho_meter_segment is a range of a stream when it was first sent. */
typedef struct {
  uint64_t offset;
  uint64_t packet;
  uint32_t length;
  uint32_t again_from, again_to; /* of it, sent again: from the first byte to
                                    behind the last */
} ho_meter_segment;

/* ho_meter_island is a range that arrived ahead of its turn. */
typedef struct {
  uint64_t from, to;
} ho_meter_island;

/* ho_meter_stream is what one end sends on one stream. */
typedef struct {
  int32_t client;
  uint8_t side;
  uint64_t connection;
  int64_t id;
  uint64_t sent_to;         /* offset behind the last byte sent */
  uint64_t arrived_to;      /* all bytes before it have arrived */
  ho_ring segments;         /* in order of offset, without gaps */
  ho_meter_island *islands; /* behind arrived_to, in order, apart */
  size_t islands_count, islands_cap;
  int32_t before; /* the client's stream before this one, or -1 */
} ho_meter_stream;

typedef struct {
  ho_tuple tuple;
  ho_time t_first; /* first packet sent on it */
  int net;
  int outer;          /* for a client's own tuple: what it is behind the NAT */
  int64_t connection; /* likewise: whose first packet used it, or -1 */
  int handoff;        /* the last one that led to it, or -1 */
  bool validated;     /* by the server */
} ho_meter_tuple;

/* ho_meter_flow is one end of a connection as a sender. */
typedef struct {
  ho_ring pns[3]; /* packet number spaces: Initial, Handshake, 1-RTT */
  bool seen;      /* a recovery event has come */
  uint64_t cwnd;  /* in the first one */
  ho_ev_recovery state;
} ho_meter_flow;

typedef struct {
  bool started, tcp;
  ho_time t_started, t_done; /* client's handshake */
  ho_time t_first_rx;        /* its first packet reached the server */
  int local;                 /* tuple of its first packet, or -1 */
  bool failed;               /* closed with an error */
  ho_meter_flow flows[2];
  bool blocked; /* by the amplification limit */
  ho_time t_blocked;
  uint64_t state_bytes;
} ho_meter_connection;

/* ho_meter_visit is the part of a use that lies between two handoffs. */
typedef struct {
  size_t handoffs; /* that were before */
  ho_time t_first, t_last;
} ho_meter_visit;

typedef enum {
  HO_METER_BY_DATA,
  HO_METER_BY_CHALLENGE,
  HO_METER_BY_RESPONSE,
  HO_METER_BY_HANDOFF
} ho_meter_cause;

/* ho_meter_use is a CID on one tuple, server's view. */
typedef struct {
  int tuple;
  ho_time t_first, t_last;
  uint64_t outside; /* sights at its access network's outer end */
  bool at_server;
  /* Without what attackers send: */
  ho_meter_visit *visits;
  size_t visits_count, visits_cap;
  uint64_t packets, first_packet;
  uint8_t cause; /* what brought the first one here */
  int handoff;   /* likewise, where it was one */
} ho_meter_use;

typedef struct {
  uint64_t connection, sequence;
  uint8_t side; /* issuer */
  bool issued;
  ho_cid cid;
  ho_token token;
  ho_time t_issued, t_retired;
  ho_meter_use *uses;
  size_t uses_count, uses_cap;
  ho_index uses_index; /* by tuple */
  int local;           /* the client's own tuple that last sent it, or -1 */
} ho_meter_cid;

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

/* A call of an hour has 360,000 of them. */
typedef struct {
  ho_time t_issued, t_first, t_last;
  uint64_t bytes;
  uint32_t connection;
  uint16_t attempts;
  uint8_t what; /* index into the names in meter_requests.c */
  bool issued : 1, done : 1;
} ho_meter_request;

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

/* ho_meter_stalls is how often, and for how long, a direction of a call
 * stood still. */
typedef struct {
  uint64_t count;
  ho_time total;
} ho_meter_stalls;

/* ho_meter_walk is where a client is, as far as the timeline was followed. */
typedef struct {
  size_t entry; /* the timeline's first that has not been looked at */
  ho_time t;    /* it left |from| for |to| */
  ho_position from, to;
  uint64_t mm_per_s; /* 0: it stands at |from| */
} ho_meter_walk;

/* ho_meter_text is text being written.  The stream knows where the other two
 * are, so it does not move as clients do when there are more. */
typedef struct {
  FILE *out;
  char *text;
  size_t len;
} ho_meter_text;

/* ho_meter_client is one client and the server's side of its connections. */
typedef struct {
  int index;
  const ho_workload_config *work;
  ho_side sender, receiver; /* of its workload's data */
  bool bulk, endless, call;
  int net; /* in use */
  ho_meter_tuple *tuples;
  size_t tuples_count, tuples_cap;
  ho_index tuples_index; /* by the client's endpoint */
  int hints[2];          /* the last two tuples asked for, which alternate */
  int *local_of;         /* own tuple last used, by network, and when */
  ho_time *t_local_of;
  ho_time *t_associated; /* its radio last was, by network */
  int out_of_reach;      /* a network that it never got into, or -1 */
  ho_meter_walk walk;
  int last_local, last_tuple;
  uint64_t last_sent; /* its last packet */

  ho_meter_connection *conns;
  size_t conns_count, conns_cap;
  int64_t connection; /* started last; of a racing arm, the one at work */
  int64_t starting;   /* its first packet is yet to leave, or -1 */
  int32_t stream;     /* its last in the meter's list, or -1 */

  /* Of an arm that races QUIC against TCP: */
  int64_t worked;   /* the connection that the application uses, or -1 */
  ho_time t_worked; /* since when */
  uint64_t moves;   /* how often it took another */
  ho_time fallback; /* the longest price of one from QUIC to TCP, or HO_NEVER */

  ho_meter_cid *cids;
  size_t cids_count, cids_cap;
  int cid_hint[2];

  ho_ev_path_frame *frames; /* of the datagram about to be sent */
  size_t frames_count, frames_cap;
  ho_meter_challenge *challenges;
  size_t challenges_count, challenges_cap;

  ho_meter_handoff *handoffs;
  size_t handoffs_count, handoffs_cap;
  size_t waiting_from; /* no handoff before this one is waiting */
  bool has_pending;    /* a network in use went down, no handoff yet */
  ho_meter_handoff pending, frozen;

  ho_ring past;  /* ho_meter_past */
  ho_ring known; /* ho_meter_known */
  ho_time t_noticed;

  ho_ring deliveries; /* instants */
  ho_time t_delivered;
  ho_meter_request *requests;
  size_t requests_count, requests_cap;
  uint64_t outstanding, issued;
  bool work_done;
  ho_time t_work_done;
  uint64_t missing; /* after the run: answers that were due */
  int dead; /* likewise: the side that a call no longer reached, or -1 */
  uint64_t delivered_bytes, handshakes;
  uint64_t datagrams_up, datagrams_down, lost, resent;

  ho_meter_text *series; /* NULL: none yet */
} ho_meter_client;

struct ho_meter {
  bool checked; /* checks_failed is known */
  uint64_t checks_failed;
  ho_meter_config config;
  ho_log *log;
  char *dir;
  bool race;
  ho_time keep;         /* how far back t_loss may be: 0 without radios */
  ho_time *quickest[2]; /* transit of any packet, by receiver and network */
  ho_net_config *nets;  /* as they are now: `set` changes them */
  const char **net_names;
  bool *is_old; /* by network: a client that moves starts in it */

  ho_time now;
  bool ended;
  char *end_reason;
  char *wrong; /* the first wrong byte, in words */

  ho_meter_client *clients;
  size_t clients_count, clients_cap;
  ho_ring packets, ranges;
  ho_meter_stream *streams;
  size_t streams_count, streams_cap;
  int32_t *stream_index; /* hash table over streams */
  size_t stream_index_cap;
  int32_t stream_hint;

  FILE *events;
  char *prefix; /* of its rows */
  size_t prefix_len;
  int events_error; /* why it could not be opened, as errno */
  ho_time next_tick;
};

/* ---- meter_work.c: what clients are there for ---- */
/* ho_meter_work gives |c| its workload. */
void ho_meter_work(const ho_meter *m, ho_meter_client *c);
typedef struct {
  bool finite, endless, call; /* some client's is */
} ho_meter_works;
ho_meter_works ho_meter_all_work(const ho_meter *m);

/* ---- meter_packets.c: packets and tuples ---- */
ho_meter_client *ho_meter_client_at(ho_meter *m, int index);
ho_meter_connection *ho_meter_connection_at(ho_meter_client *c, uint64_t n);
int ho_meter_tuple_at(ho_meter *m, ho_meter_client *c, const ho_tuple *tuple,
                      int net);
ho_meter_packet *ho_meter_packet_at(const ho_meter *m, uint64_t n);
/* ho_meter_packet_new returns packet |n|, which it makes if need be; NULL if
 * it is older than what is kept. */
ho_meter_packet *ho_meter_packet_new(ho_meter *m, uint64_t n, int client,
                                     ho_side side);
void ho_meter_on_datagram_sent(ho_meter *m, const ho_event *ev);
void ho_meter_on_wire(ho_meter *m, const ho_event *ev);
void ho_meter_on_datagram_received(ho_meter *m, const ho_event *ev);
void ho_meter_on_packet_dropped(ho_meter *m, const ho_event *ev);

/* ---- meter_streams.c: what is sent again ---- */
void ho_meter_on_stream_sent(ho_meter *m, const ho_event *ev);
/* meter_arrivals.c */
void ho_meter_packet_arrived(ho_meter *m, uint64_t number,
                             ho_meter_packet *packet);
/* ho_meter_abandon counts what the data's sender had sent on |connection| and
 * must send again on another. */
void ho_meter_abandon(ho_meter *m, ho_meter_client *c, uint64_t connection);
void ho_meter_streams_free(ho_meter *m);

/* ---- meter_recovery.c: declared loss, congestion and RTT ---- */
void ho_meter_on_quic_sent(ho_meter *m, const ho_event *ev);
void ho_meter_on_packet_lost(ho_meter *m, const ho_event *ev);
void ho_meter_on_recovery(ho_meter *m, const ho_event *ev);
const ho_meter_flow *ho_meter_sender(const ho_meter_client *c);

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

/* ---- meter_delivery.c: what reaches the application ---- */
void ho_meter_on_delivered(ho_meter *m, const ho_event *ev);
ho_time ho_meter_median_gap(ho_meter_client *c, ho_time before, bool *has);
/* ho_meter_deliveries_since has |h| take the deliveries since its t_loss. */
void ho_meter_deliveries_since(ho_meter_client *c, ho_meter_handoff *h);

/* ---- meter_requests.c, meter_calls.c ---- */
void ho_meter_on_request(ho_meter *m, const ho_event *ev);
ho_meter_request *ho_meter_request_at(ho_meter_client *c, uint64_t n);
void ho_meter_write_requests(const ho_meter *m, ho_csv *csv);
/* ho_meter_is_missed tells if |c|'s |r| has no whole answer (in time, where it
 * is a frame of a call).  ho_meter_is_open: nor can it be said yet, since the
 * run ended before its deadline. */
bool ho_meter_is_up(const ho_meter_request *r); /* a frame to the server */
bool ho_meter_is_missed(const ho_meter *m, const ho_meter_client *c,
                        const ho_meter_request *r);
bool ho_meter_is_open(const ho_meter *m, const ho_meter_client *c,
                      const ho_meter_request *r);
uint64_t ho_meter_missed(const ho_meter *m, const ho_meter_client *c);
ho_meter_stalls ho_meter_client_stalls(const ho_meter *m,
                                       const ho_meter_client *c);
/* ho_meter_judge_call sets |c|->missing and |c|->dead of a call. */
void ho_meter_judge_call(const ho_meter *m, ho_meter_client *c);

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

/* ---- meter_race.c: QUIC against TCP ---- */
/* ho_meter_works_on: the application uses |connection|. */
void ho_meter_works_on(ho_meter *m, ho_meter_client *c, uint64_t connection);
/* ho_meter_is_handoffs tells if a client's |packet| can be one of |h|'s, or is
 * of a connection that takes part in a race. */
bool ho_meter_is_handoffs(const ho_meter *m, const ho_meter_client *c,
                          const ho_meter_handoff *h,
                          const ho_meter_packet *packet);

/* ---- meter_radio.c: association, reach, transit ---- */
void ho_meter_on_radio(ho_meter *m, const ho_event *ev);
void ho_meter_transit(ho_meter *m, ho_side receiver, int net, ho_time transit);
/* ho_meter_min_rtt returns the smallest RTT that |net| can have, or, of a
 * radio, that it had; 0 where there is none to tell. */
ho_time ho_meter_min_rtt(const ho_meter *m, int net);

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

/* ---- meter_cids.c ---- */
void ho_meter_on_cid(ho_meter *m, const ho_event *ev);
int ho_meter_cid_sent(ho_meter *m, ho_meter_client *c, ho_side side,
                      uint64_t connection, const ho_cid *dcid);
/* ho_meter_cids_in_order lists |c|'s CIDs by connection, issuer and sequence;
 * those that nobody issued only where |all|.  The list is the caller's. */
size_t *ho_meter_cids_in_order(const ho_meter_client *c, bool all,
                               size_t *count);
uint64_t ho_meter_cids_used(const ho_meter *m, ho_side issuer);
void ho_meter_write_cids(const ho_meter *m, ho_csv *csv);
void ho_meter_write_hex(ho_csv *csv, const uint8_t *bytes, size_t len);

/* ---- meter_sights.c: on which tuples a CID was seen ---- */
/* ho_meter_cid_seen: packet |n| is on the wire. */
void ho_meter_cid_seen(ho_meter *m, ho_meter_client *c, uint64_t n,
                       const ho_meter_packet *packet);
/* ho_meter_cid_received: it has reached the server. */
void ho_meter_cid_received(ho_meter_client *c, const ho_meter_packet *packet);
/* ho_meter_cid_dropped: a packet of the server's was dropped because of
 * |reason|. */
void ho_meter_cid_dropped(const ho_meter *m, ho_meter_client *c,
                          const ho_meter_packet *packet, const char *reason);
void ho_meter_on_meddled(ho_meter *m, const ho_event *ev);
void ho_meter_sights_free(ho_meter_cid *cid);
/* ho_meter_cid_reused returns 1 or 0, or -1 where there is nothing to say, for
 * the DCIDs that |side| sends. */
int ho_meter_cid_reused(const ho_meter_client *c, size_t handoff, ho_side side);
/* ho_meter_link_window is how long some CID was seen on both tuples of |h|, at
 * least 0; HO_NEVER where ho_meter_cid_reused finds none. */
ho_time ho_meter_link_window(const ho_meter_client *c, size_t handoff);

/* ---- meter_vantages.c ---- */
void ho_meter_find_old(ho_meter *m);
/* ho_meter_write_vantages writes the names of the scenario's observers that
 * have seen |use| (NULL: nobody has). */
void ho_meter_write_vantages(const ho_meter *m, ho_csv *csv,
                             const ho_meter_client *c, const ho_meter_use *use);

/* ---- meter_links.c ---- */
void ho_meter_write_links(const ho_meter *m, ho_csv *csv);

/* ---- meter_series.c: samples and events ---- */
void ho_meter_series_open(ho_meter *m);
void ho_meter_tick(ho_meter *m, ho_time now);
void ho_meter_event(ho_meter *m, const ho_event *ev);
void ho_meter_write_series(ho_meter *m, ho_csv *csv);

/* ---- meter_rows.c, meter_outcome.c, meter_run.c ---- */
void ho_meter_row(const ho_meter_config *config, ho_csv *csv);
const char *ho_meter_net_name(const ho_meter *m, int net);
void ho_meter_write_handoffs(ho_meter *m, ho_csv *csv);
/* ho_meter_outcome returns the outcome of |h| after the run, NULL for NA. */
const char *ho_meter_outcome(const ho_meter *m, const ho_meter_client *c,
                             const ho_meter_handoff *h);
typedef enum { HO_METER_VALUE, HO_METER_NA, HO_METER_EMPTY } ho_meter_presence;
ho_meter_presence ho_meter_interruption(const ho_meter_client *c,
                                        const ho_meter_handoff *h,
                                        ho_time *interruption);
/* ho_meter_judge_missing sets |c|->missing, after the run: the requests whose
 * answer was due and did not come. */
void ho_meter_judge_missing(const ho_meter *m, ho_meter_client *c);
void ho_meter_write_run(ho_meter *m, ho_csv *csv);

#endif
