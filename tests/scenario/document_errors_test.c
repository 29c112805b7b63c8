/* Tests of what is said of a bad document and of its first sections: every
 * message as a user gets it, with line and column.  The texts are a contract.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/errors.h"
#include "tests/suite.h"

static const bad_case bad_document[] = {
    {"", "x: nothing in it (expected a scenario)\n"},
    {"# nothing\n", "x: nothing in it (expected a scenario)\n"},
    {"---\n",
     "x:2:1: a scenario is a map: name, stop, networks, workload, ...\n"},
    {"[]\n",
     "x:1:1: a scenario is a map: name, stop, networks, workload, ...\n"},
    {"text\n",
     "x:1:1: a scenario is a map: name, stop, networks, workload, ...\n"},
    {"a: b: c\n",
     "x:1:5: not YAML: mapping values are not allowed in this context\n"},
    {"a: [\n", "x:2:1: not YAML: did not find expected node content (while "
               "parsing a flow node)\n"},
    {"name: x\n"
     "\tstop: 3s\n",
     "x:2:1: not YAML: found a tab character that violates indentation (while "
     "scanning a plain scalar that begins at 1:7)\n"},
    {"*x\n", "x:1:1: not YAML: found undefined alias\n"},
    {"%%", "x:1:2: not YAML: could not find expected directive name (while "
           "scanning a directive)\n"},
    {BASE "---\n"
          "name: b\n",
     "x:7:1: a second document (a file is one scenario)\n"},
    {BASE "...\n"
          "name: b\n",
     "x:8:1: not YAML: did not find expected <document start>\n"},
    {"name: \377\n", "x:1:7: byte 0xff is not UTF-8\n"},
    {"name: a\n\nab\303", "x:3:3: byte 0xc3 is not UTF-8\n"},
    {"name: a\001\n", "x:1:8: control character 0x01\n"},
    {BASE "about: \"\\u0007\"\n",
     "x:7:8: a text must not contain control characters\n"},
    {BASE "about: \"x\n",
     "x:8:1: not YAML: found unexpected end of stream (while scanning a quoted "
     "scalar that begins at 7:8)\n"},
    {"name: t\n"
     "stop: 60s\n"
     "stop: 3s\n" NETS WORK,
     "x:3:1: 'stop' is given twice (first in line 2)\n"},
    {BASE "vars: {a: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}\n",
     "x:7:29: maps and lists nested too deep for a scenario\n"},
    {BASE "[a]: b\n", "x:7:1: a key must be a single word\n"},
    {BASE "? {a: b}\n"
          ": c\n",
     "x:7:3: a key must be a single word\n"},
    {BASE "<<: {a: b}\n", "x:7:1: unknown key '<<' in the scenario\n"},
};

static const bad_case bad_root[] = {
    {"name: x\n", "x:1:1: the scenario lacks 'stop' (the limit in virtual "
                  "time, such as 60s)\n"
                  "x:1:1: the scenario lacks 'networks' (at least one)\n"
                  "x:1:1: the scenario lacks 'workload' (such as {type: "
                  "download, bytes: 10MB})\n"},
    {NETS WORK,
     "x:1:1: the scenario lacks 'name' (it names the result folder)\n"
     "x:1:1: the scenario lacks 'stop' (the limit in virtual time, such as "
     "60s)\n"},
    {"name: a/b\n"
     "stop: 60s\n" NETS WORK,
     "x:1:7: 'a/b' cannot name a folder (expected at most 100 letters, "
     "digits, . _ and -)\n"},
    {"name: ..\n"
     "stop: 60s\n" NETS WORK,
     "x:1:7: '..' cannot name a folder (expected at most 100 letters, "
     "digits, . _ and -)\n"},
    {"name:\n"
     "stop: 60s\n" NETS WORK,
     "x:1:6: '' cannot name a folder (expected at most 100 letters, digits, . "
     "_ and -)\n"},
    {"name: [t]\n"
     "stop: 60s\n" NETS WORK,
     "x:1:7: 'name' must be a single value\n"},
    {"name: t\n"
     "stop: 60\n" NETS WORK,
     "x:2:7: '60' has no unit (expected a duration such as 20ms)\n"},
    {"name: t\n"
     "stop: 0s\n" NETS WORK,
     "x:2:7: '0s' is out of range for 'stop' (expected more than 0ns)\n"},
    {"name: t\n"
     "stop: [1]\n" NETS WORK,
     "x:2:7: 'stop' must be a single value\n"},
    {BASE "seed: 0\n",
     "x:7:7: '0' is out of range for 'seed' (expected 1 or more)\n"},
    {BASE "seed: -1\n", "x:7:7: '-1' is negative (expected a whole number)\n"},
    {BASE "seed: 1..3\n", "x:7:7: 'seed' cannot be a range\n"},
    {BASE "about: [x]\n", "x:7:8: 'about' must be a text\n"},
    {BASE "clients: 0\n", "x:7:10: '0' is out of range for 'clients' (expected "
                          "1 to 1000)\n"},
    {BASE "clients: 999..1001\n",
     "x:7:10: '999..1001' is out of range for 'clients' (expected 1 to "
     "1000)\n"},
    {BASE "clients: 3s\n", "x:7:10: '3s' is not a whole number\n"},
    {BASE "clients: [3]\n", "x:7:10: 'clients' must be a single value\n"},
    {BASE "vary: {d: 3, b: [1, 1]}\n"
          "search: {most: 0, acts: 3, values: {v: 3}}\n"
          "clint: 3\n",
     "x:7:11: what 'd' is to be must be a list such as [10ms, 50ms]\n"
     "x:7:21: '1' is given twice for 'b'\n"
     "x:8:16: '0' is out of range for 'most' (expected 1 to 50)\n"
     "x:8:19: unknown key 'acts' in 'search'\n"
     "x:8:40: what 'v' is to be must be a list such as [10ms, 50ms]\n"
     "x:9:1: unknown key 'clint' in the scenario (did you mean 'client'?)\n"},
    {BASE "search: {span: 60.1s}\n",
     "x:7:16: '60.1s' is out of range for 'span' (expected 1ms to 60s, the "
     "scenario's 'stop')\n"},
    {BASE "search: {span: 0s}\n",
     "x:7:16: '0s' is out of range for 'span' (expected 1ms to 60s, the "
     "scenario's 'stop')\n"},
    {"name: t\n"
     "stop: 10s..20s\n" NETS WORK "search: {span: 5s..15s}\n",
     "x:7:16: '5s..15s' is out of range for 'span' (expected 1ms to 10s, the "
     "scenario's 'stop')\n"},
    {"name: t\n"
     "stop: 60\n" NETS WORK "search: {span: 100s}\n",
     "x:2:7: '60' has no unit (expected a duration such as 20ms)\n"},
    {BASE "search: {values: {stop: [3s], timeline: [a, b]}}\n",
     "x:7:31: 'timeline' cannot be among search.values: expected a key of "
     "networks, client, server, workload or arm, such as "
     "networks.cell.delay\n"},
};

static const bad_case bad_vars[] = {
    {BASE "vars: 3\n", "x:7:7: 'vars' must be a map such as {t: 3s}\n"},
    {BASE "vars: {t: 3s, t: 4s, 3x: 5, u: $t, v: [1]}\n",
     "x:7:15: variable 't' is defined twice\n"
     "x:7:22: '3x' cannot name a variable (expected letters, digits and _)\n"
     "x:7:32: variable 'u' must not refer to another variable\n"
     "x:7:39: variable 'v' must be a single value\n"},
    {BASE "vars: {delay: 20}\n"
          "server: {delay: $delay, idle_timeout: $dely}\n",
     "x:7:15: '20' has no unit (expected a duration such as 20ms)\n"
     "x:8:39: '$dely' is not defined under 'vars' (did you mean 'delay'?)\n"},
    {BASE "server: {delay: $d}\n",
     "x:7:17: '$d' is not defined under 'vars'\n"},
};

static const bad_case bad_several[] = {
    {"name: t\n"
     "stop: 60\n"
     "networks:\n"
     "  home: {type: wired, down: 100Mbps, up: 20Mbps, nat: home-router}\n"
     "  cell: {type: wired, down: 50Mb, up: 25Mbps}\n"
     "workload: {type: download, bytes: 1MB}\n"
     "timeline:\n"
     "  - 4s: disconnect hme\n"
     "  - 3s: conect home\n"
     "expect:\n"
     "  - quick: outcome == migrated\n"
     "client: {start: hom}\n",
     "x:2:7: '60' has no unit (expected a duration such as 20ms)\n"
     "x:5:29: '50Mb' is not a rate (expected a rate such as 10Mbps)\n"
     "x:8:20: undefined network 'hme' (did you mean 'home'?)\n"
     "x:9:5: '3s' can precede the entry before, which is at 4s\n"
     "x:9:9: unknown action 'conect' (did you mean 'connect'?)\n"
     "x:11:5: no arm 'quick' in this scenario (did you mean 'quic'?)\n"
     "x:12:17: undefined network 'hom' (did you mean 'home'?)\n"},
};

ERRORS_TEST(document)
ERRORS_TEST(root)
ERRORS_TEST(vars)
ERRORS_TEST(several)

/* A message that quotes a long value is cut, and not in the middle of a
 * character. */
START_TEST(long_values) {
  for (int len = 100; len < 400; len++) {
    char *text = ho_format(BASE "arms: [%0*d\303\251\303\251]\n", len, 0);
    char *errors;
    size_t end;

    ck_assert_ptr_null(load(text, NULL, 0, 0, &errors));
    end = strlen(errors);
    ck_assert_uint_le(end, strlen("x:7:8: ") + 300 + 1);
    if (len > 300) {
      ck_assert_str_eq(errors + end - 4, "...\n");
      ck_assert_int_ne((unsigned char)errors[end - 5], 0xc3);
    }
    free(errors);
    free(text);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, document_errors, 0, COUNT(bad_document));
  tcase_add_loop_test(tc, root_errors, 0, COUNT(bad_root));
  tcase_add_loop_test(tc, vars_errors, 0, COUNT(bad_vars));
  tcase_add_loop_test(tc, several_errors, 0, COUNT(bad_several));
  tcase_add_test(tc, long_values);
}

int main(void) {
  return suite_run("document_errors", add);
}
