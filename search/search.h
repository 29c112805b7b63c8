/* A search: draws schedules, runs them, keeps what fails, makes it small. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_SEARCH_H
#define HO_SEARCH_SEARCH_H

#include "search/found.h"

/* ho_search_options is what a search is to do. */
typedef struct {
  const ho_source *source; /* the scenario to start from */
  const ho_override *overrides;
  size_t overrides_count;
  const ho_scenario *scenario; /* as loaded with them */
  uint64_t seed;
  uint64_t runs;        /* schedules; 0: as many as there is time for */
  ho_time wall;         /* wall clock for drawn schedules; 0: no limit */
  size_t jobs;          /* processes at once */
  const char *known;    /* file of known findings, or NULL */
  const char *library;  /* whose: "ngtcp2 1.11.0"; only with |known| */
  bool until_new;       /* ends with the first batch that finds something else,
                           the first of which alone is made small */
  const char *only_arm; /* or NULL: all of QUIC */
  /* Says how far it is; may be NULL. */
  void (*progress)(void *user, uint64_t runs, size_t found);
  void *user;
} ho_search_options;

typedef struct {
  ho_findings findings;
  ho_cover cover;
  uint64_t runs, refused; /* schedules; those that were no good scenario */
  char *refusal;          /* what was wrong with the first of them, or NULL */
  uint64_t last_new; /* the schedule that last reached a new transition, from 1;
                        0: none */
  uint64_t shrink_runs;
  int signal; /* that ended it, or 0 */
  char *base; /* the scenario's text that schedules change, with overrides */
} ho_search_result;

/* ho_search runs it.  Schedules are drawn in batches of a fixed size, so that
 * what was reached bears on the draw in the same way for any number of
 * processes.  ho_world_preload must have been called, and
 * ho_grid_signals_block.
 *
 * Returns 0 (look at |result|->signal), or
 *
 * HO_ERR_INPUT
 *     The scenario cannot be searched; |diag| says why.
 * HO_ERR_IO
 *     There can be no processes; errno says why. */
int ho_search(const ho_search_options *options, ho_search_result *result,
              ho_diag *diag);
void ho_search_result_free(ho_search_result *result);

#endif
