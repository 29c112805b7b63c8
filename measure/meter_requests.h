/* What clients are there for, and what they get.  Private to
 * measure/meter_*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_METER_REQUESTS_H
#define HO_MEASURE_METER_REQUESTS_H

#include "measure/csv.h"
#include "measure/meter_handoffs.h"

/* A call of an hour has 360,000 of them. */
typedef struct {
  ho_time t_issued, t_first, t_last;
  uint64_t bytes;
  uint32_t connection;
  uint16_t attempts;
  uint8_t what; /* index into the names in meter_requests.c */
  bool issued : 1, done : 1;
} ho_meter_request;

/* ho_meter_stalls is how often, and for how long, a direction of a call
 * stood still. */
typedef struct {
  uint64_t count;
  ho_time total;
} ho_meter_stalls;

/* ---- meter_work.c: what clients are there for ---- */
/* ho_meter_work gives |c| its workload. */
void ho_meter_work(const ho_meter *m, ho_meter_client *c);
typedef struct {
  bool finite, endless, call; /* some client's is */
} ho_meter_works;
ho_meter_works ho_meter_all_work(const ho_meter *m);

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

/* ---- meter_run.c ---- */
/* ho_meter_judge_missing sets |c|->missing, after the run: the requests whose
 * answer was due and did not come. */
void ho_meter_judge_missing(const ho_meter *m, ho_meter_client *c);

#endif
