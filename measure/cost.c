/* cost.csv: what a run cost the machine. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cost.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "measure/meter.h"
#include "measure/row.h"
#include "sim/base/alloc.h"
#include "sim/base/diag.h"

static uint64_t timeval_ns(struct timeval tv) {
  return (uint64_t)tv.tv_sec * HO_SEC + (uint64_t)tv.tv_usec * HO_USEC;
}

/* Seconds with 9 decimals, without a detour through floating point. */
static char *seconds(uint64_t ns) {
  return ho_format("%" PRIu64 ".%09" PRIu64, ns / HO_SEC, ns % HO_SEC);
}

static uint64_t cpu_ns(const ho_run_cost *cost) {
  return timeval_ns(cost->usage.ru_utime) + timeval_ns(cost->usage.ru_stime);
}

/* The libraries are timed by a wall clock, which is cheap to read; what the run
 * had to wait for other processes is taken out in proportion. */
static char *cpu_share(const ho_run_cost *cost, uint64_t wall_part_ns) {
  double share =
      cost->wall_ns ? (double)cpu_ns(cost) / (double)cost->wall_ns : 1;

  return seconds((uint64_t)((double)wall_part_ns * (share < 1 ? share : 1)));
}

/* "client_tls_s" and its like; returns NULL for another column. */
static char *library_cell(const ho_run_cost *cost, const char *column) {
  static const char *const sides[] = {"client", "server"};
  static const char *const kinds[] = {"transport", "tls", "http"};

  for (int side = 0; side < 2; side++) {
    for (int kind = 0; kind < HO_COST_KINDS; kind++) {
      char *name = ho_format("%s_%s_s", sides[side], kinds[kind]);
      bool same = !strcmp(name, column);
      free(name);
      if (same) {
        return cost->library_ns ? cpu_share(cost, cost->library_ns[side][kind])
                                : ho_strdup("");
      }
    }
  }
  return NULL;
}

static char *cell(const ho_run_cost *cost, const char *column) {
  if (!strcmp(column, "wall_s")) {
    return seconds(cost->wall_ns);
  }
  if (!strcmp(column, "cpu_s")) {
    return seconds(cpu_ns(cost));
  }
  if (!strcmp(column, "peak_kib")) {
    return ho_format("%ld", cost->usage.ru_maxrss);
  }
  if (!strcmp(column, "cpu_ns_per_byte")) {
    return cost->bytes
               ? ho_format("%.6f", (double)cpu_ns(cost) / (double)cost->bytes)
               : ho_strdup("");
  }
  return library_cell(cost, column);
}

int ho_run_cost_write(const ho_run_cost *cost, const char *dir) {
  const ho_table *table = ho_table_find("cost.csv");
  char *path = ho_format("%s/cost.csv", dir);
  FILE *out = fopen(path, "w");
  ho_csv csv;
  int err;

  free(path);
  assert(table);
  if (!out) {
    return HO_ERR_IO;
  }
  ho_csv_init(&csv, out);
  ho_row_begin(&csv, cost->scenario, cost->arm, cost->seed);
  for (size_t i = HO_ROW_COLUMNS; i < table->count; i++) {
    char *text = cell(cost, table->columns[i].name);
    assert(text); /* tables.c declares a column that is not filled here */
    ho_csv_text(&csv, text);
    free(text);
  }
  ho_csv_end(&csv);
  err = fflush(out) != 0 || ferror(out) ? errno : 0;
  if (fclose(out) != 0 && !err) {
    err = errno;
  }
  errno = err;
  return err ? HO_ERR_IO : 0;
}
