/* Tests of what is said of bad observers, games and groups. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/errors.h"
#include "tests/suite.h"

static const bad_case bad_observers[] = {
    {BASE "observers: []\n",
     "x:7:12: 'observers' must be a list such as [old, new, both]\n"},
    {BASE "observers: {old: 1}\n",
     "x:7:12: 'observers' must be a list such as [old, new, both]\n"},
    {BASE "observers:\n", "x:7:11: '' is no value of 'observers' (expected "
                          "old, new, both, server or all)\n"},
    {BASE "observers: [bth]\n", "x:7:13: 'bth' is no value of 'observers' "
                                "(expected old, new, both, server or all)\n"},
    {BASE "observers: [old, [new], severs, old]\n",
     "x:7:18: a vantage point must be a single word\n"
     "x:7:25: 'severs' is no value of 'observers' (expected old, new, both, "
     "server or all)\n"
     "x:7:33: vantage point 'old' is named twice\n"},
    {BASE "observers: old, everywhere\n",
     "x:7:17: 'everywhere' is no value of 'observers' (expected old, new, "
     "both, server or all)\n"},
    {BASE "observers: [$who]\n",
     "x:7:13: '$who' is not defined under 'vars'\n"},
};

static const bad_case bad_game[] = {
    {BASE "swap_game: true\n"
          "clients: 2\n",
     "x:7:12: 'swap_game' needs 'observers'\n"},
    {BASE "swap_game: maybe\n",
     "x:7:12: 'maybe' is no value of 'swap_game' (expected true or false)\n"},
    {BASE "observers: [both]\n"
          "swap_game: true\n",
     "x:8:12: 'swap_game' needs pairs of clients that move, so an even number "
     "of them (there is 1)\n"},
    {BASE "observers: [both]\n"
          "swap_game: true\n"
          "clients: 3\n",
     "x:8:12: 'swap_game' needs pairs of clients that move, so an even number "
     "of them (there are 3)\n"},
    {BASE "observers: [both]\n"
          "swap_game: true\n"
          "clients: 2..4\n",
     "x:8:12: 'swap_game' needs a fixed number of clients that move (there can "
     "be 2 to 4)\n"},
    {BASE "observers: [both]\n"
          "swap_game: [1]\n",
     "x:8:12: 'swap_game' must be a single value\n"},
    {BASE "observers: [both]\n"
          "swap_game: true\n"
          "groups: {a: {clients: 3}, b: {clients: 2, moves: false}}\n",
     "x:8:12: 'swap_game' needs pairs of clients that move, so an even number "
     "of them (there are 3)\n"},
    {BASE "observers: [both]\n"
          "swap_game: true\n"
          "groups: {a: {clients: 3..4, moves: false}}\n",
     "x:8:12: 'swap_game' needs pairs of clients that move, so an even number "
     "of them (there are 0)\n"},
    {BASE "observers: [both]\n"
          "swap_game: true\n"
          "clients: 0\n",
     "x:9:10: '0' is out of range for 'clients' (expected 1 to 1000)\n"},
    {BASE "observers: [bth]\n"
          "swap_game: true\n"
          "groups: {a: {clients: 0}}\n",
     "x:7:13: 'bth' is no value of 'observers' (expected old, new, both, "
     "server or all)\n"
     "x:9:23: '0' is out of range for 'clients' (expected 1 to 1000)\n"},
};

static const bad_case bad_groups[] = {
    {BASE "groups: 5\n",
     "x:7:9: 'groups' must be a map such as {walkers: {clients: 50}}\n"},
    {BASE "groups: {}\n",
     "x:7:9: 'groups' must be a map such as {walkers: {clients: 50}}\n"},
    {BASE "groups: [a]\n",
     "x:7:9: 'groups' must be a map such as {walkers: {clients: 50}}\n"},
    {BASE "groups:\n"
          "  a.b: {clients: 2}\n"
          "  c: {clients: 1}\n"
          "  c: {clients: 2}\n",
     "x:8:3: 'a.b' cannot name a group (expected a letter, then letters, "
     "digits, - and _, at most 64)\n"
     "x:10:3: group 'c' is defined twice (first in line 9)\n"},
    {BASE "groups: {a: 5}\n",
     "x:7:13: group 'a' must be a map such as {clients: 50}\n"},
    {BASE "groups: {a: }\n",
     "x:7:10: group 'a' lacks 'clients' (how many there are, such as 50)\n"},
    {BASE "groups: {a: {moves: maybe}}\n",
     "x:7:10: group 'a' lacks 'clients' (how many there are, such as 50)\n"
     "x:7:21: 'maybe' is no value of 'moves' (expected true or false)\n"},
    {BASE "groups: {a: {clints: 2}}\n",
     "x:7:10: group 'a' lacks 'clients' (how many there are, such as 50)\n"
     "x:7:14: unknown key 'clints' in group 'a' (did you mean 'clients'?)\n"},
    {BASE "groups: {a: {clients: 0}, b: {clients: 1001}, c: {clients: [1]}, d: "
          "{clients: 3s}, e: {clients: 5..1}}\n",
     "x:7:23: '0' is out of range for 'clients' (expected 1 to 1000)\n"
     "x:7:40: '1001' is out of range for 'clients' (expected 1 to 1000)\n"
     "x:7:60: 'clients' must be a single value\n"
     "x:7:79: '3s' is not a whole number\n"
     "x:7:97: range '5..1' runs backward\n"},
    {BASE "groups: {a: {clients: 600}, b: {clients: 401}}\n",
     "x:7:9: the groups have 1001 clients (expected at most 1000)\n"},
    {BASE "groups: {a: {clients: 600}, b: {clients: 1..401}}\n",
     "x:7:9: the groups can have 1001 clients (expected at most 1000)\n"},
    {BASE "clients: 5\n"
          "groups: {a: {clients: 2}, b: {clients: 4}}\n",
     "x:7:10: '5' is not what the clients of the groups add up to, 6\n"},
    {BASE "clients: 4..5\n"
          "groups: {a: {clients: 2}, b: {clients: 2}}\n",
     "x:7:10: '4..5' is not what the clients of the groups add up to, 4\n"},
    {BASE "clients: 4\n"
          "groups: {a: {clients: 2}, b: {clients: 2..3}}\n",
     "x:7:10: 'clients' cannot be given where the groups' numbers are drawn\n"},
    {BASE "clients: 0\n"
          "groups: {a: {clients: 2}}\n",
     "x:7:10: '0' is out of range for 'clients' (expected 1 to 1000)\n"},
    {BASE "clients: 2\n"
          "groups: {a: {clients: 0}}\n",
     "x:8:23: '0' is out of range for 'clients' (expected 1 to 1000)\n"},
    {BASE
     "groups: {a: {clients: 2, start: hom}, b: {clients: 1, start: [home]}}\n",
     "x:7:33: undefined network 'hom' (did you mean 'home'?)\n"
     "x:7:62: 'start' must be a single value\n"},
    {BASE "groups: {a: {clients: 2, begin: 5}, b: {clients: 1, begin: [1s]}}\n",
     "x:7:33: '5' has no unit (expected a duration such as 20ms)\n"
     "x:7:60: 'begin' must be a single value\n"},
    {BASE "groups: {a: {clients: 2, begin: 50s..60s}}\n",
     "x:7:33: a client can begin at 60s, which is not before 'stop' at 60s\n"},
    {BASE
     "client: {begin: 70s}\n"
     "groups: {a: {clients: 2, begin: 5s}, b: {clients: 2}, c: {clients: 2}}\n",
     "x:7:17: a client can begin at 70s, which is not before 'stop' at 60s\n"},
    {BASE
     "groups: {a: {clients: 2, begin: 61s}, b: {clients: 2, begin: 60s}}\n",
     "x:7:33: a client can begin at 61s, which is not before 'stop' at 60s\n"
     "x:7:62: a client can begin at 60s, which is not before 'stop' at 60s\n"},
    {BASE
     "client: {stagger: 10s}\n"
     "groups: {a: {clients: 2, begin: 30s}, b: {clients: 1..4, begin: 15s}}\n",
     "x:7:19: a client can begin at 65s, which is not before 'stop' at 60s\n"},
    {BASE "groups: {a: {clients: 2, moves: [no]}}\n",
     "x:7:33: 'moves' must be a single value\n"},
    {BASE "groups: {a: {clients: 2, workload: idle}, b: {clients: 1, workload: "
          "{bytes: 1MB}}}\n",
     "x:7:36: 'workload' must be a map such as {type: download, bytes: 10MB}\n"
     "x:7:69: 'workload' lacks 'type' (such as download)\n"},
    {BASE "groups: {a: {clients: 2, workload: {type: downlod}}, b: {clients: "
          "1, workload: {type: echo, every: 1s, bytes: 0B}}}\n",
     "x:7:43: 'downlod' is no value of 'type' (expected download, upload, "
     "request, echo, idle or stream)\n"
     "x:7:111: '0B' is out of range for 'bytes' (expected more than 0B)\n"},
    {BASE "groups: {a: {clients: 2, workload: {type: idle, every: 1s}}, b: "
          "{clients: 1, workload: {type: stream, up: 1kbps, frame: 1ms}}}\n",
     "x:7:49: 'every' is not a key of workload idle: it belongs to request and "
     "echo\n"
     "x:7:107: 'up' of 1000bps brings 0.125 bytes in a frame (expected a whole "
     "number)\n"},
    {BASE "groups: {a: {clients: 2, notice: 1s}}\n",
     "x:7:26: 'notice' is not a key of group 'a': it belongs to client, and is "
     "the same for all\n"},
    {BASE "groups: {a: {clients: $n}}\n"
          "vars: {n: 0}\n",
     "x:8:11: '0' is out of range for 'clients' (expected 1 to 1000)\n"},
};

ERRORS_TEST(observers)
ERRORS_TEST(game)
ERRORS_TEST(groups)

/* Names that the file does not have are not made up. */
START_TEST(set_errors) {
  const ho_override set = {"groups.wakers.clients", "5"};
  const ho_override whole = {"groups.wakers", "5"};
  char *errors;
  const char *text = BASE "groups: {walkers: {clients: 2}}\n";

  ck_assert_ptr_null(load(text, &set, 1, 0, &errors));
  ck_assert_str_eq(errors, "--set groups.wakers.clients: no 'wakers' in groups "
                           "(did you mean 'walkers'?)\n");
  free(errors);
  ck_assert_ptr_null(load(text, &whole, 1, 0, &errors));
  ck_assert_str_eq(errors, "--set groups.wakers: no 'wakers' in groups "
                           "(did you mean 'walkers'?)\n");
  free(errors);
  ck_assert_ptr_null(load(BASE, &set, 1, 0, &errors));
  ck_assert_str_eq(errors, "--set groups.wakers.clients: no 'groups' in the "
                           "scenario\n");
  free(errors);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, observers_errors, 0, COUNT(bad_observers));
  tcase_add_loop_test(tc, game_errors, 0, COUNT(bad_game));
  tcase_add_loop_test(tc, groups_errors, 0, COUNT(bad_groups));
  tcase_add_test(tc, set_errors);
}

int main(void) {
  return suite_run("group errors", add);
}
