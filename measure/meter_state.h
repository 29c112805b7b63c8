/* What the meter knows of a run.  Private to measure/meter_*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_METER_STATE_H
#define HO_MEASURE_METER_STATE_H

#include "measure/meter_cids.h"
#include "measure/meter_connections.h"
#include "measure/meter_handoffs.h"
#include "measure/meter_requests.h"

/* In all of this, instants that have not come are HO_NEVER, and indexes of
 * nothing are -1. */

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
struct ho_meter_client {
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
};

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
  char *events_buffer; /* its own, since the C library's is of 4 KB */
  char *prefix;        /* of its rows */
  size_t prefix_len;
  int events_error; /* why it could not be opened, as errno */
  ho_time next_tick;
};

/* ---- meter_radio.c: association, reach, transit ---- */
void ho_meter_on_radio(ho_meter *m, const ho_event *ev);
void ho_meter_transit(ho_meter *m, ho_side receiver, int net, ho_time transit);
/* ho_meter_min_rtt returns the smallest RTT that |net| can have, or, of a
 * radio, that it had; 0 where there is none to tell. */
ho_time ho_meter_min_rtt(const ho_meter *m, int net);

/* ---- meter_links.c ---- */
void ho_meter_write_links(const ho_meter *m, ho_csv *csv);

/* ---- meter_series.c: samples and events ---- */
void ho_meter_series_open(ho_meter *m);
void ho_meter_tick(ho_meter *m, ho_time now);
void ho_meter_event(ho_meter *m, const ho_event *ev);
void ho_meter_write_series(ho_meter *m, ho_csv *csv);

/* ---- meter_rows.c, meter_run.c ---- */
void ho_meter_row(const ho_meter_config *config, ho_csv *csv);
const char *ho_meter_net_name(const ho_meter *m, int net);
void ho_meter_write_handoffs(ho_meter *m, ho_csv *csv);
void ho_meter_write_run(ho_meter *m, ho_csv *csv);

#endif
