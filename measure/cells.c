/* The rows of each point of a grid. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cells.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* The varied values follow the scenario's name. */
static bool is_row_of(const ho_plan *plan, size_t point,
                      const ho_csv_row *row) {
  const ho_override *values = ho_plan_values(plan, point);
  bool same = row->count > plan->vary_count;

  for (size_t i = 0; same && i < plan->vary_count; i++) {
    same = !strcmp(row->fields[i + 1], values[i].value);
  }
  return same;
}

static void add(ho_csv_file *cell, ho_csv_row row) {
  ho_grow(&cell->rows, cell->count, &cell->cap, sizeof(ho_csv_row));
  cell->rows[cell->count++] = row;
}

ho_csv_file *ho_cells_split(const ho_plan *plan, const ho_csv_file *file) {
  size_t points = ho_plan_points(plan), p = 0;
  ho_csv_file *cells = ho_alloc_array(points, sizeof(ho_csv_file));

  for (size_t i = 0; i < points && file->count > 0; i++) {
    add(&cells[i], file->rows[0]);
  }
  for (size_t i = 1; i < file->count && p < points; i++) {
    size_t at = p;
    while (at < points && !is_row_of(plan, at, &file->rows[i])) {
      at++;
    }
    if (at < points) {
      p = at;
      add(&cells[p], file->rows[i]);
    }
  }
  return cells;
}

void ho_cells_free(const ho_plan *plan, ho_csv_file *cells) {
  for (size_t i = 0; i < ho_plan_points(plan); i++) {
    free(cells[i].rows);
  }
  free(cells);
}
