/* Expectations, checked against the columns before anything runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/expect.h"

#include <stdlib.h>
#include <string.h>

#include "measure/metric.h"
#include "sim/base/alloc.h"

/* " (did you mean 'x'?)", or nothing; the caller frees it. */
static char *suggestion(const char *name) {
  return name ? ho_format(" (did you mean '%s'?)", name) : ho_strdup("");
}

static bool check_metric(const ho_expect *e, const char *name,
                         ho_metric *metric, ho_diag *diag) {
  char *hint;

  if (ho_metric_find(metric, name)) {
    return true;
  }
  if (!strncmp(name, "check.", 6)) {
    ho_diag_add(diag, &e->place, "no check '%s'; see 'handoff list checks'",
                name + 6);
    return false;
  }
  if (!strncmp(name, "linkability.", 12)) {
    ho_diag_add(
        diag, &e->place,
        "no metric '%s' (expected linkability.ADVERSARY.VANTAGE.COLUMN, "
        "such as linkability.A0.both.top1; see 'handoff list metrics')",
        name);
    return false;
  }
  hint = suggestion(ho_metric_nearest(name));
  ho_diag_add(diag, &e->place, "no metric '%s'%s; see 'handoff list metrics'",
              name, hint);
  free(hint);
  return false;
}

static const char *dimension_name(ho_dimension dimension) {
  switch (dimension) {
  case HO_DIM_NONE:
    return "a bare number";
  case HO_DIM_TIME:
    return "a time (such as 600ms)";
  case HO_DIM_RATE:
    return "a rate (such as 10Mbps)";
  case HO_DIM_BYTES:
    return "a size (such as 64KB)";
  case HO_DIM_RATIO:
    return "a share (such as 1%)";
  }
  return "";
}

static void check_word(const ho_expect *e, const ho_metric *metric,
                       ho_diag *diag) {
  char *hint;

  if (!strcmp(e->word, "NA") && !metric->text) {
    return;
  }
  if (!metric->text) {
    ho_diag_add(diag, &e->place, "'%s' is never a word such as '%s'", e->metric,
                e->word);
    return;
  }
  for (size_t i = 0; i < metric->words_count; i++) {
    if (!strcmp(metric->words[i], e->word)) {
      return;
    }
  }
  if (metric->words) {
    hint = suggestion(ho_nearest(e->word, metric->words, metric->words_count));
    ho_diag_add(diag, &e->place, "'%s' is never '%s'%s", e->metric, e->word,
                hint);
    free(hint);
  }
}

static void check_number(const ho_expect *e, const ho_metric *metric,
                         ho_diag *diag) {
  ho_dimension want = metric->dimension;

  if (e->aggregate == HO_AGG_COUNT) {
    want = HO_DIM_NONE;
  } else if (metric->text) {
    ho_diag_add(diag, &e->place, "'%s' is a word, not a number", e->metric);
    return;
  }
  /* A metric written with its unit may be compared with a bare number of it,
   * and a share (1%) with any number that has no unit. */
  if (e->dimension != want &&
      !(e->dimension == HO_DIM_NONE && metric->unit_said) &&
      !(e->dimension == HO_DIM_RATIO && want == HO_DIM_NONE)) {
    ho_diag_add(diag, &e->place, "'%s' is %s, not %s", e->metric,
                dimension_name(want), dimension_name(e->dimension));
  }
}

static void check_pair(const ho_expect *e, const ho_metric *left,
                       ho_diag *diag) {
  ho_metric right;

  if (!check_metric(e, e->other_metric, &right, diag)) {
    return;
  }
  if (left->check || right.check) {
    ho_diag_add(diag, &e->place,
                "a check is compared with PASS, FAIL or NOT-EXERCISED");
  } else if (strcmp(ho_metric_file(left), ho_metric_file(&right)) != 0) {
    ho_diag_add(diag, &e->place,
                "'%s' and '%s' are in different files, %s and %s", e->metric,
                e->other_metric, ho_metric_file(left), ho_metric_file(&right));
  } else if (left->adversary && (left->adversary != right.adversary ||
                                 left->vantage != right.vantage)) {
    ho_diag_add(diag, &e->place,
                "'%s' and '%s' are not of one adversary at one vantage point",
                e->metric, e->other_metric);
  } else if (left->text != right.text || left->dimension != right.dimension) {
    ho_diag_add(diag, &e->place, "'%s' and '%s' are not of one kind", e->metric,
                e->other_metric);
  } else if (left->text && e->op != HO_EQ && e->op != HO_NE) {
    ho_diag_add(diag, &e->place, "words compare with == and != only");
  }
}

/* Only those that look on have rows. */
static bool check_vantage(const ho_scenario *scenario, const ho_expect *e,
                          const ho_metric *metric, ho_diag *diag) {
  for (int i = 0; metric->vantage && i < HO_VANTAGE_COUNT; i++) {
    if (!strcmp(ho_vantage_name((ho_vantage)i), metric->vantage) &&
        !(scenario->observers >> i & 1)) {
      ho_diag_add(diag, &e->place,
                  "nobody observes at '%s' (expected one of 'observers')",
                  metric->vantage);
      return false;
    }
  }
  return true;
}

static bool is_tcp(const ho_scenario *scenario, const char *arm) {
  for (size_t i = 0; i < scenario->arms_count; i++) {
    if (!strcmp(scenario->arms[i].name, arm)) {
      return scenario->arms[i].transport == HO_TRANSPORT_TCP;
    }
  }
  return false;
}

int ho_expect_check(const ho_scenario *scenario, ho_diag *diag) {
  size_t before = diag->count;

  for (size_t i = 0; i < scenario->expects_count; i++) {
    const ho_expect *e = &scenario->expects[i];
    ho_metric metric;
    if (!check_metric(e, e->metric, &metric, diag) ||
        !check_vantage(scenario, e, &metric, diag)) {
      continue;
    }
    if (metric.check && is_tcp(scenario, e->arm)) {
      ho_diag_add(diag, &e->place, "RFC checks are of QUIC; arm '%s' is TCP",
                  e->arm);
    } else if (e->other_arm) {
      check_pair(e, &metric, diag);
    } else if (e->word && e->aggregate != HO_AGG_NONE) {
      ho_diag_add(diag, &e->place, "an aggregate is a number, not '%s'",
                  e->word);
    } else if (e->word) {
      check_word(e, &metric, diag);
    } else {
      check_number(e, &metric, diag);
    }
  }
  return diag->count == before ? 0 : HO_ERR_INPUT;
}

bool ho_expect_is_group(const ho_expect *expect) {
  ho_metric metric;

  return expect->other_arm || expect->aggregate != HO_AGG_NONE ||
         (ho_metric_find(&metric, expect->metric) && metric.adversary);
}
