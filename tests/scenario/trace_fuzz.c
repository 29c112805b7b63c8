/* Fuzzes trace files: any bytes are a trace that a link can follow, or a list
 * of errors. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/trace.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
  if (!holds) {
    abort();
  }
}

static void check(const ho_trace *t) {
  must(t->count > 0 && t->mean_bps > 0);
  must(t->rows[t->count - 1].at < t->period);
  for (size_t i = 1; i < t->count; i++) {
    must(t->opportunities ? t->rows[i].at >= t->rows[i - 1].at
                          : t->rows[i].at > t->rows[i - 1].at);
  }
  for (size_t i = 0; i < t->count; i++) {
    must(t->rows[i].loss_ppm <= 1000000);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  /* In a block of its own size, so that reading too far is seen. */
  char *text = ho_alloc(size > 0 ? size : 1);
  ho_trace trace;
  ho_diag diag = {0};

  if (size > 0) {
    memcpy(text, data, size);
  }
  if (ho_trace_parse(&trace, "fuzz", text, size, &diag) == 0) {
    must(diag.count == 0);
    check(&trace);
    ho_trace_free(&trace);
  } else {
    must(diag.count > 0);
  }
  ho_diag_free(&diag);
  free(text);
  return 0;
}
