/* JUnit XML: counts add up, and whatever a scenario's text holds, the document
 * stays one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/junit.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

static char *written(const ho_junit *junit) {
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  ho_junit_write(junit, out);
  fclose(out);
  return text;
}

START_TEST(test_document) {
  ho_junit *junit = ho_junit_new();
  char *text;

  ho_junit_suite(junit, "one");
  ho_junit_case(junit, "a", HO_JUNIT_PASSED, "unsaid", "unsaid");
  ho_junit_case(junit, "b", HO_JUNIT_FAILED, "it failed", "line\nline\n");
  ho_junit_suite(junit, "two");
  ho_junit_case(junit, "c", HO_JUNIT_ERROR, "lost", NULL);
  ho_junit_case(junit, "d", HO_JUNIT_SKIPPED, "known", NULL);
  text = written(junit);
  ck_assert_str_eq(
      text,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"handoff\" tests=\"4\" failures=\"1\" errors=\"1\">\n"
      "  <testsuite name=\"one\" tests=\"2\" failures=\"1\" errors=\"0\" "
      "skipped=\"0\">\n"
      "    <testcase name=\"a\" classname=\"one\"/>\n"
      "    <testcase name=\"b\" classname=\"one\">\n"
      "      <failure message=\"it failed\">line\nline\n</failure>\n"
      "    </testcase>\n"
      "  </testsuite>\n"
      "  <testsuite name=\"two\" tests=\"2\" failures=\"0\" errors=\"1\" "
      "skipped=\"1\">\n"
      "    <testcase name=\"c\" classname=\"two\">\n"
      "      <error message=\"lost\"></error>\n"
      "    </testcase>\n"
      "    <testcase name=\"d\" classname=\"two\">\n"
      "      <skipped message=\"known\"></skipped>\n"
      "    </testcase>\n"
      "  </testsuite>\n"
      "</testsuites>\n");
  free(text);
  ho_junit_del(junit);
}
END_TEST

/* The message |said| must stand in the document as |want|. */
static void expect_message(const char *said, const char *want) {
  ho_junit *junit = ho_junit_new();
  char *whole = ho_format("<failure message=\"%s\"></failure>\n", want);
  char *text;

  ho_junit_suite(junit, "s");
  ho_junit_case(junit, "c", HO_JUNIT_FAILED, said, "");
  text = written(junit);
  ck_assert_msg(strstr(text, whole) != NULL, "no %s in %s", whole, text);
  free(text);
  free(whole);
  ho_junit_del(junit);
}

START_TEST(test_escapes) {
  expect_message("a < b && c > \"d\"",
                 "a &lt; b &amp;&amp; c &gt; &#34;d&#34;");
  expect_message("line\nline\tx", "line&#10;line&#9;x");
  expect_message("\x01\x1f\r", "???");
  expect_message("caf\xc3\xa9 \xf0\x9f\x93\xb6",
                 "caf\xc3\xa9 \xf0\x9f\x93\xb6");
  expect_message("\xff\xc3", "??");
  expect_message("\xc0\xaf", "??");           /* "/", too long */
  expect_message("\xed\xa0\x80", "???");      /* a surrogate */
  expect_message("\xef\xbf\xbf", "???");      /* U+FFFF */
  expect_message("\xf4\x90\x80\x80", "????"); /* beyond U+10FFFF */
  expect_message("\xe2\x82", "??");           /* cut off */
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, test_document);
  tcase_add_test(tc, test_escapes);
}

int main(void) {
  return suite_run("junit", add);
}
