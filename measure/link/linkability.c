/* linkability.csv, from flows.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/link/linkability.h"

#include <math.h>
#include <stdlib.h>

#include "measure/csv.h"
#include "measure/link/tally.h"
#include "measure/link/train.h"
#include "sim/base/alloc.h"
#include "sim/base/diag.h"

/* ---- one row ---- */

static void write_value(ho_csv *csv, bool applies, double value) {
  if (!applies) {
    ho_csv_empty(csv);
  } else if (isnan(value)) {
    ho_csv_na(csv);
  } else {
    ho_csv_real(csv, value);
  }
}

static void write_row(ho_csv *csv, const ho_linkability *what, const char *arm,
                      ho_vantage vantage, ho_adversary adversary,
                      const ho_link_tally *tally) {
  ho_csv_text(csv, what->scenario);
  for (size_t i = 0; i < what->point_count; i++) {
    ho_csv_text(csv, what->point[i].value);
  }
  ho_csv_text(csv, arm);
  ho_csv_text(csv, ho_adversary_name(adversary));
  ho_csv_text(csv, ho_vantage_name(vantage));
  if (tally->queries > 0 && tally->n_whole) {
    ho_csv_u64(csv, (uint64_t)tally->n);
  } else {
    write_value(csv, tally->queries > 0, tally->n);
  }
  ho_csv_u64(csv, tally->seeds);
  for (size_t i = 0; i < HO_LINK_ESTIMATES; i++) {
    const ho_link_estimate *e = &tally->estimates[i];
    write_value(csv, e->applies, e->value);
    write_value(csv, e->applies, e->ci.lo);
    write_value(csv, e->applies, e->ci.hi);
  }
  ho_csv_u64(csv, tally->queries);
  if (what->swap_game) {
    ho_csv_u64(csv, tally->games);
    ho_csv_u64(csv, tally->decided);
  } else {
    ho_csv_empty(csv);
    ho_csv_empty(csv);
  }
  ho_csv_end(csv);
}

/* ---- one arm ---- */

typedef struct {
  const ho_linkability *what;
  const char *arm;
  ho_link_flows flows;
  ho_link_windows windows;
  ho_link_handoffs handoffs;
  uint64_t *seeds; /* those with a query, in order */
  size_t seeds_count;
} evaluation;

/* Handoffs are in order of their seeds. */
static void find_seeds(evaluation *e) {
  e->seeds = ho_alloc_array(e->handoffs.count, sizeof(uint64_t));
  for (size_t i = 0; i < e->handoffs.count; i++) {
    uint64_t seed = e->handoffs.queries[i].seed;
    if (e->seeds_count == 0 || e->seeds[e->seeds_count - 1] != seed) {
      e->seeds[e->seeds_count++] = seed;
    }
  }
}

static void write_adversary(ho_csv *csv, const evaluation *e,
                            ho_vantage vantage, ho_link_trial *trial) {
  ho_link_tally tally;

  ho_link_tally_make(&tally, trial);
  write_row(csv, e->what, e->arm, vantage, trial->adversary, &tally);
}

/* A3 learns from the first half of the seeds and is put to the test with the
 * others. */
static void write_learned(ho_csv *csv, const evaluation *e, ho_vantage vantage,
                          const ho_link_game *games) {
  size_t half = (e->seeds_count + 1) / 2;
  ho_link_model *model = e->seeds_count < 2 ? NULL : ho_link_train(games, half);
  ho_link_trial trial = {.games = games + half,
                         .count = e->seeds_count - half,
                         .windows = &e->windows,
                         .adversary = HO_ADVERSARY_A3,
                         .model = model,
                         .swap_game = e->what->swap_game,
                         .places = e->what->places,
                         .places_count = e->what->places_count};

  write_adversary(csv, e, vantage, &trial);
  ho_link_model_del(model);
}

static void write_vantage(ho_csv *csv, evaluation *e, ho_vantage vantage) {
  ho_link_game *games = ho_alloc_array(e->seeds_count, sizeof(*games));
  ho_link_trial trial = {.games = games,
                         .count = e->seeds_count,
                         .windows = &e->windows,
                         .swap_game = e->what->swap_game,
                         .places = e->what->places,
                         .places_count = e->what->places_count};

  for (size_t i = 0; i < e->seeds_count; i++) {
    ho_link_game_init(&games[i], &e->flows, &e->handoffs, e->seeds[i], vantage);
  }
  for (size_t i = 0; i < HO_ADVERSARY_A3; i++) {
    trial.adversary = (ho_adversary)i;
    write_adversary(csv, e, vantage, &trial);
  }
  write_learned(csv, e, vantage, games);
  for (size_t i = 0; i < e->seeds_count; i++) {
    ho_link_game_free(&games[i]);
  }
  free(games);
}

static int write_arm(ho_csv *csv, const ho_linkability *what, const char *arm) {
  evaluation e = {.what = what, .arm = arm};
  int rv = ho_link_flows_read(&e.flows, what->flows, arm);

  if (rv == 0) {
    rv = ho_link_windows_read(&e.windows, what->handoffs, arm);
  }
  if (rv == 0) {
    ho_link_handoffs_init(&e.handoffs, &e.flows);
    find_seeds(&e);
    for (size_t i = 0; i < HO_VANTAGE_COUNT; i++) {
      if (what->observers >> i & 1) {
        write_vantage(csv, &e, (ho_vantage)i);
      }
    }
  }
  free(e.seeds);
  ho_link_handoffs_free(&e.handoffs);
  ho_link_windows_free(&e.windows);
  ho_link_flows_free(&e.flows);
  return rv;
}

int ho_linkability_write(FILE *out, const ho_linkability *what) {
  ho_csv csv;
  int rv = 0;

  ho_csv_init(&csv, out);
  for (size_t i = 0; i < what->arms_count && rv == 0; i++) {
    rv = write_arm(&csv, what, what->arms[i]);
  }
  return rv == 0 && ferror(out) ? HO_ERR_IO : rv;
}
