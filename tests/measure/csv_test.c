/* Goal: what we write is exact to the digit, and reads back as it was. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/csv.h"
#include "sim/base/diag.h"
#include "tests/suite.h"

/* Writes fields by |fn| and compares the text of the row. */
static char *row_text(void (*fn)(ho_csv *csv)) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  ho_csv csv;

  ho_csv_init(&csv, out);
  fn(&csv);
  ho_csv_end(&csv);
  fclose(out);
  return text;
}

static void write_numbers(ho_csv *csv) {
  ho_csv_s(csv, 0);
  ho_csv_s(csv, 3 * HO_SEC + 1);
  ho_csv_s(csv, UINT64_C(123456789012345678));
  ho_csv_ms(csv, 1);
  ho_csv_ms(csv, -1);
  ho_csv_ms(csv, -1500000);
  ho_csv_ms(csv, INT64_MIN);
  ho_csv_u64(csv, UINT64_MAX);
  ho_csv_ratio(csv, 1, 3);
  ho_csv_ratio(csv, 2, 3);
  ho_csv_ratio(csv, 1, 2000000);
  ho_csv_ratio(csv, UINT64_MAX, 1);
  ho_csv_na(csv);
  ho_csv_empty(csv);
}

START_TEST(numbers_are_exact) {
  char *text = row_text(write_numbers);

  ck_assert_str_eq(text, "0.000000000,3.000000001,123456789.012345678,"
                         "0.000001,-0.000001,-1.500000,"
                         "-9223372036854.775808,18446744073709551615,"
                         "0.333333,0.666667,0.000001,"
                         "18446744073709551615.000000,NA,\n");
  free(text);
}
END_TEST

static const char *const TEXTS[] = {
    "plain", "",          "with space", "a,b", "say \"so\"",
    " lead", "trailing ", "two\nlines", "\"",  "umlaut \xc3\xa4"};
enum { TEXTS_COUNT = sizeof(TEXTS) / sizeof(TEXTS[0]) };

static void write_texts(ho_csv *csv) {
  for (size_t i = 0; i < TEXTS_COUNT; i++) {
    ho_csv_text(csv, TEXTS[i]);
  }
  ho_csv_text(csv, NULL);
}

START_TEST(only_what_needs_quotes_has_them) {
  char *text = row_text(write_texts);

  ck_assert_str_eq(text, "plain,,with space,\"a,b\",\"say \"\"so\"\"\","
                         "\" lead\",\"trailing \",\"two\nlines\",\"\"\"\","
                         "umlaut \xc3\xa4,\n");
  free(text);
}
END_TEST

/* Puts |text| into a file of its own and reads it. */
static int read_text(ho_csv_file *file, const char *text) {
  char path[] = "/tmp/csv_test.XXXXXX";
  int fd = mkstemp(path);
  int rv;

  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
  close(fd);
  rv = ho_csv_read(file, path);
  unlink(path);
  return rv;
}

START_TEST(texts_read_back) {
  char *text = row_text(write_texts);
  ho_csv_file file;

  ck_assert_int_eq(read_text(&file, text), 0);
  ck_assert_uint_eq(file.count, 1);
  ck_assert_uint_eq(file.rows[0].count, TEXTS_COUNT + 1);
  for (size_t i = 0; i < TEXTS_COUNT; i++) {
    ck_assert_str_eq(file.rows[0].fields[i], TEXTS[i]);
  }
  ck_assert_str_eq(file.rows[0].fields[TEXTS_COUNT], "");
  ho_csv_file_free(&file);
  free(text);
}
END_TEST

START_TEST(files_have_rows_and_columns) {
  ho_csv_file file;

  ck_assert_int_eq(read_text(&file, "arm,seed\nquic,1\ntcp,2"), 0);
  ck_assert_uint_eq(file.count, 3);
  ck_assert_int_eq(ho_csv_column(&file, "seed"), 1);
  ck_assert_int_eq(ho_csv_column(&file, "see"), -1);
  ck_assert_str_eq(file.rows[2].fields[1], "2");
  ho_csv_file_free(&file);
  ck_assert_int_eq(read_text(&file, ""), 0);
  ck_assert_uint_eq(file.count, 0);
  ck_assert_int_eq(ho_csv_column(&file, "arm"), -1);
  ho_csv_file_free(&file);
}
END_TEST

START_TEST(what_is_not_csv_is_said) {
  static const char *const bad[] = {"a,\"b\nc", "a\"b,c\n", "\"a\"b\n"};
  ho_csv_file file;

  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    ck_assert_int_eq(read_text(&file, bad[i]), HO_ERR_INPUT);
    ho_csv_file_free(&file);
  }
  ck_assert_int_eq(ho_csv_read(&file, "/nonexistent/file.csv"), HO_ERR_IO);
  ho_csv_file_free(&file);
  /* Its first row has no end. */
  ck_assert_int_eq(ho_csv_read(&file, "/dev/zero"), HO_ERR_INPUT);
  ho_csv_file_free(&file);
}
END_TEST

/* Goal: estimates with 6 decimals, and no zero below zero. */
START_TEST(reals) {
  static const struct {
    double value;
    const char *text;
  } rows[] = {{0, "0.000000\n"},       {-4e-7, "0.000000\n"},
              {-6e-7, "-0.000001\n"},  {1.0 / 3, "0.333333\n"},
              {-12.5, "-12.500000\n"}, {1e6, "1000000.000000\n"}};

  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    char text[64] = "";
    FILE *out = fmemopen(text, sizeof(text), "w");
    ho_csv csv;

    ho_csv_init(&csv, out);
    ho_csv_real(&csv, rows[i].value);
    ho_csv_end(&csv);
    fclose(out);
    ck_assert_str_eq(text, rows[i].text);
  }
}
END_TEST

static int third(void *user, const ho_csv_row *row) {
  size_t *count = user;

  ck_assert_uint_eq(row->count, 2);
  return ++*count == 3 ? 7 : 0;
}

/* Goal: row by row, until whoever reads them has enough. */
START_TEST(scan) {
  char path[] = "/tmp/handoff-csv-XXXXXX";
  int fd = mkstemp(path);
  size_t count = 0;
  FILE *out = fdopen(fd, "w");

  for (int i = 0; i < 100000; i++) {
    fputs("some,row\n", out);
  }
  fclose(out);
  ck_assert_int_eq(ho_csv_scan(path, third, &count), 7);
  ck_assert_uint_eq(count, 3);
  ck_assert_int_eq(ho_csv_scan(path, third, &count), 0);
  ck_assert_uint_eq(count, 100003);
  unlink(path);
  ck_assert_int_eq(ho_csv_scan(path, third, &count), HO_ERR_IO);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, numbers_are_exact);
  tcase_add_test(tc, only_what_needs_quotes_has_them);
  tcase_add_test(tc, texts_read_back);
  tcase_add_test(tc, files_have_rows_and_columns);
  tcase_add_test(tc, what_is_not_csv_is_said);
  tcase_add_test(tc, reals);
  tcase_add_test(tc, scan);
}

int main(void) {
  return suite_run("csv", add);
}
