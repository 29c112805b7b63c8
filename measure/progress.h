/* The progress line on standard error. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_PROGRESS_H
#define HO_MEASURE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  bool shown;        /* false: every call does nothing */
  const char *label; /* the scenario's name */
  size_t total, before;
  uint64_t start_ns;
} ho_progress;

/* ho_progress_start starts the clock; |before| of |total| were done earlier.
 * Nothing is printed unless |wanted| and standard error is a terminal. */
void ho_progress_start(ho_progress *progress, bool wanted, const char *label,
                       size_t total, size_t before);

/* ho_progress_show prints how far we are, how fast, and how long it takes. */
void ho_progress_show(const ho_progress *progress, size_t done);

/* ho_progress_clear takes the line away, for a message or at the end. */
void ho_progress_clear(const ho_progress *progress);

/* ho_progress_erase takes away whichever line is on the terminal, for a process
 * that did not show it.  errno stays. */
void ho_progress_erase(void);

#endif
