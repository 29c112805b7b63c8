/* CSV files by libcsv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/csv.h"

#include <assert.h>
#include <csv.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "sim/base/text.h"

void ho_csv_init(ho_csv *csv, FILE *out) {
  csv->out = out;
  csv->inside = false;
}

/* Nobody else writes to what we write to, so it is not locked each time. */
static void write(ho_csv *csv, const char *text, size_t len) {
  (void)fwrite_unlocked(text, 1, len, csv->out);
}

static void separate(ho_csv *csv) {
  if (csv->inside) {
    putc_unlocked(',', csv->out);
  }
  csv->inside = true;
}

/* A field must be quoted when it holds a separator, or when a reader would trim
 * it.  A row that is one empty field would read as no row at all. */
static bool needs_quotes(const char *text, size_t len) {
  if (len == 0) {
    return false;
  }
  return strpbrk(text, ",\"\r\n") != NULL || strchr(" \t", text[0]) != NULL ||
         strchr(" \t", text[len - 1]) != NULL;
}

void ho_csv_text(ho_csv *csv, const char *text) {
  size_t len = text == NULL ? 0 : strlen(text);

  separate(csv);
  if (len == 0) {
    return;
  }
  if (needs_quotes(text, len)) {
    (void)csv_fwrite(csv->out, text, len);
  } else {
    write(csv, text, len);
  }
}

void ho_csv_raw(ho_csv *csv, const char *fields, size_t len) {
  separate(csv);
  write(csv, fields, len);
}

void ho_csv_u64(ho_csv *csv, uint64_t value) {
  char text[20];

  separate(csv);
  write(csv, text, (size_t)(ho_put_u64(text, value) - text));
}

void ho_csv_s(ho_csv *csv, ho_time t) {
  char text[24];

  separate(csv);
  write(csv, text, (size_t)(ho_put_s(text, t) - text));
}

void ho_csv_ms(ho_csv *csv, int64_t ns) {
  uint64_t size = ns < 0 ? UINT64_C(0) - (uint64_t)ns : (uint64_t)ns;

  char text[28], *p = text;

  if (ns < 0) {
    *p++ = '-';
  }
  p = ho_put_u64(p, size / HO_MSEC);
  *p++ = '.';
  p = ho_put_padded(p, size % HO_MSEC, 6);
  separate(csv);
  write(csv, text, (size_t)(p - text));
}

void ho_csv_ratio(ho_csv *csv, uint64_t num, uint64_t den) {
  __extension__ typedef unsigned __int128 u128;
  u128 millionths;

  assert(den > 0);
  millionths = ((u128)num * 1000000 * 2 + den) / ((u128)den * 2);
  separate(csv);
  fprintf(csv->out, "%" PRIu64 ".%06" PRIu64, (uint64_t)(millionths / 1000000),
          (uint64_t)(millionths % 1000000));
}

void ho_csv_real(ho_csv *csv, double value) {
  char text[400];

  assert(isfinite(value));
  snprintf(text, sizeof(text), "%.6f", value);
  separate(csv);
  fputs(strcmp(text, "-0.000000") == 0 ? text + 1 : text, csv->out);
}

void ho_csv_na(ho_csv *csv) {
  separate(csv);
  fputs("NA", csv->out);
}

void ho_csv_empty(ho_csv *csv) {
  separate(csv);
}

void ho_csv_end(ho_csv *csv) {
  putc_unlocked('\n', csv->out);
  csv->inside = false;
}

/* ---- reading ---- */

/* What libcsv's callbacks fill: a row under way, which then goes to |fn|. */
typedef struct {
  ho_csv_fn fn;
  void *user;
  int rv; /* what it returned */
  ho_csv_row row;
  size_t row_cap;
} reader;

static void on_field(void *data, size_t len, void *user) {
  reader *r = user;
  char *text = ho_alloc(len + 1);

  memcpy(text, data == NULL ? "" : data, len);
  ho_grow(&r->row.fields, r->row.count, &r->row_cap, sizeof(char *));
  r->row.fields[r->row.count++] = text;
}

static void row_free(ho_csv_row *row) {
  for (size_t i = 0; i < row->count; i++) {
    free(row->fields[i]);
  }
  free(row->fields);
  *row = (ho_csv_row){NULL, 0};
}

static void on_row(int end, void *user) {
  reader *r = user;

  (void)end;
  if (r->rv == 0) {
    r->rv = r->fn(r->user, &r->row);
  }
  row_free(&r->row);
  r->row_cap = 0;
}

static int parse(struct csv_parser *parser, reader *r, FILE *in) {
  char buf[1 << 16];
  size_t len;

  while (r->rv == 0 && (len = fread(buf, 1, sizeof(buf), in)) > 0) {
    /* Where rows never end, as in /dev/zero, memory would. */
    if (memchr(buf, 0, len) ||
        csv_parse(parser, buf, len, on_field, on_row, r) != len) {
      return HO_ERR_INPUT;
    }
  }
  if (ferror(in)) {
    return HO_ERR_IO;
  }
  if (r->rv == 0 && csv_fini(parser, on_field, on_row, r) != 0) {
    return HO_ERR_INPUT;
  }
  return r->rv;
}

int ho_csv_scan(const char *path, ho_csv_fn fn, void *user) {
  reader r = {.fn = fn, .user = user};
  struct csv_parser parser;
  FILE *in = fopen(path, "re");
  int rv;

  if (in == NULL) {
    return HO_ERR_IO;
  }
  rv = csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  assert(rv == 0);
  rv = parse(&parser, &r, in);
  row_free(&r.row);
  csv_free(&parser);
  fclose(in);
  return rv;
}

/* Takes the row's fields over. */
static int keep(void *user, const ho_csv_row *row) {
  ho_csv_file *file = user;

  ho_grow(&file->rows, file->count, &file->cap, sizeof(ho_csv_row));
  file->rows[file->count].fields = ho_alloc_array(row->count, sizeof(char *));
  for (size_t i = 0; i < row->count; i++) {
    file->rows[file->count].fields[i] = row->fields[i];
    row->fields[i] = NULL;
  }
  file->rows[file->count++].count = row->count;
  return 0;
}

int ho_csv_read(ho_csv_file *file, const char *path) {
  *file = (ho_csv_file){NULL, 0, 0};
  return ho_csv_scan(path, keep, file);
}

void ho_csv_file_free(ho_csv_file *file) {
  for (size_t i = 0; i < file->count; i++) {
    row_free(&file->rows[i]);
  }
  free(file->rows);
  *file = (ho_csv_file){NULL, 0, 0};
}

int ho_csv_field(const ho_csv_row *header, const char *name) {
  for (size_t i = 0; i < header->count; i++) {
    if (strcmp(header->fields[i], name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

int ho_csv_column(const ho_csv_file *file, const char *name) {
  return file->count == 0 ? -1 : ho_csv_field(&file->rows[0], name);
}
