/* A scenario to search around, for tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_SEARCH_BASE_H
#define TESTS_SEARCH_BASE_H

#include <check.h>
#include <string.h>

#include "sim/scenario/rewrite.h"
#include "tests/suite.h"

#define HEAD "name: t\nstop: 20s\nnetworks:\n"
#define HOME                                                                   \
  "  home: {type: wired, down: 4Mbps, up: 2Mbps, delay: 10ms, "                \
  "nat: home-router}\n"
#define CELL "  cell: {type: wired, down: 3Mbps, up: 2Mbps, nat: cgn}\n"
#define BARE "  home: {type: wired, down: 4Mbps, up: 2Mbps}\n"
#define WORK                                                                   \
  "workload: {type: download, bytes: 1MB}\n"                                   \
  "arms: [tcp-notify, quic, quic-probe]\n"

static inline ho_source source_of(const char *text) {
  return (ho_source){(char *)"x", (char *)text, strlen(text)};
}

static inline ho_scenario *load_base(const char *text) {
  ho_source source = source_of(text);
  ho_scenario *sc = NULL;
  ho_diag diag = {0};

  if (ho_scenario_load(&source, NULL, 0, 0, &sc, &diag) != 0) {
    ck_abort_msg("%s", diag.messages[0]);
  }
  return sc;
}

#endif
