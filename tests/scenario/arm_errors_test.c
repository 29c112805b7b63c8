/* Tests of what is said of bad workloads, arms and expectations. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/errors.h"
#include "tests/suite.h"

static const bad_case bad_workload[] = {
    {NAME NETS "workload: download\n", "x:6:11: 'workload' must be a map such "
                                       "as {type: download, bytes: 10MB}\n"},
    {NAME NETS "workload: {bytes: 1MB}\n",
     "x:6:11: 'workload' lacks 'type' (such as download)\n"},
    {NAME NETS "workload: {type: [a]}\n",
     "x:6:18: 'type' must be a single value\n"},
    {NAME NETS "workload: {type: stream, frame: 0ms, deadline: 0s, up: "
               "0Mbps}\n",
     "x:6:33: '0ms' is out of range for 'frame' (expected 1ms to 10s)\n"
     "x:6:48: '0s' is out of range for 'deadline' (expected more than 0ns)\n"
     "x:6:56: '0Mbps' is out of range for 'up' (expected more than 0bps)\n"},
    {NAME NETS "workload: {type: stream, up: 1000bps, down: 64kbps, frame: "
               "20ms}\n",
     "x:6:30: 'up' of 1000bps brings 2.500 bytes in a frame (expected a whole "
     "number)\n"},
    {NAME NETS "workload: {type: stream, frame: 33ms, deadline: 1s, down: "
               "100bps}\n",
     "x:6:59: 'down' of 100bps brings 0.412 bytes in a frame (expected a whole "
     "number)\n"},
    /* Where nothing is said of the rate, the frame is what does not fit. */
    {NAME NETS "workload: {type: stream, frame: 3333us}\n",
     "x:6:33: 'up' of 1000000bps brings 416.625 bytes in a frame (expected a "
     "whole number)\n"
     "x:6:33: 'down' of 1000000bps brings 416.625 bytes in a frame (expected a "
     "whole number)\n"},
    {NAME NETS "workload: {type: stream, up: 1Mbps..2Mbps}\n",
     "x:6:30: 'up' cannot be a range: a frame has whole bytes\n"},
    {NAME NETS "workload: {type: stream, bytes: 1B}\n",
     "x:6:26: 'bytes' is not a key of workload stream: it belongs to download, "
     "upload and echo\n"},
    {NAME NETS "workload: {type: downlaod}\n",
     "x:6:18: 'downlaod' is no value of 'type' (expected download, upload, "
     "request, echo, idle or stream)\n"},
    {NAME NETS "workload: {type: download, bytes: 0B, objects: 0}\n",
     "x:6:35: '0B' is out of range for 'bytes' (expected more than 0B)\n"
     "x:6:48: '0' is out of range for 'objects' (expected 1 to 1000)\n"},
    {NAME NETS "workload: {type: upload, bytes: 1, objects: 1001}\n",
     "x:6:33: '1' has no unit (expected a size such as 64KB)\n"
     "x:6:45: '1001' is out of range for 'objects' (expected 1 to 1000)\n"},
    {NAME NETS "workload: {type: download, bytes: 1MB, count: 3}\n",
     "x:6:40: 'count' is not a key of workload download: it belongs to "
     "request\n"},
    {NAME NETS "workload: {type: download}\n",
     "x:6:11: workload download lacks 'bytes' (of each object, such as "
     "10MB)\n"},
    {NAME NETS "workload: {type: request}\n",
     "x:6:11: workload request lacks 'every' (between requests, such as "
     "400ms)\n"
     "x:6:11: workload request lacks 'request' (its size, such as 750B)\n"
     "x:6:11: workload request lacks 'response' (its size, such as 750B)\n"},
    {NAME NETS "workload: {type: request, every: 0s, request: 0B, response: "
               "1B, count: 0}\n",
     "x:6:34: '0s' is out of range for 'every' (expected more than 0ns)\n"
     "x:6:47: '0B' is out of range for 'request' (expected more than 0B)\n"
     "x:6:72: '0' is out of range for 'count' (expected 1 or more)\n"},
    {NAME NETS "workload: {type: echo, every: 1s, bytes: 1B, objects: 2}\n",
     "x:6:46: 'objects' is not a key of workload echo: it belongs to download "
     "and upload\n"},
    {NAME NETS "workload: {type: idle, bytes: 1B}\n",
     "x:6:24: 'bytes' is not a key of workload idle: it belongs to download, "
     "upload and echo\n"},
};

static const bad_case bad_arms[] = {
    {BASE "arms: \n", "x:7:6: 'arms' must be a list such as [quic, tcp-notify] "
                      "or a map NAME: {transport: ...}\n"},
    {BASE "arms: []\n", "x:7:7: 'arms' must name 1 to 1000 arms\n"},
    {BASE "arms: quic\n", "x:7:7: 'arms' must be a list such as [quic, "
                          "tcp-notify] or a map NAME: {transport: ...}\n"},
    {BASE "arms: [quic, quic]\n",
     "x:7:14: arm 'quic' is defined twice (first in line 7)\n"},
    {BASE "arms: [qiuc]\n",
     "x:7:8: no arm preset 'qiuc' (did you mean 'quic'?)\n"},
    {BASE "arms: [[quic]]\n",
     "x:7:8: an arm is a preset's name or NAME: {transport: ...}\n"},
    {BASE "arms: [run: {transport: quic}, a.b: {transport: tcp}]\n",
     "x:7:8: 'run' cannot name an arm (expected a letter, then letters, "
     "digits, - and _, at most 64, and not 'run')\n"
     "x:7:32: 'a.b' cannot name an arm (expected a letter, then letters, "
     "digits, - and _, at most 64, and not 'run')\n"},
    {BASE "arms: {a: {on_change: migrate}}\n",
     "x:7:8: arm 'a' lacks 'transport' (quic, tcp or auto)\n"},
    {BASE "arms: {a: {transport: auto, detect: 5s, initial_window: 20}, b: "
          "{transport: auto, detect: rst}}\n",
     "x:7:37: 'transport: auto' needs 'detect: notify' ('patience' is how it "
     "learns of silence)\n"
     "x:7:57: 'initial_window: 20' is not supported with 'transport: auto' "
     "(ngtcp2 always starts with 10)\n"
     "x:7:91: 'transport: auto' needs 'detect: notify' ('patience' is how it "
     "learns of silence)\n"},
    {BASE "arms: {a: {transport: quic, head_start: 1s, patience: 2s}, b: "
          "{transport: tcp, quic_again: 1min}}\n",
     "x:7:41: 'head_start' needs 'transport: auto'\n"
     "x:7:55: 'patience' needs 'transport: auto'\n"
     "x:7:92: 'quic_again' needs 'transport: auto'\n"},
    {BASE "arms: {h3-h2: {patience: 0s, head_strat: 1s}}\n",
     "x:7:26: '0s' is out of range for 'patience' (expected more than 0ns)\n"
     "x:7:30: unknown key 'head_strat' in arm 'h3-h2' (did you mean "
     "'head_start'?)\n"},
    {BASE "arms: {a: {transport: udp}}\n",
     "x:7:23: 'udp' is no value of 'transport' (expected quic, tcp or auto)\n"},
    {BASE "arms: {a: quic}\n",
     "x:7:11: arm 'a' must be a map such as {transport: quic}\n"},
    {BASE "arms: {a: {transport: tcp, on_change: migrate, tls: 0rtt, "
          "cid_length: 4, pmtud: on}}\n",
     "x:7:39: TCP cannot 'migrate' (expected reconnect or none)\n"
     "x:7:71: 'cid_length' needs 'transport: quic'\n"
     "x:7:81: 'pmtud' needs 'transport: quic'\n"},
    {BASE "arms: {a: {transport: quic, detect: rst, cc: cubik, initial_window: "
          "0, ping: 0s, idle_timout: 3s}}\n",
     "x:7:37: 'detect: rst' needs 'transport: tcp'\n"
     "x:7:46: 'cubik' is no value of 'cc' (expected cubic, reno or bbr)\n"
     "x:7:69: '0' is out of range for 'initial_window' (expected 1 to 1000 "
     "packets)\n"
     "x:7:78: '0s' is out of range for 'ping' (expected more than 0ns)\n"
     "x:7:82: unknown key 'idle_timout' in arm 'a' (did you mean "
     "'idle_timeout'?)\n"},
    {BASE "arms: {a: {transport: tcp, detect: 5}, b: {transport: tcp, detect: "
          "silence}, c: {transport: tcp, detect: 0s}}\n",
     "x:7:36: '5' has no unit (expected a duration such as 20ms)\n"
     "x:7:68: 'silence' is no value of 'detect' (expected notify, rst, hang or "
     "a duration such as 5s)\n"
     "x:7:106: '0s' is out of range for 'detect' (expected 10ms or more)\n"},
    {BASE "arms: {a: {transport: tcp, keepalive: 20s, idle_timeout: 9s}}\n",
     "x:7:39: 'keepalive' needs 'transport: quic'\n"
     "x:7:58: 'idle_timeout' needs 'transport: quic'\n"},
    {BASE "arms: {a: {transport: quic, initial_window: 32}}\n",
     "x:7:45: 'initial_window: 32' is not supported with 'transport: quic' "
     "(ngtcp2 always starts with 10)\n"},
    {BASE "arms: {a: {transport: quic, cid_length: 21, keepalive: soon}}\n",
     "x:7:41: '21' is out of range for 'cid_length' (expected 0 to 20)\n"
     "x:7:56: 'soon' is no value of 'keepalive' (expected a duration such as "
     "20ms, or never)\n"},
    {BASE "arms: {a: {transport: quic, active_connection_id_limit: 1, "
          "preferred_address: ipv4}}\n",
     "x:7:57: '1' is out of range for 'active_connection_id_limit' (expected 2 "
     "to 8)\n"
     "x:7:79: 'ipv4' is no value of 'preferred_address' (expected true or "
     "false)\n"},
    {BASE "arms: {tcp-notify: {active_connection_id_limit: 2, "
          "preferred_address: false, policy: {wait: 1s}}}\n",
     "x:7:49: 'active_connection_id_limit' needs 'transport: quic'\n"
     "x:7:71: 'preferred_address' needs 'transport: quic'\n"
     "x:7:86: 'policy' needs 'transport: quic'\n"},
    {BASE "arms: {quic-passive: {policy: {wait: 1s}}, quic-0rtt: {policy: "
          "{wait: 1s}}}\n",
     "x:7:31: 'policy' needs 'on_change: migrate' or 'on_change: probe'\n"
     "x:7:64: 'policy' needs 'on_change: migrate' or 'on_change: probe'\n"},
    {BASE
     "arms: {quic: {policy: {causes: [disconected, default, default, "
     "[a]], wait: soon, away: 0s, attempts: many, degrading_after: 0ms}}}\n",
     "x:7:33: 'disconected' is no value of 'causes' (expected disconnected, "
     "write-error, default or degrading)\n"
     "x:7:55: cause 'default' is named twice\n"
     "x:7:64: a cause must be a single word\n"
     "x:7:76: 'soon' is no value of 'wait' (expected a duration such as 20ms, "
     "or never)\n"
     "x:7:88: '0s' is out of range for 'away' (expected more than 0ns)\n"
     "x:7:102: 'many' is not a whole number (expected a whole number)\n"
     "x:7:125: '0ms' is out of range for 'degrading_after' (expected 1ms or "
     "more)\n"},
    {BASE "arms: {quic: {policy: {degrading_after: 1s, port_migration: "
          "true}}}\n",
     "x:7:41: 'degrading_after' needs 'degrading' among the causes\n"
     "x:7:61: 'port_migration' needs 'degrading' among the causes\n"},
    {BASE "arms: {quic: {policy: {causes: []}}, a: {transport: quic, policy: "
          "{causes: {a: b}}}}\n",
     "x:7:32: 'causes' must be a list such as [disconnected, default]\n"
     "x:7:76: 'causes' must be a list such as [disconnected, default]\n"},
    {BASE "arms: {quic: {policy: fast}, a: {transport: quic, policy: {cause: "
          "x}}}\n",
     "x:7:23: 'policy' must be a map such as {causes: [disconnected, "
     "default]}\n"
     "x:7:60: unknown key 'cause' in 'policy' (did you mean 'causes'?)\n"},
    {BASE "arms: {quic: {policy: {causes: 'default,'}}, a: {transport: quic, "
          "policy: {causes: $c}}}\n",
     "x:7:41: '' is no value of 'causes' (expected disconnected, write-error, "
     "default or degrading)\n"
     "x:7:84: '$c' is not defined under 'vars'\n"},
    {BASE "arms: {a: {transport: tcp}, a: {transport: quic}}\n",
     "x:7:29: arm 'a' is defined twice (first in line 7)\n"},
};

static const bad_case bad_expect[] = {
    {BASE "expect: {quic: outcome == migrated}\n",
     "x:7:9: 'expect' must be a list, such as '- quic: outcome == migrated'\n"},
    {BASE "expect:\n"
          "  - [a]\n",
     "x:8:5: expected 'ARM: METRIC OP VALUE' or 'ARM.METRIC OP ARM.METRIC'\n"},
    {BASE "expect:\n"
          "  - quic: [a]\n",
     "x:8:5: expected 'ARM: METRIC OP VALUE' or 'ARM.METRIC OP ARM.METRIC'\n"},
    {BASE "expect:\n"
          "  - quic: interruption\n",
     "x:8:11: 'interruption' has no ==, !=, <, <=, > or >= (expected 'ARM: "
     "METRIC OP VALUE' or 'ARM.METRIC OP ARM.METRIC')\n"},
    {BASE "expect:\n"
          "  - quic: outcome = migrated\n",
     "x:8:11: 'outcome = migrated' has no ==, !=, <, <=, > or >= (expected "
     "'ARM: METRIC OP VALUE' or 'ARM.METRIC OP ARM.METRIC')\n"},
    {BASE "expect:\n"
          "  - quicc: outcome == migrated\n",
     "x:8:5: no arm 'quicc' in this scenario (did you mean 'quic'?)\n"},
    {BASE "expect:\n"
          "  - quic: outcome < migrated\n",
     "x:8:21: 'migrated' can only be compared by == or !=\n"},
    {BASE "expect:\n"
          "  - quic: p96(interruption) < 5s\n",
     "x:8:11: 'p96(interruption)' is no aggregate (expected p50, p95, p99, "
     "min, max, mean or count of a metric, such as p95(interruption))\n"},
    {BASE "expect:\n"
          "  - quic: p95(interruption < 5s\n",
     "x:8:11: 'p95(interruption' is no aggregate (expected p50, p95, p99, min, "
     "max, mean or count of a metric, such as p95(interruption))\n"},
    {BASE "expect:\n"
          "  - quic: p95(interruption) < tcp-notify.interruption\n",
     "x:8:31: an aggregate is compared with a value, not with "
     "'tcp-notify.interruption'\n"},
    {BASE "expect:\n"
          "  - quic: p95(outcome) == migrated\n",
     "x:8:27: an aggregate is a number, not 'migrated'\n"},
    {BASE "expect:\n"
          "  - quic: interruption <\n",
     "x:8:25: nothing to compare with (expected 'ARM: METRIC OP VALUE' or "
     "'ARM.METRIC OP ARM.METRIC')\n"},
    {BASE "expect:\n"
          "  - quic: Interruption < 5s\n",
     "x:8:11: 'Interruption' is no metric (expected 'ARM: METRIC OP VALUE' or "
     "'ARM.METRIC OP ARM.METRIC')\n"},
    {BASE "expect:\n"
          "  - quic: < 5s\n",
     "x:8:11: '' is no metric (expected 'ARM: METRIC OP VALUE' or 'ARM.METRIC "
     "OP ARM.METRIC')\n"},
    {BASE "expect:\n"
          "  - interruption < 5s\n",
     "x:8:5: 'interruption' names no arm (expected 'ARM: METRIC OP VALUE' or "
     "'ARM.METRIC OP ARM.METRIC')\n"},
    {BASE "expect:\n"
          "  - quic.interruption < tcp.interruption\n",
     "x:8:25: no arm 'tcp' in this scenario\n"},
    {BASE "expect:\n"
          "  - quic: interruption < 5sec\n",
     "x:8:26: '5sec' has the unknown unit 'sec'\n"},
    {BASE "expect:\n"
          "  - quic: interruption < 1..2s\n",
     "x:8:26: '1..2s' is not a number\n"},
    {BASE "expect:\n"
          "  - quic: interruption < $x\n",
     "x:8:26: '$x' is not defined under 'vars'\n"},
    {BASE "expect:\n"
          "  - quic: outcome == a*b\n",
     "x:8:22: 'a*b' is no value to compare with\n"},
    {BASE "expect:\n"
          "  - quic: check.c4 == PASS\n"
          "  - quic: check.J1 == PASS\n"
          "  - quic: check.C == PASS\n"
          "  - quic: check.C4a == PASS\n"
          "  - quic: check.C4 == passed\n"
          "  - quic: check.C4 == 1\n"
          "  - quic: check.C4 == tcp-notify.outcome\n"
          "  - quic: check.C4 < PASS\n"
          "  - quic: check.C4 ==\n"
          "  - quic: count(check.C4) == PASS\n"
          "  - quic.outcome == tcp-notify.check.C4\n",
     "x:8:11: 'check.c4' is no check (expected one such as check.C4; see "
     "'handoff list checks')\n"
     "x:9:11: 'check.J1' is no check (expected one such as check.C4; see "
     "'handoff list checks')\n"
     "x:10:11: 'check.C' is no check (expected one such as check.C4; see "
     "'handoff list checks')\n"
     "x:11:11: 'check.C4a' is no check (expected one such as check.C4; see "
     "'handoff list checks')\n"
     "x:12:23: 'passed' is no value of 'check' (expected PASS, FAIL or "
     "NOT-EXERCISED)\n"
     "x:13:23: '1' is no value of 'check' (expected PASS, FAIL or "
     "NOT-EXERCISED)\n"
     "x:14:23: 'tcp-notify.outcome' is no value of 'check' (expected PASS, "
     "FAIL "
     "or NOT-EXERCISED)\n"
     "x:15:22: 'PASS' can only be compared by == or !=\n"
     "x:16:22: nothing to compare with (expected 'ARM: METRIC OP VALUE' or "
     "'ARM.METRIC OP ARM.METRIC')\n"
     "x:17:30: an aggregate is a number, not 'PASS'\n"
     "x:18:21: a check is compared with a verdict only\n"},
    {BASE "expect:\n"
          "  - tcp-rst: outcome == reconnected\n",
     "x:8:5: no arm 'tcp-rst' in this scenario\n"},
};

ERRORS_TEST(workload)
ERRORS_TEST(arms)
ERRORS_TEST(expect)

static void add(TCase *tc) {
  tcase_add_loop_test(tc, workload_errors, 0, COUNT(bad_workload));
  tcase_add_loop_test(tc, arms_errors, 0, COUNT(bad_arms));
  tcase_add_loop_test(tc, expect_errors, 0, COUNT(bad_expect));
}

int main(void) {
  return suite_run("arm_errors", add);
}
