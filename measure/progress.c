/* The progress line on standard error. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/progress.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "sim/base/time.h"
#include "stack/entropy.h"

void ho_progress_start(ho_progress *progress, bool wanted, const char *label,
                       size_t total, size_t before) {
  *progress = (ho_progress){.shown = wanted && isatty(STDERR_FILENO),
                            .label = label,
                            .total = total,
                            .before = before,
                            .start_ns = ho_entropy_real_ns()};
}

void ho_progress_show(const ho_progress *progress, size_t done) {
  double spent_s;

  if (!progress->shown) {
    return;
  }
  spent_s =
      (double)(ho_entropy_real_ns() - progress->start_ns) / (double)HO_SEC;
  fprintf(stderr, "\r\033[K%s: %zu/%zu runs", progress->label, done,
          progress->total);
  if (done > progress->before && spent_s > 0) {
    double rate = (double)(done - progress->before) / spent_s;
    fprintf(stderr, ", %.1f/s, %.0f s left", rate,
            (double)(progress->total - done) / rate);
  }
  fflush(stderr);
}

void ho_progress_clear(const ho_progress *progress) {
  if (progress->shown) {
    fputs("\r\033[K", stderr);
    fflush(stderr);
  }
}

void ho_progress_erase(void) {
  int err = errno;

  if (isatty(STDERR_FILENO)) {
    fputs("\r\033[K", stderr);
  }
  errno = err;
}
