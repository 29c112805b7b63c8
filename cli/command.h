/* The table of subcommands. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_COMMAND_H
#define HO_CLI_COMMAND_H

#include "cli/options.h"

/* Exit status, as INTERFACE has it. */
enum {
  HO_EXIT_OK = 0,
  HO_EXIT_FAILED = 1, /* check: an expectation failed; search: --known was
                         given, and something else was found */
  HO_EXIT_INPUT = 2,  /* nothing was run, nothing was written */
  HO_EXIT_LOST = 3,   /* a run crashed or timed out */
  HO_EXIT_IO = 4,     /* reading or writing failed on the way */
  HO_EXIT_INTERRUPTED = 130,
};

/* ho_command is one line of the table; usage is printed from it. */
struct ho_command {
  const char *name;
  const char *args;  /* as in the usage: "SCENARIO..." */
  const char *about; /* one line */
  /* Returns the exit status; NULL: of a later version. */
  int (*run)(const ho_options *options);
  ho_option_set options; /* those it takes */
};

int ho_cmd_run(const ho_options *options);
int ho_cmd_check(const ho_options *options);
int ho_cmd_bless(const ho_options *options);
int ho_cmd_validate(const ho_options *options);
int ho_cmd_merge(const ho_options *options);
int ho_cmd_compare(const ho_options *options);
int ho_cmd_report(const ho_options *options);
int ho_cmd_search(const ho_options *options);
int ho_cmd_list(const ho_options *options);

#endif
