/* Annotations: failures beside the line that they are of, in GitHub Actions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_ANNOTATE_H
#define HO_CLI_ANNOTATE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/base/diag.h"

/* ho_annotate_wanted tells if this is a job of GitHub Actions, which says so in
 * the environment (GITHUB_ACTIONS=true). */
bool ho_annotate_wanted(void);

/* ho_annotate_error writes "::error file=...,line=...,title=...::TEXT". */
void ho_annotate_error(const ho_place *place, const char *title,
                       const char *text, FILE *out);

#endif
