/* The options whose values have to be read.  Private to cli/option*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_OPTION_VALUES_H
#define HO_CLI_OPTION_VALUES_H

#include "cli/options.h"

/* ho_option_reader reads the value |text| of an option into |options|.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It is wrong; |diag| says how. */
typedef int ho_option_reader(ho_options *options, const char *text,
                             ho_diag *diag);

ho_option_reader ho_option_seed;
ho_option_reader ho_option_repeat;
ho_option_reader ho_option_runs;
ho_option_reader ho_option_jobs;
ho_option_reader ho_option_timeout;
ho_option_reader ho_option_lasts;
ho_option_reader ho_option_shard;
ho_option_reader ho_option_arm;
ho_option_reader ho_option_set_key;
ho_option_reader ho_option_vary;
ho_option_reader ho_option_artefacts;
ho_option_reader ho_option_crypto;

#endif
