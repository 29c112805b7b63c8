/* Tests of what is said of bad packet rules, attacks and faults. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/errors.h"
#include "tests/suite.h"

#define NO_WHAT                                                                \
  "is neither 'datagram', nor a frame such as PATH_CHALLENGE, nor a packet "   \
  "such as Initial"
#define NO_ORDINAL                                                             \
  "is no ordinal (expected such as 1st, 2nd..4th, 3..5 or every)\n"

static const bad_case bad_rules[] = {
    {BASE "timeline:\n"
          "  - 3s: drop\n"
          "  - 3s: drop client\n"
          "  - 3s: drop client PATH_RESPONSE\n"
          "  - 3s: delay client 1st PATH_RESPONSE\n"
          "  - 3s: delay client 1st PATH_RESPONSE by\n"
          "  - 3s: duplicate client 1st PING on home cell\n"
          "  - 3s: corrupt a b c d e f g h i j k\n",
     "x:8:9: 'drop' is not 'drop client|server WHICH WHAT [on NET]'\n"
     "x:9:9: 'drop client' is not 'drop client|server WHICH WHAT [on NET]'\n"
     "x:10:9: 'drop client PATH_RESPONSE' is not 'drop client|server WHICH "
     "WHAT "
     "[on NET]'\n"
     "x:11:9: 'delay client 1st PATH_RESPONSE' is not 'delay client|server "
     "WHICH WHAT by TIME [on NET]'\n"
     "x:12:9: 'delay client 1st PATH_RESPONSE by' is not 'delay client|server "
     "WHICH WHAT by TIME [on NET]'\n"
     "x:13:9: 'duplicate client 1st PING on home cell' is not 'duplicate "
     "client|server WHICH WHAT [on NET]'\n"
     "x:14:9: 'corrupt a b c d e f g h i j k' is not 'corrupt client|server "
     "WHICH WHAT [on NET]'\n"},
    {BASE "timeline:\n"
          "  - 3s: drop cleint 1st PATH_RESPONSE\n"
          "  - 3s: corrupt both 1st PATH_RESPONSE\n",
     "x:8:14: 'cleint' is no value of 'drop' (expected client or server)\n"
     "x:9:17: 'both' is no value of 'corrupt' (expected client or server)\n"},
    {BASE "timeline:\n"
          "  - 3s: drop client 1st PATH_RESPONCE\n"
          "  - 3s: drop client 1st path_response\n"
          "  - 3s: drop client every initial\n"
          "  - 3s: drop client 1st datagrm\n"
          "  - 3s: drop client 1st unknown\n"
          "  - 3s: drop client PATH_RESPONCE 3..5\n",
     "x:8:25: 'PATH_RESPONCE' " NO_WHAT " (did you mean 'PATH_RESPONSE'?)\n"
     "x:9:25: 'path_response' " NO_WHAT " (did you mean 'PATH_RESPONSE'?)\n"
     "x:10:27: 'initial' " NO_WHAT " (did you mean 'Initial'?)\n"
     "x:11:25: 'datagrm' " NO_WHAT " (did you mean 'datagram'?)\n"
     "x:12:25: 'unknown' " NO_WHAT "\n"
     "x:13:21: 'PATH_RESPONCE' " NO_WHAT " (did you mean 'PATH_RESPONSE'?)\n"},
    {BASE "timeline:\n"
          "  - 3s: drop client 0 PING\n"
          "  - 3s: drop client 0th PING\n"
          "  - 3s: drop client 1th PING\n"
          "  - 3s: drop client 11st PING\n"
          "  - 3s: drop client 112nd PING\n"
          "  - 3s: drop client 1st.. PING\n"
          "  - 3s: drop client 1st..0 PING\n"
          "  - 3s: drop client 1st-3rd PING\n"
          "  - 3s: drop client 1234567890 PING\n"
          "  - 3s: drop client first PING\n"
          "  - 3s: drop client datagrams all\n",
     "x:8:21: '0' " NO_ORDINAL "x:9:21: '0th' " NO_ORDINAL
     "x:10:21: '1th' " NO_ORDINAL "x:11:21: '11st' " NO_ORDINAL
     "x:12:21: '112nd' " NO_ORDINAL "x:13:21: '1st..' " NO_ORDINAL
     "x:14:21: '1st..0' " NO_ORDINAL "x:15:21: '1st-3rd' " NO_ORDINAL
     "x:16:21: '1234567890' " NO_ORDINAL "x:17:21: 'first' " NO_ORDINAL
     "x:18:31: 'all' " NO_ORDINAL},
    {BASE "timeline:\n"
          "  - 3s: drop client 5th..3rd PING\n"
          "  - 3s: drop server datagrams 5..3\n",
     "x:8:21: range '5th..3rd' runs backward\n"
     "x:9:31: range '5..3' runs backward\n"},
    {BASE "timeline:\n"
          "  - 3s: delay client 1st PING for 200ms\n"
          "  - 3s: delay client 1st PING by 0ms\n"
          "  - 3s: delay client 1st PING by 200\n"
          "  - 3s: delay client 1st PING by 2s..1s\n"
          "  - 3s: delay client 1st PING by 2s at home\n"
          "  - 3s: delay client 1st PING by 2s on\n"
          "  - 3s: delay client 1st PING on home\n",
     "x:8:31: 'for' is not 'by TIME'\n"
     "x:9:34: '0ms' is out of range for 'delay' (expected more than 0ns)\n"
     "x:10:34: '200' has no unit (expected a duration such as 20ms)\n"
     "x:11:34: range '2s..1s' runs backward\n"
     "x:12:37: 'at' is not 'on NET'\n"
     "x:13:37: 'on' is not 'on NET'\n"
     "x:14:31: 'on' is not 'by TIME'\n"},
    {BASE "timeline:\n"
          "  - 3s: drop client 1st PING on hme\n"
          "  - 3s: drop client 1st PING on\n"
          "  - 3s: drop client 1st PING by 200ms\n",
     "x:8:33: undefined network 'hme' (did you mean 'home'?)\n"
     "x:9:30: 'on' is not 'on NET'\n"
     "x:10:30: 'by' is not 'on NET'\n"},
    /* All that is wrong with one is said at once. */
    {BASE "timeline:\n"
          "  - 3s: delay x 0 PIN by 1 on z\n",
     "x:8:15: 'x' is no value of 'delay' (expected client or server)\n"
     "x:8:17: '0' " NO_ORDINAL "x:8:19: 'PIN' " NO_WHAT
     " (did you mean 'PING'?)\n"
     "x:8:26: '1' has no unit (expected a duration such as 20ms)\n"
     "x:8:31: undefined network 'z'\n"},
    {BASE "timeline:\n"
          "  - 3s: drop $a $b $c on $d\n",
     "x:8:14: '$a' is not defined under 'vars'\n"
     "x:8:17: '$b' is not defined under 'vars'\n"
     "x:8:26: '$d' is not defined under 'vars'\n"},
    {BASE "timeline:\n"
          "  - 3s: drp client 1st PING\n",
     "x:8:9: unknown action 'drp' (did you mean 'drop'?)\n"},
};

static const bad_case bad_attacks[] = {
    {BASE "timeline:\n"
          "  - 3s: attack\n"
          "  - 3s: attack storm\n"
          "  - 3s: attack storm home for\n"
          "  - 3s: attack storm home 5 6\n"
          "  - 3s: attack storm home 5 6 7\n"
          "  - 3s: attack storm home during 5s\n"
          "  - 3s: attack storm home for 5s now\n",
     "x:8:9: 'attack' is not 'attack KIND NET [COUNT|for DURATION]'\n"
     "x:9:9: 'attack storm' is not 'attack KIND NET [COUNT|for DURATION]'\n"
     "x:10:9: 'attack storm home for' is not 'attack KIND NET [COUNT|for "
     "DURATION]'\n"
     "x:11:9: 'attack storm home 5 6' is not 'attack KIND NET [COUNT|for "
     "DURATION]'\n"
     "x:12:9: 'attack storm home 5 6 7' is not 'attack KIND NET [COUNT|for "
     "DURATION]'\n"
     "x:13:9: 'attack storm home during 5s' is not 'attack KIND NET [COUNT|for "
     "DURATION]'\n"
     "x:14:9: 'attack storm home for 5s now' is not 'attack KIND NET "
     "[COUNT|for "
     "DURATION]'\n"},
    {BASE "timeline:\n"
          "  - 3s: attack spoff hme\n"
          "  - 3s: attack siege home\n",
     "x:8:16: no attack 'spoff' (did you mean 'spoof'?) (see 'handoff list "
     "attacks')\n"
     "x:8:22: undefined network 'hme' (did you mean 'home'?)\n"
     "x:9:16: no attack 'siege' (see 'handoff list attacks')\n"},
    {BASE "timeline:\n"
          "  - 3s: attack storm home 0\n"
          "  - 3s: attack storm home 1000001\n"
          "  - 3s: attack storm home 5s\n"
          "  - 3s: attack storm home for 0s\n"
          "  - 3s: attack storm home for 5\n"
          "  - 3s: attack storm home for $t\n",
     "x:8:27: '0' is out of range for 'attack' (expected 1 to 1000000 "
     "packets)\n"
     "x:9:27: '1000001' is out of range for 'attack' (expected 1 to 1000000 "
     "packets)\n"
     "x:10:27: '5s' is not a whole number\n"
     "x:11:31: '0s' is out of range for 'attack' (expected more than 0ns)\n"
     "x:12:31: '5' has no unit (expected a duration such as 20ms)\n"
     "x:13:31: '$t' is not defined under 'vars'\n"},
};

static const bad_case bad_faults[] = {
    {BASE "timeline:\n"
          "  - 3s: fault\n"
          "  - 3s: fault client\n"
          "  - 3s: fault client repeat-challenge twice\n",
     "x:8:9: 'fault' is not 'fault client|server NAME'\n"
     "x:9:9: 'fault client' is not 'fault client|server NAME'\n"
     "x:10:9: 'fault client repeat-challenge twice' is not 'fault "
     "client|server NAME'\n"},
    {BASE "timeline:\n"
          "  - 3s: fault nat repeat-chalenge\n"
          "  - 3s: fault client xxxxxxxxxxxxx\n",
     "x:8:15: 'nat' is no value of 'fault' (expected client or server)\n"
     "x:8:19: no fault 'repeat-chalenge' (did you mean 'repeat-challenge'?) "
     "(see 'handoff list faults')\n"
     "x:9:22: no fault 'xxxxxxxxxxxxx' (see 'handoff list faults')\n"},
};

ERRORS_TEST(rules)
ERRORS_TEST(attacks)
ERRORS_TEST(faults)

static void add(TCase *tc) {
  tcase_add_loop_test(tc, rules_errors, 0, COUNT(bad_rules));
  tcase_add_loop_test(tc, attacks_errors, 0, COUNT(bad_attacks));
  tcase_add_loop_test(tc, faults_errors, 0, COUNT(bad_faults));
}

int main(void) {
  return suite_run("rule_errors", add);
}
