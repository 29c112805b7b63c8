/* The options whose values have to be read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/option_values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/vary.h"
#include "sim/base/alloc.h"
#include "sim/scenario/units.h"

/* Digits only: strtoull alone would take "-1", " 1" and "1x". */
static int parse_number(const char *name, const char *text, uint64_t max,
                        uint64_t *out, ho_diag *diag) {
  unsigned long long value;

  errno = 0;
  value = strtoull(text, NULL, 10);
  if (!*text || strspn(text, "0123456789") != strlen(text)) {
    ho_diag_add(diag, NULL, "%s needs a whole number, not '%s'", name, text);
    return HO_ERR_INPUT;
  }
  if (errno == ERANGE || value < 1 || value > max) {
    ho_diag_add(diag, NULL, "%s must be 1 to %llu, not '%s'", name,
                (unsigned long long)max, text);
    return HO_ERR_INPUT;
  }
  *out = value;
  return 0;
}

int ho_option_shard(ho_options *options, const char *text, ho_diag *diag) {
  const char *slash = strchr(text, '/');
  uint64_t of = 0, index = 0;
  char *first;
  int rv;

  if (!slash) {
    ho_diag_add(diag, NULL, "--shard needs K/N, not '%s'", text);
    return HO_ERR_INPUT;
  }
  rv = parse_number("--shard: N", slash + 1, 100000, &of, diag);
  if (rv == 0) {
    first = ho_format("%.*s", (int)(slash - text), text);
    rv = parse_number("--shard: K", first, of, &index, diag);
    free(first);
  }
  options->shard = index;
  options->shards = of;
  return rv;
}

static int parse_duration(const char *name, const char *text, ho_time *out,
                          ho_diag *diag) {
  ho_quantity quantity;
  char *error = NULL;

  if (ho_units_parse(text, strlen(text), HO_UNITS_TIME, &quantity, &error) !=
      0) {
    ho_diag_add(diag, NULL, "%s: %s", name, error);
    free(error);
    return HO_ERR_INPUT;
  }
  if (quantity.value == 0 || quantity.value > 1000000 * HO_SEC) {
    ho_diag_add(diag, NULL, "%s must be above 0 and at most 1000000s, not '%s'",
                name, text);
    return HO_ERR_INPUT;
  }
  *out = quantity.value;
  return 0;
}

int ho_option_set_key(ho_options *options, const char *text, ho_diag *diag) {
  const char *equals = strchr(text, '=');
  char *key;

  if (!equals || equals == text) {
    ho_diag_add(diag, NULL, "--set needs KEY=VALUE, not '%s'", text);
    return HO_ERR_INPUT;
  }
  key = ho_format("%.*s", (int)(equals - text), text);
  ho_grow(&options->set_keys, options->set_keys_count, &options->set_keys_cap,
          sizeof(char *));
  options->set_keys[options->set_keys_count++] = key;
  ho_grow(&options->sets, options->sets_count, &options->sets_cap,
          sizeof(ho_override));
  options->sets[options->sets_count++] =
      (ho_override){.key = key, .value = equals + 1};
  return 0;
}

int ho_option_vary(ho_options *options, const char *text, ho_diag *diag) {
  ho_vary vary;

  if (ho_vary_parse(&vary, text, diag) != 0) {
    ho_vary_free(&vary);
    return HO_ERR_INPUT;
  }
  ho_grow(&options->varies, options->varies_count, &options->varies_cap,
          sizeof(ho_vary));
  options->varies[options->varies_count++] = vary;
  return 0;
}

int ho_option_artefacts(ho_options *options, const char *text, ho_diag *diag) {
  if (strcmp(text, "failed") != 0) {
    ho_diag_add(diag, NULL, "--artefacts must be 'failed', not '%s'", text);
    return HO_ERR_INPUT;
  }
  options->failed_only = true;
  return 0;
}

int ho_option_crypto(ho_options *options, const char *text, ho_diag *diag) {
  options->no_crypto = !strcmp(text, "none");
  if (!options->no_crypto && strcmp(text, "real") != 0) {
    ho_diag_add(diag, NULL, "--crypto must be 'real' or 'none', not '%s'",
                text);
    return HO_ERR_INPUT;
  }
  return 0;
}

int ho_option_arm(ho_options *options, const char *text, ho_diag *diag) {
  (void)diag; /* any name will do; the scenario knows */

  for (size_t i = 0; i < options->arms_count; i++) {
    if (!strcmp(options->arms[i], text)) {
      return 0;
    }
  }
  ho_grow(&options->arms, options->arms_count, &options->arms_cap,
          sizeof(char *));
  options->arms[options->arms_count++] = text;
  return 0;
}

int ho_option_seed(ho_options *options, const char *text, ho_diag *diag) {
  return parse_number("--seed", text, HO_SEED_MAX, &options->seed, diag);
}

int ho_option_repeat(ho_options *options, const char *text, ho_diag *diag) {
  return parse_number("--repeat", text, 10000000, &options->repeat, diag);
}

int ho_option_runs(ho_options *options, const char *text, ho_diag *diag) {
  return parse_number("--runs", text, 1000000000, &options->runs, diag);
}

int ho_option_jobs(ho_options *options, const char *text, ho_diag *diag) {
  uint64_t jobs = 0;
  int rv = parse_number("-j", text, 4096, &jobs, diag);

  options->jobs = jobs;
  return rv;
}

int ho_option_timeout(ho_options *options, const char *text, ho_diag *diag) {
  return parse_duration("--timeout", text, &options->timeout, diag);
}

int ho_option_lasts(ho_options *options, const char *text, ho_diag *diag) {
  return parse_duration("--for", text, &options->lasts, diag);
}
