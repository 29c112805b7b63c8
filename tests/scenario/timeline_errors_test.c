/* Tests of what is said of a bad timeline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/errors.h"
#include "tests/suite.h"

#define RADIOS                                                                 \
  NAME "networks:\n"                                                           \
       "  home: {type: wifi}\n"                                                \
       "  cell: {type: lte, cells: 3}\n"                                       \
       "  one: {type: lte}\n"                                                  \
       "  line: {type: wired, down: 1Mbps, up: 1Mbps}\n" WORK

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
     "x:8:5: '1s every 1ns until 5s' can repeat more than 1000000 times\n"},
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
          "  - 0s every 0.1ms until 60s: rotate\n"
          "  - 0s every 0.1ms until 60s: rekey\n",
     "x:9:5: more than 1000000 actions\n"},
    /* What each client has of its own counts for each, whatever is drawn. */
    {BASE "clients: 1..1000\n"
          "timeline:\n"
          "  - 0s..1ms every 60ms: rotate\n",
     "x:9:5: more than 1000000 actions\n"},
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
          "  - 3s: move 1m,2m at 3m/s\n",
     "x:8:9: no network here is a radio (of type wifi or lte), so nothing "
     "comes "
     "of a move\n"},
    {RADIOS "timeline:\n"
            "  - 3s: move 1,2m at 3\n"
            "  - 3s: move 1m at 3m/s\n"
            "  - 3s: move 1m,2m by 3m/s\n"
            "  - 3s: move 1m,2m at 0m/s\n"
            "  - 3s: move 101km,2m at 1001m/s\n"
            "  - 3s: move 1m, 2m at 3m/s\n"
            "  - 3s: move 1m,2m at 3km\n",
     "x:10:14: '1' has no unit (expected a length such as 5m)\n"
     "x:10:22: '3' has no unit (expected a speed such as 1.4m/s)\n"
     "x:11:14: '1m' is not a position (expected one such as 60m,0m; within {} "
     "or [] in quotes)\n"
     "x:12:9: 'move 1m,2m by 3m/s' is not 'move X,Y at SPEED'\n"
     "x:13:23: '0m/s' is out of range for 'speed' (expected more than 0m/s, at "
     "most 1000m/s)\n"
     "x:14:14: '101km' is out of range (expected -100km to 100km)\n"
     "x:14:26: '1001m/s' is out of range for 'speed' (expected more than 0m/s, "
     "at most 1000m/s)\n"
     "x:15:9: 'move 1m, 2m at 3m/s' is not 'move X,Y at SPEED'\n"
     "x:16:23: '3km' is a length (expected a speed such as 1.4m/s)\n"},
    {RADIOS "timeline:\n"
            "  - 3s: handover home 2\n"
            "  - 3s: handover cell 0\n"
            "  - 3s: handover cell 4\n"
            "  - 3s: handover cel 1\n"
            "  - 3s: handover cell\n"
            "  - 3s: handover one 1\n",
     "x:10:18: network 'home' has no cells to hand over between (it needs "
     "'type: lte' and 'cells: 2' or more)\n"
     "x:11:23: '0' is no cell of network 'cell' (expected 1, 2 or 3)\n"
     "x:12:23: '4' is no cell of network 'cell' (expected 1, 2 or 3)\n"
     "x:13:18: undefined network 'cel' (did you mean 'cell'?)\n"
     "x:14:9: 'handover cell' is not 'handover NET CELL'\n"
     "x:15:18: network 'one' has no cells to hand over between (it needs "
     "'type: "
     "lte' and 'cells: 2' or more)\n"},
    {BASE "timeline:\n"
          "  - 3s: block home\n"
          "  - 3s: block home icmp\n"
          "  - 3s: throttle home udp\n"
          "  - 3s: throttle home 1Mbps udp\n"
          "  - 3s: throttle home udp 0Mbps\n"
          "  - 3s: throttle home udp 5MB\n"
          "  - 3s: unblock\n"
          "  - 3s: unblock home sctp\n"
          "  - 3s: unblock home udp 1Mbps\n"
          "  - 3s: restart\n"
          "  - 3s: restart client\n",
     "x:8:9: 'block home' is not 'block NET udp|tcp|all'\n"
     "x:9:20: 'icmp' is no value of 'block' (expected udp, tcp or all)\n"
     "x:10:9: 'throttle home udp' is not 'throttle NET udp|tcp|all RATE'\n"
     "x:11:23: '1Mbps' is no value of 'throttle' (expected udp, tcp or all)\n"
     "x:12:27: '0Mbps' is out of range for 'throttle' (expected more than "
     "0bps)\n"
     "x:13:27: '5MB' is a size (expected a rate such as 10Mbps)\n"
     "x:14:9: 'unblock' is not 'unblock NET [udp|tcp|all]'\n"
     "x:15:22: 'sctp' is no value of 'unblock' (expected udp, tcp or all)\n"
     "x:16:9: 'unblock home udp 1Mbps' is not 'unblock NET [udp|tcp|all]'\n"
     "x:17:9: 'restart' is not 'restart server'\n"
     "x:18:9: 'restart client' is not 'restart server'\n"},
    /* Said once, not once for every client. */
    {BASE "clients: 50\n"
          "timeline:\n"
          "  - 3s..4s: disconnect hme\n"
          "  - 5s..4s: pause\n",
     "x:9:24: undefined network 'hme' (did you mean 'home'?)\n"
     "x:10:5: range '5s..4s' runs backward\n"},
    /* What is wrong with a network says nothing about its cells. */
    {NAME "networks: {a: {type: lte, cells: 8}}\n" WORK
          "timeline: [3s: handover a 8]\n",
     "x:3:34: '8' is out of range for 'cells' (expected 1 to 7)\n"},
};

ERRORS_TEST(timeline)

static void add(TCase *tc) {
  tcase_add_loop_test(tc, timeline_errors, 0, COUNT(bad_timeline));
}

int main(void) {
  return suite_run("timeline_errors", add);
}
