/* The command line: what is understood, and what is refused in which words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

static const ho_command run = {.name = "run",
                               .options = HO_TAKES_GRID | HO_TAKES_RUN |
                                          HO_TAKES_SHARD | HO_TAKES_CRYPTO};
static const ho_command validate = {.name = "validate",
                                    .options = HO_TAKES_GRID};
static const ho_command check_command = {
    .name = "check", .options = HO_TAKES_GRID | HO_TAKES_RUN | HO_TAKES_CHECK};
static const ho_command search = {.name = "search", .options = HO_TAKES_SEARCH};
static const ho_command compare = {.name = "compare",
                                   .options = HO_TAKES_COMPARE};
static const ho_command bless = {.name = "bless", .options = HO_TAKES_BASELINE};

enum { MAX_ARGS = 32 };

/* Splits |line| at blanks into |argv|; returns argc. */
static int split(char *line, char **argv) {
  int argc = 0;

  for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
    ck_assert_int_lt(argc, MAX_ARGS - 1);
    argv[argc++] = word;
  }
  argv[argc] = NULL;
  return argc;
}

/* Goal: every value arrives, wherever it stands. */
START_TEST(understood) {
  char line[] = "run a.yaml --seed 7 --repeat=3 -j2 --arm quic b.yaml --arm "
                "tcp-notify --arm quic --set k.x=a=b --set v= --timeout 1.5s "
                "--vary d=1ms,2ms --vary p=1\\,2,\\\\";
  char more[] = "run --out d --events --series --quiet --no-progress --jobs 9 "
                "- -- --odd";
  char *argv[MAX_ARGS];
  ho_options o;
  ho_diag diag = {0};
  int argc = split(line, argv);

  ck_assert_int_eq(ho_options_parse(&o, &run, argc, argv, &diag), 0);
  ck_assert_uint_eq(o.args_count, 2);
  ck_assert_str_eq(o.args[0], "a.yaml");
  ck_assert_str_eq(o.args[1], "b.yaml");
  ck_assert_uint_eq(o.seed, 7);
  ck_assert_uint_eq(o.repeat, 3);
  ck_assert_uint_eq(o.jobs, 2);
  ck_assert_uint_eq(o.arms_count, 2);
  ck_assert_str_eq(o.arms[1], "tcp-notify");
  ck_assert_uint_eq(o.sets_count, 2);
  ck_assert_str_eq(o.sets[0].key, "k.x");
  ck_assert_str_eq(o.sets[0].value, "a=b");
  ck_assert_str_eq(o.sets[1].value, "");
  ck_assert_uint_eq(o.timeout, 1500000000);
  ck_assert_uint_eq(o.varies_count, 2);
  ck_assert_str_eq(o.varies[0].key, "d");
  ck_assert_uint_eq(o.varies[0].count, 2);
  ck_assert_str_eq(o.varies[0].values[1], "2ms");
  ck_assert_str_eq(o.varies[1].values[0], "1,2");
  ck_assert_str_eq(o.varies[1].values[1], "\\");
  ck_assert(!o.events && !o.series && !o.quiet && !o.no_progress);
  ho_options_free(&o);
  argc = split(more, argv);
  ck_assert_int_eq(ho_options_parse(&o, &run, argc, argv, &diag), 0);
  ck_assert_str_eq(o.out, "d");
  ck_assert(o.events && o.series && o.quiet && o.no_progress);
  ck_assert_uint_eq(o.jobs, 9);
  ck_assert_uint_eq(o.args_count, 2);
  ck_assert_str_eq(o.args[0], "-");
  ck_assert_str_eq(o.args[1], "--odd");
  ck_assert_uint_eq(o.seed, 0);
  ck_assert_uint_eq(o.repeat, 1);
  ho_options_free(&o);
}
END_TEST

typedef struct {
  const ho_command *command;
  const char *name;
  size_t member;
} sets;
#define MEMBER(command, name, member)                                          \
  { &command, name, offsetof(ho_options, member) }

/* Goal: an option without a value sets its own member and no other. */
static const sets flags[] = {
    MEMBER(run, "--events", events),
    MEMBER(run, "--series", series),
    MEMBER(run, "--pcap", pcap),
    MEMBER(run, "--qlog", qlog),
    MEMBER(run, "--timeline", timeline),
    MEMBER(run, "--no-checks", no_checks),
    MEMBER(run, "--quiet", quiet),
    MEMBER(run, "--no-progress", no_progress),
    MEMBER(run, "--resume", resume),
    MEMBER(run, "--help", help),
    MEMBER(run, "-h", help),
    MEMBER(check_command, "--verbose", verbose),
    MEMBER(search, "--until-new", until_new),
};
enum { FLAGS = sizeof(flags) / sizeof(flags[0]) };

START_TEST(flagged) {
  char *line = ho_format("%s %s", flags[_i].command->name, flags[_i].name);
  char *argv[MAX_ARGS];
  ho_diag diag = {0};
  ho_options o;
  int argc = split(line, argv);

  ck_assert_int_eq(ho_options_parse(&o, flags[_i].command, argc, argv, &diag),
                   0);
  for (size_t i = 0; i < FLAGS; i++) {
    const bool *set = (const bool *)((const char *)&o + flags[i].member);
    ck_assert_int_eq(*set, flags[i].member == flags[_i].member);
  }
  ho_options_free(&o);
  free(line);
}
END_TEST

/* Goal: an option that is kept as text is kept where it belongs. */
static const sets texts[] = {
    MEMBER(run, "--out", out),
    MEMBER(compare, "--out", out),
    MEMBER(search, "--out", out),
    MEMBER(compare, "--arms", two_arms),
    MEMBER(check_command, "--known", known),
    MEMBER(search, "--known", known),
    MEMBER(check_command, "--matrix", matrix),
    MEMBER(bless, "--baseline", baseline),
    MEMBER(check_command, "--junit", junit),
};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

START_TEST(kept) {
  char *line = ho_format("%s %s x", texts[_i].command->name, texts[_i].name);
  char *argv[MAX_ARGS];
  ho_diag diag = {0};
  ho_options o;
  int argc = split(line, argv);

  ck_assert_int_eq(ho_options_parse(&o, texts[_i].command, argc, argv, &diag),
                   0);
  for (size_t i = 0; i < TEXTS; i++) {
    const char *text = *(const char **)((char *)&o + texts[i].member);
    ck_assert_pstr_eq(text, texts[i].member == texts[_i].member ? "x" : NULL);
  }
  ho_options_free(&o);
  free(line);
}
END_TEST

/* Goal: the last word on cryptography counts; without it there are no
 * captures, not even with all artefacts. */
static const struct {
  const char *line;
  bool no_crypto, pcap, qlog;
} protections[] = {
    {"run a", false, false, false},
    {"run a --crypto real", false, false, false},
    {"run a --crypto none", true, false, false},
    {"run a --crypto=none --qlog", true, false, true},
    {"run a --crypto none --crypto real --pcap", false, true, false},
    {"run a --crypto real --crypto none", true, false, false},
    {"run a --artefacts failed", false, true, true},
    {"run a --artefacts failed --crypto none", true, false, true},
};

START_TEST(protected) {
  char *line = ho_strdup(protections[_i].line), *argv[MAX_ARGS];
  ho_diag diag = {0};
  ho_options o;
  int argc = split(line, argv);

  ck_assert_int_eq(ho_options_parse(&o, &run, argc, argv, &diag), 0);
  ck_assert_int_eq(o.no_crypto, protections[_i].no_crypto);
  ck_assert_int_eq(o.pcap, protections[_i].pcap);
  ck_assert_int_eq(o.qlog, protections[_i].qlog);
  ho_options_free(&o);
  free(line);
}
END_TEST

/* Goal: each mistake has its words, quoting what was typed. */
static const struct {
  const ho_command *command;
  const char *line, *message;
} refused[] = {
    {&run, "run --seeed 3",
     "'run' has no option '--seeed' (did you mean '--seed'?)"},
    {&run, "run --seeed=3",
     "'run' has no option '--seeed' (did you mean '--seed'?)"},
    {&run, "run --frobnicate", "'run' has no option '--frobnicate'"},
    {&run, "run -x", "'run' has no option '-x'"},
    {&run, "run --quiet -xj2", "'run' has no option '-x'"},
    {&run, "run --seed", "option '--seed' needs a value"},
    {&run, "run -j", "option '-j' needs a value"},
    {&run, "run --quiet=1", "option '--quiet' takes no value"},
    {&run, "run --help=1", "option '--help' takes no value"},
    {&run, "run --seed x", "--seed needs a whole number, not 'x'"},
    {&run, "run --seed 1x", "--seed needs a whole number, not '1x'"},
    {&run, "run --seed -1", "--seed needs a whole number, not '-1'"},
    {&run, "run --seed +1", "--seed needs a whole number, not '+1'"},
    {&run, "run --seed 0x10", "--seed needs a whole number, not '0x10'"},
    {&run, "run --seed 1.5", "--seed needs a whole number, not '1.5'"},
    {&run, "run --seed=", "--seed needs a whole number, not ''"},
    {&run, "run --seed 0", "--seed must be 1 to 1000000000000000000, not '0'"},
    {&run, "run --seed 99999999999999999999",
     "--seed must be 1 to 1000000000000000000, not '99999999999999999999'"},
    {&run, "run --seed 1000000000000000000 --repeat 2",
     "--seed and --repeat: seeds end at 1000000000000000000"},
    {&run, "run --repeat 0", "--repeat must be 1 to 10000000, not '0'"},
    {&run, "run -j 0", "-j must be 1 to 4096, not '0'"},
    {&run, "run --set x", "--set needs KEY=VALUE, not 'x'"},
    {&run, "run --set =x", "--set needs KEY=VALUE, not '=x'"},
    {&run, "run --timeout 30", "--timeout: '30' has no unit"},
    {&run, "run --timeout 0s",
     "--timeout must be above 0 and at most 1000000s, not '0s'"},
    {&run, "run --vary a", "--vary needs KEY=V1,V2,..., not 'a'"},
    {&run, "run --vary =a", "--vary needs KEY=V1,V2,..., not '=a'"},
    {&run, "run --vary a=", "--vary 'a=' has an empty value"},
    {&run, "run --vary a=1,,2", "--vary 'a=1,,2' has an empty value"},
    {&run, "run --vary a=1,2,", "--vary 'a=1,2,' has an empty value"},
    {&run, "run --vary a=1,2,1", "--vary 'a=1,2,1' has '1' twice"},
    {&run, "run --shard 1", "--shard needs K/N, not '1'"},
    {&run, "run --shard 0/2", "--shard: K must be 1 to 2, not '0'"},
    {&run, "run --shard 3/2", "--shard: K must be 1 to 2, not '3'"},
    {&run, "run --shard 1/0", "--shard: N must be 1 to 100000, not '0'"},
    {&run, "run --shard 1/2/3", "--shard: N needs a whole number, not '2/3'"},
    {&run, "run --shard /2", "--shard: K needs a whole number, not ''"},
    {&run, "run --crypto", "option '--crypto' needs a value"},
    {&run, "run --crypto nome",
     "--crypto must be 'real' or 'none', not 'nome'"},
    {&run, "run --crypto=", "--crypto must be 'real' or 'none', not ''"},
    {&run, "run --pcap --crypto none",
     "--pcap is for programs that decrypt: not with --crypto none"},
    {&run, "run --crypto none --artefacts failed --pcap",
     "--pcap is for programs that decrypt: not with --crypto none"},
    {&validate, "validate --crypto none",
     "'validate' has no option '--crypto'"},
    {&check_command, "check --shard 1/2", "'check' has no option '--shard'"},
    {&run, "run --junit f", "'run' has no option '--junit'"},
    {&run, "run --baseline d", "'run' has no option '--baseline'"},
    {&validate, "validate --out d", "'validate' has no option '--out'"},
    {&validate, "validate -j 2", "'validate' has no option '-j'"},
};

START_TEST(refuses) {
  char *line = ho_strdup(refused[_i].line), *argv[MAX_ARGS];
  ho_diag diag = {0};
  ho_options o;
  int argc = split(line, argv);

  ck_assert_int_eq(ho_options_parse(&o, refused[_i].command, argc, argv, &diag),
                   HO_ERR_INPUT);
  ck_assert_uint_eq(diag.count, 1);
  ck_assert_msg(!strncmp(diag.messages[0], refused[_i].message,
                         strlen(refused[_i].message)),
                "%s: %s", refused[_i].line, diag.messages[0]);
  ho_options_free(&o);
  ho_diag_free(&diag);
  free(line);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, understood);
  tcase_add_loop_test(tc, flagged, 0, FLAGS);
  tcase_add_loop_test(tc, kept, 0, TEXTS);
  tcase_add_loop_test(tc, protected, 0,
                      sizeof(protections) / sizeof(protections[0]));
  tcase_add_loop_test(tc, refuses, 0, sizeof(refused) / sizeof(refused[0]));
}

int main(void) {
  return suite_run("options", add);
}
