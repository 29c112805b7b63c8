/* What `check` makes of one scenario's rows: what is expected, what the RFCs
 * ask, what was blessed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_JUDGE_H
#define HO_CLI_JUDGE_H

#include "cli/execute.h"
#include "measure/baseline.h"
#include "measure/checks/verdicts.h"
#include "measure/expect.h"
#include "measure/junit.h"

/* ho_judge is what judging takes; it owns nothing. */
typedef struct {
  const ho_options *options;
  ho_known *failures;
  ho_verdicts *verdicts;
  ho_junit *junit; /* learns every case */
  bool annotate;   /* say where in which file */
} ho_judge;

/* What came of one scenario. */
typedef struct {
  ho_expect_count expects;
  ho_verdicts_count checks;
  bool compared; /* with a baseline */
  bool unread;   /* a file was there and could not be read */
  size_t differences, mended;
} ho_judgement;

/* ho_judge_all evaluates |finished|, with |baseline| where that is not NULL;
 * what is to be said of it goes to |out|. */
ho_judgement ho_judge_all(const ho_judge *judge, const ho_finished *finished,
                          const ho_baseline *baseline, FILE *out);

#endif
