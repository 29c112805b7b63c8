/* Whether rows are those that a manifest asks for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/asked.h"

#include <string.h>

#include "measure/sheet_asked.h"

static int refuse(const ho_found *found, ho_diag *diag, const char *what,
                  const char *there, const char *here) {
  ho_diag_add(diag, NULL, "'%s/runs.csv' has %s '%s', its manifest '%s'",
              found->dir, what, there, here);
  return HO_ERR_INPUT;
}

static const char *text_of(const json_t *value) {
  const char *text = json_string_value(value);

  return text ? text : "";
}

static int check_scenario(const ho_found *found, ho_diag *diag) {
  const json_t *scenario = json_object_get(found->manifest, "scenario");
  const char *name = text_of(json_object_get(scenario, "name"));

  for (size_t i = 1; i < found->runs_csv.count; i++) {
    const char *there = found->runs_csv.rows[i].fields[0];
    if (strcmp(there, name) != 0) {
      return refuse(found, diag, "the scenario", there, name);
    }
  }
  return 0;
}

static int check_arms(const ho_found *found, const json_t *asked,
                      ho_diag *diag) {
  const json_t *arms = json_object_get(asked, "arms");
  size_t count = json_array_size(arms);
  size_t most = count > found->arms_count ? count : found->arms_count;
  bool shard = json_is_object(json_object_get(found->manifest, "shard"));

  for (size_t i = 0, k = 0; i < most; i++) {
    const char *here = text_of(json_array_get(arms, i));
    const char *there = k < found->arms_count ? found->arms[k] : "";
    if (!strcmp(there, here)) {
      k++;
    } else if (!shard || i >= count) {
      return refuse(found, diag, "the arm", there, here);
    }
  }
  return 0;
}

int ho_asked_check(const ho_found *found, ho_diag *diag) {
  const json_t *asked = json_object_get(found->manifest, "asked");
  int rv = check_scenario(found, diag);

  rv = rv ? rv : ho_sheet_asked(&found->runs, found->manifest, diag);
  return rv ? rv : check_arms(found, asked, diag);
}

/* ---- the columns ---- */

static const struct {
  const char *file;
  const char *columns[8];
} NEEDED[] = {
    {"runs.csv", {"seed", "outcome"}},
    {"handoffs.csv", {"seed", "client", "kind", "from", "to", "t_loss_s"}},
    {"summary.csv",
     {"metric", "n", "censored", "median", "median_lo", "median_hi", "claim"}},
    {"linkability.csv", {"adversary", "vantage", "n", "advantage"}},
    {"series.csv", {"seed", "t_s", "client", "delivered_bytes"}},
    {"events.csv", {"seed", "t_s", "client", "event", "detail"}},
};

/* What comes first, in its place: rows are compared by it. */
static int check_labels(const ho_found *found, const char *name,
                        const ho_csv_row *header, ho_diag *diag) {
  size_t vary = found->runs.vary_count;

  for (size_t i = 0; i < vary + 2; i++) {
    const char *wanted = i == 0      ? "scenario"
                         : i <= vary ? found->runs.vary[i - 1]
                                     : "arm";
    if (i >= header->count || strcmp(header->fields[i], wanted) != 0) {
      ho_diag_add(diag, NULL,
                  "'%s/%s' has no column '%s' where runs.csv has it",
                  found->dir, name, wanted);
      return HO_ERR_INPUT;
    }
  }
  return 0;
}

int ho_asked_header(const ho_found *found, const char *name,
                    const ho_csv_row *header, ho_diag *diag) {
  int rv = check_labels(found, name, header, diag);

  for (size_t i = 0; i < sizeof(NEEDED) / sizeof(NEEDED[0]) && rv == 0; i++) {
    const char *const *columns = NEEDED[i].columns;
    for (size_t k = 0; columns[k] && !strcmp(NEEDED[i].file, name); k++) {
      int at = ho_csv_field(header, columns[k]);
      bool seed = !strcmp(columns[k], "seed");
      if (at < 0 || (seed && (size_t)at != found->runs.vary_count + 2)) {
        ho_diag_add(diag, NULL, "'%s/%s' has no column '%s'%s", found->dir,
                    name, columns[k], at < 0 ? "" : " where runs.csv has it");
        return HO_ERR_INPUT;
      }
    }
  }
  return rv;
}
