/* Numbers with units, read exactly: integers in, integers out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_UNITS_H
#define HO_SCENARIO_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

typedef enum {
  HO_UNITS_TIME,       /* ns: 20ms */
  HO_UNITS_RATE,       /* bit/s: 10Mbps */
  HO_UNITS_BYTES,      /* bytes: 64KB, 1MiB */
  HO_UNITS_RATIO,      /* ppm: 1% */
  HO_UNITS_QUEUE,      /* 1bdp, 100p, 64KB */
  HO_UNITS_COUNT,      /* a whole number without a unit */
  HO_UNITS_LENGTH,     /* mm: 5m, 1.2km */
  HO_UNITS_COORDINATE, /* a length that may be negative; see below */
  HO_UNITS_SPEED,      /* mm/s: 1.4m/s, 50km/h */
  HO_UNITS_FREQUENCY,  /* Hz: 20MHz */
  HO_UNITS_POWER,      /* thousandths of a dBm: 20dBm */
  /* Numbers of a trace file, whose column says the unit. */
  HO_UNITS_BARE_S,        /* ns */
  HO_UNITS_BARE_MS,       /* ns */
  HO_UNITS_BARE_WHOLE_MS, /* ms */
  HO_UNITS_BARE_MBPS,     /* bit/s */
  HO_UNITS_FRACTION       /* ppm, at most 1 */
} ho_units_kind;

/* A coordinate of 0 m has this value, so that all are positive and compare as
 * they should. */
#define HO_UNITS_ORIGIN 1000000000000ull

/* ho_quantity is a value in the base unit of its kind. */
typedef struct {
  uint64_t value;
  ho_queue_unit queue; /* what |value| counts, HO_UNITS_QUEUE only */
} ho_quantity;

/* ho_units_parse reads |len| bytes of |text| as a quantity of |kind|.  A value
 * that is no whole number of base units is refused, never rounded.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It is none; |*error|, which the caller frees, quotes it and says what
 *     was expected. */
int ho_units_parse(const char *text, size_t len, ho_units_kind kind,
                   ho_quantity *out, char **error);

/* ho_units_number reads a number to compare a metric with: bare (then it may
 * be negative) or with any unit but a queue's.  |*out| is in the base unit of
 * |*dimension|.  Returns as ho_units_parse does. */
int ho_units_number(const char *text, size_t len, double *out,
                    ho_dimension *dimension, char **error);

/* ho_units_expected returns "a duration such as 20ms". */
const char *ho_units_expected(ho_units_kind kind);

#endif
