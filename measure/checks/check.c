/* RFC checks: their table, and the rows of checks.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/check.h"

#include "measure/checks/engine.h"
#include "measure/row.h"

static const ho_check_info table[] = {
#define CHECK(id, clause, level, source, about)                                \
  {#id, clause, source, about, HO_##level},
#include "measure/checks/checks.def"
#undef CHECK
};

const ho_check_info *ho_check_table(void) {
  return table;
}

const char *ho_check_level_name(ho_check_level level) {
  static const char *const names[] = {"MUST", "SHOULD", "observation"};

  return names[level];
}

const char *ho_verdict_name(ho_verdict verdict) {
  static const char *const names[] = {"NOT-EXERCISED", "PASS", "FAIL"};

  return names[verdict];
}

const ho_finding *ho_checks_finding(const ho_checks *checks, int client,
                                    ho_check_id id) {
  return &checks->findings[(size_t)client * HO_CHECK_COUNT + id];
}

uint64_t ho_checks_failed(const ho_checks *checks) {
  size_t rows = checks->scenario->clients * HO_CHECK_COUNT;
  uint64_t failed = 0;

  for (size_t i = 0; i < rows; i++) {
    failed += checks->findings[i].verdict == HO_FAIL &&
              table[i % HO_CHECK_COUNT].level == HO_MUST;
  }
  return failed;
}

/* Where and when a failure was seen. */
static void write_evidence(ho_csv *csv, const ho_finding *f) {
  char tuple[HO_TUPLE_TEXT];

  ho_csv_s(csv, f->t);
  ho_csv_text(csv, f->endpoint == HO_CLIENT ? "client" : "server");
  if (f->packet == 0) {
    ho_csv_empty(csv);
    ho_csv_empty(csv);
    return;
  }
  ho_csv_text(csv, ho_tuple_text(tuple, &f->tuple));
  ho_csv_u64(csv, f->packet);
}

static void write_row(const ho_checks *checks, ho_csv *csv, uint64_t seed,
                      int client, ho_check_id id) {
  const ho_finding *f = ho_checks_finding(checks, client, id);

  ho_row_begin(csv, checks->scenario, checks->arm, seed);
  ho_csv_u64(csv, (uint64_t)client);
  ho_csv_text(csv, table[id].id);
  ho_csv_text(csv, table[id].clause);
  ho_csv_text(csv, ho_check_level_name(table[id].level));
  ho_csv_text(csv, ho_verdict_name(f->verdict));
  if (f->verdict == HO_FAIL) {
    write_evidence(csv, f);
  } else {
    for (int i = 0; i < 4; i++) {
      ho_csv_empty(csv);
    }
  }
  ho_csv_text(csv, f->detail);
  if (f->verdict == HO_FAIL && f->pn != UINT64_MAX) {
    ho_csv_u64(csv, f->pn);
  } else {
    ho_csv_empty(csv);
  }
  ho_csv_end(csv);
}

void ho_checks_write(const ho_checks *checks, uint64_t seed, FILE *out) {
  ho_csv csv;

  ho_csv_init(&csv, out);
  for (size_t c = 0; c < checks->scenario->clients; c++) {
    for (int id = 0; id < HO_CHECK_COUNT; id++) {
      write_row(checks, &csv, seed, (int)c, (ho_check_id)id);
    }
  }
}
