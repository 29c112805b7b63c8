/* handoff: the table of subcommands, from which usage is printed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "measure/manifest.h"

static const ho_command commands[] = {
    {"run", "SCENARIO...", "run, print the table, write the result folder",
     ho_cmd_run,
     HO_TAKES_GRID | HO_TAKES_RUN | HO_TAKES_SHARD | HO_TAKES_CRYPTO},
    {"check", "[SCENARIO or DIR]...", "run and evaluate every expectation",
     ho_cmd_check,
     HO_TAKES_GRID | HO_TAKES_RUN | HO_TAKES_CHECK | HO_TAKES_BASELINE |
         HO_TAKES_CRYPTO},
    {"bless", "[SCENARIO or DIR]...", "run and write the baseline",
     ho_cmd_bless, HO_TAKES_GRID | HO_TAKES_RUN | HO_TAKES_BASELINE},
    {"validate", "SCENARIO...", "parse and check only", ho_cmd_validate,
     HO_TAKES_GRID},
    {"list",
     "scenarios|arms|actions|attacks|faults|metrics|checks|presets|events",
     "what there is", ho_cmd_list, HO_TAKES_NONE},
    {"report", "DIR",
     "write DIR/report.html and the figures of a result folder", ho_cmd_report,
     HO_TAKES_REPORT},
    {"compare", "DIR_A DIR_B", "paired statistics between two result folders",
     ho_cmd_compare, HO_TAKES_COMPARE},
    {"search", "SCENARIO",
     "draw schedules around a scenario until its stack breaks", ho_cmd_search,
     HO_TAKES_SEARCH | HO_TAKES_CRYPTO},
    {"merge", "DIR...", "put the shards of one grid together", ho_cmd_merge,
     HO_TAKES_OUT},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void usage(FILE *out) {
  fputs("usage: handoff COMMAND [OPTION]... [ARGUMENT]...\n\n", out);
  for (size_t i = 0; i < COMMANDS; i++) {
    if (commands[i].run) {
      fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].about);
    }
  }
  fputs("  --version of the program and of every library\n"
        "  --help    this, or of a command: handoff COMMAND --help\n",
        out);
}

static void usage_of(const ho_command *command, FILE *out) {
  fprintf(out, "usage: handoff %s%s %s\n\n%s\n", command->name,
          command->options ? " [OPTION]..." : "", command->args,
          command->about);
  if (command->options & HO_TAKES_GRID) {
    fputs("SCENARIO is a file, or - for standard input\n", out);
  }
  fputc('\n', out);
  ho_options_usage(command->options, out);
}

static void print_version(void *user, const char *name, const char *value) {
  fprintf(user, "%s %s\n", name, value);
}

static int version(void) {
  ho_manifest_versions(print_version, stdout);
  return HO_EXIT_OK;
}

static int unknown_command(const char *name) {
  const char *names[COMMANDS], *near;

  for (size_t i = 0; i < COMMANDS; i++) {
    names[i] = commands[i].name;
  }
  near = ho_nearest(name, names, COMMANDS);
  if (near) {
    fprintf(stderr, "handoff: unknown command '%s' (did you mean '%s'?)\n",
            name, near);
  } else {
    fprintf(stderr, "handoff: unknown command '%s'; see 'handoff --help'\n",
            name);
  }
  return HO_EXIT_INPUT;
}

static int run_command(const ho_command *command, int argc, char **argv) {
  ho_options options;
  ho_diag diag = {0};
  int status;

  if (!command->run) {
    fprintf(stderr, "handoff: '%s' is not yet supported\n", command->name);
    return HO_EXIT_INPUT;
  }
  if (ho_options_parse(&options, command, argc, argv, &diag) != 0) {
    for (size_t i = 0; i < diag.count; i++) {
      fprintf(stderr, "handoff: %s\n", diag.messages[i]);
    }
    status = HO_EXIT_INPUT;
  } else if (options.help) {
    usage_of(command, stdout);
    status = HO_EXIT_OK;
  } else {
    status = command->run(&options);
  }
  ho_options_free(&options);
  ho_diag_free(&diag);
  return status;
}

static int dispatch(int argc, char **argv) {
  if (argc < 2) {
    usage(stderr);
    return HO_EXIT_INPUT;
  }
  if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
      !strcmp(argv[1], "help")) {
    usage(stdout);
    return HO_EXIT_OK;
  }
  if (!strcmp(argv[1], "--version")) {
    return version();
  }
  for (size_t i = 0; i < COMMANDS; i++) {
    if (!strcmp(argv[1], commands[i].name)) {
      return run_command(&commands[i], argc - 1, argv + 1);
    }
  }
  return unknown_command(argv[1]);
}

/* Ends as a filter whose reader has gone does, who wants to hear no more. */
static void end_with_reader(void) {
  struct pollfd out = {.fd = STDOUT_FILENO};

  if (poll(&out, 1, 0) == 1 && out.revents == POLLERR) {
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
  }
}

int main(int argc, char **argv) {
  int status = dispatch(argc, argv);

  /* A table that did not reach its file is a failed write like any other.  Of
   * one that failed before, errno tells nothing any more. */
  errno = 0;
  if (fflush(stdout) != 0 || ferror(stdout)) {
    end_with_reader();
    fprintf(stderr, "handoff: cannot write to standard output%s%s\n",
            errno ? ": " : "", errno ? strerror(errno) : "");
    if (status == HO_EXIT_OK || status == HO_EXIT_FAILED) {
      status = HO_EXIT_IO;
    }
  }
  return status;
}
