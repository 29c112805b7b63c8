/* Numbers with units, read exactly. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/units.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* The largest decimal of 19 digits times the largest scale, 3.6e12 ns an
 * hour, needs more than 64 bits. */
__extension__ typedef unsigned __int128 wide;

typedef struct {
  const char *name;
  uint64_t scale; /* base units in one of these */
  ho_queue_unit queue;
  uint64_t per; /* scale / per base units are in one; 0: as 1 */
} unit;

typedef struct {
  const char *noun, *expected;
  const char *finest; /* one base unit */
  uint64_t max;       /* keeps sums of a few far below 64 bits */
  const char *max_text;
  const unit *units;
  size_t units_count;
  uint64_t zero; /* stands for 0 where values may be negative */
} kind_info;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const unit times[] = {
    {"ns", 1},     {"us", HO_USEC},      {"ms", HO_MSEC},
    {"s", HO_SEC}, {"min", 60 * HO_SEC}, {"h", 3600 * HO_SEC},
};
static const unit rates[] = {
    {"bps", 1},        {"kbps", 1000},       {"Kbps", 1000},
    {"Mbps", 1000000}, {"Gbps", 1000000000},
};
static const unit sizes[] = {
    {"B", 1},         {"KB", 1000},     {"MB", 1000000},  {"GB", 1000000000},
    {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
};
static const unit ratios[] = {{"%", 10000}};
static const unit queues[] = {
    {"bdp", 1000, HO_QUEUE_BDP},      {"p", 1, HO_QUEUE_PACKETS},
    {"B", 1, HO_QUEUE_BYTES},         {"KB", 1000, HO_QUEUE_BYTES},
    {"MB", 1000000, HO_QUEUE_BYTES},  {"KiB", 1 << 10, HO_QUEUE_BYTES},
    {"MiB", 1 << 20, HO_QUEUE_BYTES},
};
static const unit lengths[] = {
    {"mm", 1}, {"cm", 10}, {"m", 1000}, {"km", 1000000}};
static const unit speeds[] = {{"m/s", 1000}, {"km/h", 1000000, .per = 3600}};
static const unit frequencies[] = {
    {"Hz", 1}, {"kHz", 1000}, {"MHz", 1000000}, {"GHz", 1000000000}};
static const unit powers[] = {{"dBm", 1000}};
static const unit bare_s[] = {{"", HO_SEC}};
static const unit bare_million[] = {{"", 1000000}};
static const unit bare_one[] = {{"", 1}};

static const kind_info kinds[] = {
    [HO_UNITS_TIME] = {"a duration", "a duration such as 20ms", "1ns",
                       1000000000 * HO_SEC, "1000000000s", times, COUNT(times)},
    [HO_UNITS_RATE] = {"a rate", "a rate such as 10Mbps", "1bps",
                       1000000000000u, "1000Gbps", rates, COUNT(rates)},
    [HO_UNITS_BYTES] = {"a size", "a size such as 64KB", "1B",
                        1000000000000000u, "1000000GB", sizes, COUNT(sizes)},
    [HO_UNITS_RATIO] = {"a percentage", "a percentage such as 1%", "0.0001%",
                        1000000000000u, "100000000%", ratios, COUNT(ratios)},
    [HO_UNITS_QUEUE] = {"a queue size",
                        "a queue size such as 1bdp, 100p or 64KB",
                        "1B, 1p or 0.001bdp", 1000000000000u, "1000000MB",
                        queues, COUNT(queues)},
    [HO_UNITS_COUNT] = {"a whole number", "a whole number", "1",
                        1000000000000000000u, "10^18", NULL, 0},
    [HO_UNITS_LENGTH] = {"a length", "a length such as 5m", "1mm",
                         HO_UNITS_ORIGIN, "1000000km", lengths, COUNT(lengths)},
    [HO_UNITS_COORDINATE] = {"a length", "a length such as 5m", "1mm",
                             HO_UNITS_ORIGIN, "1000000km", lengths,
                             COUNT(lengths), .zero = HO_UNITS_ORIGIN},
    [HO_UNITS_SPEED] = {"a speed", "a speed such as 1.4m/s", "0.001m/s",
                        1000000000u, "1000000m/s", speeds, COUNT(speeds)},
    [HO_UNITS_FREQUENCY] = {"a frequency", "a frequency such as 20MHz", "1Hz",
                            1000000000000u, "1000GHz", frequencies,
                            COUNT(frequencies)},
    [HO_UNITS_POWER] = {"a power", "a power such as 20dBm", "0.001dBm",
                        1000000u, "1000dBm", powers, COUNT(powers)},
    [HO_UNITS_BARE_S] = {"a number of seconds", "seconds such as 1.5",
                         "0.000000001", 1000000000 * HO_SEC, "1000000000",
                         bare_s, COUNT(bare_s)},
    [HO_UNITS_BARE_MS] = {"a number of milliseconds",
                          "milliseconds such as 12.5", "0.000001",
                          1000000 * HO_SEC, "1000000000", bare_million,
                          COUNT(bare_million)},
    [HO_UNITS_BARE_WHOLE_MS] = {"a number of milliseconds",
                                "whole milliseconds such as 12", "1",
                                1000000000000u, "1000000000000", bare_one,
                                COUNT(bare_one)},
    [HO_UNITS_BARE_MBPS] = {"a rate in Mbit/s", "Mbit/s such as 12.5",
                            "0.000001", 1000000000000u, "1000000", bare_million,
                            COUNT(bare_million)},
    [HO_UNITS_FRACTION] = {"a fraction", "a fraction from 0 to 1 such as 0.01",
                           "0.000001", 1000000, "1", bare_million,
                           COUNT(bare_million)},
};

const char *ho_units_expected(ho_units_kind kind) {
  return kinds[kind].expected;
}

/* decimal is what was written: digits / 10^decimals, then a unit. */
typedef struct {
  bool negative, huge;
  uint64_t digits;
  unsigned decimals;
  const char *unit;
  size_t unit_len;
} decimal;

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static void push_digit(decimal *d, char c) {
  if (d->digits > (UINT64_MAX - 9) / 10) {
    d->huge = true;
    return;
  }
  d->digits = d->digits * 10 + (uint64_t)(c - '0');
}

/* Zeros at the end of a fraction are left out: they add digits, not value. */
static size_t read_fraction(decimal *d, const char *text, size_t len) {
  size_t n = 0, used = 0;

  while (n < len && is_digit(text[n])) {
    n++;
    if (text[n - 1] != '0') {
      used = n;
    }
  }
  for (size_t i = 0; i < used; i++) {
    push_digit(d, text[i]);
  }
  d->decimals = (unsigned)used;
  return n;
}

/* Returns false when |text| does not start with a number. */
static bool read_decimal(decimal *d, const char *text, size_t len) {
  size_t i = 0, start;

  *d = (decimal){0};
  if (i < len && text[i] == '-') {
    d->negative = true;
    i++;
  }
  start = i;
  while (i < len && is_digit(text[i])) {
    push_digit(d, text[i++]);
  }
  if (i == start) {
    return false;
  }
  if (i + 1 < len && text[i] == '.' && is_digit(text[i + 1])) {
    i++;
    i += read_fraction(d, text + i, len - i);
  }
  d->unit = text + i;
  d->unit_len = len - i;
  return true;
}

static bool is_unit(const unit *u, const decimal *d) {
  return strlen(u->name) == d->unit_len &&
         memcmp(u->name, d->unit, d->unit_len) == 0;
}

static const unit *find_unit(const kind_info *info, const decimal *d) {
  for (size_t i = 0; i < info->units_count; i++) {
    if (is_unit(&info->units[i], d)) {
      return &info->units[i];
    }
  }
  return NULL;
}

/* "1e3ms" and "1..2s" are no numbers with strange units but none at all. */
static bool is_unit_name(const decimal *d) {
  for (size_t i = 0; i < d->unit_len; i++) {
    if (!isalpha((unsigned char)d->unit[i]) && d->unit[i] != '%' &&
        d->unit[i] != '/') {
      return false;
    }
  }
  return true;
}

/* Most wrong units are right but for their case. */
static const char *nearest_unit(const kind_info *info, const char *word) {
  const char *names[8];

  assert(info->units_count <= COUNT(names));
  for (size_t i = 0; i < info->units_count; i++) {
    names[i] = info->units[i].name;
    if (strcasecmp(names[i], word) == 0) {
      return names[i];
    }
  }
  return ho_nearest(word, names, info->units_count);
}

/* Says what is wrong with a unit that is not one of |info|'s. */
static char *unit_error(const kind_info *info, const char *text, size_t len,
                        const decimal *d) {
  const char *nearest;
  char *word, *error;

  if (d->unit[0] == ' ') {
    return ho_format("'%.*s' has a space before its unit (expected %s)",
                     (int)len, text, info->expected);
  }
  for (size_t k = 0; k < COUNT(kinds); k++) {
    if (&kinds[k] != info && find_unit(&kinds[k], d)) {
      return ho_format("'%.*s' is %s (expected %s)", (int)len, text,
                       kinds[k].noun, info->expected);
    }
  }
  if (!is_unit_name(d)) {
    return ho_format("'%.*s' is not %s (expected %s)", (int)len, text,
                     info->noun, info->expected);
  }
  word = ho_format("%.*s", (int)d->unit_len, d->unit);
  nearest = nearest_unit(info, word);
  error = nearest ? ho_format("'%.*s' has the unknown unit '%s' (did you mean "
                              "'%s'?)",
                              (int)len, text, word, nearest)
                  : ho_format("'%.*s' is not %s (expected %s)", (int)len, text,
                              info->noun, info->expected);
  free(word);
  return error;
}

/* Sets |*value| to |d| times |scale|; returns what is wrong, or NULL. */
static char *scale_exactly(const kind_info *info, const char *text, size_t len,
                           const decimal *d, const unit *u, uint64_t *value) {
  wide product = (wide)d->digits * u->scale;
  uint64_t per = u->per ? u->per : 1;

  if (d->negative && info->zero == 0) {
    return ho_format("'%.*s' is negative (expected %s)", (int)len, text,
                     info->expected);
  }
  for (unsigned i = 0; i < d->decimals && !d->huge; i++) {
    if (product % 10 != 0 && per == 1) {
      return info->units
                 ? ho_format("'%.*s' is finer than %s", (int)len, text,
                             info->finest)
                 : ho_format("'%.*s' is not a whole number", (int)len, text);
    }
    product /= 10;
  }
  product = (product + per / 2) / per;
  if (d->huge || product > info->max) {
    return ho_format("'%.*s' is too large (at most %s)", (int)len, text,
                     info->max_text);
  }
  *value = d->negative ? info->zero - (uint64_t)product
                       : info->zero + (uint64_t)product;
  return NULL;
}

static char *parse(const char *text, size_t len, const kind_info *info,
                   ho_quantity *out) {
  static const unit one = {"", 1, HO_QUEUE_BYTES, 0};
  const unit *u = &one;
  decimal d;

  if (len == 0) {
    return ho_format("no value (expected %s)", info->expected);
  }
  if (!read_decimal(&d, text, len)) {
    return ho_format("'%.*s' is not %s (expected %s)", (int)len, text,
                     info->noun, info->expected);
  }
  if (info->units && d.unit_len == 0 && !find_unit(info, &d)) {
    return ho_format("'%.*s' has no unit (expected %s)", (int)len, text,
                     info->expected);
  }
  if (!info->units && d.unit_len > 0) {
    return ho_format("'%.*s' is not a whole number", (int)len, text);
  }
  if (info->units && !(u = find_unit(info, &d))) {
    return unit_error(info, text, len, &d);
  }
  out->queue = u->queue;
  return scale_exactly(info, text, len, &d, u, &out->value);
}

int ho_units_parse(const char *text, size_t len, ho_units_kind kind,
                   ho_quantity *out, char **error) {
  *error = parse(text, len, &kinds[kind], out);
  return *error ? HO_ERR_INPUT : 0;
}

int ho_units_number(const char *text, size_t len, double *out,
                    ho_dimension *dimension, char **error) {
  static const struct {
    ho_units_kind kind;
    ho_dimension dimension;
  } measured[] = {{HO_UNITS_TIME, HO_DIM_TIME},
                  {HO_UNITS_RATE, HO_DIM_RATE},
                  {HO_UNITS_BYTES, HO_DIM_BYTES},
                  {HO_UNITS_RATIO, HO_DIM_RATIO}};
  const unit *u = NULL;
  double power = 1;
  decimal d;

  *error = NULL;
  *dimension = HO_DIM_NONE;
  if (!read_decimal(&d, text, len) || d.huge || !is_unit_name(&d)) {
    *error = ho_format("'%.*s' is not a number", (int)len, text);
    return HO_ERR_INPUT;
  }
  for (size_t i = 0; i < COUNT(measured) && d.unit_len > 0 && !u; i++) {
    u = find_unit(&kinds[measured[i].kind], &d);
    *dimension = measured[i].dimension;
  }
  if (d.unit_len > 0 && !u) {
    *error = ho_format("'%.*s' has the unknown unit '%.*s'", (int)len, text,
                       (int)d.unit_len, d.unit);
    return HO_ERR_INPUT;
  }
  /* Powers of ten are exact up to 10^22, so only the division rounds. */
  for (; d.decimals > 0; d.decimals--) {
    power *= 10;
  }
  *out = (double)((wide)d.digits * (u ? u->scale : 1)) / power;
  *out = d.negative ? -*out : *out;
  return 0;
}
