/* Loading scenarios from text, for the tests of the loader. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_SCENARIO_LOAD_H
#define TESTS_SCENARIO_LOAD_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/scenario.h"
#include "tests/suite.h"

/* The least that a scenario must say; what a test adds begins in line 7. */
#define NAME "name: t\nstop: 60s\n"
#define NETS                                                                   \
  "networks:\n"                                                                \
  "  home: {type: wired, down: 100Mbps, up: 20Mbps, nat: home-router}\n"       \
  "  cell: {type: wired, down: 50Mbps, up: 25Mbps}\n"
#define WORK "workload: {type: download, bytes: 1MB}\n"
#define BASE NAME NETS WORK

/* load returns the scenario in |text|, or NULL with every message, each on a
 * line, in |*errors|; the caller frees either. */
static inline ho_scenario *load(const char *text, const ho_override *overrides,
                                size_t count, uint64_t seed, char **errors) {
  ho_source source = {(char *)"x", (char *)text, strlen(text)};
  ho_scenario *sc = NULL;
  ho_diag diag = {0};
  size_t len = 0;
  FILE *out = open_memstream(errors, &len);
  int rv = ho_scenario_load(&source, overrides, count, seed, &sc, &diag);

  ck_assert_int_eq(rv, diag.count > 0 ? HO_ERR_INPUT : 0);
  ck_assert_int_eq(rv != 0, sc == NULL);
  ho_diag_print(&diag, out);
  fclose(out);
  ho_diag_free(&diag);
  return sc;
}

/* must_load fails the test when |text| is no scenario. */
static inline ho_scenario *must_load(const char *text, uint64_t seed) {
  char *errors;
  ho_scenario *sc = load(text, NULL, 0, seed, &errors);

  ck_assert_str_eq(errors, "");
  free(errors);
  return sc;
}

#endif
