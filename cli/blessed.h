/* The baselines of a command: where they are, and which plan has which. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_BLESSED_H
#define HO_CLI_BLESSED_H

#include "cli/execute.h"
#include "cli/options.h"
#include "measure/baseline.h"

#define HO_BASELINE_DIR "results/baseline"

/* ho_blessed_path is where |plan|'s baseline is, or goes; the caller frees it.
 */
char *ho_blessed_path(const ho_options *options, const ho_plan *plan);

/* ho_blessed_given is what of a plan |options| say. */
ho_baseline_given ho_blessed_given(const ho_options *options);

/* ho_blessed_rows reads |finished|'s milestones into |milestones|, which the
 * caller frees whatever is returned, and has |rows| point to all rows.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     They cannot be read; standard error says why. */
int ho_blessed_rows(const ho_finished *finished, ho_csv_file *milestones,
                    ho_baseline_rows *rows);

#endif
