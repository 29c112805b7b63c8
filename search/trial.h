/* What came of one schedule. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_TRIAL_H
#define HO_SEARCH_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "search/cover.h"
#include "sim/base/time.h"

enum {
  HO_SIGNATURE_MAX = 120,
  HO_FAILURES_MAX = 64,
  HO_INSTANTS_MAX = 64,
};

/* ho_failure is one way in which a run went wrong. */
typedef struct {
  char signature[HO_SIGNATURE_MAX]; /* see search/signature.h */
  ho_time t;
  char detail[200]; /* in words */
} ho_failure;

/* ho_trial is written by the process of a run into memory that it shares, so
 * it points nowhere. */
typedef struct {
  bool whole;      /* the run came to its end */
  bool refused;    /* the schedule is no good scenario; |error| says why */
  bool overtime;   /* it had to be ended */
  int signal;      /* that killed it, or 0 */
  char phase[24];  /* it was in last */
  char error[240]; /* what it said last when it died */
  ho_time end;
  uint32_t failures_count;
  ho_failure failures[HO_FAILURES_MAX]; /* each signature once, by time */
  ho_cover cover;
  uint32_t instants_count; /* when something happened, for the pilot */
  ho_time instants[HO_INSTANTS_MAX];
} ho_trial;

/* ho_trial_find returns the failure with |signature|, or NULL. */
const ho_failure *ho_trial_find(const ho_trial *trial, const char *signature);

#endif
