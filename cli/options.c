/* The options of every subcommand, declared once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/option_values.h"
#include "measure/vary.h"
#include "sim/base/alloc.h"

/* What an option sets: a bool, or with an argument its text; or a function
 * reads its value. */
#define SETS(member) offsetof(ho_options, member), NULL
#define READ(what)   0, ho_option_##what

static const struct {
  const char *name, *arg; /* |arg| NULL: takes none */
  size_t member;
  ho_option_reader *read;
  int commands; /* of ho_option_set, or-ed */
  const char *about;
  char letter; /* 0: none */
} declared[] = {
    {"for", "DURATION", READ(lasts), HO_TAKES_SEARCH,
     "draw schedules for that much wall clock"},
    {"runs", "N", READ(runs), HO_TAKES_SEARCH, "draw N schedules"},
    {"out", "DIR", SETS(out), HO_TAKES_RUN | HO_TAKES_OUT | HO_TAKES_SEARCH,
     "result folder (default: results/out/NAME)"},
    {"seed", "N", READ(seed), HO_TAKES_GRID | HO_TAKES_SEARCH,
     "first seed (default: the file's)"},
    {"seed", "N", READ(seed), HO_TAKES_REPORT,
     "show this seed's handoff (default: a median one)"},
    {"repeat", "N", READ(repeat), HO_TAKES_GRID, "N seeds in a row"},
    {"out", "FILE", SETS(out), HO_TAKES_COMPARE, "also write a CSV file"},
    {"arm", "NAME", READ(arm), HO_TAKES_GRID | HO_TAKES_COMPARE,
     "only this arm (repeatable)"},
    {"arm", "NAME", READ(arm), HO_TAKES_SEARCH, "only this arm"},
    {"arms", "A,B", SETS(two_arms), HO_TAKES_COMPARE,
     "compare these two arms of one folder"},
    {"set", "KEY=VALUE", READ(set_key), HO_TAKES_GRID | HO_TAKES_SEARCH,
     "change a value, as networks.cell.delay=30ms (repeatable)"},
    {"vary", "KEY=V1,V2,...", READ(vary), HO_TAKES_GRID,
     "run with each of these values (repeatable, crossed)"},
    {"events", NULL, SETS(events), HO_TAKES_RUN | HO_TAKES_SEARCH,
     "also write events.csv"},
    {"series", NULL, SETS(series), HO_TAKES_RUN, "also write series.csv"},
    {"pcap", NULL, SETS(pcap), HO_TAKES_RUN | HO_TAKES_SEARCH,
     "also write runs/ARM-SEED/{client,server}.pcapng (with observers: "
     "wire.pcapng)"},
    {"qlog", NULL, SETS(qlog), HO_TAKES_RUN | HO_TAKES_SEARCH,
     "also write runs/ARM-SEED/{client,server}.sqlog"},
    {"timeline", NULL, SETS(timeline), HO_TAKES_RUN,
     "also write runs/ARM-SEED/timeline.svg, a picture of the run"},
    {"artefacts", "failed", READ(artefacts), HO_TAKES_RUN,
     "keep those of failed runs only (all, if none is asked for)"},
    {"no-checks", NULL, SETS(no_checks), HO_TAKES_RUN,
     "make no RFC checks, which cost a decryption of every packet"},
    {"crypto", "real|none", READ(crypto), HO_TAKES_CRYPTO,
     "protect QUIC's packets (default), or only pretend to: the same results, "
     "sooner"},
    {"known", "FILE", SETS(known), HO_TAKES_CHECK,
     "known failures (default: results/known-failures.csv)"},
    {"known", "FILE", SETS(known), HO_TAKES_SEARCH,
     "findings that are known, as found.csv lists them; any other fails"},
    {"until-new", NULL, SETS(until_new), HO_TAKES_SEARCH,
     "end with the first finding that is not known"},
    {"matrix", "FILE", SETS(matrix), HO_TAKES_CHECK,
     "also write which scenario exercises which RFC check"},
    {"baseline", "DIR", SETS(baseline), HO_TAKES_BASELINE,
     "what was blessed (default: results/baseline)"},
    {"junit", "FILE", SETS(junit), HO_TAKES_CHECK,
     "also write what came of each check as JUnit XML"},
    {"verbose", NULL, SETS(verbose), HO_TAKES_CHECK,
     "name every RFC check that held or was not exercised"},
    {"timeout", "DURATION", READ(timeout), HO_TAKES_RUN,
     "end a run after that much wall clock"},
    {"jobs", "N", READ(jobs), HO_TAKES_RUN | HO_TAKES_SEARCH,
     "runs at once (default: all cores)", 'j'},
    {"quiet", NULL, SETS(quiet), HO_TAKES_RUN | HO_TAKES_OUT | HO_TAKES_SEARCH,
     "print errors and failures only"},
    {"no-progress", NULL, SETS(no_progress), HO_TAKES_RUN | HO_TAKES_SEARCH,
     "no progress line on a terminal"},
    {"shard", "K/N", READ(shard), HO_TAKES_SHARD,
     "only every Nth run, from the Kth on; see 'handoff merge'"},
    {"resume", NULL, SETS(resume), HO_TAKES_RUN,
     "go on where an interrupted run ended"},
    {"help", NULL, SETS(help), ~0, "print this", 'h'},
};

enum { DECLARED = sizeof(declared) / sizeof(declared[0]) };

/* What getopt_long returns for each: its letter, or where it stands. */
enum { FIRST_ID = 256 };

static int id_of(size_t option) {
  return declared[option].letter ? declared[option].letter
                                 : FIRST_ID + (int)option;
}

static size_t option_of(int id) {
  size_t i = 0;

  while (id_of(i) != id) {
    i++;
  }
  return i;
}

static int take(ho_options *options, size_t option, const char *value,
                ho_diag *diag) {
  char *member = (char *)options + declared[option].member;

  if (declared[option].read) {
    return declared[option].read(options, value, diag);
  }
  if (declared[option].arg) {
    *(const char **)member = value;
  } else {
    *(bool *)member = true;
  }
  return 0;
}

static bool takes(const ho_command *command, size_t option) {
  return (declared[option].commands & (int)command->options) != 0 ||
         declared[option].letter == 'h';
}

/* What getopt_long could not make sense of: |word| is the argument. */
static void explain(const ho_command *command, const char *word, int letter,
                    bool no_value, ho_diag *diag) {
  const char *names[DECLARED], *near;
  size_t count = 0, len;
  char *name;

  if (no_value) {
    ho_diag_add(diag, NULL, "option '%s' needs a value", word);
    return;
  }
  /* A letter that is none of ours; -h is also how --help=x comes out. */
  if (letter > 0 && letter < FIRST_ID && letter != 'h') {
    ho_diag_add(diag, NULL, "'%s' has no option '-%c'", command->name, letter);
    return;
  }
  for (size_t i = 0; i < DECLARED; i++) {
    if (takes(command, i)) {
      names[count++] = declared[i].name;
    }
  }
  len = strcspn(word + 2, "=");
  name = ho_format("%.*s", (int)len, word + 2);
  for (size_t i = 0; i < count; i++) {
    if (!strcmp(names[i], name)) {
      ho_diag_add(diag, NULL, "option '--%s' takes no value", name);
      free(name);
      return;
    }
  }
  near = ho_nearest(name, names, count);
  if (near) {
    ho_diag_add(diag, NULL, "'%s' has no option '--%s' (did you mean '--%s'?)",
                command->name, name, near);
  } else {
    ho_diag_add(diag, NULL, "'%s' has no option '--%s'", command->name, name);
  }
  free(name);
}

static void fill_long(const ho_command *command, struct option *options) {
  size_t n = 0;

  for (size_t i = 0; i < DECLARED; i++) {
    if (takes(command, i)) {
      options[n++] = (struct option){
          declared[i].name, declared[i].arg ? required_argument : no_argument,
          NULL, id_of(i)};
    }
  }
  options[n] = (struct option){0};
}

/* What options mean together. */
static void combine(ho_options *options, ho_diag *diag) {
  if (options->failed_only && !options->pcap && !options->qlog &&
      !options->timeline) {
    options->qlog = options->timeline = true;
    options->pcap = !options->no_crypto;
  }
  if (options->pcap && options->no_crypto) {
    ho_diag_add(diag, NULL,
                "--pcap is for programs that decrypt: not with --crypto none");
  }
  if (options->seed > HO_SEED_MAX - options->repeat + 1) {
    ho_diag_add(diag, NULL, "--seed and --repeat: seeds end at %lld",
                (long long)HO_SEED_MAX);
  }
}

int ho_options_parse(ho_options *options, const ho_command *command, int argc,
                     char **argv, ho_diag *diag) {
  struct option longs[DECLARED + 1];
  const char *shorts =
      command->options & (HO_TAKES_RUN | HO_TAKES_SEARCH) ? ":j:h" : ":h";
  size_t before = diag->count;
  int id, which = -1;

  *options =
      (ho_options){.command = command, .argc = argc, .argv = argv, .repeat = 1};
  fill_long(command, longs);
  opterr = 0;
  optind = 0; /* glibc: start afresh, a test parses more than once */
  while ((id = getopt_long(argc, argv, shorts, longs, &which)) != -1) {
    if (id == '?' || id == ':') {
      explain(command, argv[optind - 1], optopt, id == ':', diag);
    } else {
      take(options, option_of(id), optarg, diag);
    }
    which = -1;
  }
  options->args = argv + optind;
  options->args_count = (size_t)(argc - optind);
  combine(options, diag);
  return diag->count == before ? 0 : HO_ERR_INPUT;
}

void ho_options_free(ho_options *options) {
  for (size_t i = 0; i < options->set_keys_count; i++) {
    free(options->set_keys[i]);
  }
  for (size_t i = 0; i < options->varies_count; i++) {
    ho_vary_free(&options->varies[i]);
  }
  free(options->varies);
  free(options->set_keys);
  free(options->sets);
  free(options->arms);
  *options = (ho_options){0};
}

void ho_options_usage(ho_option_set set, FILE *out) {
  for (size_t i = 0; i < DECLARED; i++) {
    char *left;
    if (!(declared[i].commands & (int)set)) {
      continue;
    }
    left = ho_format("%s%s%s%s", declared[i].letter == 'j' ? "-j, --" : "--",
                     declared[i].name, declared[i].arg ? " " : "",
                     declared[i].arg ? declared[i].arg : "");
    fprintf(out, "  %-20s  %s\n", left, declared[i].about);
    free(left);
  }
}
