/* RFC checks: verdicts on what the packets of a run show. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CHECK_H
#define HO_MEASURE_CHECK_H

#include <stdio.h>

#include "sim/base/event.h"
#include "sim/net/sink.h"
#include "sim/scenario/scenario.h"

typedef enum {
#define CHECK(id, clause, level, source, about) HO_CHECK_##id,
#include "measure/checks/checks.def"
#undef CHECK
  HO_CHECK_COUNT
} ho_check_id;

typedef enum { HO_MUST, HO_SHOULD, HO_OBSERVATION } ho_check_level;
typedef enum { HO_NOT_EXERCISED, HO_PASS, HO_FAIL } ho_verdict;

typedef struct {
  const char *id, *clause, *source, *about;
  ho_check_level level;
} ho_check_info;

const ho_check_info *ho_check_table(void); /* HO_CHECK_COUNT of them */
const char *ho_check_level_name(ho_check_level level); /* "MUST" */
const char *ho_verdict_name(ho_verdict verdict);       /* "NOT-EXERCISED" */

/* ho_finding is a check's verdict on one client.  For FAIL, |t| and what
 * follows are the first offending packet's; for an observation that PASSed,
 * |detail| says what was seen. */
typedef struct {
  ho_verdict verdict;
  ho_time t;
  ho_side endpoint; /* who broke it */
  ho_tuple tuple;   /* as seen where the packet was seen */
  uint64_t packet;  /* IP packet number; 0: no one packet */
  uint64_t pn;      /* its QUIC packet number; UINT64_MAX: none */
  char detail[160];
} ho_finding;

/* ho_checks watches one run: it is a sink of its packets and secrets, and
 * subscribes to its log for ground truth (what the timeline did, what the
 * client was told) and for endpoints' own state (source S). */
typedef struct ho_checks ho_checks;

ho_checks *ho_checks_new(const ho_scenario *scenario, size_t arm, ho_log *log);
void ho_checks_del(ho_checks *checks);
ho_sink ho_checks_sink(ho_checks *checks);

/* ho_checks_finish is for the end of the run: verdicts are final then. */
void ho_checks_finish(ho_checks *checks, ho_time now);

/* ho_checks_watcher is told of each failure, of those after a check's first,
 * too: |finding| is gone when it returns.  It may be called at any time until
 * ho_checks_finish has returned, also about what is past. */
typedef struct {
  void (*failed)(void *user, int client, ho_check_id id,
                 const ho_finding *finding);
  void *user;
} ho_checks_watcher;

void ho_checks_watch(ho_checks *checks, const ho_checks_watcher *watcher);

/* ho_checks_finding is |client|'s verdict: the worst over its connections. */
const ho_finding *ho_checks_finding(const ho_checks *checks, int client,
                                    ho_check_id id);

/* ho_checks_failed counts failed checks of level MUST over all clients. */
uint64_t ho_checks_failed(const ho_checks *checks);

/* ho_checks_write writes the rows of checks.csv, without a header line: one per
 * check and client, in the order of checks.def.  A write error is |out|'s. */
void ho_checks_write(const ho_checks *checks, uint64_t seed, FILE *out);

#endif
