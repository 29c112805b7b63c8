/* Traces: a recorded link from a file of the user's own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_TRACE_H
#define HO_SCENARIO_TRACE_H

#include "sim/scenario/scenario.h"

/* ho_trace_parse reads |len| bytes of |text| into |trace|, but for |file| and
 * |sha256|; |name| is for messages.  Which of two formats it is, its first line
 * tells that is neither empty nor a comment (#):
 *
 * mahimahi: a line is a millisecond in which up to 1500 bytes may depart, in
 * order; equal lines are several.  The last line's is the period.
 *
 * CSV: a header of t_s, rate_mbps and, if wanted, delay_ms and loss; t_s from 0
 * on, ascending.  The last row lasts as long as the one before it; a single row
 * lasts for ever.
 *
 * Returns 0, and then ho_trace_free is due, or
 *
 * HO_ERR_INPUT
 *     It is no trace; |diag| has the first few reasons, each with its line and
 *     column. */
int ho_trace_parse(ho_trace *trace, const char *name, const char *text,
                   size_t len, ho_diag *diag);

/* ho_trace_read does the same for the file |path| and fills in |sha256|. */
int ho_trace_read(ho_trace *trace, const char *path, ho_diag *diag);

void ho_trace_free(ho_trace *trace);

#endif
