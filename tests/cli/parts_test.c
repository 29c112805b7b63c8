/* Rows that are kept: whatever a crash leaves of the file, the whole records
 * are found, and nothing else. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure/parts.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

static char root[] = "/tmp/handoff-parts-XXXXXX";

static void enter(void) {
  strcpy(root + sizeof(root) - 7, "XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(root));
  ck_assert_int_eq(chdir(root), 0);
}

static void leave(void) {
  ck_assert_int_eq(chdir("/"), 0);
  ck_assert_int_eq(ho_tree_remove(root), 0);
}

static void put(const char *path, const void *bytes, size_t len) {
  FILE *out = fopen(path, "w");

  ck_assert_ptr_nonnull(out);
  ck_assert_uint_eq(fwrite(bytes, 1, len, out), len);
  fclose(out);
}

static const char *const rows[] = {"s,quic,1\n", "", "run 1 1\nend 0\n"};
static const size_t indices[] = {4, 0, 2};

/* Writes three records to |bytes|; |ends| is where each ends. */
static char *make(size_t *len, size_t *ends) {
  char *bytes;
  FILE *out = open_memstream(&bytes, len);

  for (size_t i = 0; i < 3; i++) {
    mkdir("run", 0777);
    put("run/runs.csv", rows[i], strlen(rows[i]));
    put("run/client.pcapng", "x", 1);
    if (i == 2) {
      put("run/cids.csv", "a\0b\n", 4);
    }
    ck_assert_int_eq(ho_parts_add(out, indices[i], "run"), 0);
    ck_assert_int_eq(fflush(out), 0);
    ends[i] = *len;
    ck_assert_int_eq(ho_tree_remove("run"), 0);
  }
  fclose(out);
  return bytes;
}

static void check_rows(const ho_parts *parts, size_t index, const char *file,
                       const char *expected, size_t expected_len) {
  char *text;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  ck_assert_int_eq(ho_parts_copy(parts, index, file, out), 0);
  fclose(out);
  ck_assert_uint_eq(len, expected_len);
  ck_assert(memcmp(text, expected, len) == 0);
  free(text);
}

/* Goal: what went in comes out, run by run; other files stay outside. */
START_TEST(whole) {
  size_t len, ends[3];
  char *bytes = make(&len, ends);
  ho_parts *parts;

  put("rows", bytes, len);
  ck_assert_int_eq(ho_parts_open(&parts, "rows", 5), 0);
  ck_assert_uint_eq(ho_parts_count(parts), 3);
  ck_assert_uint_eq(ho_parts_end(parts), len);
  ck_assert_uint_eq(ho_parts_rest(parts), 0);
  for (size_t i = 0; i < 3; i++) {
    ck_assert(ho_parts_has(parts, indices[i]));
    check_rows(parts, indices[i], "runs.csv", rows[i], strlen(rows[i]));
  }
  ck_assert(!ho_parts_has(parts, 1) && !ho_parts_has(parts, 5));
  check_rows(parts, 2, "cids.csv", "a\0b\n", 4);
  check_rows(parts, 4, "cids.csv", "", 0);
  check_rows(parts, 4, "client.pcapng", "", 0);
  ho_parts_free(parts);
  ck_assert_int_eq(ho_parts_open(&parts, "none", 5), 0);
  ck_assert_uint_eq(ho_parts_count(parts), 0);
  ho_parts_free(parts);
  /* A run that the grid does not have is no record. */
  ck_assert_int_eq(ho_parts_open(&parts, "rows", 4), 0);
  ck_assert_uint_eq(ho_parts_count(parts), 0);
  ho_parts_free(parts);
  free(bytes);
}
END_TEST

/* Goal: cut anywhere, the records before the cut are found. */
START_TEST(cut) {
  size_t len, ends[3];
  char *bytes = make(&len, ends);

  for (size_t n = 0; n <= len; n++) {
    size_t left = (n >= ends[0]) + (n >= ends[1]) + (n >= ends[2]);
    ho_parts *parts;
    put("rows", bytes, n);
    ck_assert_int_eq(ho_parts_open(&parts, "rows", 5), 0);
    ck_assert_uint_eq(ho_parts_count(parts), left);
    ck_assert_uint_eq(ho_parts_end(parts), left ? ends[left - 1] : 0);
    ck_assert_uint_eq(ho_parts_rest(parts), n - (left ? ends[left - 1] : 0));
    ho_parts_free(parts);
  }
  free(bytes);
}
END_TEST

/* Goal: a byte that is not as it was written ends the records before it. */
START_TEST(damaged) {
  size_t len, ends[3];
  char *bytes = make(&len, ends);

  for (size_t n = 0; n < len; n++) {
    size_t left = n < ends[0] ? 0 : n < ends[1] ? 1 : 2;
    ho_parts *parts;
    bytes[n] ^= 0x5;
    put("rows", bytes, len);
    bytes[n] ^= 0x5;
    ck_assert_int_eq(ho_parts_open(&parts, "rows", 5), 0);
    ck_assert_msg(ho_parts_count(parts) == left, "byte %zu", n);
    ho_parts_free(parts);
  }
  free(bytes);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, enter, leave);
  tcase_add_test(tc, whole);
  tcase_add_test(tc, cut);
  tcase_add_test(tc, damaged);
}

int main(void) {
  return suite_run("parts", add);
}
