/* Values with units: drawn between bounds, and rounded. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/values.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/units.h"

uint64_t ho_value_round(uint64_t value, int digits) {
  uint64_t scale = 1, limit = 1;

  for (int i = 0; i < digits; i++) {
    limit *= 10;
  }
  while (value / scale >= limit) {
    scale *= 10;
  }
  return value - value % scale;
}

/* Octaves are equally likely, and so is all within one: no logarithm whose last
 * bit depends on a library. */
uint64_t ho_value_log(ho_rng *rng, uint64_t lo, uint64_t hi) {
  uint64_t octaves = 0, from, to;

  while (lo << (octaves + 1) < hi && octaves < 62) {
    octaves++;
  }
  from = lo << ho_rng_below(rng, octaves + 1);
  to = from > hi / 2 ? hi : 2 * from;
  return from + ho_rng_below(rng, to - from + 1);
}

/* What a value of a kind is written in: the largest unit that divides it. */
typedef struct {
  ho_units_kind kind;
  struct {
    const char *name;
    uint64_t scale;
  } units[4];
} writing;

static const writing writings[] = {
    {HO_UNITS_TIME,
     {{"s", HO_SEC}, {"ms", HO_MSEC}, {"us", HO_USEC}, {"ns", 1}}},
    {HO_UNITS_RATE, {{"Mbps", 1000000}, {"kbps", 1000}, {"bps", 1}}},
    {HO_UNITS_BYTES, {{"MB", 1000000}, {"KB", 1000}, {"B", 1}}},
    {HO_UNITS_RATIO, {{"%", 10000}}},
    {HO_UNITS_COUNT, {{"", 1}}},
};

static char *spell(const writing *w, uint64_t value) {
  for (size_t i = 0; i < 4 && w->units[i].name; i++) {
    if (value % w->units[i].scale == 0) {
      return ho_format("%" PRIu64 "%s", value / w->units[i].scale,
                       w->units[i].name);
    }
  }
  return ho_format("%" PRIu64 ".%04" PRIu64 "%%", value / 10000,
                   value % 10000); /* a share */
}

char *ho_value_time(ho_time t) {
  return spell(&writings[0], t);
}

static bool parse(const char *text, size_t len, ho_units_kind kind,
                  uint64_t *value) {
  ho_quantity q;
  char *error = NULL;
  bool ok = ho_units_parse(text, len, kind, &q, &error) == 0;

  free(error);
  *value = ok ? q.value : 0;
  return ok;
}

char *ho_value_draw(const char *choice, ho_rng *rng) {
  const char *dots = strstr(choice, "..");
  uint64_t lo, hi, value;

  for (size_t i = 0; dots && i < sizeof(writings) / sizeof(writings[0]); i++) {
    if (parse(choice, (size_t)(dots - choice), writings[i].kind, &lo) &&
        parse(dots + 2, strlen(dots + 2), writings[i].kind, &hi) && lo <= hi) {
      value = ho_value_round(ho_value_log(rng, lo > 0 ? lo : 1, hi), 2);
      return spell(&writings[i], value < lo ? lo : value);
    }
  }
  return ho_strdup(choice);
}
