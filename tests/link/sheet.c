/* flows.csv by hand, and linkability.csv as it comes out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/link/sheet.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/meter.h"
#include "sim/base/alloc.h"

static void write_header(FILE *out, const char *name) {
  const ho_table *table = ho_table_find(name);

  for (size_t i = 0; i < table->count; i++) {
    fprintf(out, "%s%s", i > 0 ? "," : "", table->columns[i].name);
  }
  fputc('\n', out);
}

void sheet_open(sheet *s) {
  strcpy(s->dir, "/tmp/handoff-sheet-XXXXXX");
  ck_assert(mkdtemp(s->dir) != NULL);
  s->flows = ho_format("%s/flows.csv", s->dir);
  s->handoffs = ho_format("%s/handoffs.csv", s->dir);
  s->out = fopen(s->flows, "w");
  s->windows = fopen(s->handoffs, "w");
  ck_assert(s->out && s->windows);
  write_header(s->out, "flows.csv");
  fputs("scenario,arm,seed,client,handoff,link_window_ms\n", s->windows);
}

static void write_time(FILE *out, bool none, double ms) {
  if (!none) {
    fprintf(out, "%.9f", ms / 1e3);
  }
  fputc(',', out);
}

static unsigned or_else(unsigned value, unsigned other) {
  return value ? value : other;
}

void sheet_add(sheet *s, row r) {
  double begin = r.begin_down_ms > 0 ? r.begin_down_ms : r.begin_ms,
         end = r.end_down_ms > 0 ? r.end_down_ms : r.end_ms;
  unsigned up = r.no_up ? 0 : or_else(r.packets_up, 10),
           down = r.no_down ? 0 : or_else(r.packets_down, 10);

  fprintf(s->out, "hand,%s,%" PRIu64 ",%s,0,192.0.2.1:1>198.51.100.1:443,udp,",
          r.arm ? r.arm : "quic", r.seed ? r.seed : 1,
          r.vantage ? r.vantage : "both");
  write_time(s->out, r.no_up, r.begin_ms);
  write_time(s->out, r.no_up, r.end_ms);
  write_time(s->out, r.no_down, begin);
  write_time(s->out, r.no_down, end);
  fprintf(s->out, "%u,%u,%u,%u,%u,%u,", up, down,
          up ? or_else(r.bytes_up, 1000) : 0,
          down ? or_else(r.bytes_down, 1000) : 0,
          up ? or_else(r.max_up, 100) : 0, down ? or_else(r.max_down, 100) : 0);
  fprintf(s->out, "%s,%s,,,64,%s,%d,%d,%s,%s\n", r.spin_up ? r.spin_up : "",
          r.spin_down ? r.spin_down : "", r.ids ? r.ids : "", r.client,
          !r.stays, r.old_of ? r.old_of : "", r.new_of ? r.new_of : "");
}

void sheet_window(sheet *s, uint64_t seed, int client, int handoff,
                  const char *ms) {
  fprintf(s->windows, "hand,quic,%" PRIu64 ",%d,%d,%s\n", seed, client, handoff,
          ms);
}

void sheet_close(sheet *s) {
  unlink(s->flows);
  unlink(s->handoffs);
  rmdir(s->dir);
  free(s->flows);
  free(s->handoffs);
}

ho_csv_file sheet_evaluate(sheet *s, ho_linkability what) {
  static const char *const arms[] = {"quic"};
  char *path = ho_format("%s/linkability.csv", s->dir);
  FILE *out = fopen(path, "w");
  ho_csv_file file;

  if (s->out) {
    fclose(s->out);
    fclose(s->windows);
    s->out = s->windows = NULL;
  }
  what.scenario = "hand";
  what.flows = s->flows;
  what.handoffs = s->handoffs;
  if (!what.arms) {
    what.arms = arms;
    what.arms_count = 1;
  }
  write_header(out, "linkability.csv");
  ck_assert_int_eq(ho_linkability_write(out, &what), 0);
  fclose(out);
  ck_assert_int_eq(ho_csv_read(&file, path), 0);
  unlink(path);
  free(path);
  return file;
}

const char *sheet_field(const ho_csv_file *file, const char *vantage,
                        const char *adversary, const char *column) {
  int at = ho_csv_column(file, column);

  ck_assert_msg(at >= 0, "no column %s", column);
  for (size_t i = 1; i < file->count; i++) {
    char **f = file->rows[i].fields;
    ck_assert_uint_eq(file->rows[i].count, file->rows[0].count);
    if (strcmp(f[1], "quic") == 0 && strcmp(f[2], adversary) == 0 &&
        strcmp(f[3], vantage) == 0) {
      return f[at];
    }
  }
  ck_abort_msg("no row %s %s", vantage, adversary);
  return "";
}

double sheet_value(const ho_csv_file *file, const char *vantage,
                   const char *adversary, const char *column) {
  const char *text = sheet_field(file, vantage, adversary, column);
  char *end;
  double value = strtod(text, &end);

  ck_assert_msg(*text && !*end, "%s of %s %s is '%s'", column, vantage,
                adversary, text);
  return value;
}
