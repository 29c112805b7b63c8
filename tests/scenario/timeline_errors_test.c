/* Tests of what is said of a bad timeline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/errors.h"
#include "tests/suite.h"

static const bad_case bad_timeline[] = {
    {BASE "timeline: {3s: pause}\n",
     "x:7:11: 'timeline' must be a list of TIME: ACTION, such as '- 3s: "
     "disconnect home'\n"},
    {BASE "timeline:\n"
          "  - disconnect home\n",
     "x:8:5: an entry is TIME: ACTION, such as '3s: disconnect home'\n"},
    {BASE "timeline:\n"
          "  - {3s: pause, 4s: resume}\n",
     "x:8:5: an entry is TIME: ACTION, such as '3s: disconnect home'\n"},
    {BASE "timeline:\n"
          "  - 3s: [pause]\n",
     "x:8:9: an entry is TIME: ACTION, such as '3s: disconnect home'\n"},
    {BASE "timeline:\n"
          "  - '': pause\n",
     "x:8:5: no time (expected one such as 3s)\n"},
    {BASE "timeline:\n"
          "  - 3s:\n",
     "x:8:8: no action (expected one such as 'disconnect home')\n"},
    {BASE "timeline:\n"
          "  - 3: pause\n",
     "x:8:5: '3' has no unit (expected a duration such as 20ms)\n"},
    {BASE "timeline:\n"
          "  - 3 s: pause\n",
     "x:8:5: '3 s' has a space before its unit (expected a duration such as "
     "20ms)\n"},
    {BASE "timeline:\n"
          "  - 4s..3s: pause\n",
     "x:8:5: range '4s..3s' runs backward\n"},
    {BASE "timeline:\n"
          "  - $t: pause\n",
     "x:8:5: '$t' is not defined under 'vars'\n"},
    {BASE "timeline:\n"
          "  - -1s: pause\n",
     "x:8:5: '-1s' is negative (expected a duration such as 20ms)\n"},
    {BASE "timeline:\n"
          "  - 4s: pause\n"
          "  - 3s: resume\n",
     "x:9:5: '3s' can precede the entry before, which is at 4s\n"},
    {BASE "timeline:\n"
          "  - 3s..5s: pause\n"
          "  - 4s: resume\n",
     "x:9:5: '4s' can precede the entry before, which is at up to 5s\n"},
    {BASE "timeline:\n"
          "  - 3s..5s: pause\n"
          "  - 3s..5s: resume\n",
     "x:9:5: '3s..5s' can precede the entry before, which is at up to 5s\n"},
    {BASE "timeline:\n"
          "  - 3s..5s: pause\n"
          "  - +1s: resume\n"
          "  - 5s: rotate\n",
     "x:10:5: '5s' can precede the entry before, which is at up to 6s\n"},
    {BASE "timeline:\n"
          "  - 60001ms: pause\n",
     "x:8:5: '60001ms' is after 'stop' at 60s\n"},
    {BASE "timeline:\n"
          "  - 59s..61s: pause\n",
     "x:8:5: '59s..61s' can be after 'stop' at 60s\n"},
    {BASE "timeline:\n"
          "  - 59s: pause\n"
          "  - +2s: resume\n",
     "x:9:5: '+2s' is after 'stop' at 60s\n"},
    {BASE "timeline:\n"
          "  - 1s every 0s until 5s: rotate\n",
     "x:8:5: '1s every 0s until 5s' repeats without end (every 0s)\n"},
    {BASE "timeline:\n"
          "  - 1s every 1ns until 5s: rotate\n",
     "x:8:5: '1s every 1ns until 5s' can repeat more than 100000 times\n"},
    {BASE "timeline:\n"
          "  - 5s every 1s until 4s: rotate\n",
     "x:8:5: '5s every 1s until 4s' can end before it begins\n"},
    {BASE "timeline:\n"
          "  - 5s until 7s: rotate\n",
     "x:8:5: '5s until 7s' lacks 'every' (expected such as '1s every 5s until "
     "20s')\n"},
    {BASE "timeline:\n"
          "  - 5s every 1s until 70s: rotate\n",
     "x:8:5: '5s every 1s until 70s' is after 'stop' at 60s\n"},
    {BASE "timeline:\n"
          "  - 5s every: rotate\n",
     "x:8:13: no value (expected a duration such as 20ms)\n"},
    {BASE "timeline:\n"
          "  - 0s every 1ms until 60s: rotate\n"
          "  - 0s every 1ms until 60s: rekey\n",
     "x:9:5: more than 100000 actions\n"},
    {BASE "timeline:\n"
          "  - 3s: disconnect hme\n",
     "x:8:20: undefined network 'hme' (did you mean 'home'?)\n"},
    {BASE "timeline:\n"
          "  - 3s: disconnect\n",
     "x:8:9: 'disconnect' is not 'disconnect NET'\n"},
    {BASE "timeline:\n"
          "  - 3s: pause home\n",
     "x:8:9: 'pause home' is not 'pause'\n"},
    {BASE "timeline:\n"
          "  - 3s: disconect home\n",
     "x:8:9: unknown action 'disconect' (did you mean 'disconnect'?)\n"},
    {BASE "timeline:\n"
          "  - 3s: rebind cell port\n",
     "x:8:16: network 'cell' has no NAT to rebind (give it 'nat: home-router' "
     "or another)\n"},
    {BASE "timeline:\n"
          "  - 3s: flush cell\n",
     "x:8:15: network 'cell' has no NAT to flush (give it 'nat: home-router' "
     "or another)\n"},
    {BASE "timeline:\n"
          "  - 3s: rebind home prt\n",
     "x:8:21: 'prt' is no value of 'rebind' (expected port, address or "
     "both)\n"},
    {BASE "timeline:\n"
          "  - 3s: set home dely 3ms\n",
     "x:8:18: 'dely' cannot be set (expected down, up, delay, jitter, loss, "
     "reorder or queue)\n"},
    {BASE "timeline:\n"
          "  - 3s: set home delay 3\n",
     "x:8:24: '3' has no unit (expected a duration such as 20ms)\n"},
    {BASE "timeline:\n"
          "  - 3s: set home down 0Mbps\n",
     "x:8:23: '0Mbps' is out of range for 'down' (expected more than 0bps)\n"},
    {BASE "timeline:\n"
          "  - 3s: set home family ipv6\n",
     "x:8:18: 'family' cannot be set (expected down, up, delay, jitter, loss, "
     "reorder or queue)\n"},
    {BASE "timeline:\n"
          "  - 3s: set home delay\n",
     "x:8:9: 'set home delay' is not 'set NET KEY VALUE'\n"},
    {BASE "timeline:\n"
          "  - 3s: move 1,2 at 3m/s\n"
          "  - 3s: handover home 2\n"
          "  - 3s: block home udp\n"
          "  - 3s: throttle home udp 1Mbps\n"
          "  - 3s: unblock home\n"
          "  - 3s: drop client 1st PATH_RESPONSE\n"
          "  - 3s: delay x\n"
          "  - 3s: duplicate x\n"
          "  - 3s: corrupt x\n"
          "  - 3s: restart server\n"
          "  - 3s: attack x\n",
     "x:8:9: action 'move' is not yet supported\n"
     "x:9:9: action 'handover' is not yet supported\n"
     "x:10:9: action 'block' is not yet supported\n"
     "x:11:9: action 'throttle' is not yet supported\n"
     "x:12:9: action 'unblock' is not yet supported\n"
     "x:13:9: action 'drop' is not yet supported\n"
     "x:14:9: action 'delay' is not yet supported\n"
     "x:15:9: action 'duplicate' is not yet supported\n"
     "x:16:9: action 'corrupt' is not yet supported\n"
     "x:17:9: action 'restart' is not yet supported\n"
     "x:18:9: action 'attack' is not yet supported\n"},
};

ERRORS_TEST(timeline)

static void add(TCase *tc) {
  tcase_add_loop_test(tc, timeline_errors, 0, COUNT(bad_timeline));
}

int main(void) {
  return suite_run("timeline_errors", add);
}
