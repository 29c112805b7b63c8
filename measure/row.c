/* What every row of every CSV file begins with. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/row.h"

void ho_row_begin(ho_csv *csv, const ho_scenario *scenario, size_t arm,
                  uint64_t seed) {
  ho_csv_text(csv, scenario->name);
  for (size_t i = 0; i < scenario->point_count; i++) {
    ho_csv_text(csv, scenario->point[i].value);
  }
  ho_csv_text(csv, scenario->arms[arm].name);
  ho_csv_u64(csv, seed);
}
