/* The rows of a trace: mahimahi's milliseconds, or CSV. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/trace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/units.h"

#define ROWS_MAX   1000000
#define ERRORS_MAX 3
/* Of a value in a message. */
#define QUOTE_MAX 40
/* What an opportunity lets depart, and how long a row lasts that is alone. */
#define OPPORTUNITY_BITS (1500 * 8)
#define ALONE            HO_SEC

__extension__ typedef unsigned __int128 wide;

typedef enum { COLUMN_TIME, COLUMN_RATE, COLUMN_DELAY, COLUMN_LOSS } column;
enum { COLUMNS = 4 };

static const struct {
  const char *name;
  ho_units_kind kind;
} columns[COLUMNS] = {
    [COLUMN_TIME] = {"t_s", HO_UNITS_BARE_S},
    [COLUMN_RATE] = {"rate_mbps", HO_UNITS_BARE_MBPS},
    [COLUMN_DELAY] = {"delay_ms", HO_UNITS_BARE_MS},
    [COLUMN_LOSS] = {"loss", HO_UNITS_FRACTION},
};

/* A part of a line, without the blanks around it. */
typedef struct {
  const char *s;
  size_t len;
} field;

typedef struct {
  ho_trace *trace;
  ho_diag *diag;
  const char *name;
  const char *line_start;
  int line, errors;
  size_t cap;
  bool known; /* which format it is */
  column order[COLUMNS];
  size_t order_count;
} reader;

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

static field trim(const char *s, size_t len) {
  while (len > 0 && is_blank(s[0])) {
    s++;
    len--;
  }
  while (len > 0 && is_blank(s[len - 1])) {
    len--;
  }
  return (field){s, len};
}

static void note(reader *r, const char *at, char *text) {
  ho_place place = {r->name, r->line, 0};

  if (at) {
    place.column = (int)(at - r->line_start) + 1;
  }
  ho_diag_add(r->diag, &place, "%s", text);
  free(text);
  r->errors++;
}

/* For printf's %.*s: a value that is too long to quote is cut. */
#define QUOTE(f) (int)((f).len < QUOTE_MAX ? (f).len : QUOTE_MAX), (f).s

static bool read_value(reader *r, field f, ho_units_kind kind,
                       uint64_t *value) {
  ho_quantity q;
  char *error;
  size_t len = f.len;

  /* Digits that nobody could mean are not worth a message of their length. */
  if (len > QUOTE_MAX) {
    note(r, f.s,
         ho_format("'%.*s...' is too long (expected %s)", QUOTE(f),
                   ho_units_expected(kind)));
    return false;
  }
  if (ho_units_parse(f.s, len, kind, &q, &error) != 0) {
    note(r, f.s, error);
    return false;
  }
  *value = q.value;
  return true;
}

static ho_trace_row *add_row(reader *r) {
  if (r->trace->count == ROWS_MAX) {
    note(r, r->line_start, ho_format("more than %d rows", ROWS_MAX));
    return NULL;
  }
  ho_grow(&r->trace->rows, r->trace->count, &r->cap, sizeof(ho_trace_row));
  return &r->trace->rows[r->trace->count++];
}

static void read_opportunity(reader *r, field f) {
  ho_trace *t = r->trace;
  ho_trace_row *row;
  uint64_t ms;

  if (!read_value(r, f, HO_UNITS_BARE_WHOLE_MS, &ms)) {
    return;
  }
  if (t->count > 0 && ms * HO_MSEC < t->rows[t->count - 1].at) {
    note(r, f.s,
         ho_format("'%.*s' comes after %llu (the milliseconds of a mahimahi "
                   "trace do not descend)",
                   QUOTE(f),
                   (unsigned long long)(t->rows[t->count - 1].at / HO_MSEC)));
    return;
  }
  row = add_row(r);
  if (row) {
    *row = (ho_trace_row){.at = ms * HO_MSEC};
  }
}

static field next_field(field *rest) {
  const char *comma = rest->len > 0 ? memchr(rest->s, ',', rest->len) : NULL;
  size_t len = comma ? (size_t)(comma - rest->s) : rest->len;
  field f = trim(rest->s, len);

  rest->s += comma ? len + 1 : len;
  rest->len -= comma ? len + 1 : len;
  return f;
}

static size_t count_fields(field line) {
  size_t n = 1;

  for (size_t i = 0; i < line.len; i++) {
    n += line.s[i] == ',';
  }
  return n;
}

static bool has_column(const reader *r, column c) {
  for (size_t i = 0; i < r->order_count; i++) {
    if (r->order[i] == c) {
      return true;
    }
  }
  return false;
}

static bool read_column(reader *r, field f) {
  for (size_t c = 0; c < COLUMNS; c++) {
    if (strlen(columns[c].name) != f.len ||
        memcmp(columns[c].name, f.s, f.len) != 0) {
      continue;
    }
    if (has_column(r, (column)c)) {
      note(r, f.s, ho_format("column '%s' is there twice", columns[c].name));
      return false;
    }
    r->order[r->order_count++] = (column)c;
    return true;
  }
  note(r, f.s,
       ho_format("'%.*s' is neither a millisecond of a mahimahi trace nor a "
                 "column of a CSV trace (expected the header "
                 "t_s,rate_mbps,delay_ms,loss; the last two may be missing)",
                 QUOTE(f)));
  return false;
}

static void read_header(reader *r, field line) {
  size_t n = count_fields(line);
  field rest = line;

  for (size_t i = 0; i < n; i++) {
    if (!read_column(r, next_field(&rest))) {
      r->errors = ERRORS_MAX; /* without a header no row says anything */
      return;
    }
  }
  for (column c = COLUMN_TIME; c <= COLUMN_RATE; c++) {
    if (!has_column(r, c)) {
      note(r, line.s, ho_format("no column '%s'", columns[c].name));
      r->errors = ERRORS_MAX;
    }
  }
}

static bool check_time(reader *r, field f, ho_time at) {
  const ho_trace *t = r->trace;

  /* Where the row that begins it was no good, that has been said. */
  if (t->count == 0 && r->errors == 0 && at != 0) {
    note(r, f.s,
         ho_format("'%.*s' is not 0, at which a trace begins", QUOTE(f)));
    return false;
  }
  if (t->count > 0 && at <= t->rows[t->count - 1].at) {
    note(r, f.s,
         ho_format("'%.*s' does not come after the time before it (t_s must "
                   "ascend)",
                   QUOTE(f)));
    return false;
  }
  return true;
}

static void read_row(reader *r, field line) {
  uint64_t values[COLUMNS] = {0};
  field rest = line, f, when = line;
  size_t n = count_fields(line);
  ho_trace_row *row;

  if (n != r->order_count) {
    note(r, line.s,
         ho_format("%zu value%s, where the header has %zu columns", n,
                   n == 1 ? "" : "s", r->order_count));
    return;
  }
  for (size_t i = 0; i < n; i++) {
    f = next_field(&rest);
    when = r->order[i] == COLUMN_TIME ? f : when;
    if (!read_value(r, f, columns[r->order[i]].kind, &values[r->order[i]])) {
      return;
    }
  }
  if (!check_time(r, when, values[COLUMN_TIME]) || !(row = add_row(r))) {
    return;
  }
  *row = (ho_trace_row){values[COLUMN_TIME], values[COLUMN_RATE],
                        values[COLUMN_DELAY], (uint32_t)values[COLUMN_LOSS]};
}

/* Bytes of a binary file would only garble the messages. */
static bool is_text(reader *r, field line) {
  unsigned char c;

  for (size_t i = 0; i < line.len; i++) {
    c = (unsigned char)line.s[i];
    if (c >= 0x20 ? c == 0x7f : !is_blank((char)c)) {
      note(r, line.s + i, ho_format("byte 0x%02x: not a text file", c));
      r->errors = ERRORS_MAX;
      return false;
    }
  }
  return true;
}

static bool is_number(field line) {
  for (size_t i = 0; i < line.len; i++) {
    if (line.s[i] < '0' || line.s[i] > '9') {
      return false;
    }
  }
  return true;
}

static void read_line(reader *r, field line) {
  if (!is_text(r, line) || line.len == 0 || line.s[0] == '#') {
    return;
  }
  if (!r->known) {
    r->known = true;
    r->trace->opportunities = is_number(line);
    if (!r->trace->opportunities) {
      read_header(r, line);
      return;
    }
  }
  if (r->trace->opportunities) {
    read_opportunity(r, line);
  } else {
    read_row(r, line);
  }
}

/* An opportunity at the very end is that at the beginning of the next lap. */
static void end_opportunities(ho_trace *t) {
  size_t last = 0;

  t->period = t->rows[t->count - 1].at;
  while (last < t->count && t->rows[t->count - 1 - last].at == t->period) {
    last++;
  }
  memmove(t->rows + last, t->rows, (t->count - last) * sizeof(*t->rows));
  memset(t->rows, 0, last * sizeof(*t->rows));
}

static void end_rates(ho_trace *t) {
  ho_time last = t->rows[t->count - 1].at;

  t->period = t->count > 1 ? 2 * last - t->rows[t->count - 2].at : ALONE;
}

static wide bits_times_second(const ho_trace *t) {
  wide sum = 0;
  ho_time end;

  if (t->opportunities) {
    return (wide)t->count * OPPORTUNITY_BITS * HO_SEC;
  }
  for (size_t i = 0; i < t->count; i++) {
    end = i + 1 < t->count ? t->rows[i + 1].at : t->period;
    sum += (wide)t->rows[i].bps * (end - t->rows[i].at);
  }
  return sum;
}

static void finish(reader *r) {
  ho_trace *t = r->trace;

  r->line = 0;
  if (t->count == 0) {
    note(r, NULL, ho_strdup("no rows (expected a mahimahi or a CSV trace)"));
  } else if (t->opportunities && t->rows[t->count - 1].at == 0) {
    note(r, NULL, ho_strdup("its last line is 0, so it lasts no time"));
  } else {
    t->opportunities ? end_opportunities(t) : end_rates(t);
    t->mean_bps = (uint64_t)(bits_times_second(t) / t->period);
    if (t->mean_bps == 0) {
      note(r, NULL, ho_strdup("all its rates are 0, so nothing would arrive"));
    }
  }
}

int ho_trace_parse(ho_trace *trace, const char *name, const char *text,
                   size_t len, ho_diag *diag) {
  reader r = {.trace = trace, .diag = diag, .name = name};
  const char *end = text + len, *newline;

  *trace = (ho_trace){0};
  while (text < end && r.errors < ERRORS_MAX) {
    newline = memchr(text, '\n', (size_t)(end - text));
    newline = newline ? newline : end;
    r.line++;
    r.line_start = text;
    read_line(&r, trim(text, (size_t)(newline - text)));
    text = newline < end ? newline + 1 : end;
    if (trace->count == ROWS_MAX && r.errors > 0) {
      break;
    }
  }
  if (r.errors == 0) {
    finish(&r);
  }
  if (r.errors > 0) {
    ho_trace_free(trace);
    return HO_ERR_INPUT;
  }
  return 0;
}

void ho_trace_free(ho_trace *trace) {
  free(trace->file);
  free(trace->rows);
  *trace = (ho_trace){0};
}
