/* The options of every subcommand, declared once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "measure/vary.h"
#include "sim/base/alloc.h"
#include "sim/scenario/units.h"

/* What getopt_long returns for each; those with a letter are that letter. */
enum {
  OPT_OUT = 256,
  OPT_SEED,
  OPT_REPEAT,
  OPT_ARM,
  OPT_ARMS,
  OPT_SET,
  OPT_VARY,
  OPT_EVENTS,
  OPT_SERIES,
  OPT_TIMEOUT,
  OPT_RESUME,
  OPT_SHARD,
  OPT_PCAP,
  OPT_QLOG,
  OPT_TIMELINE,
  OPT_ARTEFACTS,
  OPT_NO_CHECKS,
  OPT_CRYPTO,
  OPT_KNOWN,
  OPT_MATRIX,
  OPT_BASELINE,
  OPT_JUNIT,
  OPT_VERBOSE,
  OPT_QUIET,
  OPT_NO_PROGRESS,
  OPT_FOR,
  OPT_RUNS,
  OPT_UNTIL_NEW,
};

static const struct {
  const char *name, *arg; /* |arg| NULL: takes none */
  int id;
  int sets; /* of ho_option_set, or-ed */
  const char *about;
} declared[] = {
    {"for", "DURATION", OPT_FOR, HO_TAKES_SEARCH,
     "draw schedules for that much wall clock"},
    {"runs", "N", OPT_RUNS, HO_TAKES_SEARCH, "draw N schedules"},
    {"out", "DIR", OPT_OUT, HO_TAKES_RUN | HO_TAKES_OUT | HO_TAKES_SEARCH,
     "result folder (default: results/out/NAME)"},
    {"seed", "N", OPT_SEED, HO_TAKES_GRID | HO_TAKES_SEARCH,
     "first seed (default: the file's)"},
    {"seed", "N", OPT_SEED, HO_TAKES_REPORT,
     "show this seed's handoff (default: a median one)"},
    {"repeat", "N", OPT_REPEAT, HO_TAKES_GRID, "N seeds in a row"},
    {"out", "FILE", OPT_OUT, HO_TAKES_COMPARE, "also write a CSV file"},
    {"arm", "NAME", OPT_ARM, HO_TAKES_GRID | HO_TAKES_COMPARE | HO_TAKES_SEARCH,
     "only this arm (repeatable)"},
    {"arms", "A,B", OPT_ARMS, HO_TAKES_COMPARE,
     "compare these two arms of one folder"},
    {"set", "KEY=VALUE", OPT_SET, HO_TAKES_GRID | HO_TAKES_SEARCH,
     "change a value, as networks.cell.delay=30ms (repeatable)"},
    {"vary", "KEY=V1,V2,...", OPT_VARY, HO_TAKES_GRID,
     "run with each of these values (repeatable, crossed)"},
    {"events", NULL, OPT_EVENTS, HO_TAKES_RUN | HO_TAKES_SEARCH,
     "also write events.csv"},
    {"series", NULL, OPT_SERIES, HO_TAKES_RUN, "also write series.csv"},
    {"pcap", NULL, OPT_PCAP, HO_TAKES_RUN | HO_TAKES_SEARCH,
     "also write runs/ARM-SEED/{client,server}.pcapng (with observers: "
     "wire.pcapng)"},
    {"qlog", NULL, OPT_QLOG, HO_TAKES_RUN | HO_TAKES_SEARCH,
     "also write runs/ARM-SEED/{client,server}.sqlog"},
    {"timeline", NULL, OPT_TIMELINE, HO_TAKES_RUN,
     "also write runs/ARM-SEED/timeline.svg, a picture of the run"},
    {"artefacts", "failed", OPT_ARTEFACTS, HO_TAKES_RUN,
     "keep those of failed runs only (all, if none is asked for)"},
    {"no-checks", NULL, OPT_NO_CHECKS, HO_TAKES_RUN,
     "make no RFC checks, which cost a decryption of every packet"},
    {"crypto", "real|none", OPT_CRYPTO, HO_TAKES_CRYPTO,
     "protect QUIC's packets (default), or only pretend to: the same results, "
     "sooner"},
    {"known", "FILE", OPT_KNOWN, HO_TAKES_CHECK,
     "known failures (default: results/known-failures.csv)"},
    {"known", "FILE", OPT_KNOWN, HO_TAKES_SEARCH,
     "findings that are known, as found.csv lists them; any other fails"},
    {"until-new", NULL, OPT_UNTIL_NEW, HO_TAKES_SEARCH,
     "end with the first finding that is not known"},
    {"matrix", "FILE", OPT_MATRIX, HO_TAKES_CHECK,
     "also write which scenario exercises which RFC check"},
    {"baseline", "DIR", OPT_BASELINE, HO_TAKES_BASELINE,
     "what was blessed (default: results/baseline)"},
    {"junit", "FILE", OPT_JUNIT, HO_TAKES_CHECK,
     "also write what came of each check as JUnit XML"},
    {"verbose", NULL, OPT_VERBOSE, HO_TAKES_CHECK,
     "name every RFC check that held or was not exercised"},
    {"timeout", "DURATION", OPT_TIMEOUT, HO_TAKES_RUN,
     "end a run after that much wall clock"},
    {"jobs", "N", 'j', HO_TAKES_RUN | HO_TAKES_SEARCH,
     "runs at once (default: all cores)"},
    {"quiet", NULL, OPT_QUIET, HO_TAKES_RUN | HO_TAKES_OUT | HO_TAKES_SEARCH,
     "print errors and failures only"},
    {"no-progress", NULL, OPT_NO_PROGRESS, HO_TAKES_RUN | HO_TAKES_SEARCH,
     "no progress line on a terminal"},
    {"shard", "K/N", OPT_SHARD, HO_TAKES_SHARD,
     "only every Nth run, from the Kth on; see 'handoff merge'"},
    {"resume", NULL, OPT_RESUME, HO_TAKES_RUN,
     "go on where an interrupted run ended"},
    {"help", NULL, 'h', ~0, "print this"},
};

enum { DECLARED = sizeof(declared) / sizeof(declared[0]) };

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

static int parse_shard(ho_options *options, const char *text, ho_diag *diag) {
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

static int parse_set(ho_options *options, const char *text, ho_diag *diag) {
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

static int add_vary(ho_options *options, const char *text, ho_diag *diag) {
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

static int parse_artefacts(ho_options *options, const char *text,
                           ho_diag *diag) {
  if (strcmp(text, "failed") != 0) {
    ho_diag_add(diag, NULL, "--artefacts must be 'failed', not '%s'", text);
    return HO_ERR_INPUT;
  }
  options->failed_only = true;
  return 0;
}

static int parse_crypto(ho_options *options, const char *text, ho_diag *diag) {
  options->no_crypto = !strcmp(text, "none");
  if (!options->no_crypto && strcmp(text, "real") != 0) {
    ho_diag_add(diag, NULL, "--crypto must be 'real' or 'none', not '%s'",
                text);
    return HO_ERR_INPUT;
  }
  return 0;
}

static void add_arm(ho_options *options, const char *name) {
  for (size_t i = 0; i < options->arms_count; i++) {
    if (!strcmp(options->arms[i], name)) {
      return;
    }
  }
  ho_grow(&options->arms, options->arms_count, &options->arms_cap,
          sizeof(char *));
  options->arms[options->arms_count++] = name;
}

static int take(ho_options *options, int id, const char *value, ho_diag *diag) {
  uint64_t jobs;

  switch (id) {
  case OPT_OUT:
    options->out = value;
    return 0;
  case OPT_SEED:
    return parse_number("--seed", value, INT64_MAX, &options->seed, diag);
  case OPT_REPEAT:
    return parse_number("--repeat", value, 10000000, &options->repeat, diag);
  case OPT_ARM:
    add_arm(options, value);
    return 0;
  case OPT_ARMS:
    options->two_arms = value;
    return 0;
  case OPT_SET:
    return parse_set(options, value, diag);
  case OPT_VARY:
    return add_vary(options, value, diag);
  case OPT_EVENTS:
    options->events = true;
    return 0;
  case OPT_PCAP:
    options->pcap = true;
    return 0;
  case OPT_QLOG:
    options->qlog = true;
    return 0;
  case OPT_TIMELINE:
    options->timeline = true;
    return 0;
  case OPT_ARTEFACTS:
    return parse_artefacts(options, value, diag);
  case OPT_KNOWN:
    options->known = value;
    return 0;
  case OPT_MATRIX:
    options->matrix = value;
    return 0;
  case OPT_BASELINE:
    options->baseline = value;
    return 0;
  case OPT_JUNIT:
    options->junit = value;
    return 0;
  case OPT_VERBOSE:
    options->verbose = true;
    return 0;
  case OPT_NO_CHECKS:
    options->no_checks = true;
    return 0;
  case OPT_CRYPTO:
    return parse_crypto(options, value, diag);
  case OPT_SERIES:
    options->series = true;
    return 0;
  case OPT_TIMEOUT:
    return parse_duration("--timeout", value, &options->timeout, diag);
  case OPT_FOR:
    return parse_duration("--for", value, &options->lasts, diag);
  case OPT_RUNS:
    return parse_number("--runs", value, 1000000000, &options->runs, diag);
  case 'j':
    if (parse_number("-j", value, 4096, &jobs, diag) != 0) {
      return HO_ERR_INPUT;
    }
    options->jobs = jobs;
    return 0;
  case OPT_UNTIL_NEW:
    options->until_new = true;
    return 0;
  case OPT_SHARD:
    return parse_shard(options, value, diag);
  case OPT_RESUME:
    options->resume = true;
    return 0;
  case OPT_QUIET:
    options->quiet = true;
    return 0;
  case OPT_NO_PROGRESS:
    options->no_progress = true;
    return 0;
  }
  assert(id == 'h');
  options->help = true;
  return 0;
}

static bool takes(const ho_command *command, size_t option) {
  return (declared[option].sets & (int)command->options) != 0 ||
         declared[option].id == 'h';
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
  if (letter > 0 && letter < 256 && letter != 'h') {
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
          NULL, declared[i].id};
    }
  }
  options[n] = (struct option){0};
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
      take(options, id, optarg, diag);
    }
    which = -1;
  }
  if (options->failed_only && !options->pcap && !options->qlog &&
      !options->timeline) {
    options->qlog = options->timeline = true;
    options->pcap = !options->no_crypto;
  }
  if (options->pcap && options->no_crypto) {
    ho_diag_add(diag, NULL,
                "--pcap is for programs that decrypt: not with --crypto none");
  }
  options->args = argv + optind;
  options->args_count = (size_t)(argc - optind);
  if (options->seed > INT64_MAX - options->repeat) {
    ho_diag_add(diag, NULL, "--seed and --repeat: seeds end at %lld",
                (long long)INT64_MAX);
  }
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
    if (!declared[i].about || !(declared[i].sets & (int)set)) {
      continue;
    }
    left = ho_format("%s%s%s%s", declared[i].id == 'j' ? "-j, --" : "--",
                     declared[i].name, declared[i].arg ? " " : "",
                     declared[i].arg ? declared[i].arg : "");
    fprintf(out, "  %-20s  %s\n", left, declared[i].about);
    free(left);
  }
}
