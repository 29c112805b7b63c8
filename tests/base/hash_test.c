/* Tests of SHA-256 against the examples of FIPS 180-4. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/hash.h"

#include <string.h>

#include "tests/suite.h"

START_TEST(knows_the_examples) {
  static const struct {
    const char *text, *hex;
  } table[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc",
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
  };
  char hex[65];

  for (size_t i = 0; i < COUNT(table); i++) {
    ho_sha256(table[i].text, strlen(table[i].text), hex);
    ck_assert_str_eq(hex, table[i].hex);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, knows_the_examples);
}

int main(void) {
  return suite_run("hash", add);
}
