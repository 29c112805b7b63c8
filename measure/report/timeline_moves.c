/* The handoffs of one run, as its timeline shows them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/timeline_moves.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "sim/base/alloc.h"

/* |name| of |row|; the columns of varied keys, after the first, are in no
 * table. */
static const char *cell(const ho_scenario *scenario, const ho_csv_row *row,
                        const char *name) {
  const ho_table *table = ho_table_find("handoffs.csv");
  size_t i = 0, at;

  while (i < table->count && strcmp(table->columns[i].name, name) != 0) {
    i++;
  }
  at = i + (i > 0 ? scenario->point_count : 0);
  return i < table->count && at < row->count ? row->fields[at] : "";
}

static void read_phases(ho_move *move, const ho_scenario *scenario,
                        const ho_csv_row *row) {
  double at = move->loss;

  for (size_t i = 0; i < HO_PHASES; i++) {
    const char *text = cell(scenario, row, ho_phases[i].column);
    if (!strcmp(text, "NA")) {
      at = INFINITY;
    } else if (*text) {
      at += strtod(text, NULL) / 1e3;
    }
    move->ends[i] = at;
  }
}

int ho_moves_read(ho_moves *moves, const ho_scenario *scenario,
                  const char *dir) {
  char *path = ho_format("%s/handoffs.csv", dir);
  ho_csv_file file;
  int rv = ho_csv_read(&file, path), err = errno;

  *moves = (ho_moves){0};
  for (size_t i = 0; rv == 0 && i < file.count; i++) {
    const ho_csv_row *row = &file.rows[i];
    ho_move move = {.client = atoi(cell(scenario, row, "client")),
                    .text = ho_format(
                        "%s: %s to %s", cell(scenario, row, "kind"),
                        cell(scenario, row, "from"), cell(scenario, row, "to")),
                    .loss = strtod(cell(scenario, row, "t_loss_s"), NULL)};
    read_phases(&move, scenario, row);
    ho_grow(&moves->items, moves->count, &moves->cap, sizeof(ho_move));
    moves->items[moves->count++] = move;
  }
  ho_csv_file_free(&file);
  free(path);
  errno = err;
  return rv == 0 ? 0 : HO_ERR_IO;
}

void ho_moves_free(ho_moves *moves) {
  for (size_t i = 0; i < moves->count; i++) {
    free(moves->items[i].text);
  }
  free(moves->items);
  *moves = (ho_moves){0};
}
