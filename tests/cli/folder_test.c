/* The result folder: what may be replaced, and that it is replaced whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure/folder.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

static char root[] = "/tmp/handoff-folder-XXXXXX";
static const char ours[] = "{\"format\": \"handoff results\"}\n";

static void enter(void) {
  strcpy(root + sizeof(root) - 7, "XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(root));
  ck_assert_int_eq(chdir(root), 0);
}

static void leave(void) {
  ck_assert_int_eq(chdir("/"), 0);
  ck_assert_int_eq(ho_tree_remove(root), 0);
}

static void put(const char *path, const char *text) {
  FILE *out = fopen(path, "w");

  ck_assert_ptr_nonnull(out);
  fputs(text, out);
  fclose(out);
}

static bool exists(const char *path) {
  return access(path, F_OK) == 0;
}

static void make_dir(const char *path) {
  ck_assert_int_eq(mkdir(path, 0777), 0);
}

static int check(const char *path, const char *message) {
  ho_diag diag = {0};
  int rv = ho_folder_check(path, &diag);

  ck_assert_uint_eq(diag.count, rv == 0 ? 0 : 1);
  if (message) {
    ck_assert_int_eq(rv, HO_ERR_INPUT);
    ck_assert_msg(strstr(diag.messages[0], message), "%s", diag.messages[0]);
  }
  ho_diag_free(&diag);
  return rv;
}

/* Goal: absent, empty and our own may be used; all else is refused. */
START_TEST(checks) {
  make_dir("empty");
  make_dir("ours");
  put("ours/manifest.json", ours);
  put("ours/runs.csv", "x\n");
  make_dir("foreign");
  put("foreign/thesis.tex", "x\n");
  make_dir("likely");
  put("likely/manifest.json", "{\"name\": \"a web app\"}\n");
  make_dir("broken");
  put("broken/manifest.json", "{");
  put("file", "x\n");
  ck_assert_int_eq(symlink("foreign", "link"), 0);
  ck_assert_int_eq(check("empty", NULL), 0);
  ck_assert_int_eq(check("ours", NULL), 0);
  ck_assert_int_eq(check("ours/", NULL), 0);
  ck_assert_int_eq(check("new", NULL), 0);
  ck_assert_int_eq(check("new/and/deeper/", NULL), 0);
  check("foreign", "result folder 'foreign' is not empty and has no "
                   "manifest.json of ours");
  check("link", "result folder 'link' is not empty");
  check("likely", "result folder 'likely' is not empty");
  check("broken", "result folder 'broken' is not empty");
  check("file", "result folder 'file' exists and is not a folder");
  check("file/below", "result folder 'file/below' cannot be made");
  check("", "empty name");
  if (geteuid() != 0) {
    make_dir("locked");
    ck_assert_int_eq(chmod("locked", 0555), 0);
    check("locked/new", "cannot be made: locked: Permission denied");
  }
}
END_TEST

static void open_folder(ho_folder *folder, const char *path) {
  ho_diag diag = {0};
  int rv = ho_folder_open(folder, path, false, &diag);

  ck_assert_msg(rv == 0, "%s", diag.count ? diag.messages[0] : "");
}

static void put_in(const ho_folder *folder, const char *name,
                   const char *text) {
  char *path = ho_format("%s/%s", folder->work, name);

  put(path, text);
  free(path);
}

/* Goal: a new folder appears whole, its parents with it, and nothing stays
 * beside it. */
START_TEST(commits_new) {
  ho_folder folder;

  open_folder(&folder, "a/b/c");
  put_in(&folder, "runs.csv", "x\n");
  ck_assert(!exists("a/b/c"));
  ck_assert_int_eq(ho_folder_commit(&folder), 0);
  ck_assert(exists("a/b/c/runs.csv"));
  ck_assert_int_eq(rmdir("a/b"), -1);
  ck_assert(!exists("a/b/.c.partial"));
}
END_TEST

/* Goal: results are replaced as a whole, and only at the end. */
START_TEST(commits_over_ours) {
  ho_folder folder;

  make_dir("r");
  put("r/manifest.json", ours);
  put("r/old.csv", "x\n");
  open_folder(&folder, "r");
  put_in(&folder, "manifest.json", ours);
  put_in(&folder, "new.csv", "x\n");
  ck_assert(exists("r/old.csv"));
  ck_assert(!exists("r/new.csv"));
  ck_assert_int_eq(ho_folder_commit(&folder), 0);
  ck_assert(!exists("r/old.csv"));
  ck_assert(exists("r/new.csv"));
  ck_assert(!exists(".r.partial"));
}
END_TEST

/* Goal: the folder the user stands in is replaced in place, its contents as a
 * whole. */
START_TEST(commits_here) {
  ho_folder folder;

  put("manifest.json", ours);
  put("old.csv", "x\n");
  open_folder(&folder, ".");
  ck_assert(folder.inside);
  put_in(&folder, "manifest.json", ours);
  put_in(&folder, "new.csv", "x\n");
  ck_assert_int_eq(ho_folder_commit(&folder), 0);
  ck_assert(!exists("old.csv"));
  ck_assert(exists("new.csv"));
  ck_assert(exists("manifest.json"));
  ck_assert(!exists(".partial"));
}
END_TEST

/* Goal: giving up leaves no trace, of the parents neither; what was there
 * stays. */
START_TEST(discards) {
  ho_folder folder;

  open_folder(&folder, "a/b/c");
  put_in(&folder, "runs.csv", "x\n");
  ho_folder_discard(&folder);
  ck_assert(!exists("a"));
  make_dir("r");
  put("r/manifest.json", ours);
  open_folder(&folder, "r");
  ho_folder_discard(&folder);
  ck_assert(exists("r/manifest.json"));
  ck_assert(!exists(".r.partial"));
}
END_TEST

/* Goal: two at once do not mix; what a killed one left is swept away. */
START_TEST(locks) {
  ho_folder first, second;
  ho_diag diag = {0};

  make_dir(".r.partial");
  put(".r.partial/left", "x\n");
  open_folder(&first, "r");
  ck_assert(!exists(".r.partial/left"));
  ck_assert_int_eq(ho_folder_open(&second, "r", false, &diag), HO_ERR_INPUT);
  ck_assert_str_eq(diag.messages[0], "result folder 'r' cannot be written: "
                                     "another handoff is writing it");
  ck_assert(exists(".r.partial"));
  ho_folder_discard(&first);
  ho_diag_free(&diag);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, enter, leave);
  tcase_add_test(tc, checks);
  tcase_add_test(tc, commits_new);
  tcase_add_test(tc, commits_over_ours);
  tcase_add_test(tc, commits_here);
  tcase_add_test(tc, discards);
  tcase_add_test(tc, locks);
}

int main(void) {
  return suite_run("folder", add);
}
