/* Coverage: which transitions schedules have been through. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/cover.h"

#include <assert.h>

static const char *const paths[] = {"handshake", "first path", "validating",
                                    "moved", "settled"};

static size_t index_of(ho_step step, ho_path_state path, ho_cids cids,
                       ho_flight flight) {
  size_t index = ((size_t)step * HO_PATH_COUNT + path) * HO_CIDS_COUNT + cids;

  assert(step < HO_STEP_COUNT && path < HO_PATH_COUNT);
  return index * HO_FLIGHT_COUNT + flight;
}

static bool has(const ho_cover *cover, size_t index) {
  return cover->bits[index / 8] >> (index % 8) & 1;
}

void ho_cover_add(ho_cover *cover, ho_step step, ho_path_state path,
                  ho_cids cids, ho_flight flight) {
  size_t index = index_of(step, path, cids, flight);

  cover->bits[index / 8] |= (uint8_t)(1u << (index % 8));
}

size_t ho_cover_merge(ho_cover *cover, const ho_cover *more) {
  size_t before = ho_cover_count(cover);

  for (size_t i = 0; i < sizeof(cover->bits); i++) {
    cover->bits[i] |= more->bits[i];
  }
  return ho_cover_count(cover) - before;
}

size_t ho_cover_count(const ho_cover *cover) {
  size_t count = 0;

  for (size_t i = 0; i < sizeof(cover->bits); i++) {
    count += (size_t)__builtin_popcount(cover->bits[i]);
  }
  return count;
}

static size_t count_state(const ho_cover *cover, ho_path_state path,
                          ho_cids cids, ho_flight flight) {
  size_t count = 0;

  for (int step = 0; step < HO_STEP_COUNT; step++) {
    count += has(cover, index_of((ho_step)step, path, cids, flight));
  }
  return count;
}

void ho_cover_print(const ho_cover *cover, FILE *out) {
  fprintf(out,
          "Reached %zu transitions of %d; by the server's path, the client's "
          "CIDs that it\nhas left, and what it has in flight:\n\n"
          "             no CID              one CID             more\n"
          "             none  some  full    none  some  full    none  some  "
          "full\n",
          ho_cover_count(cover), (int)HO_COVER_BITS);
  for (int path = 0; path < HO_PATH_COUNT; path++) {
    fprintf(out, "%-11s", paths[path]);
    for (int cids = 0; cids < HO_CIDS_COUNT; cids++) {
      for (int flight = 0; flight < HO_FLIGHT_COUNT; flight++) {
        fprintf(out, "%s%6zu", flight == 0 && cids > 0 ? "  " : "",
                count_state(cover, (ho_path_state)path, (ho_cids)cids,
                            (ho_flight)flight));
      }
    }
    fputc('\n', out);
  }
}
