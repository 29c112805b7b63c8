/* Tests of reading a scenario's text: what cannot be one is refused before it
 * is parsed, in words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/alloc.h"
#include "tests/scenario/load.h"
#include "tests/suite.h"

static char dir[] = "/tmp/handoff-source-XXXXXX";

static char *write_file(const char *name, size_t size) {
  char *path = ho_format("%s/%s", dir, name);
  FILE *out = fopen(path, "wb");

  ck_assert_ptr_nonnull(out);
  for (size_t i = 0; i < size; i++) {
    fputc('#', out);
  }
  fclose(out);
  return path;
}

static void check_refused(const char *path, const char *reason) {
  char *want = ho_format("%s: %s", path, reason);
  ho_diag diag = {0};
  ho_source source;

  ck_assert_int_eq(ho_source_read(&source, path, &diag), HO_ERR_INPUT);
  ck_assert_uint_eq(diag.count, 1);
  ck_assert_str_eq(diag.messages[0], want);
  ck_assert_ptr_null(source.file);
  ck_assert_ptr_null(source.text);
  ho_diag_free(&diag);
  free(want);
}

START_TEST(refuses) {
  char *missing = ho_format("%s/none.yaml", dir);
  char *huge = write_file("huge.yaml", (1 << 20) + 1);

  check_refused(missing, "cannot open: No such file or directory");
  check_refused(dir, "cannot read: Is a directory");
  check_refused(huge, "larger than 1 MiB, so not a scenario");
  unlink(huge);
  free(huge);
  free(missing);
}
END_TEST

START_TEST(reads_up_to_the_limit) {
  static const size_t sizes[] = {0, 1, 1 << 20};
  ho_diag diag = {0};
  ho_source source;

  for (size_t i = 0; i < COUNT(sizes); i++) {
    char *path = write_file("ok.yaml", sizes[i]);
    ck_assert_int_eq(ho_source_read(&source, path, &diag), 0);
    ck_assert_str_eq(source.file, path);
    ck_assert_uint_eq(source.text_len, sizes[i]);
    ck_assert_uint_eq(strlen(source.text), sizes[i]);
    ho_source_free(&source);
    unlink(path);
    free(path);
  }
  ck_assert_uint_eq(diag.count, 0);
}
END_TEST

static void make_dir(void) {
  ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void) {
  rmdir(dir);
}

static void add(TCase *tc) {
  tcase_add_unchecked_fixture(tc, make_dir, remove_dir);
  tcase_add_test(tc, refuses);
  tcase_add_test(tc, reads_up_to_the_limit);
}

int main(void) {
  return suite_run("source", add);
}
