/* How far each column may be from what was blessed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/tolerance.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/alloc.h"

enum { DECIMALS = 9 };

#define UNIT  INT64_C(1000000000) /* 1 of a column's unit */
#define MILLI INT64_C(1000000)

/* Instants: 2 ms or 0.1 %.  Durations: 2 ms or 1 %.  Bins of 200 ms: one of
 * them.  What is not here must be the same. */
static const ho_tolerance tolerances[] = {
    {"t_s", 2 * MILLI, 1000},
    {"t_loss_s", 2 * MILLI, 1000},
    {"t_up_s", 2 * MILLI, 1000},
    {"t_notice_s", 2 * MILLI, 1000},
    {"t_first_tx_s", 2 * MILLI, 1000},
    {"t_first_rx_s", 2 * MILLI, 1000},
    {"t_challenge_s", 2 * MILLI, 1000},
    {"t_validated_s", 2 * MILLI, 1000},
    {"t_mtu_validated_s", 2 * MILLI, 1000},
    {"t_first_byte_s", 2 * MILLI, 1000},
    {"t_down_s", 2 * MILLI, 1000},
    {"t_associated_s", 2 * MILLI, 1000},
    {"fct_s", 2 * MILLI, 10000},
    {"goodput_mbps", 10 * MILLI, 10000},
    {"interruption_max_ms", 2 * UNIT, 10000},
    {"delay_max_ms", 2 * UNIT, 10000},
    {"fallback_ms", 2 * UNIT, 10000},
    {"stall_ms", 2 * UNIT, 10000},
    {"gap_ms", 2 * UNIT, 10000},
    {"detection_ms", 2 * UNIT, 10000},
    {"migration_latency_ms", 2 * UNIT, 10000},
    {"resume_ms", 2 * UNIT, 10000},
    {"interruption_ms", 2 * UNIT, 10000},
    {"interruption_extra_ms", 2 * UNIT, 10000},
    {"pv_rtts", 20 * MILLI, 10000},
    {"amp_blocked_ms", 2 * UNIT, 10000},
    {"srtt_before_ms", 2 * UNIT, 10000},
    {"srtt_after_ms", 2 * UNIT, 10000},
    {"t90_ms", 200 * UNIT, 10000},
    {"dissociation_ms", 2 * UNIT, 10000},
    {"association_ms", 2 * UNIT, 10000},
    {"address_ms", 2 * UNIT, 10000},
    {"notice_ms", 2 * UNIT, 10000},
    {"reaction_ms", 2 * UNIT, 10000},
    {"validation_ms", 2 * UNIT, 10000},
    {"first_byte_ms", 2 * UNIT, 10000},
    {"link_window_ms", 2 * UNIT, 10000},
};

const ho_tolerance *ho_tolerance_find(const char *column) {
  for (size_t i = 0; i < sizeof(tolerances) / sizeof(tolerances[0]); i++) {
    if (strcmp(tolerances[i].column, column) == 0) {
      return &tolerances[i];
    }
  }
  return NULL;
}

/* The hash of all events has every time in it, to the nanosecond. */
bool ho_tolerance_kept(const char *column) {
  return strcmp(column, "trace_sha256") != 0;
}

/* Reads "-12.345678" in billionths; returns false if it is no such number or
 * one too large. */
static bool parse(const char *text, int64_t *out) {
  bool negative = *text == '-';
  const char *c = text + negative;
  int decimals = -1; /* no point yet */
  int64_t value = 0;

  if (*c < '0' || *c > '9') {
    return false;
  }
  for (; *c; c++) {
    if (*c == '.' && decimals < 0) {
      decimals = 0;
    } else if (*c >= '0' && *c <= '9' && decimals < DECIMALS &&
               !__builtin_mul_overflow(value, 10, &value) &&
               !__builtin_add_overflow(value, *c - '0', &value)) {
      decimals += decimals >= 0;
    } else {
      return false;
    }
  }
  for (int i = decimals < 0 ? 0 : decimals; i < DECIMALS; i++) {
    if (__builtin_mul_overflow(value, 10, &value)) {
      return false;
    }
  }
  *out = negative ? -value : value;
  return true;
}

bool ho_tolerance_holds(const ho_tolerance *tolerance, const char *blessed,
                        const char *now) {
  __extension__ typedef __int128 wide;
  int64_t a, b;
  wide apart, parts;

  if (!tolerance || !parse(blessed, &a) || !parse(now, &b)) {
    return strcmp(blessed, now) == 0;
  }
  apart = (wide)b - a;
  apart = apart < 0 ? -apart : apart;
  parts = (wide)(a < 0 ? -(wide)a : a) * tolerance->parts_ppm;
  return apart <= tolerance->least || apart * 1000000 <= parts;
}

char *ho_tolerance_text(const ho_tolerance *tolerance) {
  const char *column = tolerance->column;
  size_t len = strlen(column);
  bool seconds = len > 2 && strcmp(column + len - 2, "_s") == 0;
  bool ms = len > 3 && strcmp(column + len - 3, "_ms") == 0;
  double least = (double)tolerance->least / (seconds ? 1e6 : 1e9);

  return ho_format("within %g%s or %g %%", least, seconds || ms ? " ms" : "",
                   (double)tolerance->parts_ppm / 1e4);
}
