/* The options of every subcommand, declared once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_OPTIONS_H
#define HO_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/scenario.h"

typedef struct ho_command ho_command;

/* The last seed is the last one that a scenario file can have, for `search`
 * writes its own into those it leaves. */
#define HO_SEED_MAX INT64_C(1000000000000000000)

/* Which options a command takes. */
typedef enum {
  HO_TAKES_NONE = 0,
  HO_TAKES_GRID = 1, /* what to run: --seed --repeat --arm --set */
  HO_TAKES_RUN = 2,  /* how to run it: --out --events -j ... */
  HO_TAKES_CHECK = 4,
  HO_TAKES_SHARD = 8,
  HO_TAKES_OUT = 16, /* where to: --out --quiet */
  HO_TAKES_COMPARE = 32,
  HO_TAKES_BASELINE = 64,
  HO_TAKES_REPORT = 128,
  HO_TAKES_SEARCH = 256,
  HO_TAKES_CRYPTO = 512,
} ho_option_set;

/* ho_options is a parsed command line; what it points to is |argv|'s, the
 * arrays are owned. */
typedef struct {
  const ho_command *command;
  char *const *argv; /* all of it, from the subcommand's name on */
  int argc;
  char *const *args; /* what is not an option */
  size_t args_count;
  const char *out; /* NULL: results/out/NAME */
  uint64_t seed;   /* 0: the file's own */
  uint64_t repeat;
  const char **arms;
  size_t arms_count, arms_cap;
  ho_override *sets;
  size_t sets_count, sets_cap;
  char **set_keys; /* owned text of |sets| */
  size_t set_keys_count, set_keys_cap;
  ho_vary *varies;
  size_t varies_count, varies_cap;
  bool resume;
  uint64_t shard, shards; /* 0: all of the grid */
  bool events, series, quiet, no_progress, help;
  bool pcap, qlog, timeline, failed_only, no_checks, verbose, until_new;
  bool no_crypto;       /* --crypto none */
  const char *two_arms; /* "A,B", or NULL */
  const char *known;    /* NULL: results/known-failures.csv, if there is one */
  const char *matrix;   /* NULL: none */
  const char *baseline; /* NULL: results/baseline, if it is there */
  const char *junit;    /* NULL: none */
  bool milestones;      /* no option: what compares with a baseline sets it */
  size_t jobs;          /* 0: one for each core */
  ho_time timeout;
  ho_time lasts; /* of a search; 0: not given */
  uint64_t runs; /* likewise */
} ho_options;

/* ho_options_parse reads the arguments after the subcommand's name; |argv|[0]
 * is that name.  getopt_long may reorder |argv|.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     An option is unknown, not yet supported, or its value is wrong; |diag|
 *     says which. */
int ho_options_parse(ho_options *options, const ho_command *command, int argc,
                     char **argv, ho_diag *diag);
void ho_options_free(ho_options *options);

/* ho_options_usage prints the options that |set| takes, one a line. */
void ho_options_usage(ho_option_set set, FILE *out);

#endif
